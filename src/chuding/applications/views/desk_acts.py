"""What is done at the desk: one POST an act; a declined act keeps what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from chuding.accounts.roles import Role
from chuding.applications.models import Verdict
from chuding.applications.sections import SECTION
from chuding.applications.services import review
from chuding.applications.translate import notice_of
from chuding.applications.views.desk import TAB, tabs_for
from chuding.applications.views.desk_access import office_file, office_files
from chuding.applications.views.desk_file import declined
from chuding.applications.views.desk_reasons import written_reason
from chuding.applications.workflow import Action, Declined, State
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.desk_access import StaffRequest

_TRIES = 5


@require_POST
def take(request: StaffRequest) -> HttpResponse:
    """Take a named file, or the one that has waited longest; somebody else may be faster, then the next."""
    if ref := request.POST.get("ref"):
        file = office_file(request, ref)
        try:
            review.take(ref=file.ref, by=request.user, at=now())
        except Declined as refusal:
            return declined(request, ref, refusal.sentence, "main")
        return redirect("desk_application", ref=ref)
    unfit = Q(rechecker=request.user) | Q(signer=request.user)
    waiting = office_files(request).filter(state=State.RECEIVED).exclude(unfit).order_by("submitted_at", "id")
    for ref in waiting.values_list("ref", flat=True)[:_TRIES]:
        try:
            review.take(ref=ref, by=request.user, at=now())
        except Declined:
            continue
        return redirect("desk_application", ref=ref)
    messages.info(request, "没有可以领取的申报，或者刚刚被别人领走了。请稍后再试。")
    return redirect("desk")


@require_POST
def verdict(request: StaffRequest, ref: str, material_ref: str) -> HttpResponse:
    """One document's verdict; then the next document that waits for one comes up by itself."""
    file = office_file(request, ref)
    material = file.materials.filter(ref=material_ref, replaced_at__isnull=True).first()
    if material is None:
        return declined(request, ref, "这份材料已经被新的一份替换，请查看新上传的材料。", "materials")
    form = request.POST
    chosen = form.get("verdict", "")
    if chosen not in {Verdict.FIT, Verdict.DEFECT}:
        return declined(request, ref, "请选择“合格”或“有问题”。", f"material-{material.code}")
    reason = written_reason(material.code, form.get("common", ""), form.get("reason", ""))
    try:
        review.judge_material(
            ref=ref, material_ref=material_ref, verdict=Verdict(chosen), reason=reason, by=request.user, at=now()
        )
    except Declined as refusal:
        return declined(request, ref, refusal.sentence, f"material-{material.code}")
    waiting = file.current_materials().filter(verdict=Verdict.PENDING).first()
    address = reverse("desk_application", kwargs={"ref": ref})
    if waiting:
        return redirect(f"{address}?material={waiting.ref}#material-{waiting.code}")
    return redirect(f"{address}?material={material_ref}#decide")


def _send_back(request: StaffRequest, ref: str) -> None:
    form = request.POST
    codes = [rule.code for rule in notice_of(office_file(request, ref)).materials]
    review.send_back(
        ref=ref,
        sections={key: form.get(f"section_{key}", "").strip() for key in SECTION if key != "materials"},
        missing={code: form.get(f"missing_{code}", "").strip() for code in codes},
        by=request.user,
        at=now(),
    )


def _recommend(request: StaffRequest, ref: str) -> None:
    favourable = request.POST.get("favourable", "")
    if favourable not in {"yes", "no"}:
        raise Declined("请选择“建议通过”或“不建议通过”。")
    text = request.POST.get("text", "")
    review.recommend(ref=ref, favourable=favourable == "yes", text=text, by=request.user, at=now())


def _confirm(request: StaffRequest, ref: str) -> None:
    review.confirm(ref=ref, text=request.POST.get("text", ""), by=request.user, at=now())


def _return(request: StaffRequest, ref: str) -> None:
    review.return_one_step(ref=ref, reason=request.POST.get("reason", ""), by=request.user, at=now())


def _refuse(request: StaffRequest, ref: str) -> None:
    clause, reason = request.POST.get("clause", ""), request.POST.get("reason", "")
    review.refuse(ref=ref, clause=clause, reason=reason, by=request.user, at=now())


def _close(request: StaffRequest, ref: str) -> None:
    review.close_overdue(ref=ref, reason=request.POST.get("reason", ""), by=request.user, at=now())


def _release(request: StaffRequest, ref: str) -> None:
    review.release(ref=ref, by=request.user, at=now())


def _approve(request: StaffRequest, ref: str) -> None:
    review.approve(ref=ref, by=request.user, at=now())


def _take(request: StaffRequest, ref: str) -> None:
    review.take(ref=ref, by=request.user, at=now())


_HANDLERS: dict[str, tuple[Callable[[StaffRequest, str], None], str]] = {
    Action.TAKE: (_take, "已受理"),
    Action.RELEASE: (_release, "已放回待受理"),
    Action.SEND_BACK: (_send_back, "已退回补正并通知申报人"),
    Action.RECOMMEND: (_recommend, "初审完成，已转复核"),
    Action.CONFIRM: (_confirm, "复核完成，已报审批"),
    Action.RETURN: (_return, "已退回上一环节"),
    Action.APPROVE: (_approve, "已审批通过，等待发文"),
    Action.REFUSE: (_refuse, "已作出不予通过的决定并通知申报人"),
    Action.CLOSE: (_close, "已逾期关闭"),
}


def _as_seen(request: StaffRequest, file: Application) -> None:
    """Decline a form that was drawn before the file's last change."""
    if request.POST.get("version", "") != str(file.version):
        raise Declined("打开页面以后，这份申报有了变化。请核对现在的内容，再提交一次。")


@require_POST
def act(request: StaffRequest, ref: str) -> HttpResponse:
    """Carry out the act named in the form."""
    file = office_file(request, ref)
    action = request.POST.get("action", "")
    if action not in _HANDLERS:
        return declined(request, ref, "请选择要办理的事项。", "decide")
    handler, done = _HANDLERS[action]
    try:
        _as_seen(request, file)
        handler(request, ref)
    except Declined as refusal:
        return declined(request, ref, refusal.sentence, f"act-{action}")
    if action == Action.TAKE:
        return redirect("desk_application", ref=ref)
    messages.success(request, f"{file.full_name}（{file.number}）：{done}。")
    return redirect(_onwards(request, file))


def _onwards(request: StaffRequest, file: Application) -> str:
    """Where the work goes on: the next file of the same kind that waits for this person, else the queue."""
    tab = next((tab for tab in tabs_for(request.roles) if tab.counted and file.life in tab.states), None)
    if tab is None or (file.life is State.CORRECTION and Role.REVIEWER in request.roles):
        return reverse("desk")
    mine = office_files(request).filter(tab.condition(request.user.pk)).exclude(pk=file.pk)
    if not tab.mine:
        mine = mine.exclude(reviewer=request.user)
    ref = mine.order_by("submitted_at", "id").values_list("ref", flat=True).first()
    if ref is None:
        return f"{reverse('desk')}?tab={TAB[tab.key].key}"
    return reverse("desk_application", kwargs={"ref": ref})
