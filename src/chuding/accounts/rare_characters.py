"""A page that holds a rare character offers a font for it, for browsers on machines that have none (ADR 0026)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import reverse

from chuding.paper import webfont

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_END_OF_HEAD = b"</head>"


class RareCharactersMiddleware:
    """Names the style sheet of a page's rare characters in its head; a page without any is left as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if not isinstance(response, HttpResponse) or not response.headers.get("Content-Type", "").startswith(
            "text/html"
        ):
            return response
        # A page to keep asks nobody for anything.
        if "Content-Disposition" in response.headers:
            return response
        if webfont.may_hold_rare(response.content) and (blocks := webfont.blocks_in(response.content.decode())):
            address = reverse("rare_sheet", args=[webfont.edition(), webfont.name_of(blocks)])
            link = f'<link rel="stylesheet" href="{address}">\n'.encode()
            response.content = response.content.replace(_END_OF_HEAD, link + _END_OF_HEAD, 1)
        return response
