"""Page images and the original of a material, to those whose desk the file is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from chuding.applications.models import Material
from chuding.applications.services.viewing import note_pages
from chuding.applications.views.desk_access import office_files
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from chuding.applications.views.desk_access import StaffRequest


def _material(request: StaffRequest, ref: str, material_ref: str) -> Material:
    """A material of a visible file; replaced ones stay open to staff, as the ledger names them."""
    rows = Material.objects.select_related("application")
    return get_object_or_404(rows, ref=material_ref, application__in=office_files(request).filter(ref=ref))


def image_response(material: Material, n: int) -> FileResponse:
    """Page `n` of a material as an image; 404 while it has not been rendered, or where there is no such page."""
    image = store().derived(material.file) / f"page-{n}.webp"
    if not 1 <= n <= material.pages or not image.is_file():
        raise Http404
    return guarded(FileResponse(image.open("rb"), content_type="image/webp"))


@require_safe
def page(request: StaffRequest, ref: str, material_ref: str, n: int) -> FileResponse:
    """One page as an image: staff look at these, never at the PDF itself.

    `?shown=1` is how the page without scripts says that the picture stands on it; with scripts the page tells what was
    in sight.
    """
    material = _material(request, ref, material_ref)
    response = image_response(material, n)
    if request.GET.get("shown") == "1":
        note_pages(application=material.application, pages={material.ref: [n]}, by=request.user, at=now())
    return response


@require_safe
def original(request: StaffRequest, ref: str, material_ref: str) -> FileResponse:
    """The PDF as it was given, to be saved and never shown in the browser."""
    material = _material(request, ref, material_ref)
    if not store().exists(material.file):
        raise Http404
    name = f"材料{material.code}-{material.file[:8]}.pdf"
    response = FileResponse(
        store().open(material.file), as_attachment=True, filename=name, content_type="application/pdf"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return guarded(response)


def thumbnail_response(digest: str) -> FileResponse:
    """The first page of a stored PDF in small, for whoever it belongs to; 404 while it has not been rendered."""
    image = store().derived(digest) / "thumb-1.webp"
    if not image.is_file():
        raise Http404
    return sandboxed(FileResponse(image.open("rb"), content_type="image/webp"))


def sandboxed(response: FileResponse) -> FileResponse:
    """Never run in our origin."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def guarded(response: FileResponse) -> FileResponse:
    """Never run in our origin, and kept by nobody on the way."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
