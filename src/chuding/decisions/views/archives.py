"""The archive packages of a document: have them made, fetch one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chuding.decisions.services.archiving import order_packages
from chuding.decisions.views.pages import own_document
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.decisions.views.pages import SignerRequest


@require_http_methods(["GET", "HEAD", "POST"])
def document_archive(request: SignerRequest, ref: str) -> HttpResponse:
    """Who is in the document, and whose package is made; a POST has all of them made by the worker."""
    document = own_document(request, ref)
    if request.method == "POST":
        order_packages(document=document, by=request.user, at=now())
        messages.success(request, "已开始制作，完成的会出现在下面。")
        return redirect(reverse("document_archive", args=[ref]) + "?ordered")
    entries = list(
        document.roster.entries.select_related("application__archive_package")
        .only(
            "position",
            "roster",
            "application__full_name",
            "application__number",
            "application__archive_package__size",
            "application__archive_package__made_at",
        )
        .order_by("position")
    )
    made = sum(hasattr(entry.application, "archive_package") for entry in entries)
    context = {
        "document": document,
        "entries": entries,
        "made": made,
        "waiting": "ordered" in request.GET and made < len(entries),
    }
    return render(request, "decisions/archive.html", context)


@require_safe
def archive_file(request: SignerRequest, ref: str, position: int) -> FileResponse:
    """One person's package, as it was kept."""
    document = own_document(request, ref)
    entry = document.roster.entries.select_related("application__archive_package").filter(position=position).first()
    package = getattr(entry.application, "archive_package", None) if entry else None
    if entry is None or package is None or not store().exists(package.file):
        raise Http404
    response = FileResponse(
        store().open(package.file),
        as_attachment=True,
        filename=f"归档-{entry.application.number}.zip",
        content_type="application/zip",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
