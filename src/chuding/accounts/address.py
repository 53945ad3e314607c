"""From where someone calls: what the limits per network count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The visitor's network address; behind a proxy, what it put last into the header of CLIENT_ADDRESS_HEADER.

    The setting is a key of request.META (HTTP_X_FORWARDED_FOR) and names a header only where a proxy writes it. Earlier
    parts of such a header are the visitor's own words and count for nothing.
    """
    header = getattr(settings, "CLIENT_ADDRESS_HEADER", "")
    if header and (told := request.META.get(header, "").rpartition(",")[2].strip()):
        return str(told)
    return str(request.META.get("REMOTE_ADDR", ""))
