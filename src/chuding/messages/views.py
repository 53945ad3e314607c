"""The inbox, and the demonstration's view of the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.factors import code_at, may_show
from chuding.accounts.models import Authenticator
from chuding.connectors.sms import OutboxGateway, gateway
from chuding.messages.services import inbox_of, mark_read, unread_count
from chuding.storage.clock import is_demonstration, now
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.accounts.models import Person

PAGE = 20
SHOWN = 30
REFRESH = 5


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What we told this person, newest first."""
    person = cast("Person", request.user)
    page = keyset_page(inbox_of(person), order=("-created_at", "-id"), after=request.GET.get("after"), size=PAGE)
    return render(request, "messages/inbox.html", {"page": page, "unread_here": unread_count(person)})


@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read: an act of its own, since looking changes nothing."""
    mark_read(person=cast("Person", request.user), at=now())
    return redirect("inbox")


@never_cache
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The text messages that the demonstration sent to no phone. Outside a demonstration there is no such page."""
    carrier = gateway(settings.SMS_GATEWAY)
    if not (is_demonstration() or settings.DEMONSTRATION) or not isinstance(carrier, OutboxGateway):
        raise Http404
    offset = settings.CLOCK_OFFSET
    rows = []
    for sent in carrier.last(SHOWN):
        at = datetime.fromisoformat(sent.accepted_at)
        rows.append(
            {
                "at": at if offset is None else at + offset,
                "phone": sent.phone,
                "text": sent.text,
                "call": sent.channel == "voice",
            }
        )
    context = {"rows": rows, "codes": _authenticator_codes(), "seconds": REFRESH}
    refreshing = request.GET.get("refresh") != "off"
    response = render(request, "messages/outbox.html", context | {"refreshing": refreshing})
    if refreshing:
        # The header does what a meta element would, without a script, and `?refresh=off` stops it (WCAG 2.2.2).
        response["Refresh"] = str(REFRESH)
    return response


def _authenticator_codes() -> list[dict[str, str | bool]]:
    """What the phones of the demonstration's invented people would show now; called for the demonstration only.

    A code that was used gives way to the next one, which counts half a minute early.
    """
    at = now()
    return [
        {
            "name": row.person.display_name,
            "phone": row.person.phone,
            "code": code_at(row, at),
            "ready": may_show(row, at),
        }
        for row in Authenticator.objects.select_related("person").order_by("id")[:SHOWN]
    ]
