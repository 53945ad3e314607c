"""At the door: the queue, and who may come in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from django.contrib import auth
from django.contrib import messages as flash
from django.http import Http404, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.urls import reverse

from chuding.accounts import keeping, visits
from chuding.accounts.gate import GATE
from chuding.accounts.people import NOBODY, roles_of
from chuding.accounts.roles import MATRIX, STAFF, Role, may_open
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from chuding.accounts.models import Person

# Below this a body is read before one stands in line, so that a slow sender keeps nobody waiting.
SMALL_BODY = 256 * 1024
# By whether somebody is of an office (security.md D3).
IDLE = {True: timedelta(minutes=15), False: timedelta(minutes=30)}
LONGEST_SESSION = timedelta(hours=12)
# A visit is noted in its session at most so often: a session ends this much earlier at most.
NOTED_EVERY = timedelta(minutes=1)
# What someone signed in may still open before the consent that everything else needs.
BEFORE_CONSENT = frozenset({"consent", "second_factor", "sign_out"})
SESSION_CONSENT_DUE = "consent_due"
# What is the same for everybody and of nobody: a signed-in person's browser may keep it.
OF_NOBODY = frozenset({"rare_font", "rare_sheet"})


class GateMiddleware:
    """Lets requests through in the order of their arrival. Uploads wait inside their view, after the body is here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.content_type == "multipart/form-data":
            return self._get_response(request)
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = SMALL_BODY
        if 0 < length < SMALL_BODY:
            try:
                _ = request.body
            except UnreadablePostError:
                return HttpResponse("请求没有收全，请重新提交。", status=400, content_type="text/plain; charset=utf-8")
        with GATE.passage():
            return self._get_response(request)


class AccessMiddleware:
    """Asks the matrix before every view; puts `request.roles`; keeps what signed-in people see out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.roles = NOBODY  # type: ignore[attr-defined]
        response = self._get_response(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.roles != NOBODY and name not in OF_NOBODY:  # type: ignore[attr-defined]
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, places: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Let through, send to sign in, or say that there is no such page."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name not in MATRIX:
            raise Http404
        signed_in = request.user.is_authenticated
        roles = NOBODY
        if signed_in:
            roles, at = roles_of(cast("Person", request.user)), now()
            left = _left(request, at, staff=bool(roles & STAFF))
            if left <= timedelta(0):
                kept = _keep(request, name, places, at)
                auth.logout(request)
                signed_in, roles = False, NOBODY
                if kept:
                    return _to_sign_in(request, request.path)
            else:
                # Duties of the offices open to a session with password and authenticator only (D2); in any other
                # session their holder is who everybody is: somebody who may apply.
                held = roles if visits.opens_desks(request) else roles - STAFF
                request.roles = held  # type: ignore[attr-defined]
                request.session_left = int(left.total_seconds())  # type: ignore[attr-defined]
        # No reference holds a NUL, and PostgreSQL would answer one with an error instead of "not found". The HTTP API
        # keeps nothing and says itself what is wrong with a search.
        asks = "" if request.path.startswith("/api/") else request.META.get("QUERY_STRING", "")
        if "\0" in request.path or "%00" in asks:
            raise Http404
        if may_open(name, request.roles):  # type: ignore[attr-defined]
            return _to_consent(request, name) if signed_in else None
        if may_open(name, roles):
            return HttpResponseRedirect(f"{reverse('second_factor')}?{urlencode({'next': _way_back(request)})}")
        if signed_in:
            # A page of other people's work does not exist for this person.
            raise Http404
        return _to_sign_in(request)


def _to_consent(request: HttpRequest, name: str) -> HttpResponseBase | None:
    """Before the necessary consent, a new person's pages stay closed; public ones are open to everyone anyway."""
    if Role.ANYONE in MATRIX[name] or name in BEFORE_CONSENT or not request.session.get(SESSION_CONSENT_DUE):
        return None
    return HttpResponseRedirect(f"{reverse('consent')}?{urlencode({'next': _way_back(request)})}")


def _to_sign_in(request: HttpRequest, way_back: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('sign_in')}?{urlencode({'next': way_back or _way_back(request)})}")


def _keep(request: HttpRequest, name: str, places: dict[str, Any], at: datetime) -> bool:
    """Keep a form that came too late, for the person whose session it was; say so on the next page."""
    if request.method != "POST" or request.FILES:
        return False
    person = cast("Person", request.user)
    kept = keeping.keep(person=person, name=name, places=places, typed=dict(request.POST.lists()), at=at)
    if kept:
        flash.info(request, "登录已超时。您刚才填写的内容已经保存，登录后可以接着填。")
    return kept


def _way_back(request: HttpRequest) -> str:
    """Where to go on afterwards: this page, or the page whose form was sent."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = urlsplit(request.META.get("HTTP_REFERER", ""))
    if referer.netloc == request.get_host() and referer.path.startswith("/"):
        return str(referer.path)
    return reverse("me")


def _left(request: HttpRequest, at: datetime, *, staff: bool) -> timedelta:
    """How long this session lasts from now if nothing more is done. Notes the visit, at most once a minute."""
    since = _moment(request.session.get(visits.SINCE)) or at
    seen = _moment(request.session.get(visits.SEEN)) or at
    if at - seen >= IDLE[staff]:
        return timedelta(0)
    if visits.SEEN not in request.session or at - seen >= NOTED_EVERY:
        seen = at
        request.session[visits.SEEN] = at.isoformat()
        request.session.setdefault(visits.SINCE, since.isoformat())
    return min(seen + IDLE[staff], since + LONGEST_SESSION) - at


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
