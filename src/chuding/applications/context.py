"""What every page shows: who runs the site, whom to ask, and the demonstration's clock where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext

from chuding.accounts.language import SELF_NAMES, TAGS, typed
from chuding.applications.places import contact_of
from chuding.messages.services import unread_count
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of base.html: who runs the site, its contact, what its foot says, the demonstration's clock, unread messages, the language."""
    demonstration = None
    if settings.DEMONSTRATION:
        demonstration = {"now": now(), "text": gettext("演示站点：人员和单位都是虚构的，证书为样张，没有效力。")}
    user = getattr(request, "user", None)
    spoken = get_language() or settings.LANGUAGE_CODE
    others = [{"code": code, "tag": TAGS[code], "name": name} for code, name in SELF_NAMES.items() if code != spoken]
    return {
        "organiser": settings.OFFICE_NAMES["association"],
        "contact": contact_of(current(now())),
        "demonstration": demonstration,
        "unread": SimpleLazyObject(lambda: unread_count(user)) if user is not None and user.is_authenticated else 0,
        "language": TAGS[spoken],
        "other_languages": others if getattr(request, "language_switch", False) else [],
        "typed": typed() or {},
        "registrations": settings.REGISTRATIONS,
    }
