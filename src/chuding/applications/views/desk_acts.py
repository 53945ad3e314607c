"""What is done at the desk: one POST an act; a declined act keeps what was typed."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.roles import Role
from chuding.applications.material_kinds import kind_in
from chuding.applications.models import Verdict
from chuding.applications.reviewing.latest import too_late
from chuding.applications.reviewing.marks import marks_of_cells, read_marks
from chuding.applications.reviewing.parts import judged_by
from chuding.applications.reviewing.reasons import written_reason
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.sections import SECTION
from chuding.applications.services import appealing, handing_over, review, taking, ties, undoing, viewing
from chuding.applications.translate import local_day, notice_of
from chuding.applications.views.desk import TAB, tabs_for
from chuding.applications.views.desk_access import office_file, office_files
from chuding.applications.views.desk_file import declined
from chuding.applications.views.desk_gone import even_if_gone
from chuding.applications.workflow import UNDOABLE, Action, Declined, IllegalAction, State
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from chuding.applications.models import Application
    from chuding.applications.views.desk_access import StaffRequest


def for_script(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the page's script do what a form does: it is told where to go and what to say, and shows it in place."""

    @wraps(view)
    def answer(request: StaffRequest, *arguments: Any, **named: Any) -> HttpResponse:
        response = view(request, *arguments, **named)
        if request.headers.get("X-Desk") != "script" or not isinstance(response, HttpResponseRedirect):
            return response
        said = [{"text": str(m), "undo": m.extra_tags or ""} for m in messages.get_messages(request)]
        return JsonResponse({"to": response.url, "said": said})

    return answer


@require_POST
@for_script
def take(request: StaffRequest) -> HttpResponse:
    """Take a named file, the next one, or the next twenty; somebody else may be faster, then the one after it."""
    if ref := request.POST.get("ref"):
        file = office_file(request, ref, parts=False)
        try:
            review.take(ref=file.ref, by=request.user, at=now())
        except Declined as refusal:
            return declined(request, ref, refusal.sentence, "main")
        return redirect("desk_application", ref=ref)
    most = taking.BATCH if request.POST.get("most") == str(taking.BATCH) else 1
    taken = taking.take_next(by=request.user, at=now(), most=most)
    if not taken:
        messages.info(request, "没有可以领取的申报，或者刚刚被别人领走了。请稍后再试。")
        return redirect("desk")
    if most > 1:
        messages.success(request, f"已领取 {len(taken)} 件，30 分钟内由您办理。")
    return redirect("desk_application", ref=taken[0].ref)


@require_POST
def give_back(request: StaffRequest) -> HttpResponse:
    """Put back everything that one holds."""
    given = taking.give_back(by=request.user, at=now())
    messages.success(request, f"已放回 {given} 件。" if given else "您手上没有可以放回的申报。")
    return redirect("desk")


@require_POST
@for_script
@even_if_gone
def verdict(request: StaffRequest, ref: str, material_ref: str) -> HttpResponse:
    """One document's verdict; then the next document that waits for one comes up by itself."""
    file = office_file(request, ref, parts=False)
    material = file.materials.filter(ref=material_ref, replaced_at__isnull=True).first()
    if material is None:
        gone = file.materials.filter(ref=material_ref).values_list("code", flat=True).first()
        place = f"material-{gone}" if gone else "materials"
        return declined(request, ref, "这份材料已经被新的一份替换，请查看新上传的材料。", place)
    form = request.POST
    chosen = form.get("verdict", "")
    if chosen not in {Verdict.FIT, Verdict.DEFECT}:
        return declined(request, ref, "请选择“合格”或“有问题”。", f"material-{material.code}")
    common = form.get("common", "")
    reason = written_reason(kind_in(notice_of(file), material.code), common, form.get("reason", ""))
    marks = [*read_marks(form.get("marks", "")), *marks_of_cells(form.getlist("cell"))]
    judgement = review.Judgement(Verdict(chosen), reason, common, marks)  # type: ignore[arg-type] # cleaned inside
    note_shown(request, file)
    try:
        review.judge_material(ref=ref, material_ref=material_ref, judgement=judgement, by=request.user, at=now())
    except Declined as refusal:
        return declined(request, ref, _why(request, ref, None, refusal), f"material-{material.code}")
    waiting = file.current_materials().filter(verdict=Verdict.PENDING).first()
    address = reverse("desk_application", kwargs={"ref": ref})
    if waiting:
        return redirect(f"{address}?material={waiting.ref}#material-{waiting.code}")
    return redirect(f"{address}?material={material_ref}#decide")


def _send_back(request: StaffRequest, ref: str) -> None:
    form = request.POST
    codes = [rule.code for rule in notice_of(office_file(request, ref, parts=False)).materials]
    defects = review.Defects(
        sections={key: form.get(f"section_{key}", "") for key in SECTION if key != "materials"},
        missing={code: form.get(f"missing_{code}", "") for code in codes},
        rest_fit=form.get("rest_fit") == "yes",
        missed=form.get("missed", ""),
    )
    review.send_back(ref=ref, defects=defects, by=request.user, at=now())


def _recommend(request: StaffRequest, ref: str) -> None:
    favourable = request.POST.get("favourable", "")
    if favourable not in {"yes", "no"}:
        raise Declined("请选择“建议通过”或“不建议通过”。")
    review.recommend(
        ref=ref,
        favourable=favourable == "yes",
        text=request.POST.get("text", ""),
        rest_fit=request.POST.get("rest_fit") == "yes",
        by=request.user,
        at=now(),
    )


def _concur(request: StaffRequest, ref: str) -> None:
    review.concur(ref=ref, text=request.POST.get("text", ""), by=request.user, at=now())


def _agree(request: StaffRequest, ref: str) -> None:
    review.agree_to_return(ref=ref, by=request.user, at=now())


def _undo(request: StaffRequest, ref: str) -> None:
    undoing.undo(ref=ref, by=request.user, at=now())


def _step_back(request: StaffRequest, ref: str) -> None:
    ties.step_back(ref=ref, reason=request.POST.get("reason", ""), by=request.user, at=now())


def _confirm(request: StaffRequest, ref: str) -> None:
    review.confirm(ref=ref, text=request.POST.get("text", ""), by=request.user, at=now())


def _return(request: StaffRequest, ref: str) -> None:
    review.return_one_step(ref=ref, reason=request.POST.get("reason", ""), by=request.user, at=now())


def _refuse(request: StaffRequest, ref: str) -> None:
    clause, reason = request.POST.get("clause", ""), request.POST.get("reason", "")
    review.refuse(ref=ref, clause=clause, reason=reason, by=request.user, at=now())


def _decide_appeal(request: StaffRequest, ref: str) -> None:
    upheld = request.POST.get("upheld", "")
    if upheld not in {"yes", "no"}:
        raise Declined("请选择“维持原决定”或“撤销原决定，重新审核”。")
    answer = request.POST.get("answer", "")
    appealing.decide_appeal(ref=ref, upheld=upheld == "yes", answer=answer, by=request.user, at=now())


def _close(request: StaffRequest, ref: str) -> None:
    review.close_overdue(ref=ref, reason=request.POST.get("reason", ""), by=request.user, at=now())


def _hand_over(request: StaffRequest, ref: str) -> None:
    form = request.POST
    handing_over.hand_over(ref=ref, to=form.get("to", ""), reason=form.get("reason", ""), by=request.user, at=now())


def _release(request: StaffRequest, ref: str) -> None:
    review.release(ref=ref, by=request.user, at=now())


def _approve(request: StaffRequest, ref: str) -> None:
    review.approve(ref=ref, by=request.user, at=now())


def _take(request: StaffRequest, ref: str) -> None:
    review.take(ref=ref, by=request.user, at=now())


# So many files besides the one on the screen are in hand, and fetched ahead by the script (experience.md 2.3).
AHEAD = 2
# Acts that are not rows of the table by these names: the lead's word, stepping back, the decision of an appeal.
AGREE, STEP_BACK, APPEAL = "agree", "step_back", "decide_appeal"
# What still stands where it was taken back, or is taken in hand: the work goes on there.
_STAYS = {Action.TAKE, Action.UNDO}
_HANDLERS: dict[str, tuple[Callable[[StaffRequest, str], None], str]] = {
    Action.TAKE: (_take, "已受理"),
    Action.RELEASE: (_release, "已放回待受理"),
    Action.HAND_OVER: (_hand_over, "已转交"),
    Action.SEND_BACK: (_send_back, "已退回补正，30 秒后通知申报人"),
    Action.ASK_LEAD: (_send_back, "已提请组长同意再次退回"),
    AGREE: (_agree, "已同意再次退回，30 秒后通知申报人"),
    Action.RECOMMEND: (_recommend, "初审完成，已转下一环节"),
    Action.CONCUR: (_concur, "第二人审核同意，已转复核"),
    Action.UNDO: (_undo, "已撤销刚才的办理"),
    STEP_BACK: (_step_back, "已记下回避，由其他人办理"),
    Action.CONFIRM: (_confirm, "复核完成，已报审批"),
    Action.RETURN: (_return, "已退回上一环节"),
    Action.APPROVE: (_approve, "已审批通过，等待发文"),
    Action.REFUSE: (_refuse, "已作出不予通过的决定，30 秒后通知申报人"),
    APPEAL: (_decide_appeal, "复核已办结并通知申报人"),
    Action.CLOSE: (_close, "已逾期关闭，30 秒后通知申报人"),
}


def note_shown(request: StaffRequest, file: Application) -> None:
    """Note the pages that the form says were on the screen: {"<material>": [1, 2]}."""
    try:
        told = json.loads(request.POST.get("shown", "") or "{}")
    except ValueError:
        return
    if isinstance(told, dict):
        pages = {str(ref): [n for n in seen if type(n) is int] for ref, seen in told.items() if isinstance(seen, list)}
        if pages:
            viewing.note_pages(application=file, pages=pages, by=request.user, at=now())


@require_safe
def following(request: StaffRequest) -> JsonResponse:
    """Which files this person holds besides the one on the screen, and their first pages: fetched ahead by the script."""
    held = taking.held_by(request.user, now()).exclude(ref=request.GET.get("but", ""))[:AHEAD]
    rows = []
    for file in held.prefetch_related("materials"):
        drawn = (m for m in file.materials.all() if m.replaced_at is None and m.pages_ready)
        current = sorted(drawn, key=lambda m: m.code)
        pages = [(m.ref, n) for m in current for n in range(1, m.pages + 1)][:3]
        rows.append(
            {
                "file": reverse("desk_application", args=[file.ref]),
                "pages": [reverse("desk_page", args=[file.ref, ref, n]) for ref, n in pages],
            }
        )
    return JsonResponse({"next": rows})


@require_POST
def shown(request: StaffRequest, ref: str) -> HttpResponse:
    """What the page's script tells when it is left: which pages were on the screen."""
    note_shown(request, office_file(request, ref, parts=False))
    return HttpResponse(status=204)


def _as_seen(request: StaffRequest, file: Application) -> None:
    """Decline a form that was drawn before the file's last change."""
    if request.POST.get("version", "") != str(file.version):
        raise Declined(too_late(file, reader=request.user, at=now()))


def _why(request: StaffRequest, ref: str, seen: int | None, refusal: Declined) -> str:
    """What to say of a declined act: where somebody else was faster, that, by whom and when.

    `seen`: the version that the page showed; None where its form does not say.
    """
    if not isinstance(refusal, IllegalAction):
        return refusal.sentence
    found = office_file(request, ref, parts=False)
    return refusal.sentence if found.version == seen else too_late(found, reader=request.user, at=now())


@require_POST
@for_script
@even_if_gone
def act(request: StaffRequest, ref: str) -> HttpResponse:
    """Carry out the act named in the form."""
    file = office_file(request, ref, parts=False)
    action = request.POST.get("action", "")
    if action not in _HANDLERS:
        return declined(request, ref, "请选择要办理的事项。", "decide")
    handler, done = _HANDLERS[action]
    try:
        if action != Action.UNDO:
            _as_seen(request, file)
        note_shown(request, file)
        handler(request, ref)
    except Declined as refusal:
        return declined(request, ref, _why(request, ref, file.version, refusal), f"act-{action}")
    if action in _STAYS:
        return redirect("desk_application", ref=ref)
    undoable = file.ref if action in UNDOABLE | {AGREE} else ""
    messages.success(request, f"{file.full_name}（{file.number}）：{done}。", extra_tags=undoable)
    return redirect(_onwards(request, file))


def _next_in_hand(request: StaffRequest, file: Application) -> Application | None:
    """What a reviewer does next: what they hold, the oldest due first, else the next of the queue.

    As many more are taken as the page fetches ahead: what is not in hand yet could not be on the screen at once.
    """
    held = list(taking.held_by(request.user, now()).exclude(pk=file.pk).only("ref")[: AHEAD + 1])
    if len(held) <= AHEAD:
        held += taking.take_next(by=request.user, at=now(), most=AHEAD + 1 - len(held))
    return held[0] if held else None


def _onwards(request: StaffRequest, file: Application) -> str:
    """Where the work goes on: the next file of the same kind that waits for this person, else the queue."""
    if file.life is State.REVIEWING and Role.REVIEWER in request.roles:
        following = _next_in_hand(request, file)
        return reverse("desk_application", args=[following.ref]) if following else f"{reverse('desk')}?tab=received"
    tab = next((tab for tab in tabs_for(request.roles) if tab.counted and file.life in tab.states), None)
    if tab is None or (file.life is State.CORRECTION and Role.REVIEWER in request.roles):
        return reverse("desk")
    mine = office_files(request).filter(tab.condition(request.user.pk)).exclude(pk=file.pk)
    if not tab.mine:
        mine = mine.exclude(reviewer=request.user).exclude(judged_by(request.user))
    mine = ties_of(request.user, local_day(now())).leave_out(mine)
    ref = mine.order_by("due_on", "id").values_list("ref", flat=True).first()
    if ref is None:
        return f"{reverse('desk')}?tab={TAB[tab.key].key}"
    return reverse("desk_application", kwargs={"ref": ref})
