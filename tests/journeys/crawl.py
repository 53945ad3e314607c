"""One visitor's way through all pages of different kinds that links lead to; the tests look for faults, `make shots` at pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import offices
from django.urls import Resolver404, resolve
from playwright.sync_api import Error

from chuding.applications.workflow import State
from chuding.demonstration.cast import characters

if TYPE_CHECKING:
    from collections.abc import Callable

    from visitor import Visitor

FILES = {
    "certificate_file",
    "certificate_picture",
    "certificate_sealed",
    "certificate_statement",
    "declaration_file",
    "document_file",
    "document_list",
    "employer_letter_file",
    "desk_file",
    "desk_name_picture",
    "desk_page",
    "material_file",
    "healthz",
    "status_list",
    "issuer",
    "issuer_status",
    "jwks",
}
# Seen by the public already; a signed-in person meets the same page with another header.
PUBLIC = {
    "home", "guide", "notice", "catalogue", "catalogue_search", "self_check", "level", "help", "privacy", "accessibility",
    "verify", "verify_file", "outbox", "certificate_public",
}  # fmt: skip
HREFS = "() => [...document.querySelectorAll('a[href]')].map(a => new URL(a.getAttribute('href'), location.href).href.split('#')[0])"


def phone_of(goal: State) -> str:
    """Somebody of the town whose file stands there."""
    return next(who.phone for who in characters() if who.goal is goal)


ROLES = {
    "the public": ("", ["/", "/no-such-page/", "/sign-in/password/"]),
    "an applicant with a draft": (phone_of(State.DRAFT), ["/applications/", "/me/", "/inbox/"]),
    "an applicant to whom a file came back": (phone_of(State.CORRECTION), ["/applications/", "/inbox/"]),
    "an applicant with a certificate": (phone_of(State.ISSUED), ["/applications/"]),
    "an employer's clerk": (offices.SUN, ["/employer/"]),
    "a reviewer": (offices.LI, ["/desk/"]),
    "a rechecker": (offices.ZHOU, ["/desk/"]),
    "a signer of the association": (offices.WU, ["/desk/", "/decisions/"]),
    "a signer of the city": (offices.ZHAO, ["/desk/", "/decisions/"]),
}


@dataclass
class Crawl:
    """Goes to every page that links lead to, one of each kind, and has `look` look at it with its address and kind."""

    at: Visitor
    public: bool
    waiting: list[str]
    look: Callable[[str, tuple[str, ...]], None]
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def run(self) -> None:
        while self.waiting:
            url = self.waiting.pop(0)
            kind = self.kind(url)
            if kind is None or kind in self.seen:
                continue
            self.seen.add(kind)
            try:
                self.at.go_to(url)
            except Error as error:
                if "Download is starting" in str(error):
                    continue  # a paper, not a page
                raise
            self.look(url, kind)
            self.waiting += self.at.page.evaluate(HREFS)

    def kind(self, url: str) -> tuple[str, ...] | None:
        """What makes a page different from others: its name, its section, its tab; None for what is not looked at."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.at.address:
            return None
        try:
            found = resolve(parts.path)
        except Resolver404:
            return (parts.path,)
        name = str(found.url_name)
        if name in FILES or (name in PUBLIC and not self.public):
            return None
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return (
            name,
            *(str(found.kwargs.get(key, "")) for key in ("section", "page", "name")),
            asked.get("tab", asked.get("step", "")),
            str("sign" in asked),
        )
