"""The materials that the notice asks for: one card each, with what this person must give, and the file given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.gate import GATE
from chuding.applications.material_kinds import LOOKED_UP, Kind, code_of, decided_by, kind_of
from chuding.applications.models import SocialInsuranceState, Verdict
from chuding.applications.roster.models import names_others
from chuding.applications.sections import material_is_open
from chuding.applications.services.drafting import attach_material, open_correction, remove_material
from chuding.applications.services.moves import letter_may_come_from_unit
from chuding.applications.translate import assess_file, notice_of
from chuding.applications.uploads import receive_material, receive_parts
from chuding.applications.verdicts import speech_here
from chuding.applications.views.applicant_answers import thumbnail_of
from chuding.applications.views.applicant_pages import (
    closed,
    correction_reasons,
    judged_by,
    next_after,
    own_file,
    ready_now,
    show,
)
from chuding.applications.views.applicant_parts import owner_of
from chuding.applications.views.desk_images import image_response, sandboxed, thumbnail_response
from chuding.applications.workflow import Declined, State
from chuding.storage.clock import now
from chuding.storage.files import store
from chuding.storage.parts import Parts

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application, Material
    from chuding.applications.services.drafting import Upload
    from chuding.applications.views.applicant_pages import OwnRequest
    from chuding.policy.assess import MaterialFinding

# What each document has to show; the notice names them only.
_SHOWS = {
    Kind.ENDORSEMENT: "单位同意您申报的证明，写明姓名和申报专业，盖单位公章。",
    Kind.SCHOOLING: "毕业证书和学位证书的扫描件，或者学信网《教育部学历证书电子注册备案表》。多张请合成一个 PDF。",
    Kind.SUMMARY: "本人的专业技术工作总结：做过什么、承担什么、效果如何。",
    Kind.APPRAISAL: "在编期间的年度考核表，每年一份，合成一个 PDF。",
    Kind.INSURANCE: "社保经办机构出具的个人缴费证明，可以在网上打印。",
    Kind.LEARNING: "继续教育学时证明或者学习证书。",
}
_INSTEAD_SHOWS = "人事代理机构或者同等机构出具的证明，写明姓名和申报专业，盖公章。"


def _need(finding: MaterialFinding, application: Application) -> tuple[str, str, str]:
    """Whether this person must give it: tone of the tag, its word, and why."""
    if decided_by(finding.rule, LOOKED_UP):
        return _need_of_insurance(finding, application)
    letter = finding.rule.code == code_of(notice_of(application), Kind.ENDORSEMENT)
    if letter and finding.required is True and letter_may_come_from_unit(application):
        return "neutral", "选交", "您的单位可以在网上生成、盖章并上传，您可以不传；自己已经盖好章的，也可以现在上传。"
    if finding.required is True:
        return "info", "必交", ""
    if finding.required is None:
        return "care", "按情况", f"{finding.rule.note}。请先填好“选择工作单位”。"
    if finding.rule.required is False:
        return "neutral", "选交", speech_here().say(finding.rule.note) + gettext("。")
    return "neutral", "不用交", f"{finding.rule.note}；按您填写的情况不用交。"


def _need_of_insurance(finding: MaterialFinding, application: Application) -> tuple[str, str, str]:
    state = application.social_insurance
    if finding.required is True:
        return "bad", "必交", "系统没有查到您的社保缴费记录，请上传缴费证明。"
    if finding.required is False:
        return "neutral", "不用交", "系统已查到您的社保缴费记录。"
    if state == SocialInsuranceState.NO_ANSWER:
        return "neutral", "选交", "社保查询系统暂时没有答复，不影响提交；手上有证明的可以一并上传。"
    return "neutral", "暂不用交", "提交时系统自动查询；查不到缴费记录的，会请您补传。"


def cards(application: Application, problems: dict[str, str], *, on: Any) -> list[dict[str, Any]]:
    """The cards. While a send-back is open, only what was sent back can be changed."""
    report = assess_file(application, on)
    current = {material.code: material for material in application.current_materials()}
    correction = open_correction(application)
    parts = correction.parts() if correction else None
    found = []
    for finding in report.materials:
        code, kind = finding.rule.code, kind_of(finding.rule)
        tone, word, why = _need(finding, application)
        material = current.get(code)
        can_change = parts is None or material_is_open(code, parts)
        found.append(
            {
                "code": code,
                "name": finding.instead or finding.rule.name,
                "instead": bool(finding.instead),
                "clause": finding.rule.clause,
                "quote": finding.rule.sentence,
                "tone": tone,
                "word": word,
                "why": why,
                "shows": _INSTEAD_SHOWS if finding.instead else _SHOWS.get(kind, ""),
                "material": material,
                "file": _file(application, material, removable=can_change) if material else None,
                "problem": problems.get(code, ""),
                "open": can_change,
                "reasons": correction_reasons(correction, f"material:{code}"),
                "photos_url": reverse("application_photos", args=[application.ref, code]),
                "upload_url": reverse("application_material", args=[application.ref, code]),
                "parts_url": reverse("application_part", args=[application.ref, code]),
                "sample": "" if finding.instead or kind not in _SHOWS else f"samples/{kind.name.lower()}.webp",
                "folded": finding.required is not True and material is None and not problems.get(code),
            }
        )
    return found


def _file(application: Application, material: Material, *, removable: bool) -> dict[str, Any]:
    defect = material.verdict == Verdict.DEFECT
    shared = names_others(application, material)
    url = "" if shared else reverse("material_file", args=[application.ref, material.ref])
    return {
        "name": material.name,
        "size": material.size,
        "pages": material.pages,
        "at": material.uploaded_at,
        "thumbnail": thumbnail_of(application, material) or None,
        "href": url,
        "remove_href": reverse("application_material_remove", args=[application.ref, material.ref])
        if removable
        else "",
        "state": "bad" if defect else "good",
        "state_text": "被退回" if defect else "已上传",
        "hints": material.hints,
        "note": gettext("单位为多人统一盖章的证明，里面有其他人的姓名，所以不能在这里打开。") if shared else "",
    }


def materials(request: OwnRequest, application: Application, problems: dict[str, str] | None = None) -> HttpResponse:
    """The page of the cards; a card with an error says what to do, the others stay as they are."""
    problems = problems or {}
    errors = [
        {"href": f"#file-{code}", "text": gettext("材料%(code)s：%(sentence)s") % {"code": code, "sentence": sentence}}
        for code, sentence in problems.items()
    ]
    at = now()
    found = cards(application, problems, on=judged_by(application, at))
    given = application.life is State.DRAFT and not ready_now(application, at).gaps["materials"]
    onward = next_after(application, "materials", at) if given else ""
    return show(
        request,
        application,
        "materials",
        cards=found,
        errors=errors,
        limit=settings.UPLOAD_LIMIT,
        onward=onward,
        letter=code_of(notice_of(application), Kind.ENDORSEMENT),
    )


@require_POST
def application_material(request: OwnRequest, ref: str, code: str) -> HttpResponse:
    """Take one PDF in. The body is here already; the look in the sandbox keeps nobody at the door waiting."""
    with GATE.passage():
        application = own_file(request, ref)
        if code not in {rule.code for rule in notice_of(application).materials}:
            raise Http404
        if refused := closed(request, application, "materials"):
            return refused
    try:
        upload = _received(request, ref, code)
    except Declined as declined:
        with GATE.passage():
            return materials(request, application, {code: declined.sentence})
    if upload is not None:
        words = {"code": code, "name": upload.name, "pages": upload.pages}
        messages.success(request, gettext("材料%(code)s已上传：%(name)s，共%(pages)s页。") % words)
    if request.POST.get("next") == "scan":
        return redirect("application_scan", ref=ref)
    return _to_card(ref, code)


def _received(request: OwnRequest, ref: str, code: str) -> Upload | None:
    """Take the file in and put it under its item, whole or in parts that came before; None: that was done already."""
    key = request.POST.get("part", "")
    parts = Parts(owner_of(ref, code))
    if key:
        name = request.POST.get("name", "")[-200:]
        upload = receive_parts(parts, key, code=code, name=name, by=request.user)
        if upload is None:
            return None
    else:
        upload = receive_material(_chosen(request.FILES.get("file")), code=code, by=request.user)
    with GATE.passage():
        attach_material(ref=ref, upload=upload, by=request.user, at=now())
    if key:
        parts.forget(key, taken=True)
    return upload


def _chosen(file: object) -> UploadedFile[bytes]:
    if not isinstance(file, UploadedFile):
        raise Declined("请先选择一个 PDF 文件，再点“上传”。")
    if not file.size:
        raise Declined("这个文件是空的。请打开它看看内容，再重新选择。")
    return file


@require_POST
def application_material_remove(request: OwnRequest, ref: str, material_ref: str) -> HttpResponse:
    """Take a file back."""
    application = own_file(request, ref)
    if refused := closed(request, application, "materials"):
        return refused
    material = application.current_materials().filter(ref=material_ref).first()
    if material is None:
        messages.info(request, gettext("这个文件已经删除。"))
        return _to_card(ref, "")
    try:
        remove_material(ref=ref, material_ref=material_ref, by=request.user, at=now())
    except Declined as declined:
        return materials(request, application, {material.code: declined.sentence})
    messages.success(request, gettext("已删除材料%(code)s的文件。") % {"code": material.code})
    return _to_card(ref, material.code)


def _to_card(ref: str, code: str) -> HttpResponse:
    return redirect(reverse("application_section", args=[ref, "materials"]) + (f"#m{code}" if code else ""))


@require_safe
def material_file(request: OwnRequest, ref: str, material_ref: str) -> FileResponse:
    """One's own upload, as it was given, unless it names others; `?page=1` is its first page as a small image, `?sheet=2` its second as a large one.

    Never run in our origin.
    """
    application = own_file(request, ref)
    material = get_object_or_404(application.materials, ref=material_ref)
    if names_others(application, material):
        raise Http404
    sheet = request.GET.get("sheet", "")
    if sheet.isdecimal() and len(sheet) < 5:
        return image_response(material, int(sheet))
    if request.GET.get("page") == "1":
        return thumbnail_response(material.file)
    return sandboxed(
        FileResponse(
            store().open(material.file), as_attachment=True, filename=material.name, content_type="application/pdf"
        )
    )
