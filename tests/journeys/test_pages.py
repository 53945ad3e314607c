"""Every page that a role can reach: fits a narrow phone, has nothing for axe to find, and is light on the first visit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import offices
import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error, expect

from chuding.applications.workflow import State
from chuding.demonstration.cast import characters

if TYPE_CHECKING:
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

NARROW = {"width": 320, "height": 640}
FILES = {
    "certificate_file",
    "certificate_sealed",
    "certificate_statement",
    "declaration_file",
    "document_file",
    "document_list",
    "employer_letter_file",
    "desk_file",
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
LIGHT = 80 * 1024
HREFS = "() => [...document.querySelectorAll('a[href]')].map(a => a.href.split('#')[0])"


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
    """One visitor's way through all pages of different kinds that links lead to."""

    at: Visitor
    public: bool
    waiting: list[str]
    seen: set[tuple[str, ...]] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

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
            self.look(url)
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
            str(found.kwargs.get("section", "")),
            asked.get("tab", asked.get("step", "")),
            str("sign" in asked),
        )

    def look(self, url: str) -> None:
        self.complaints += [f"{url.removeprefix(self.at.address)} {fault}" for fault in self.at.faults()]


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_role_fit_a_narrow_phone_and_pass_axe(house: House, role: str) -> None:
    phone, starts = ROLES[role]
    with house.officer(phone, size=NARROW) if phone else house.visitor(size=NARROW) as at:
        crawl = Crawl(at, not phone, [house.address + path for path in starts])
        crawl.run()
    assert crawl.complaints == []
    assert len(crawl.seen) >= (15 if not phone else 2)


def test_pages_of_forms_with_errors_name_every_error_and_take_the_focus(house: House) -> None:
    with house.officer(phone_of(State.DRAFT), size=NARROW) as at:
        at.go("/applications/")
        at.page.locator("main a.card").first.click()
        file = at.page.url
        for section in ("identity", "schooling", "work", "employer"):
            at.go_to(f"{file}{section}/")
            for box in at.page.locator("main input[type=text]:visible").all():
                box.fill("")
            at.page.get_by_role("button", name="保存并返回清单").last.click()
            summary = at.page.locator("[data-error-summary]")
            expect(summary).to_be_focused()
            for link in summary.locator("a").all():
                target = str(link.get_attribute("href")).removeprefix("#")
                expect(at.page.locator(f'[id="{target}"]')).to_have_count(1)
            expect(at.page.locator("main .error-message").first).to_be_visible()
            at.sound()


@pytest.mark.parametrize("path", ["/", "/check/"])
def test_page_first_visit_is_light(house: House, path: str) -> None:
    with house.visitor() as at:
        wire = at.page.context.new_cdp_session(at.page)
        wire.send("Network.enable")
        sizes: list[float] = []
        wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        at.go(path)
        at.page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) <= LIGHT, f"{sum(sizes) / 1024:.0f} KB in {len(sizes)} answers"
    assert len(sizes) <= 12
