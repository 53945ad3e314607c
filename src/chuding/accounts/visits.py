"""Sessions: what one begins with, what it has proved, and how its person sees and ends it.

Everything that a session knows stands here under a name; nothing else writes these keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import auth
from django.db import transaction

from chuding.accounts.models import Visit
from chuding.accounts.roles import Role
from chuding.ledger.record import record

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from chuding.accounts.models import Person

SINCE = "signed_in_at"
SEEN = "seen_at"
# When a password was given, when the authenticator was shown, and when any second factor was shown last.
PASSWORD = "password_at"  # noqa: S105 - the name of a moment
FACTOR = "factor_at"
PROVED = "proved_at"
_SHOWN = {"password": PASSWORD, "code": PROVED}
_BACKEND = "chuding.accounts.backends.PersonBackend"
_SYSTEMS = (
    ("MicroMessenger", "微信"),
    ("HarmonyOS", "鸿蒙手机"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "Mac 电脑"),
    ("Linux", "Linux 电脑"),
)
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def begin(request: HttpRequest, person: Person, *, way: str, at: datetime) -> None:
    """Start a session under a new key; `way` is "code" (a text message), "password" or "hand_over"."""
    auth.login(request, cast("Any", person), backend=_BACKEND)
    session = request.session
    session[SINCE] = session[SEEN] = at.isoformat()
    # A text message has just been read from the phone: that is a factor for everyone but staff (D2). A session that was
    # handed over from another device has shown nothing itself.
    if way in _SHOWN:
        session[_SHOWN[way]] = at.isoformat()
    Visit.objects.update_or_create(
        session_key=_key(session),
        defaults={"person": person, "device": device_of(request), "began_at": at},
    )


def password_changed(request: HttpRequest, person: Person, *, at: datetime) -> None:
    """Keep this session through its person's new password; Django gives it a new key and ends all others."""
    old = _key(request.session)
    auth.update_session_auth_hash(request, cast("Any", person))
    request.session[PASSWORD] = at.isoformat()
    Visit.objects.filter(session_key=old).update(session_key=_key(request.session))


def password_given(request: HttpRequest, *, at: datetime) -> None:
    """Note that the password was given in this session, too."""
    request.session[PASSWORD] = at.isoformat()


def factor_shown(request: HttpRequest, *, at: datetime, authenticator: bool) -> None:
    """Note that the second factor was shown, and give the session a new key (ASVS 7.2.4)."""
    old = _key(request.session)
    request.session[PROVED] = at.isoformat()
    if authenticator:
        request.session[FACTOR] = at.isoformat()
    request.session.cycle_key()
    Visit.objects.filter(session_key=old).update(session_key=_key(request.session))


def opens_desks(request: HttpRequest) -> bool:
    """Whether this session has given password and authenticator, as the duties of an office ask (D2)."""
    return PASSWORD in request.session and FACTOR in request.session


def proved_within(request: HttpRequest, span: timedelta, at: datetime) -> bool:
    """Whether a second factor was shown in this session within this span."""
    moment = _moment(request.session.get(PROVED))
    return moment is not None and timedelta(0) <= at - moment < span


def forget(request: HttpRequest) -> None:
    """Strike the session that is just being left off its person's list."""
    Visit.objects.filter(session_key=_key(request.session)).delete()


@dataclass(frozen=True)
class OpenVisit:
    """A session that is open now; when it was last seen stands in the session itself, which is saved anyway."""

    pk: int
    session_key: str
    device: str
    began_at: datetime
    seen_at: datetime

    @property
    def device_parts(self) -> list[str]:
        """System and browser, each a word of its own, so that a page can say them in its language."""
        return self.device.split("，")


def visits_of(person: Person) -> list[OpenVisit]:
    """The sessions that are open now, last seen first."""
    rows = list(Visit.objects.filter(person=person).order_by("-id"))
    held = _sessions().get_model_class().objects.filter(session_key__in=[row.session_key for row in rows])
    seen = {session.session_key: session.get_decoded().get(SEEN) for session in held}
    found = [
        OpenVisit(row.pk, row.session_key, row.device, row.began_at, _moment(seen[row.session_key]) or row.began_at)
        for row in rows
        if row.session_key in seen
    ]
    return sorted(found, key=lambda each: each.seen_at, reverse=True)


@transaction.atomic
def end(*, person: Person, visit_ids: list[int], at: datetime) -> int:
    """End sessions of this person, wherever they are; how many there were."""
    rows = list(Visit.objects.select_for_update().filter(person=person, pk__in=visit_ids))
    for row in rows:
        _sessions()(session_key=row.session_key).delete()
        row.delete()
    if rows:
        record(
            action="session.ended",
            subject=("person", person.ref),
            by=person,
            role=Role.APPLICANT,
            at=at,
            data={"sessions": len(rows)},
        )
    return len(rows)


def device_of(request: HttpRequest) -> str:
    """System and browser in words a person recognises; the whole line of the browser is not kept."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    system = next((word for mark, word in _SYSTEMS if mark in agent), "未知设备")
    browser = next((word for mark, word in _BROWSERS if mark in agent), "")
    return f"{system}，{browser}" if browser and system != "微信" else system


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _sessions() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _key(session: SessionBase) -> str:
    return cast("str", session.session_key)
