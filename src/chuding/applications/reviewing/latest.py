"""Who did the last thing to something, and when, in words: for whoever comes a moment too late (R6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.accounts.roles import Role
from chuding.applications.translate import local_day
from chuding.applications.workflow import ACTION_LABELS, Action, State
from chuding.ledger.record import entries_about
from chuding.storage.clock import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application
    from chuding.ledger.models import Entry

_ACTS = {str(action): label for action, label in ACTION_LABELS.items()} | {"name_writing.read": "录入姓名里的字"}
_ANEW = "您的办理没有提交，写的内容都还在。请核对现在的内容，再决定怎么办理。"


def moment(of: datetime, at: datetime) -> str:
    """When something was, for a sentence said `at`: the time, with its day where that is another."""
    then = of.astimezone(SHANGHAI)
    day = "" if local_day(of) == local_day(at) else f"{then.month}月{then.day}日"
    return f"{day}{then:%H:%M}"


def doing_of(entry: Entry, label: str, *, reader: Person, at: datetime) -> str:
    """«李谷雨于10:02办理了“初审完成”»; one's own act came from another window, and an applicant is called that."""
    when = moment(entry.at, at)
    if entry.action == Action.TAKE and entry.data.get("from") == State.REVIEWING:
        label = "接手审核"
    if entry.by_id == reader.pk:
        return f"您于{when}在另一个窗口办理了“{label}”"
    who = "申报人" if entry.role == Role.APPLICANT else entry.by.display_name if entry.by else "系统"
    return f"{who}于{when}办理了“{label}”"


def last_doing(
    subject: tuple[str, str],
    labels: Mapping[str, str],
    *,
    reader: Person,
    at: datetime,
    since: datetime | None = None,
) -> str:
    """The last of the acts called `labels` on something, as a part of a sentence; empty where there is none (`since` then)."""
    entries = entries_about(subject).filter(action__in=labels).select_related("by")
    entry = (entries.filter(at__gte=since) if since else entries).last()
    return doing_of(entry, labels[entry.action], reader=reader, at=at) if entry else ""


def last_done(application: Application, *, reader: Person, at: datetime) -> str:
    """What changed a file last, whose act it was and when; empty where no act did (an applicant's page saved)."""
    return last_doing(("application", application.ref), _ACTS, reader=reader, at=at, since=application.updated_at)


def too_late(application: Application, *, reader: Person, at: datetime) -> str:
    """Why a form is declined that was drawn before the file's last change: what that was, whose and when."""
    done = last_done(application, reader=reader, at=at)
    what = f"{done}，这份申报现在是“{application.life.label}”" if done else "这份申报有了变化"
    return f"打开页面以后，{what}。{_ANEW}"


def gone_meanwhile(application: Application, *, reader: Person, at: datetime) -> str:
    """Where a file went that is no longer on the reader's desk: what was done to it, whose act it was and when."""
    done = last_done(application, reader=reader, at=at)
    now_is = f"这份申报现在是“{application.life.label}”，不在您这里了。"
    return f"打开页面以后，{done}，{now_is}" if done else now_is
