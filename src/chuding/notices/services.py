"""Publishing a version of a notice: two people, a moment in the future, and nothing that could be half done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django_tasks import task

from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.ledger.record import entries_about, record
from chuding.notices.models import Origin, Version, Withdrawal
from chuding.notices.shelf import LEAD, forget
from chuding.policy.notice import FOLDER, read_notice
from chuding.policy.source import NoticeError, read_files
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.policy.source import Files

ID: Final = re.compile(r"[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,20}){0,5}")
#: The largest notice that is taken, all files together.
LIMIT: Final = 512 * 1024


class NotPublished(Exception):  # noqa: N818 - an answer to a person, not a fault
    """It cannot be published or withdrawn; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What the first person put forward: the files, what they say is different, and whose the last change was."""

    files: Files
    note: str
    by: Person
    at: datetime
    written_by: Person | None = None


def subject_of(notice_id: str, digest: str) -> tuple[str, str]:
    """What the ledger calls a version."""
    return ("notice", f"{notice_id}@{digest[:12]}")


def texts_of(files: Files) -> dict[str, str]:
    """The files as text by name, for a JSON column. Raises NotPublished for what no database would give back alike."""
    if sum(map(len, files.content.values())) > LIMIT:
        raise NotPublished(f"通知的全部文件超过 {LIMIT // 1024} KB，请删去不需要的内容。")
    try:
        texts = {name: files.text(name) for name in files.content}
    except NoticeError as error:
        raise NotPublished(f"{error.problems[0]}。请另存为 UTF-8 再试。") from None
    if any("\0" in text for text in texts.values()):
        raise NotPublished("文件里有不能保存的字符（NUL），请删去再试。")
    return texts


def _version(files: Files, **values: Any) -> Version:
    if not ID.fullmatch(files.id):
        raise NotPublished(f"编号“{files.id}”只能用小写字母、数字和短横线，以字母开头，例如 city-2025-1。")
    try:
        notice = read_notice(files)
    except NoticeError as error:
        raise NotPublished(f"通知还有错误，不能发布：{error.problems[0]}") from None
    return Version.objects.create(
        notice_id=files.id,
        digest=notice.digest,
        files=texts_of(files),
        number=notice.number[:100],
        title=notice.title[:200],
        **values,
    )


def _administers(by: Person) -> None:
    if Role.ADMINISTRATOR not in roles_of(by):
        raise NotPublished("只有管理员可以发布或撤回通知。")


@transaction.atomic
def publish(*, proposal: Proposal, by: Person, at: datetime, effective_at: datetime) -> Version:
    """Let a proposed version take force at a moment at least a minute ahead. Who proposed it or changed it last cannot
    publish it: the words that take force were read by somebody who did not write them.

    Raises NotPublished, in words. The caller has held the whole check; here the shape is read once more.
    """
    _administers(by)
    _administers(proposal.by)
    if proposal.by.pk == by.pk:
        raise NotPublished("发布须由两个人办理：您是提请人，请由另一位管理员发布。")
    if proposal.written_by is not None and proposal.written_by.pk == by.pk:
        raise NotPublished("发布须由两个人办理：最后一次修改是您做的，请由另一位管理员核对、发布。")
    if effective_at < at + LEAD:
        raise NotPublished("生效时间最早在一分钟以后，请改晚一些。")
    version = _version(
        proposal.files,
        note=proposal.note,
        origin=Origin.DESK,
        proposed_by=proposal.by,
        proposed_at=proposal.at,
        published_by=by,
        published_at=at,
        effective_at=effective_at,
    )
    record(
        action="notice.published",
        subject=subject_of(version.notice_id, version.digest),
        by=by,
        role=Role.ADMINISTRATOR,
        at=at,
        reason=proposal.note,
        data={
            "version": version.ref,
            "digest": version.digest,
            "proposed_by": proposal.by.ref,
            "effective_at": effective_at.isoformat(),
        },
    )
    take_force.using(run_after=effective_at).enqueue(ref=version.ref)
    forget()
    return version


@transaction.atomic
def withdraw(*, ref: str, reason: str, by: Person, at: datetime) -> Withdrawal:
    """Take a version back before its moment. What is in force is replaced by a new version, never taken away."""
    version = Version.objects.select_for_update().get(ref=ref)
    _administers(by)
    if not reason.strip():
        raise NotPublished("请写明撤回的理由。")
    if hasattr(version, "withdrawal"):
        return version.withdrawal
    if at + LEAD > version.effective_at:
        raise NotPublished("已经生效，或者不到一分钟就要生效，不能撤回。要改回去的，请以旧版为底稿发布新的一版。")
    withdrawal = Withdrawal.objects.create(version=version, by=by, at=at, reason=reason.strip()[:400])
    record(
        action="notice.withdrawn",
        subject=subject_of(version.notice_id, version.digest),
        by=by,
        role=Role.ADMINISTRATOR,
        at=at,
        reason=reason.strip(),
        data={"version": ref},
    )
    forget()
    return withdrawal


@transaction.atomic
def note_in_force(*, ref: str, at: datetime) -> bool:
    """Write into the ledger that a version has taken force; once, however often it is called.

    Nothing depends on it: the moment itself makes it so, also where no worker runs.
    """
    version = Version.objects.select_for_update().get(ref=ref)
    subject = subject_of(version.notice_id, version.digest)
    if hasattr(version, "withdrawal") or at < version.effective_at:
        return False
    if entries_about(subject).filter(action="notice.in_force", data__version=ref).exists():
        return False
    record(
        action="notice.in_force",
        subject=subject,
        by=None,
        role=Role.ADMINISTRATOR,
        at=at,
        data={"version": ref, "digest": version.digest},
    )
    return True


@task()
def take_force(ref: str) -> bool:
    """The worker's part, put off to the version's moment."""
    return note_in_force(ref=ref, at=now())


@transaction.atomic
def adopt_first(*, at: datetime) -> Version | None:
    """Take the notice that `settings.NOTICE` names into an installation that has none yet; from then on the desk rules."""
    if Version.objects.exists():
        return None
    version = _version(
        read_files(FOLDER / settings.NOTICE), origin=Origin.INSTALLATION, published_at=at, effective_at=at
    )
    record(
        action="notice.adopted",
        subject=subject_of(version.notice_id, version.digest),
        by=None,
        role=Role.ADMINISTRATOR,
        at=at,
        data={"version": version.ref, "digest": version.digest},
    )
    forget()
    return version
