"""Pages from a phone's camera under one item: add several at once, put them in order, make one PDF of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts.gate import GATE
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.sections import SECTION
from chuding.applications.services.drafting import attach_material
from chuding.applications.services.photos import (
    add_photo,
    arrange_photo,
    forget_photos,
    made_pages,
    pages_of,
    photos_sent,
)
from chuding.applications.translate import notice_of
from chuding.applications.uploads import made_page, take_in
from chuding.applications.views.applicant_pages import closed, own_file, page_of
from chuding.applications.views.desk_images import guarded, sandboxed
from chuding.applications.workflow import Declined
from chuding.paper.photos import MOST_PAGES, hint_sentence, pdf_of
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest

_ACTS = ("up", "down", "turn", "remove")


@require_http_methods(["GET", "HEAD", "POST"])
def application_photos(request: OwnRequest, ref: str, code: str) -> HttpResponse:
    """The pages of one item. Every act is a plain form; the look at a photo keeps nobody at the door waiting."""
    with GATE.passage():
        application = own_file(request, ref)
        if code not in {rule.code for rule in notice_of(application).materials}:
            raise Http404
        if refused := closed(request, application, "materials"):
            return refused
    problems: list[str] = []
    if request.method == "POST":
        try:
            if "finish" in request.POST:
                return _finish(request, application, code)
            for act in _ACTS:
                if act in request.POST:
                    arrange_photo(ref=ref, photo_ref=request.POST[act], act=act, by=request.user)
                    return _again(request)
            problems = _add(request, ref, code)
            if not problems:
                return _again(request, "#pages")
        except Declined as declined:
            problems = [declined.sentence]
    with GATE.passage():
        return _page(request, application, code, problems)


def _again(request: OwnRequest, fragment: str = "") -> HttpResponse:
    """The same page, and the way it was come by: `?schooling` leads back to what the photos are read for."""
    return redirect(request.get_full_path() + fragment)


def _add(request: OwnRequest, ref: str, code: str) -> list[str]:
    """Take the photos in, one after the other; what is wrong with some does not keep the others out."""
    photos = [file for file in request.FILES.getlist("photos") if isinstance(file, UploadedFile)]
    if not photos:
        return ["请先拍照或者选择照片，再点“添加”。"]
    problems = []
    for number, photo in enumerate(photos, start=1):
        try:
            with GATE.passage():
                known = photos_sent(own_file(request, ref), code)
            page, sent = made_page(photo, by=request.user, known=known)
            if page is not None:
                with GATE.passage():
                    add_photo(ref=ref, code=code, page=page, sent=sent, by=request.user, at=now())
        except Declined as declined:
            name = f"第{number}张照片：" if len(photos) > 1 else ""
            problems.append(name + declined.sentence)
    return problems


def _finish(request: OwnRequest, application: Application, code: str) -> HttpResponse:
    """Make the PDF, look at it as at any upload, and put it under its item."""
    pdf = pdf_of(made_pages(application, code))
    upload = take_in([pdf], code=code, name=f"材料{code}（拍照）.pdf")
    with GATE.passage():
        attach_material(ref=application.ref, upload=upload, by=request.user, at=now())
        forget_photos(ref=application.ref, code=code, by=request.user)
    messages.success(request, f"材料{code}已上传：{upload.pages}页照片合成了一个 PDF。")
    if code == code_of(notice_of(application), Kind.SCHOOLING) and "schooling" in request.GET:
        return redirect("application_scan", ref=application.ref)
    return redirect(reverse("application_section", args=[application.ref, "materials"]) + f"#m{code}")


def _page(request: OwnRequest, application: Application, code: str, problems: list[str]) -> HttpResponse:
    rule = next(rule for rule in notice_of(application).materials if rule.code == code)
    pages = pages_of(application, code)
    shown = [
        {
            "page": page,
            "number": number,
            "url": reverse("application_photo", args=[application.ref, page.ref]),
            "hints": [hint_sentence(hint, number) for hint in page.hints],
            "first": number == 1,
            "last": number == len(pages),
        }
        for number, page in enumerate(pages, start=1)
    ]
    context = page_of(
        application,
        now(),
        section=SECTION["materials"],
        reasons=[],
        code=code,
        rule=rule,
        shown=shown,
        errors=[{"href": "#photos", "text": sentence} for sentence in problems],
        back_url=reverse("application_section", args=[application.ref, "materials"]) + f"#m{code}",
        full=len(pages) >= MOST_PAGES,
    )
    return render(request, "applications/applicant/photos.html", context, status=422 if problems else 200)


@require_safe
def application_photo(request: OwnRequest, ref: str, photo_ref: str) -> FileResponse:
    """One of one's own pages, as the system made it."""
    page = get_object_or_404(own_file(request, ref).photo_pages, ref=photo_ref)
    if not store().exists(page.file):
        raise Http404
    return sandboxed(guarded(FileResponse(store().open(page.file), content_type="image/jpeg")))
