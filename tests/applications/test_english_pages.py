"""The pages in English and in traditional characters: what is (simplified) Chinese on them says so (U23)."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "tools"))
import make_messages
from self_check_steps import GOOD, walk

from chuding.applications.workflow import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from chuding.applications.models import Application
    from stage import Stage

pytestmark = [pytest.mark.django_db, pytest.mark.once]
HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
VOID = {"meta", "link", "input", "img", "br", "hr", "source", "col", "rect", "circle", "line", "path", "use", "wbr"}
SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-label", "label")
PUBLIC = (
    "/", "/guide/", "/notice/", "/notices/", "/statistics/", "/catalogue/", "/catalogue/search/?q=dqgc", "/check/",
    "/levels/assistant/", "/help/", "/privacy/", "/accessibility/", "/map/", "/verify/", "/verify/file/",
    "/sign-in/", "/over/", "/outbox/?refresh=off", "/nothing-here/",
)  # fmt: skip
OWN_PAGES = (
    "/applications/", "/inbox/", "/me/", "/me/data/", "/me/close/", "/me/password/", "/me/sessions/", "/hand-over/",
)  # fmt: skip
SECTIONS = ("identity", "schooling", "work", "employer", "specialty", "materials", "commitment", "check")


class Reader(HTMLParser):
    """Gathers what is foreign to a page and stands in no element with `lang="zh-Hans"`."""

    def __init__(self, foreign: Callable[[str], bool]) -> None:
        super().__init__()
        self.foreign = foreign
        self.open: list[tuple[str, bool]] = [("", False)]
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # A button of another language names itself in it.
        marked = given["lang"] in {"zh-Hans", "zh-Hant"} if "lang" in given else self.open[-1][1]
        marked = marked and tag != "html"
        if not marked:
            self.found += [f"{name}={text}" for name, text in attrs if name in SPOKEN and text and self.foreign(text)]
        if tag not in VOID:
            self.open.append((tag, marked))

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, marked = self.open[-1]
        # What somebody typed stands in a textarea as it was typed.
        if not marked and tag not in {"script", "style", "textarea"} and self.foreign(data):
            self.found.append(data.strip())


def is_chinese(text: str) -> bool:
    return HAN.search(text) is not None


class Simplified:
    """Whether a text has simplified characters: those that `make messages` would change."""

    def __init__(self) -> None:
        self.traditional = make_messages.Traditional()

    def __call__(self, text: str) -> bool:
        return is_chinese(text) and self.traditional.of(text) != text


FOREIGN: dict[str, Callable[[str], bool]] = {"en": is_chinese, "zh-hant": Simplified()}


def strays(client: Client, *addresses: str) -> list[str]:
    """Each piece that does not say that it is Chinese, with the page's language and address."""
    found = []
    for language, foreign in FOREIGN.items():
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for address in addresses:
            reader = Reader(foreign)
            answer = client.get(address, follow=True)
            # A page that is not there says nothing of the page that was meant.
            assert answer.status_code == (404 if address == "/nothing-here/" else 200), address
            reader.feed(answer.text)
            found += [f"{language} {address}: {text}" for text in reader.found]
    return found


def pages_of(file: Application) -> list[str]:
    """The pages of a file that its applicant may open in the state that it is in."""
    home = f"/applications/{file.ref}/"
    if file.life is State.DRAFT:
        return [
            home,
            *(f"{home}{section}/" for section in SECTIONS),
            f"{home}materials/2/photos/",
            f"{home}schooling/scan/",
        ]
    more = {
        State.CORRECTION: ("correct/",),
        State.ISSUED: ("copies/", "rating/"),
        State.REFUSED: ("appeal/",),
    }.get(file.life, ())
    return [home, *(f"{home}{page}" for page in ("withdraw/", "submitted/", *more))]


def test_public_pages_say_what_is_chinese(client: Client, stage: Stage) -> None:
    assert strays(client, *PUBLIC) == []


def test_self_check_says_what_is_chinese(client: Client, stage: Stage) -> None:
    walk(client)
    pages = [f"/check/{page}/" for page in GOOD if page not in {"work-place", "specialty"}]
    assert strays(client, "/check/", *pages, "/check/specialty/", "/check/result/") == []
    walk(client, standing={"standing": "civil_servant"})
    assert strays(client, "/check/result/") == []


@pytest.mark.parametrize("state", [State.DRAFT, State.CORRECTION, State.ISSUED, State.REFUSED, State.WITHDRAWN])
def test_applicants_pages_say_what_is_chinese(client: Client, stage: Stage, state: State) -> None:
    file = stage.file_at(state)
    client.force_login(file.applicant)
    assert strays(client, *OWN_PAGES, *pages_of(file)) == []
