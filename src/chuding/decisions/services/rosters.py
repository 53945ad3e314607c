"""Rosters and the words of their document: draft, edit, verify, sign, by three people (notice 七: 审批并发文)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from chuding.accounts.names import few_names
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.characters import require_drawn
from chuding.applications.models import Application
from chuding.applications.reviewing.latest import doing_of, last_doing
from chuding.applications.services.moves import lock_all
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined, State
from chuding.decisions.contents import list_digest, rows_of, standard_of
from chuding.decisions.models import Roster, RosterEntry, RosterState
from chuding.decisions.services import issuing, preview, publicity
from chuding.decisions.services.signing_people import require_apart_from
from chuding.decisions.texts import Words, disagreements, title_of, words_of
from chuding.decisions.workflow import OFFICE_LEVELS, OFFICE_SIGNER, RosterAction, office_of, role_at
from chuding.ledger.record import entries_about, record

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person

LONGEST = {"title": 120, "addressee": 80, "copies_to": 120, "paragraph": 1200}
MOST_PARAGRAPHS = 12
_LABELS: dict[str, str] = {
    RosterAction.DRAFT: "拟稿",
    RosterAction.EDIT: "修改文字",
    RosterAction.VERIFY: "核稿",
    RosterAction.SEND_BACK: "退回拟稿",
    RosterAction.DISCARD: "删除拟稿",
    RosterAction.SIGN: "签发",
    RosterAction.RETRY: "重新制证",
}


def approved(office: str) -> QuerySet[Application]:
    """Approved files of an office's levels that stand on no roster yet, also those that publicity still holds."""
    return Application.objects.filter(state=State.APPROVED, level__in=OFFICE_LEVELS[office], roster_entry__isnull=True)


def waiting_for_roster(office: str, on: date) -> QuerySet[Application]:
    """Approved files of an office's levels that stand on no roster yet, oldest approval first.

    Without those who are still public, are objected to, or have yet to be public (services.publicity).
    """
    files = approved(office)
    held = publicity.held_back(files, on=on)
    return files.exclude(pk__in=held.values("pk")).order_by("approved_at", "id")


def _office(by: Person) -> str:
    office = office_of(roles_of(by))
    if office is None:
        raise Declined("只有协会或市职称办的文书和签发人可以办理发文。")
    return office


@transaction.atomic
def draft(*, refs: list[str], by: Person, at: datetime) -> Roster:
    """Put approved people on a new roster, ordered by series, employer and number."""
    office = _office(by)
    # Locked first, then read: what another took meanwhile is not taken twice.
    lock_all(refs)
    files = list(waiting_for_roster(office, local_day(at)).filter(ref__in=refs))
    if len(files) < len(set(refs)) and (taken := _taken_meanwhile(refs, office, by, at)):
        raise Declined(taken)
    if not files:
        raise Declined("没有选中可以发文的申报。请先勾选审核通过的人员。")
    files.sort(key=lambda a: (a.series, a.employer_name, a.number or ""))
    roster = Roster.objects.create(
        office=office, notice_id=files[0].notice_id, title=title_of(files, office), drafted_by=by, drafted_at=at
    )
    RosterEntry.objects.bulk_create(
        [RosterEntry(roster=roster, application=a, position=n) for n, a in enumerate(files, start=1)]
    )
    _record(RosterAction.DRAFT, roster, by, at, numbers=[a.number for a in files])
    preview.order(roster)
    return roster


def _taken_meanwhile(refs: list[str], office: str, by: Person, at: datetime) -> str:
    """Who of these somebody put on another roster; nothing is drafted then, lest a list be shorter than what was ticked."""
    entries = RosterEntry.objects.filter(application__ref__in=refs, roster__office=office).select_related("roster")
    found = list(entries.order_by("application_id").annotate(name=F("application__full_name")))
    if not found:
        return ""
    other = found[0].roster
    done = last_doing(("roster", other.ref), {str(RosterAction.DRAFT): "拟稿"}, reader=by, at=at)
    return f"{few_names([each.name for each in found])}已经列入另一份名单：{done}（{other.title}）。没有拟稿，请核对后重新勾选。"


def _lock(ref: str, by: Person) -> Roster:
    roster = Roster.objects.select_for_update().get(ref=ref)
    if roster.office != _office(by):
        raise Roster.DoesNotExist
    return roster


def _done_to(roster: Roster, by: Person, at: datetime) -> str:
    """What was last done to it, by whom and when: for whoever comes a moment too late."""
    return last_doing(("roster", roster.ref), _LABELS, reader=by, at=at)


def _record(action: RosterAction, roster: Roster, by: Person, at: datetime, *, reason: str = "", **data: Any) -> None:
    role = role_at(roster.office, roles_of(by))
    record(action=action, subject=("roster", roster.ref), by=by, role=role, at=at, reason=reason, data=data)


@transaction.atomic
def edit(*, ref: str, seen: str, words: Words, by: Person, at: datetime) -> Roster:
    """Change the document's words; whoever does is its drafter from now on, and cannot verify it.

    `seen`: the digest of list and words as they stood on the page, so that nobody writes over another's words unseen.
    """
    roster = _lock(ref, by)
    if roster.state != RosterState.DRAFT:
        raise Declined(f"{_done_to(roster, by, at)}，不能再改。要改的，请先退回拟稿。您写的都在下面。")
    _require_words(words)
    if seen != list_digest(roster):
        raise Declined("打开页面以后，公文文字或者名单有了变化。您写的都在下面，请对照现在的拟稿再保存。")
    standard = standard_of(roster, at)
    roster.title = words.title
    held = {"addressee": words.addressee, "paragraphs": list(words.paragraphs), "copies_to": words.copies_to}
    roster.words = {} if words == standard else held
    roster.drafted_by, roster.drafted_at = by, at
    roster.save(update_fields=["title", "words", "drafted_by", "drafted_at"])
    _record(RosterAction.EDIT, roster, by, at, list_digest=list_digest(roster))
    preview.order(roster)
    return roster


def _require_words(words: Words) -> None:
    """Raises Declined with everything that is wrong at once, so that a document is mended in one go."""
    names = {"title": "标题", "addressee": "主送", "copies_to": "抄送"}
    absent = [names[key] for key in ("title", "addressee") if not getattr(words, key)]
    absent += [] if words.paragraphs else ["正文"]
    wrong = [f"还没有写{'、'.join(absent)}。"] if absent else []
    wrong += [
        f"{name}最多{LONGEST[key]}个字，请缩短。"
        for key, name in names.items()
        if len(getattr(words, key)) > LONGEST[key]
    ]
    if len(words.paragraphs) > MOST_PARAGRAPHS or max(map(len, words.paragraphs), default=0) > LONGEST["paragraph"]:
        wrong.append(f"正文最多{MOST_PARAGRAPHS}段，每段最多{LONGEST['paragraph']}个字。")
    if wrong:
        raise Declined("".join(wrong))


def _require_apart(roster: Roster, by: Person, at: datetime, act: str) -> None:
    """Three people: who drafted does not verify, and neither signs; nobody who has to step back from one on the list does."""
    require_apart_from(Application.objects.filter(roster_entry__roster=roster), by=by, at=at, act=act)
    if by.pk == roster.drafted_by_id:
        raise Declined(f"您是拟稿人，请由另一个人{act}。")
    if act == "签发" and by.pk == roster.verified_by_id:
        raise Declined("您是核稿人，请由另一位签发人签发。")


def _require_seen(roster: Roster, seen: str, act: str) -> None:
    if seen != list_digest(roster):
        raise Declined(f"名单或文字在您查看之后有变化，请重新核对后再{act}。")


@transaction.atomic
def verify(*, ref: str, seen: str, by: Person, at: datetime) -> Roster:
    """A second person has compared words and list (by digest) and finds them right (核稿)."""
    roster = _lock(ref, by)
    if roster.state == RosterState.VERIFIED and roster.verified_by_id == by.pk:
        return roster
    if roster.state != RosterState.DRAFT:
        raise Declined(f"{_done_to(roster, by, at)}，这份发文现在是“{roster.get_state_display()}”，不用再核稿。")
    _require_apart(roster, by, at, "核稿")
    _require_seen(roster, seen, "核稿")
    if wrong := disagreements(words_of(roster, standard_of(roster, at)), rows_of(roster, at)):
        raise Declined(f"{wrong[0]}。请先退回拟稿人改正。")
    roster.state, roster.verified_by, roster.verified_at, roster.problem = RosterState.VERIFIED, by, at, ""
    roster.save(update_fields=["state", "verified_by", "verified_at", "problem"])
    _record(RosterAction.VERIFY, roster, by, at, list_digest=seen)
    return roster


@transaction.atomic
def send_back(*, ref: str, reason: str, by: Person, at: datetime) -> Roster:
    """Back to the drafter, with a reason, before it is signed."""
    roster = _lock(ref, by)
    if roster.state not in {RosterState.DRAFT, RosterState.VERIFIED}:
        raise Declined(f"{_done_to(roster, by, at)}，不能退回拟稿。")
    if not reason.strip():
        raise Declined("请写明退回的理由。")
    roster.state, roster.verified_by, roster.verified_at = RosterState.DRAFT, None, None
    roster.problem = f"退回拟稿：{reason.strip()}"[:400]
    roster.save(update_fields=["state", "verified_by", "verified_at", "problem"])
    _record(RosterAction.SEND_BACK, roster, by, at, reason=reason.strip())
    return roster


@transaction.atomic
def discard(*, ref: str, by: Person, at: datetime) -> None:
    """Throw a draft away; its people wait for another roster."""
    roster = _lock(ref, by)
    if roster.state in {RosterState.SIGNED, RosterState.ISSUED}:
        raise Declined(f"{_done_to(roster, by, at)}，已经签发的名单不能删除。")
    _record(RosterAction.DISCARD, roster, by, at)
    transaction.on_commit(lambda: issuing.sweep(ref))
    roster.delete()


def discarded(*, ref: str, by: Person, at: datetime) -> str:
    """Who of one's own office threw this draft away, and when, as a sentence; empty where nobody did."""
    entry = entries_about(("roster", ref)).filter(action=RosterAction.DISCARD).select_related("by").last()
    if entry is None or office_of(frozenset({Role(entry.role)})) != _office(by):
        return ""
    return f"{doing_of(entry, _LABELS[RosterAction.DISCARD], reader=by, at=at)}，名单里的人员回到了待发文名单。"


@transaction.atomic
def sign(*, ref: str, seen: str, by: Person, at: datetime) -> Roster:
    """Sign what was seen (by digest): the third person. The worker then issues document and certificates."""
    roster = _lock(ref, by)
    if OFFICE_SIGNER[roster.office] not in roles_of(by):
        raise Declined("只有签发人可以签发。")
    if roster.state in {RosterState.SIGNED, RosterState.ISSUED} and roster.signed_by_id == by.pk:
        return roster
    if roster.state != RosterState.VERIFIED:
        done = _done_to(roster, by, at)
        raise Declined(f"{done}。没有再签发一次。" if roster.signed_at else f"{done}。请先由另一个人核稿，再签发。")
    _require_apart(roster, by, at, "签发")
    _require_seen(roster, seen, "签发")
    publicity.require_cleared(Application.objects.filter(roster_entry__roster=roster), on=local_day(at))
    written = ("application__educations", "application__spells")
    require_drawn(
        entry.application for entry in roster.entries.select_related("application").prefetch_related(*written)
    )
    roster.state = RosterState.SIGNED
    roster.signed_by, roster.signed_at, roster.list_digest, roster.problem = by, at, seen, ""
    roster.save()
    _record(RosterAction.SIGN, roster, by, at, list_digest=seen)
    issuing.issue_signed_roster.enqueue(ref=ref)
    return roster


@transaction.atomic
def retry(*, ref: str, by: Person, at: datetime) -> Roster:
    """Let the worker try again what was signed and did not finish; what is ready is not made a second time."""
    roster = _lock(ref, by)
    if roster.state not in {RosterState.SIGNED, RosterState.FAILED} or roster.signed_by_id is None:
        raise Declined("这份发文没有需要重试的。")
    roster.state, roster.problem = RosterState.SIGNED, ""
    roster.save(update_fields=["state", "problem"])
    roster.entries.exclude(problem="").update(problem="")
    _record(RosterAction.RETRY, roster, by, at)
    issuing.issue_signed_roster.enqueue(ref=ref)
    return roster
