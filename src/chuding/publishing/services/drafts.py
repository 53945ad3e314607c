"""Writing a notice: copy one, change it piece by piece, put it forward, and let a second person publish it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.workflow import Declined
from chuding.ledger.record import record
from chuding.notices.models import Version
from chuding.notices.services import ID, NotPublished, Proposal, publish, texts_of, withdraw
from chuding.notices.shelf import held, load
from chuding.policy.notice import FILE
from chuding.policy.source import FILES, WORDS, Files, NoticeError
from chuding.policy.surroundings import read_words
from chuding.publishing import yaml_text
from chuding.publishing.models import Draft, DraftState, Run, RunKind, RunState

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person

#: The files of a draft that hold structured data: never saved while they are no YAML.
YAML_FILES: Final = (FILE, "cases.yaml")
#: How people call the keys of a notice's head.
_HEAD_WORDS: Final = {"标题": "标题", "文件": "文号"}
#: No single file may be larger than this.
FILE_LIMIT: Final = 256 * 1024


@dataclass(frozen=True)
class Order:
    """The entries of a list in another order."""

    places: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change of a draft: of a place in a YAML file; with an empty path of a whole file, or of several of its keys.

    `seen` is the mark of what stood there when the page was made; if something else stands there now, somebody was faster.
    """

    file: str
    path: tuple[str | int, ...] = ()
    value: Any
    seen: str
    about: str


class Overtaken(Declined):
    """Somebody else changed the same place meanwhile; what was typed is still on the page."""


def mark_of(value: Any) -> str:
    """A short mark of a value or a text as it stands, to notice that it was changed meanwhile."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def subject_of(draft: Draft) -> tuple[str, str]:
    """What the ledger calls a draft."""
    return ("notice_draft", draft.ref)


def _administers(by: Person) -> None:
    if Role.ADMINISTRATOR not in roles_of(by):
        raise Declined("只有管理员可以起草和发布通知。")


def _note(draft: Draft, action: str, *, by: Person | None, at: datetime, reason: str = "", **data: Any) -> None:
    whole = {"notice": draft.notice_id, "digest": draft.digest, **data}
    record(
        action=f"notice_draft.{action}",
        subject=subject_of(draft),
        by=by,
        role=Role.ADMINISTRATOR,
        at=at,
        reason=reason,
        data=whole,
    )


def _checked_id(identifier: str, base: Files, at: datetime) -> None:
    if not ID.fullmatch(identifier):
        raise Declined("编号只能用小写字母、数字和短横线，以字母开头，例如 city-2025-1。")
    taken = identifier in held(at) or Version.objects.filter(notice_id=identifier, withdrawal__isnull=True).exists()
    if identifier != base.id and taken:
        raise Declined(f"已经有编号为“{identifier}”的通知。要改它的，请以它为底稿并选择“更正”；否则请换一个编号。")
    if identifier in ids_being_written():
        raise Declined(f"编号为“{identifier}”的草案正在起草。请在那一份里改，或者先把它删除；新的通知请换一个编号。")


def ids_being_written() -> set[str]:
    """The ids of the drafts that are open or wait for a second person."""
    states = [DraftState.OPEN, DraftState.PROPOSED]
    return set(Draft.objects.filter(state__in=states).values_list("notice_id", flat=True))


def same_as_base(draft: Draft) -> str:
    """What a new notice still has of last year's head, as a sentence; empty where nothing, or where it corrects it."""
    if draft.corrects:
        return ""
    try:
        data = yaml_text.data_of(draft.files[FILE], FILE)
    except NoticeError:
        return ""
    base = load(draft.base_id, draft.base_digest)
    held = (("标题", base.title), ("文件", base.number))
    same = [_HEAD_WORDS[key] for key, before in held if before and str(yaml_text.at(data, (key,))) == before]
    return f"{'和'.join(same)}还与底稿相同，请核对是不是忘了改。" if same else ""


@transaction.atomic
def begin(*, base: Files, files: Files, by: Person | None, at: datetime) -> Draft:
    """Open a draft with these files, compared with `base`. `by` None: brought in by a command, on the machine itself.

    A correction of the base keeps its id; a new notice must have one that nobody has. Raises Declined.
    """
    if by is not None:
        _administers(by)
    _checked_id(files.id, base, at)
    try:
        texts = texts_of(files)
    except NotPublished as refusal:
        raise Declined(refusal.sentence) from None
    if missing := [name for name in FILES if name not in texts]:
        raise Declined(f"缺少文件 {missing[0]}。一份通知有这些文件：{'、'.join(FILES)}。")
    draft = Draft.objects.create(
        notice_id=files.id,
        digest=files.digest,
        files=texts,
        base_id=base.id,
        base_digest=base.digest,
        created_by=by,
        created_at=at,
        saved_by=by,
        saved_at=at,
    )
    _note(draft, "begun", by=by, at=at, base=base.id, base_digest=base.digest)
    return draft


def _open(ref: str, by: Person) -> Draft:
    """The draft, locked, if it can be changed."""
    draft = Draft.objects.select_for_update().get(ref=ref)
    _administers(by)
    if draft.state != DraftState.OPEN:
        label = DraftState(draft.state).label
        raise Declined(f"这份草案现在是“{label}”，不能修改。待复核的，请先退回起草。")
    return draft


@transaction.atomic
def change(*, ref: str, edit: Edit, by: Person, at: datetime) -> Draft:
    """Carry out one change. Other places of the draft stay as they are, whoever changed them meanwhile.

    Raises Overtaken where the very place was changed since it was seen, Declined where the result is no YAML, or too large.
    """
    draft = _open(ref, by)
    if edit.file not in draft.files and not edit.file.startswith(WORDS):  # a translation may be begun here
        raise Declined(f"草案里没有文件 {edit.file}。")
    text = draft.files.get(edit.file, "")
    if mark_of(place_of(text, edit)) != edit.seen:
        who = draft.saved_by.display_name if draft.saved_by else "别人"
        raise Overtaken(f"{who}刚刚改过这里，这一次没有保存。您填写的内容还在下面，请与现在的内容核对后再保存。")
    try:
        text = _changed(text, edit)
        if edit.file.startswith(WORDS):
            read_words(Files(draft.notice_id, {edit.file: text.encode()}))
    except NoticeError as error:
        raise Declined(f"没有保存：{error.problems[0]}。") from None
    if len(text.encode()) > FILE_LIMIT or "\0" in text:
        raise Declined(f"没有保存：文件超过 {FILE_LIMIT // 1024} KB，或者里面有不能保存的字符。")
    draft.files = {**draft.files, edit.file: text}
    draft.digest = draft.content.digest
    draft.saved_by, draft.saved_at = by, at
    draft.save(update_fields=["files", "digest", "saved_by", "saved_at"])
    _note(draft, "saved", by=by, at=at, file=edit.file, about=edit.about)
    return draft


def place_of(text: str, edit: Edit) -> Any:
    """What stands now at the place of an edit."""
    if edit.path:
        return yaml_text.at(yaml_text.data_of(text, edit.file), edit.path)
    if isinstance(edit.value, dict):
        data = yaml_text.data_of(text, edit.file)
        return {key: yaml_text.at(data, (key,)) for key in edit.value}
    return text


def _changed(text: str, edit: Edit) -> str:
    if isinstance(edit.value, Order):
        return yaml_text.move(text, edit.file, edit.path, edit.value.places)
    if edit.path:
        return yaml_text.put(text, edit.file, edit.path, edit.value)
    if isinstance(edit.value, dict):
        for key, held in place_of(text, edit).items():
            new = edit.value[key]
            if new != held and not (new is yaml_text.GONE and held is None):
                text = yaml_text.put(text, edit.file, (key,), new)
        return text
    whole = str(edit.value).replace("\r\n", "\n")
    if len(whole.encode()) <= FILE_LIMIT and edit.file in YAML_FILES:
        yaml_text.data_of(whole, edit.file)
    return whole


def missing_before_proposal(draft: Draft) -> list[str]:
    """What still has to be done before a draft can be put forward, in words; empty when it can."""
    runs = {run.kind: run for run in Run.objects.filter(draft=draft, digest=draft.digest, state=RunState.DONE)}
    found = []
    if RunKind.CHECK not in runs:
        found.append("还没有检查现在的内容。")
    elif problems := runs[RunKind.CHECK].outcome.get("problems"):
        found.append(f"检查还有 {len(problems)} 处不合格。")
    if RunKind.DIFFERENCE not in runs:
        found.append("还没有与底稿比较现在的内容。")
    if RunKind.REPLAY not in runs:
        found.append("还没有用已经申报的件试算现在的内容。")
    return found


@transaction.atomic
def propose(*, ref: str, note: str, by: Person, at: datetime) -> Draft:
    """Put the draft forward as it stands: checked, compared and replayed. Raises Declined with what is missing."""
    draft = _open(ref, by)
    if not note.strip():
        raise Declined("请写明这一版有什么不同，供复核的人核对。")
    if missing := missing_before_proposal(draft):
        raise Declined("".join(missing) + "请先办完，再提请发布。")
    draft.state, draft.note = DraftState.PROPOSED, note.strip()[:400]
    draft.proposed_by, draft.proposed_at, draft.returned_because = by, at, ""
    draft.save(update_fields=["state", "note", "proposed_by", "proposed_at", "returned_because"])
    _note(draft, "proposed", by=by, at=at, reason=draft.note)
    return draft


@transaction.atomic
def send_back(*, ref: str, reason: str, by: Person, at: datetime) -> Draft:
    """Open a proposed draft again: the second person found something, or the first takes it back."""
    draft = Draft.objects.select_for_update().get(ref=ref)
    _administers(by)
    if draft.state != DraftState.PROPOSED:
        raise Declined("这份草案没有在等待复核。")
    if not reason.strip():
        raise Declined("请写明退回的理由。")
    draft.state, draft.returned_because = DraftState.OPEN, reason.strip()[:400]
    draft.proposed_by = draft.proposed_at = None
    draft.save(update_fields=["state", "returned_because", "proposed_by", "proposed_at"])
    _note(draft, "returned", by=by, at=at, reason=reason.strip())
    return draft


@transaction.atomic
def release(*, ref: str, seen: str, by: Person, at: datetime, effective_at: datetime) -> Version:
    """Publish a proposed draft at a moment: the second person's act. `seen` is the digest of what they looked at."""
    draft = Draft.objects.select_for_update(of=("self",)).select_related("proposed_by").get(ref=ref)
    if draft.state != DraftState.PROPOSED or draft.proposed_by is None or draft.proposed_at is None:
        raise Declined("这份草案没有在等待复核。")
    if seen != draft.digest:
        raise Declined("草案在您查看之后有变化，请重新核对后再发布。")
    proposal = Proposal(
        files=draft.content,
        note=draft.note,
        by=draft.proposed_by,
        at=draft.proposed_at,
        written_by=draft.saved_by,
    )
    try:
        version = publish(proposal=proposal, by=by, at=at, effective_at=effective_at)
    except NotPublished as refusal:
        raise Declined(refusal.sentence) from None
    draft.state, draft.version = DraftState.PUBLISHED, version
    draft.save(update_fields=["state", "version"])
    _note(draft, "published", by=by, at=at, version=version.ref)
    return version


@transaction.atomic
def take_back(*, ref: str, reason: str, by: Person, at: datetime) -> Draft | None:
    """Withdraw a version before its moment; the draft that it came of is open again. `ref` is the version's."""
    try:
        withdrawal = withdraw(ref=ref, reason=reason, by=by, at=at)
    except NotPublished as refusal:
        raise Declined(refusal.sentence) from None
    draft = Draft.objects.select_for_update().filter(version=withdrawal.version).first()
    if draft is not None:
        draft.state, draft.version, draft.returned_because = DraftState.OPEN, None, withdrawal.reason
        draft.proposed_by = draft.proposed_at = None
        draft.save(update_fields=["state", "version", "returned_because", "proposed_by", "proposed_at"])
        _note(draft, "reopened", by=by, at=at, reason=withdrawal.reason, version=ref)
    return draft


@transaction.atomic
def discard(*, ref: str, by: Person, at: datetime) -> Draft:
    """Put an open draft aside for good; its row stays, for the record."""
    draft = _open(ref, by)
    draft.state = DraftState.DISCARDED
    draft.save(update_fields=["state"])
    _note(draft, "discarded", by=by, at=at)
    return draft
