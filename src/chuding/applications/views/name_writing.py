"""A character that cannot be typed: its picture from the applicant's phone, and the character from the reviewer's desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts.gate import GATE
from chuding.accounts.names import PLACEHOLDER
from chuding.applications.sections import SECTION
from chuding.applications.services.writing import keep_writing, read_writing, writing_of
from chuding.applications.uploads import made_page
from chuding.applications.views.applicant_pages import closed, own_file, page_of
from chuding.applications.views.desk_access import office_file
from chuding.applications.views.desk_file import declined
from chuding.applications.views.desk_images import guarded, sandboxed
from chuding.applications.workflow import Declined
from chuding.paper.photos import hint_sentence
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest
    from chuding.applications.views.desk_access import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def application_writing(request: OwnRequest, ref: str) -> HttpResponse:
    """Hand in a photo of how the character is written. It is looked at as every photo is, and nobody waits at the door."""
    with GATE.passage():
        application = own_file(request, ref)
        if refused := closed(request, application, "identity"):
            return refused
    problem = ""
    if request.method == "POST":
        try:
            return _take(request, ref)
        except Declined as refusal:
            problem = refusal.sentence
    with GATE.passage():
        context = page_of(
            application,
            now(),
            section=SECTION["identity"],
            reasons=[],
            writing=writing_of(application),
            placeholder=PLACEHOLDER,
            errors=[{"href": "#picture", "text": problem}] if problem else [],
        )
        return render(request, "applications/applicant/writing.html", context, status=422 if problem else 200)


def _take(request: OwnRequest, ref: str) -> HttpResponse:
    photo = request.FILES.get("picture")
    if not isinstance(photo, UploadedFile):
        raise Declined("请先拍照或者选择照片，再点“上传”。")
    page, _ = made_page(photo, by=request.user)
    assert page is not None  # it is among no known ones
    with GATE.passage():
        keep_writing(ref=ref, page=page, by=request.user, at=now())
    for hint in page.hints:
        messages.warning(request, hint_sentence(hint, 1))
    messages.success(request, gettext("写法已上传。现在姓名里打不出的字用“%(mark)s”代替。") % {"mark": PLACEHOLDER})
    return redirect("application_section", ref=ref, section="identity")


@require_safe
def application_writing_picture(request: OwnRequest, ref: str) -> FileResponse:
    """One's own picture."""
    return _picture(own_file(request, ref))


@require_safe
def desk_name_picture(request: StaffRequest, ref: str) -> FileResponse:
    """The same to those whose desk the file is on."""
    return _picture(office_file(request, ref, parts=False))


@require_POST
def desk_name(request: StaffRequest, ref: str) -> HttpResponse:
    """Put the character in."""
    office_file(request, ref, parts=False)
    try:
        file = read_writing(ref=ref, text=request.POST.get("character", "").strip(), by=request.user, at=now())
    except Declined as refusal:
        return declined(request, ref, refusal.sentence, "character")
    messages.success(request, f"姓名已录入：{file.full_name}")
    return redirect("desk_application", ref=ref)


def _picture(application: Application) -> FileResponse:
    writing = writing_of(application)
    if writing is None or not store().exists(writing.file):
        raise Http404
    return sandboxed(guarded(FileResponse(store().open(writing.file), content_type="image/jpeg")))
