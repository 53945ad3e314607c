"""What every page shows: the contact of notice 九, and the demonstration's clock where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from chuding.policy.notice import load_notice
from chuding.storage.clock import is_demonstration, now

if TYPE_CHECKING:
    from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of base.html."""
    return {
        "contact": load_notice(settings.NOTICE).contact,
        "demonstration": settings.DEMONSTRATION,
        "demonstration_now": now() if is_demonstration() else None,
        "roles": getattr(request, "roles", frozenset()),
    }
