"""U15: every form of an applicant and of the public, sent as a browser sends it with nothing filled in.

The addresses come from the URLconf and the roles' table: a new form fails here until somebody has said how one comes to
its page, or why an empty one has nothing to say. Then the page has 错误 in its title, a summary whose every line leads to
a place on the page, and no sentence that is not in docs/sentences.md, where sentences are read before they are said.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from applicant_steps import IDENTITY, Applicant, education, newest_code, proved_long_ago, spell
from django.http import HttpResponseNotAllowed
from django.test import RequestFactory
from django.urls import get_resolver, reverse
from django.utils import timezone
from roster_sheets import GOOD as LISTED
from roster_sheets import sheet
from self_check_steps import GOOD as ANSWERS
from self_check_steps import day

from chuding.accounts import visits
from chuding.accounts.roles import MATRIX, Role
from chuding.accounts.services import set_password
from chuding.applications.models import Application
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.services import co_signing, review, staff, units
from chuding.applications.workflow import State
from chuding.decisions.services import publicity
from chuding.demonstration.cast import social_credit_code
from stage import NOW, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
# What may be sent with nothing in it. Whoever adds a line says why nothing can be missing.
NOTHING_MISSING = {
    "application_keep": "what is typed so far, asked by the script",
    "application_material_remove": "a button",
    "application_new": "a button",
    "application_nudge": "a button",
    "application_co_sign": "a button",
    "application_part": "bytes from the script, answered to the script",
    "application_submit": "a button; what is missing stands on the list before it",
    "application_withdraw": "the reason may be left out",
    "authenticator_replace": "a button; the code before it is the step_up form",
    "certificate_copy_withdraw": "a button",
    "consent_withdraw": "a button",
    "hand_over": "a button",
    "inbox_read": "a button",
    "my_data_export": "a button",
    "over_link": "a button",
    "paper_endorsement": "a button",
    "paper_verdict": "a button",
    "recovery_codes": "a button; the code before it is the step_up form",
    "reminder_cancel": "a button",
    "self_check_begin": "a button",
    "self_check_paper": "a button",
    "session_end": "a button",
    "session_extend": "a button",
    "set_display": "a switch",
    "sign_in_resend": "a button",
    "sign_out": "a button",
    "api_assess": "JSON, answered in JSON",
}


@dataclass
class Form:
    """One form of a page as a browser would send it: where to, what stands in it unseen, and what a person can fill in."""

    action: str
    method: str
    hidden: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms inside <main>, and every id of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.ids: list[str] = []
        self._inside = self._main = False
        self._select = ""
        self._late: list[tuple[str, str, dict[str, str]]] = []
        self.feed(text)
        for owner, tag, found in self._late:
            self._control(self.by_id[owner], tag, found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "main":
            self._main = True
        elif tag == "form" and self._main:
            self.forms.append(Form(found.get("action", ""), found.get("method", "get").lower()))
            self._inside = True
            if "id" in found:
                self.by_id[found["id"]] = self.forms[-1]
        elif tag in {"input", "textarea", "select", "button"} and self._main and "disabled" not in found:
            if "form" in found:
                self._late.append((found["form"], tag, found))
            elif self._inside:
                self._control(self.forms[-1], tag, found)
        elif tag == "option" and self._select and "selected" in found:
            self.forms[-1].boxes[self._select] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._main = False
        elif tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""

    def _control(self, form: Form, tag: str, found: dict[str, str]) -> None:
        kind, name = found.get("type", "submit" if tag == "button" else "text"), found.get("name", "")
        if kind == "hidden":
            form.hidden[name] = found.get("value", "")
        elif kind == "submit":
            form.buttons.append((name, found.get("value", "")))
        elif kind in {"radio", "checkbox", "file"}:
            form.boxes.setdefault(name, "")
        elif kind != "button" and name:
            form.boxes[name] = ""


@dataclass
class Page:
    """Who comes to a form, where, which of its page's forms it is, and which button is pressed."""

    client: Client
    url: str
    form: Callable[[Form], bool] = lambda form: bool(form.boxes)
    button: int = -1
    # Where the page is the answer to a button.
    pressed: bool = False


def _named(name: str) -> Callable[[Form], bool]:
    return lambda form: name in form.boxes


@dataclass
class World:
    """What leads to the pages."""

    stage: Stage
    client: Client

    def person(self) -> Any:
        return self.stage.person("何立秋", LISTED["phone"])

    def draft(self) -> Applicant:
        return Applicant(self.client, self.person(), NOW)

    def file_at(self, state: State) -> Application:
        file = self.stage.file_at(state)
        self.client.force_login(file.applicant)
        return file


def _sign_in_code(world: World) -> Page:
    world.client.post("/sign-in/", {"phone": "13900001111"})
    return Page(world.client, "/sign-in/code/", _named("code"))


def _self_check(world: World) -> None:
    """Answers that lead to a day on which a reminder can be set: the trial year is not over."""
    answers = ANSWERS | {"started": day("started_on", "2024-7-1"), "graduated": day("graduated_on", "2024-6-20")}
    url = "/check/"
    while not url.endswith("/result/"):
        page = "work-place" if url == "/check/" else url.split("/")[2]
        url = world.client.post(url, answers[page]).url


def _reminder(world: World) -> Page:
    _self_check(world)
    return Page(world.client, "/check/reminder/", _named("phone"))


def _reminder_code(world: World) -> Page:
    _self_check(world)
    world.client.post("/check/reminder/", {"phone": "13900001111", "agreed": "on"})
    return Page(world.client, "/check/reminder/code/", _named("code"), 0)


def _consent(world: World) -> Page:
    world.client.post("/sign-in/", {"phone": "13900001111"})
    world.client.post("/sign-in/code/", {"code": newest_code("13900001111")})
    return Page(world.client, "/consent/")


def _password(world: World) -> Page:
    person = world.person()
    set_password(person=person, password="春江潮水连海平，海上明月共潮生", current=None, at=NOW)
    world.client.force_login(person)
    return Page(world.client, "/me/password/")


def _authenticator(world: World) -> Page:
    world.client.force_login(world.person())
    return Page(world.client, "/me/authenticator/", _named("code"), pressed=True)


def _step_up(world: World) -> Page:
    me = world.draft()
    proved_long_ago(me)
    return Page(world.client, "/me/confirm/?act=confirm", _named("step_up_code"), pressed=True)


def _second_factor(world: World) -> Page:
    world.client.force_login(world.stage.li)
    session = world.client.session
    del session[visits.PASSWORD], session[visits.FACTOR]
    session.save()
    return Page(world.client, "/sign-in/second/")


def _signed_in(url: str) -> Callable[[World], Page]:
    def come(world: World) -> Page:
        world.client.force_login(world.person())
        return Page(world.client, url)

    return come


def _appeal(world: World) -> Page:
    file = world.stage.file_at(State.RECHECK)
    review.refuse(ref=file.ref, clause="二(二)", reason="工作年限不满一年。", by=world.stage.zhou, at=NOW)
    world.client.force_login(file.applicant)
    return Page(world.client, reverse("application_appeal", args=[file.ref]))


def _correct(world: World) -> Page:
    file = world.file_at(State.CORRECTION)
    return Page(world.client, reverse("application_correct", args=[file.ref]), lambda form: form.method == "post")


def _copies(world: World) -> Page:
    file = world.file_at(State.ISSUED)
    return Page(world.client, reverse("certificate_copies", args=[file.ref]), _named("purpose"))


def _rating(world: World) -> Page:
    file = world.file_at(State.ISSUED)
    return Page(world.client, reverse("application_rating", args=[file.ref]))


def _claim(world: World) -> Page:
    unit = world.stage.town.employers["machine"]
    held = staff.open_import(employer=unit, chunks=[sheet([LISTED])], name="名单.xlsx", by=world.stage.sun, at=NOW)
    staff.finish_import(
        ref=held.ref, whole=True, notice=world.stage.town.notice, by=world.stage.sun, at=NOW, on=NOW.date()
    )
    world.client.force_login(world.person())
    token = EmployerStaff.objects.get(employer=unit).claim_token
    return Page(world.client, reverse("claim", args=[token]))


def _co_sign(world: World) -> Page:
    drafts = (world.stage.file_at(State.DRAFT, online=False) for _ in range(8))
    file = next(file for file in drafts if file.employer_uscc and file.specialty)
    token = co_signing.make_link(ref=file.ref, by=file.applicant, at=NOW)
    return Page(world.client, reverse("co_sign", args=[token]))


def _objection(world: World) -> Page:
    file = world.stage.file_at(State.APPROVED)
    terms = publicity.Terms("《职称评审管理暂行规定》第二十三条", 5)
    found = publicity.publish(refs=[file.ref], own=terms, by=world.stage.wu, at=NOW)
    return Page(world.client, reverse("publicity_object", args=[found.ref, 1]))


def _unit_request(world: World) -> Page:
    asked = units.Asked(
        uscc=social_credit_code(200101), name="镇江蒜山仪表有限公司", kind="enterprise", district="京口区",
        address="镇江市京口区蒜山路1号", clerk_name="钱谷子",
    )  # fmt: skip
    world.client.force_login(world.stage.qian)
    found = units.ask(asked=asked, by=world.stage.qian, at=NOW)
    return Page(world.client, reverse("unit_request", args=[found.ref]), _named("file"))


def _material(world: World) -> Page:
    return Page(world.client, world.draft().url("materials/"), _named("file"))


def _photos(world: World) -> Page:
    return Page(world.client, world.draft().url("materials/2/photos/"), _named("photos"))


def _writing(world: World) -> Page:
    return Page(world.client, world.draft().url("identity/writing/"), _named("picture"))


def _section(name: str, button: int = -1) -> Callable[[World], Page]:
    def come(world: World) -> Page:
        me = world.draft()
        if name in {"commitment", "specialty"}:
            assert me.post("identity", IDENTITY).status_code == 302
        return Page(world.client, me.url(f"{name}/"), lambda form: len(form.boxes) > 1 or "name" in form.boxes, button)

    return come


def _level(world: World) -> Page:
    me = world.draft()
    for section, data in (("identity", IDENTITY), ("schooling", education()), ("work", spell())):
        me.post(section, data)
    me.post("specialty", {"choose": "1", "specialty": "机械工程/机械制造/电气工程"})
    return Page(world.client, me.url("specialty/"), _named("level"))


def _specialty(world: World) -> Page:
    return Page(
        world.client,
        world.draft().url("specialty/?step=specialty&series=%E6%9C%BA%E6%A2%B0%E5%B7%A5%E7%A8%8B"),
        _named("specialty"),
    )


# How one comes to each form, by the name of its address.
FORMS: dict[str, dict[str, Callable[[World], Page]]] = {
    "sign_in": {"": lambda world: Page(world.client, "/sign-in/", _named("phone"))},
    "sign_in_code": {"": _sign_in_code},
    "sign_in_password": {"": lambda world: Page(world.client, "/sign-in/password/", _named("password"))},
    "second_factor": {"": _second_factor},
    "consent": {"": _consent},
    "over": {"": lambda world: Page(world.client, "/over/", _named("code"))},
    "reminder": {"": _reminder},
    "reminder_code": {"": _reminder_code},
    "verify": {"": lambda world: Page(world.client, "/verify/", _named("number"))},
    "verify_file": {"": lambda world: Page(world.client, "/verify/file/", _named("file"))},
    "publicity_object": {"": _objection},
    "co_sign": {"": _co_sign},
    "application_section": {
        "identity": _section("identity"),
        "schooling": _section("schooling"),
        "work": _section("work"),
        "employer": _section("employer"),
        "specialty": _specialty,
        "level": _level,
        "commitment": _section("commitment"),
    },
    "application_material": {"": _material},
    "application_photos": {"": _photos},
    "application_writing": {"": _writing},
    "application_appeal": {"": _appeal},
    "application_correct": {"": _correct},
    "application_rating": {"": _rating},
    "certificate_copies": {"": _copies},
    "claim": {"": _claim},
    "me_password": {"": _password},
    "me_phone": {"": _signed_in("/me/phone/")},
    "me_close": {"": _signed_in("/me/close/")},
    "authenticator": {"": _authenticator},
    "step_up": {"": _step_up},
    "unit_open": {"": _signed_in("/units/")},
    "unit_request": {"": _unit_request},
}  # fmt: skip
# Each question may be left open: an empty one comes again or is taken as not known. tests/applications/test_self_check.py.
OPEN_QUESTIONS = {"self_check", "self_check_question"}


def _patterns(resolver: Any) -> Iterator[Any]:
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            yield from _patterns(each)
        else:
            yield each


def takes_post() -> set[str]:
    """The addresses that an applicant or anybody may post to, asked of the views themselves."""
    found = set()
    for pattern in _patterns(get_resolver()):
        if not MATRIX.get(pattern.name, frozenset()) & {Role.ANYONE, Role.APPLICANT}:
            continue
        answer = pattern.callback(RequestFactory().trace("/"))
        assert isinstance(answer, HttpResponseNotAllowed), f"{pattern.name} does not say which methods it takes"
        if "POST" in answer["Allow"]:
            found.add(pattern.name)
    return found


def test_every_form_of_the_urlconf_is_either_sent_empty_here_or_has_nothing_to_miss() -> None:
    assert takes_post() == set(FORMS) | set(NOTHING_MISSING) | OPEN_QUESTIONS
    assert not set(FORMS) & set(NOTHING_MISSING)


def catalogue() -> re.Pattern[str]:
    """Every sentence of docs/sentences.md, whatever is put into it."""
    lines = [line[2:] for line in (ROOT / "docs" / "sentences.md").read_text("utf-8").splitlines() if line[:2] == "- "]
    said = "|".join(".+?".join(map(re.escape, line.split("{…}"))) for line in lines)
    return re.compile(rf"(?:材料\w+：)?(?:{said})")


def summary(text: str) -> list[tuple[str, str]]:
    """Each line of the error summary: where it leads, and what it says."""
    found = re.search(r"data-error-summary>(.*?)</div>", text, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    links = [re.search(r'<a href="([^"]*)"', line) for line in lines]
    words = [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]
    return [(link[1] if link else "", said) for link, said in zip(links, words, strict=True)]


@pytest.fixture
def world(stage: Stage, client: Client, settings: Any) -> World:
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return World(stage, client)


@pytest.mark.parametrize(
    ("name", "which"), [(name, which) for name, ways in FORMS.items() for which in ways], ids=lambda part: part or "-"
)
def test_empty_form_says_what_is_missing_and_leads_there(world: World, name: str, which: str) -> None:
    come = FORMS[name][which](world)
    first = come.client.post(come.url) if come.pressed else come.client.get(come.url)
    assert first.status_code == 200, first.get("Location")
    forms = [each for each in Forms(first.text).forms if each.method == "post" and come.form(each)]
    assert forms, "no such form on the page"
    form = forms[0]
    pressed = dict([form.buttons[come.button]] if form.buttons and form.buttons[come.button][0] else [])
    boxes = {key: value for key, value in form.boxes.items() if not _left_out(first.text, key)}
    url = urljoin(come.url, html.unescape(form.action))
    answer = come.client.post(url, {**form.hidden, **boxes, **pressed})
    assert answer.status_code in {200, 422}, answer.get("Location")
    assert "<title>错误：" in answer.text
    lines, ids = summary(answer.text), Forms(answer.text).ids
    known = catalogue()
    assert lines
    assert [said for _, said in lines if not known.fullmatch(said)] == []
    # The list of what to mend has the line above it only: there is no box to say it at.
    if name != "application_correct":
        assert [said for _, said in lines if answer.text.count(html.escape(said.partition("：")[2] or said)) < 2] == []
    assert [line for line in lines if ids.count(line[0].removeprefix("#")) != 1] == []


def _left_out(text: str, name: str) -> bool:
    """Radios, boxes and files that nobody touched are not sent at all."""
    quoted = re.escape(name)
    return bool(re.search(rf'<input(?=[^>]*type="(?:radio|checkbox|file)")(?=[^>]*name="{quoted}")', text))
