"""Every address of the site, opened by everybody with every method on everything: who gets in, and what nobody learns.

The addresses are read from the URLconf and the roles from accounts.roles.MATRIX, so a new page is tested the day it is
named. Which file is whose stands below in plain words (`SEEN_BY`): that is the oracle that `visible_to` is held to.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from roster_sheets import sheet, somebody

from chuding.accounts.appointments import appoint
from chuding.accounts.masking import mask_name
from chuding.accounts.models import Person
from chuding.accounts.people import roles_of
from chuding.accounts.roles import MATRIX, Role, may_open
from chuding.applications.models import Application
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.sections import SECTIONS
from chuding.applications.services import drafting, staff, unit_letters, units
from chuding.applications.services.aftercare import Opinion, rate
from chuding.applications.services.exporting import ask_export
from chuding.applications.services.papers import make_receipt
from chuding.applications.units.models import UnitPosting
from chuding.applications.workflow import State
from chuding.certificates import copies
from chuding.certificates.models import Certificate, RedactedCopy
from chuding.certificates.statuses import publish
from chuding.decisions.contents import list_digest
from chuding.decisions.models import Document, Objection, Publicity, PublicityEntry, Roster
from chuding.decisions.services import preview, revocations, rosters
from chuding.demonstration.cast import RED, Character, characters, social_credit_code
from chuding.demonstration.town import fill_in, write_social_insurance
from chuding.ledger.models import Entry
from chuding.notices.services import adopt_first
from chuding.notices.shelf import files_of
from chuding.paper import webfont
from chuding.paper.scan import codes_in
from chuding.policy.notice import load_notice
from chuding.publishing.services import drafts as drafting_notices
from chuding.storage.files import store
from stage import NOW, Stage

pytestmark = pytest.mark.xdist_group("access")

SAFE = ("GET", "HEAD")
UNSAFE = ("POST", "PUT", "DELETE")
PEOPLE = ("nobody", "wang", "qian", "sun", "chen", "li", "zhou", "wu", "zhao", "administrator")

# file: whose unit, level and state, and who may see it besides its applicant. 王 is the applicant of "issued", 钱 of
# "draft"; 孙 acts for the machine works, 陈 for the shipyard; 李, 周 and 吴 are of the association, 赵 of the city.
ASSOCIATION = frozenset({"li", "zhou", "wu"})
FILES: dict[str, tuple[str, str, State, frozenset[str]]] = {
    "issued": ("machine", "助理级", State.ISSUED, ASSOCIATION | {"sun"}),
    "draft": ("machine", "员级", State.DRAFT, frozenset()),
    "employer": ("machine", "助理级", State.EMPLOYER, frozenset({"sun"})),
    "received": ("ship", "中级", State.RECEIVED, ASSOCIATION | {"chen"}),
    "reviewing": ("machine", "员级", State.REVIEWING, ASSOCIATION | {"sun"}),
    "correction": ("textile", "助理级", State.CORRECTION, ASSOCIATION),
    "approved": ("chemistry", "助理级", State.APPROVED, ASSOCIATION),
    "city": ("pharmacy", "中级", State.CITY, ASSOCIATION | {"zhao"}),
    "issued_city": ("power", "中级", State.ISSUED, ASSOCIATION | {"zhao"}),
}
APPLICANT_OF = {"issued": "wang", "draft": "qian"}
SEEN_BY = {key: seen | {APPLICANT_OF.get(key, "")} - {""} for key, (_, _, _, seen) in FILES.items()}
CLERK_SEES = {"sun": {"issued", "employer", "reviewing"}, "chen": {"received"}}
OFFICE_OF = {"wu": "association", "zhao": "city"}

# Whom things besides files concern, by the beginning of their address or all of it; without a line here: the clerk 孙.
CONCERNS = {
    "claim/": ("signed in", ""),
    "desk/exports/<str:ref>/decide/": ("unit", "li wu"),
    "desk/ratings/": ("unit", "wu administrator"),
    "desk/units/": ("unit", "wu administrator"),
    "units/": ("unit", "qian"),
    "desk/exports/<str:ref>/fetch/": ("unit", "li"),
}

# What a broken or hostile link carries where a reference stands. The last one is a year's worth of digits.
MALFORMED = ("x", "..", "'\"<b>", "a\x00b", "䶮·%", "9" * 400)
# Papers and pictures of which there may be none yet; everything else of an object in one's reach is there.
# What the world below has none of; the tests of the room open it, and say so by naming the address.
OPENED_BY_ITS_ROOM = {
    "application_photo": "applications/test_photos.py",
    "application_writing_picture": "applications/test_name_writing.py",
    "desk_name_picture": "applications/test_name_writing.py",
    "certificate_sealed": "certificates/test_sealing.py",
    "employer_letter_file": "applications/test_unit_letters.py",
    "archive_file": "decisions/test_archive.py",
    "co_sign": "applications/test_units.py",
    "desk_alike": "applications/test_desk_file.py",
    "desk_look": "applications/test_second_looks.py",
    "desk_unit_page": "applications/test_units.py",
    "publicity_object": "decisions/test_publicity.py",
    "publishing_picture": "publishing/test_pages.py",
}
OF_SOME_ONLY = {
    "application_photo",
    "application_writing_picture",
    "desk_name_picture",
    "certificate_sealed",
    "certificate_copy_file",
    "certificate_copy_withdraw",
    "material_file",
}
MAY_BE_ABSENT = {
    "application_photo",
    "application_writing_picture",
    "desk_name_picture",
    "application_rating",
    "archive_file",
    "certificate_copies",
    "certificate_copy_file",
    "certificate_copy_withdraw",
    "certificate_file",
    "certificate_picture",
    "certificate_sealed",
    "certificate_statement",
    "declaration_file",
    "material_file",
    "desk_alike",
    "desk_look",
    "desk_file",
    "desk_page",
    "desk_unit_page",
    "document_file",
    "document_list",
    "employer_letter_file",
    "paper_file",
    "publishing_picture",
}
# The demonstration's own page of text messages shows what was sent to invented phones; elsewhere it does not exist
# (tests/messages/test_inbox_and_outbox.py).
DEMONSTRATION_ONLY = {"outbox"}
# Public pages of which there is one for each name.
PUBLIC_NAMES = {
    "api/notices/": ("identifier", (settings.NOTICE,)),
    "check/": ("page", ("standing", "specialty")),
    "over/": ("token", ("x" * 32,)),
    "levels/": ("name", ("technician", "intermediate")),
    "notices/": ("digest", (load_notice(settings.NOTICE).digest[:16],)),
}
# What holds nobody's data and is kept by browsers: tests/accounts/test_rare_characters.py.
SAME_FOR_ALL = {"rare_font", "rare_sheet"}
STATELESS = {"api_assess", "api_catalogue", "api_notice", "api_notices"}


# ---- what there is to open ----


def url_patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """Every named address: its name, its whole route, its pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from url_patterns(pattern, route)
        else:
            yield pattern.name or "", route, pattern


ROUTES = {name: (route, pattern) for name, route, pattern in url_patterns()}


@dataclass(frozen=True)
class Target:
    """One address with what it is about: ("file", key), ("office", name), or None for what does not exist."""

    name: str
    url: str
    about: tuple[str, str] | None
    label: str


@cache
def offline_code(digest: str) -> str:
    """What stands behind /V/ in the second code of a certificate's page."""
    codes = codes_in(store().path(digest).read_bytes())
    return next(text for text in codes if "/V/" in text).partition("/V/")[2]


def filled(route: str, values: dict[str, str]) -> str:
    """The route with these values in their places; `reverse` would refuse the hostile ones."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: quote(values[place[1]], safe=""), route)


@dataclass
class World:
    """People, their files, and the papers that came of them."""

    people: dict[str, Person | None]
    roles: dict[str, frozenset[Role]]
    files: dict[str, Application]
    characters: dict[str, Character]
    rosters: dict[str, Roster]
    documents: dict[str, Document]
    proposals: dict[str, int]
    certificates: dict[str, Certificate]
    roster: dict[str, str]
    draft: str
    notice_version: str
    publicity: str
    objection: str
    known: dict[str, list[Target]] = field(default_factory=dict)

    def in_reach(self, who: str, target: Target) -> bool:
        """Whether the thing exists for this person, said without asking the code under test."""
        if target.about is None:
            return False
        kind, key = target.about
        if kind == "everyone":
            return True
        if kind == "office":
            return OFFICE_OF.get(who) == key
        if kind == "unit":
            return who in key.split()
        if kind == "administrators":
            return who == "administrator"
        if kind == "signed in":
            return who != "nobody"
        if target.url.startswith("/applications/"):
            return APPLICANT_OF.get(key) == who
        if target.url.startswith("/employer/"):
            return key in CLERK_SEES.get(who, ())
        return key in {k for k in FILES if who in FILES[k][3] and who in ASSOCIATION | {"zhao"}}

    def targets(self, name: str) -> list[Target]:
        """Own, foreign, missing and malformed: every way to fill in the address. Worked out once."""
        if name not in self.known:
            self.known[name] = self._targets(name)
        return self.known[name]

    def _targets(self, name: str) -> list[Target]:
        route, pattern = ROUTES[name]
        converters = set(pattern.pattern.converters)
        if not converters:
            return [Target(name, reverse(name), ("everyone", ""), "the page")]
        return [
            Target(name, filled(route, values), about, label)
            for label, about, values in self._values(route, converters)
        ]

    def _values(self, route: str, converters: set[str]) -> Iterator[tuple[str, Any, dict[str, str]]]:
        head = route.split("<", 1)[0]
        if head in PUBLIC_NAMES:
            converter, names = PUBLIC_NAMES[head]
            yield from ((name, ("everyone", ""), {converter: name}) for name in names)
            yield from (("missing", None, {converter: text}) for text in MALFORMED)
        elif head.startswith("publishing/"):
            yield from self._publishing_values(converters)
        elif head in self.roster:
            # An invitation's address opens to whoever has it; what is behind it asks for the identity number besides.
            about = CONCERNS.get(route) or CONCERNS.get(head, ("unit", "sun"))
            yield "the one", about, dict.fromkeys(("ref", "token", "number"), self.roster[head]) | {"n": "1"}
            bad = ("0", "9" * 30) if "number" in converters else MALFORMED
            names = ("ref", "token", "number")
            yield from (("missing", None, dict.fromkeys(names, text) | {"n": "1"}) for text in bad)
        elif head in {"applications/", "employer/", "desk/"}:
            yield from self._file_values(converters)
        elif head == "co-sign/":  # opens to whoever has the secret (tests/applications/test_units.py), to nobody else
            yield from (("missing", None, {"token": text}) for text in MALFORMED)
        elif head == "publicity/":
            about = None if "position" in converters else ("everyone", "")  # nobody stands on it any more
            yield "the list", about, {"ref": self.publicity, "position": "1"}
            yield from (("missing", None, {"ref": text, "position": "1"}) for text in MALFORMED)
        elif head.startswith("decisions/"):
            yield from self._decision_values(head, converters)
        elif head in {"c/", "v/", "V/", "issuers/"}:
            yield from self._public_values(head, converters)
        elif head == "characters/":  # the fonts of rare characters, for whoever reads a page that holds one
            block = webfont.name_of(webfont.blocks_in("䶮"))
            yield "䶮", ("everyone", ""), {"edition": webfont.edition(), "name": block, "source": "serif"}
            yield from (("missing", None, {"edition": "0", "name": text, "source": "serif"}) for text in MALFORMED)
        else:
            pytest.fail(f"{route}: tell tests/test_access.py what this address is about")

    def _decision_values(self, head: str, converters: set[str]) -> Iterator[tuple[str, Any, dict[str, str]]]:
        if head == "decisions/files/":
            for key, who in (("approved", "wu"), ("city", "zhao")):
                yield key, ("unit", who), {"ref": self.files[key].ref}
            foreign = [self.files[key].ref for key in ("issued", "reviewing", "draft")]
            yield from (("missing", None, {"ref": text}) for text in (*foreign, *MALFORMED))
            return
        things: dict[str, Any] = {
            "decisions/rosters/": {office: roster.ref for office, roster in self.rosters.items()},
            "decisions/documents/": {office: document.ref for office, document in self.documents.items()},
            "decisions/revocations/": self.proposals,
            "decisions/publicity/objections/": {"association": self.objection},
        }[head]
        for office, ref in things.items():
            yield office, ("office", office), {"ref": str(ref), "number": str(ref), "position": "1", "n": "1"}
        bad = ("0", "9" * 30) if "number" in converters else MALFORMED
        yield from (("missing", None, {"ref": text, "number": text, "position": "1", "n": "1"}) for text in bad)

    def _public_values(self, head: str, converters: set[str]) -> Iterator[tuple[str, Any, dict[str, str]]]:
        if head == "issuers/":
            yield "association", ("everyone", ""), {"office": "association", "block": "0"}
            bad = [(text, "0") for text in MALFORMED] + [("association", "7")] * ("block" in converters)
            yield from (("missing", None, {"office": office, "block": block}) for office, block in bad)
            return
        for key, certificate in self.certificates.items():
            code = offline_code(certificate.file) if head == "V/" else ""
            token = RedactedCopy.objects.get().token if head == "c/" else certificate.token
            yield key, ("everyone", key), {"token": token, "code": code}
        yield from (("missing", None, {"token": text, "code": text}) for text in MALFORMED)

    def _publishing_values(self, converters: set[str]) -> Iterator[tuple[str, Any, dict[str, str]]]:
        own = {"ref": self.draft, "version_ref": self.notice_version, "section": "rows", "n": "1"}
        own |= {"name": "notice.yaml", "file_ref": self.files["issued"].ref}
        yield "publishing", ("administrators", ""), own
        yield from (("missing", None, own | {"ref": text, "version_ref": text}) for text in MALFORMED)
        for word in ("section", "n", "name", "file_ref"):
            if word in converters:
                yield f"no such {word}", ("administrators", ""), own | {word: "no-such"}

    def _file_values(self, converters: set[str]) -> Iterator[tuple[str, Any, dict[str, str]]]:
        rest = converters - {"ref", "material_ref", "photo_ref", "section", "code", "n"}
        assert not rest, f"tell tests/test_access.py what {rest} may be"
        first = {"section": SECTIONS[0].key, "code": "2", "n": "1", "photo_ref": "x"}
        for key, file in self.files.items():
            own = {"ref": file.ref, "material_ref": self.material(key), **first}
            yield key, ("file", key), own
        issued = {"ref": self.files["issued"].ref, "material_ref": self.material("issued"), **first}
        for text in MALFORMED:
            yield "missing", None, issued | {"ref": text}
            if "material_ref" in converters:
                yield "no such material", ("file", "issued"), issued | {"material_ref": text}
            if "section" in converters:
                yield "no such section", ("file", "issued"), issued | {"section": text}
            if "code" in converters:
                yield "no such item", ("file", "issued"), issued | {"code": text}
        if "material_ref" in converters:
            yield "another's material", ("file", "issued"), issued | {"material_ref": self.material("draft")}

    def material(self, key: str) -> str:
        """A diploma of this file."""
        return self.files[key].materials.get(code="2").ref

    def secrets(self, who: str) -> set[str]:
        """Names, identity numbers and phones that must not appear on any page this person opens."""
        hidden: set[str] = set()
        for key, character in self.characters.items():
            mine = APPLICANT_OF.get(key) == who
            office = who in ASSOCIATION | {"zhao"} and who in FILES[key][3]
            if not mine and not office and key not in CLERK_SEES.get(who, ()):
                hidden.add(character.name)
            if not mine:
                hidden |= {character.phone, character.identity["identity_number"]}
        return hidden - {character.name for key, character in self.characters.items() if APPLICANT_OF.get(key) == who}


# ---- the world, built once for this module and rolled back ----


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction for the whole module: building the world costs seconds, and every request is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(db: None) -> Iterator[World]:
    """The clock stands still, so that two answers can be compared byte for byte."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chuding.storage.clock.timezone", SimpleNamespace(now=lambda: NOW))
        patch.setattr(settings, "CLOCK_OFFSET", timedelta(0))
        yield build_world()


def roster_of(stage: Stage) -> dict[str, str]:
    """One person on the machine works' roster, one sheet of its clerk between check and import."""
    unit = stage.town.employers["machine"]
    for person in (somebody(1), somebody(2)):
        held = staff.open_import(employer=unit, chunks=[sheet([person])], name="名单.xlsx", by=stage.sun, at=NOW)
        if not EmployerStaff.objects.exists():
            staff.finish_import(ref=held.ref, whole=True, notice=stage.town.notice, by=stage.sun, at=NOW, on=NOW.date())
    listed = EmployerStaff.objects.get()
    shown = UnitPosting.objects.create(employer=unit, made_by=stage.sun, made_at=NOW, last_on=NOW.date())
    return {
        "employer/staff/people/": listed.ref,
        "employer/staff/import/": held.ref,
        "employer/posting/": shown.ref,
        "claim/": listed.claim_token,
    }


def build_world() -> World:
    stage = Stage()
    cast = [c for c in characters() if c.goal not in RED and c.identity["identity"] == "mainland"]
    lives: dict[str, Character] = {}
    for key, (unit, level, goal, _) in FILES.items():
        who = next(
            c for c in cast if (c.unit, c.level, c.employer["engagement"]) == (unit, level, "employment_contract")
        )
        cast.remove(who)
        lives[key] = replace(who, goal=goal, insured=True)
    write_social_insurance([*lives.values()])
    files = {}
    for key, who in lives.items():
        if key == "draft":
            file = drafting.start(notice=stage.town.notice, by=stage.qian, at=NOW)
            fill_in(stage.town, file.ref, who, stage.qian, NOW, upto=7)
        else:
            for _ in stage.town.life_of(replace(who, goal=State.APPROVED) if who.goal is State.ISSUED else who):
                pass
        files[key] = Application.objects.get(full_name=who.name)
    issued, documents, proposals = {}, {}, {}
    signers = {"association": stage.wu, "city": stage.zhao}
    for office, key in (("association", "issued"), ("city", "issued_city")):
        documents[office] = stage.issued([files[key]])
        files[key].refresh_from_db()
        issued[office] = Certificate.objects.get(number=files[key].certificate_number)
        issued[office].refresh_from_db()
        proposals[office] = revocations.propose(
            number=issued[office].number, reason="测试", clause="二(一)", by=signers[office], at=NOW
        ).pk
    publish(at=NOW)
    copy = copies.order(certificate=issued["association"], purpose="应聘", days=9, by=files["issued"].applicant, at=NOW)
    copies.make(copy_id=copy.pk, at=NOW)
    for key, file in files.items():
        if key != "draft":
            make_receipt.call(ref=file.ref)
    drafts = {office: document.roster for office, document in documents.items()}
    drafts["association"] = rosters.draft(refs=[files["approved"].ref], by=stage.wu, at=NOW)
    preview.make(roster=drafts["association"], digest=list_digest(drafts["association"]), at=NOW)
    administrator = stage.person("管理者", "19922222222")
    appoint(person=administrator, office="association", duty="administrator", at=NOW)
    for file in files.values():
        for material in file.materials.all():
            folder = store().derived(material.file)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "page-1.webp").write_bytes(b"RIFF....WEBP")
    people = {
        "nobody": None,
        "wang": files["issued"].applicant,
        "chen": stage.town.officers["陈惊蛰"],
        "administrator": administrator,
        **{key: getattr(stage, key) for key in ("qian", "sun", "li", "zhou", "wu", "zhao")},
    }
    roles = {key: roles_of(person) if person else frozenset() for key, person in people.items()}
    export = ask_export(query="", count=1, form="csv", purpose="年度总结统计", by=stage.li, at=NOW)
    rating = rate(ref=files["issued"].ref, opinion=Opinion(1), by=files["issued"].applicant, at=NOW)
    letter = unit_letters.draft(refs=[files["employer"].ref], by=stage.sun, at=NOW)
    unit = units.ask(
        asked=units.Asked(social_credit_code(200101), "某单位", "enterprise", "京口区", "某路1号", "某人"),
        by=stage.qian,
        at=NOW,
    )
    refs = {
        **roster_of(stage),
        "units/": unit.ref,
        "desk/units/": unit.ref,
        "employer/letters/": letter.ref,
        "desk/exports/": export.ref,
        "desk/ratings/": str(rating.pk),
    }
    version = adopt_first(at=NOW)
    base = files_of(version.notice_id, version.digest)
    draft = drafting_notices.begin(base=base, files=replace(base, id="zhenjiang-2025-1"), by=administrator, at=NOW)
    shown = Publicity.objects.create(
        office="association", ground="测试", opened_by=stage.wu, opened_at=NOW, last_on=NOW.date()
    )
    struck = PublicityEntry.objects.create(publicity=shown, application=files["approved"], position=1, struck_at=NOW)
    objection = Objection.objects.create(entry=struck, name="某人", contact="19900000099", text="测试", filed_at=NOW)
    written = (draft.ref, version.ref, shown.ref, objection.ref)
    return World(people, roles, files, lives, drafts, documents, proposals, issued, refs, *written)


# ---- asking ----


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a request does is rolled back."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    body: bytes
    headers: Any
    acts: int
    fault: str

    @property
    def where(self) -> str:
        return str(self.headers.get("Location", ""))


class Visitor:
    """Somebody at a browser of their own."""

    def __init__(self, person: Person | None, *, forged: bool = False) -> None:
        self.client = Client(enforce_csrf_checks=forged, raise_request_exception=False)
        if person is not None:
            self.client.force_login(person)
        # What a request does is undone, so that each begins with as many.
        self._before = Entry.objects.count()
        self._cookies = dict(self.client.cookies.items())

    def ask(self, method: str, url: str) -> Answer:
        with undone():
            response: HttpResponse = self.client.generic(method, url, b"", "application/x-www-form-urlencoded")
            body = b"".join(response.streaming_content) if response.streaming else response.content
            fault = repr(response.exc_info[1]) if getattr(response, "exc_info", None) else ""
            answer = Answer(response.status_code, body, response.headers, Entry.objects.count() - self._before, fault)
        self.client.cookies.clear()
        for name, morsel in self._cookies.items():
            self.client.cookies[name] = morsel.value
        return answer


def without_tokens(body: bytes) -> bytes:
    """A page without what differs from one answer to the next or names the address itself."""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", body)
    return re.sub(rb'name="next" value="[^"]*"| (?:form)?action="[^"]*"|\?next=[^"]*', b"", body)


def differing(one: Answer, other: Answer) -> str:
    """The first line in which two pages differ, so that a failure says what gives a file away."""
    lines = (without_tokens(answer.body).decode(errors="replace").splitlines() for answer in (one, other))
    return next(
        (f"{a.strip()[:200]!r} / {b.strip()[:200]!r}" for a, b in zip_longest(*lines, fillvalue="") if a != b), ""
    )


def expected(world: World, who: str, target: Target, method: str) -> str:
    """One word for what has to come back."""
    if "%00" in target.url:
        return "absent"
    if not may_open(target.name, world.roles[who]):
        return "absent" if world.roles[who] else "sign in"
    if not world.in_reach(who, target) and Role.ANYONE not in MATRIX[target.name]:
        return "absent"
    return "answer" if method in {*SAFE, "POST"} else "refused"


FINE = {
    "sign in": {302},
    "absent": {404},
    "answer": {200, 204, 302, 404, 405, 422},
    "refused": {405},
}


# ---- the tests ----


def test_access_matrix_names_every_address_and_nothing_else() -> None:
    names = [name for name, _, _ in url_patterns()]
    assert sorted(set(names)) == sorted(names), "two addresses have one name"
    assert set(names) == set(MATRIX)


@pytest.mark.parametrize("who", PEOPLE)
def test_access_files_are_visible_to_whom_they_concern(world: World, who: str) -> None:
    person = world.people[who]
    if person is None:
        return
    seen = set(Application.objects.visible_to(person, roles_of(person)).values_list("ref", flat=True))
    assert {key for key, file in world.files.items() if file.ref in seen} == {k for k in FILES if who in SEEN_BY[k]}


@pytest.mark.once
@pytest.mark.parametrize("who", PEOPLE)
def test_access_of_everyone_to_everything(world: World, who: str) -> None:
    """Every address, and of what is in reach and what is not a share each, another for every address."""
    assert wrong_answers(world, who, share=20)[:20] == []


@pytest.mark.soak
@pytest.mark.parametrize("who", PEOPLE)
def test_access_of_everyone_to_everything_without_leaving_anything_out(world: World, who: str) -> None:
    assert wrong_answers(world, who, share=1)[:20] == []


def wrong_answers(world: World, who: str, *, share: int) -> list[str]:
    """What is amiss in the answers to one person, in words."""
    visitor, secrets, wrong = Visitor(world.people[who]), world.secrets(who), []
    for name in sorted(MATRIX):
        missing: dict[str, Answer] = {}
        for target, methods in worth_asking(world, who, name, share=share):
            asked: dict[str, Answer] = {}
            for method in methods:
                answer = asked[method] = visitor.ask(method, target.url)
                want = expected(world, who, target, method)
                said = f"{method} {name} ({target.label}): {answer.status} {answer.fault}"
                found = [*misfits(answer, want, method), *faults_of(answer, name, secrets, signed_in=who != "nobody")]
                if method == "HEAD" and answer.status != asked["GET"].status:
                    found.append(f"but GET: {asked['GET'].status}")
                # What the door refuses before anything is looked up is no answer about what exists.
                if want == "absent" and "%00" not in target.url:
                    first = missing.setdefault(method, answer)
                    if (first.status, without_tokens(first.body)) != (answer.status, without_tokens(answer.body)):
                        found.append(
                            f"tells what exists from what does not (first: {first.status}): {differing(first, answer)}"
                        )
                wrong += [f"{said} {fault}" for fault in found]
    return wrong


def misfits(answer: Answer, want: str, method: str) -> Iterator[str]:
    """Where the answer is not the one that was due."""
    if answer.status not in FINE[want] | ({405} if want == "absent" else set()):
        yield f"expected {want}"
    if want == "sign in" and not answer.where.startswith(reverse("sign_in")):
        yield f"leads to {answer.where}"
    if answer.acts and (want != "answer" or method in SAFE):
        yield "did something"


def worth_asking(world: World, who: str, name: str, *, share: int) -> Iterator[tuple[Target, tuple[str, ...]]]:
    """All methods on one thing in reach, GET and POST on others: one in `share` of what is out of reach, and of what else
    is in reach at least every sixth.

    The door is the same for all, so each address has its own share: over the addresses everything is tried. Where the
    role opens nothing, what stands in the address makes no difference: one is enough, and POST for another share of the
    people. What is open to everyone is tried by a visitor and by an applicant.
    """
    targets = world.targets(name)
    turn, within = zlib.crc32(name.encode()) % share, min(share, 6)
    if not may_open(name, world.roles[who]):
        yield targets[0], ("GET",) if (turn + PEOPLE.index(who)) % share else ("GET", "POST")
        return
    if Role.ANYONE in MATRIX[name] and who not in {"nobody", "wang"}:
        yield targets[0], ("GET",)
        return
    reached = next((target for target in targets if world.in_reach(who, target)), None)
    for place, target in enumerate(targets):
        if target is reached:
            yield target, (*SAFE, *UNSAFE)
            continue
        # The first one out of reach is what the others are compared with.
        every = within if world.in_reach(who, target) else share
        if place == 0 or place % every == turn % every:
            yield target, ("GET", "POST")


def words_of(body: bytes) -> str:
    """What a page says, or every part of a workbook."""
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return " ".join(book.read(part).decode(errors="replace") for part in book.namelist())


def faults_of(answer: Answer, name: str, secrets: set[str], *, signed_in: bool) -> Iterator[str]:
    """What no answer may lack or carry."""
    headers = answer.headers
    for header, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if headers.get(header) != value:
            yield f"{header} is {headers.get(header)}"
    if "default-src 'none'" not in headers.get("Content-Security-Policy", ""):
        yield "no content security policy"
    if signed_in and "no-store" not in headers.get("Cache-Control", "") and name not in SAME_FOR_ALL:
        yield f"may be stored: {headers.get('Cache-Control')}"
    if name in DEMONSTRATION_ONLY or answer.body.startswith((b"%PDF", b"RIFF", b"wOF2")):
        return
    text = words_of(answer.body)
    yield from (f"shows {secret}" for secret in secrets if secret in text or quote(secret) in answer.where)


@pytest.mark.once
def test_access_opens_every_page_to_somebody(world: World) -> None:
    """The other half: a page that answers nobody is a page that does not work."""
    visitors = {who: Visitor(world.people[who]) for who in PEOPLE if who != "nobody"}
    closed = []
    for name in MATRIX:
        targets = [target for target in world.targets(name) if target.about is not None]
        answers = (
            visitor.ask(method, target.url).status
            for who, visitor in visitors.items()
            for target in targets
            if expected(world, who, target, "GET") == "answer"
            for method in ("GET", "POST")
        )
        if not any(status in {200, 204, 302, 422} for status in answers):
            closed.append(name)
    assert sorted(closed) == sorted(OPENED_BY_ITS_ROOM)


@pytest.mark.once
def test_access_without_a_token_changes_nothing(world: World) -> None:
    """Forged forms: a session alone is not enough for any unsafe method on any page (ASVS 3.5.1)."""
    wrong = []
    visitors = {who: Visitor(world.people[who], forged=True) for who in ("nobody", "li", "wang", "sun", "wu")}
    # The token is asked for before any page is: the other methods and the other people take turns over the addresses.
    for turn, name in enumerate(sorted(MATRIX)):
        target = world.targets(name)[0]
        asked = [("nobody", "POST"), ("li", UNSAFE[turn % 3]), (("wang", "sun", "wu")[turn // 3 % 3], "POST")]
        for who, method in asked:
            answer = visitors[who].ask(method, target.url)
            # The API looks at no session and changes nothing: there is nothing to forge (chuding/api/views.py).
            refusals = {405, 422} if name in STATELESS else {403}
            if answer.status not in refusals or answer.acts:
                wrong.append(f"{who} {method} {name}: {answer.status}")
    assert wrong == []


@pytest.mark.once
def test_access_of_every_applicant_to_their_own_file(world: World) -> None:
    """In every state of a file its applicant's pages answer, and papers are there once they are issued."""
    wrong = []
    for key, file in world.files.items():
        visitor = Visitor(file.applicant)
        for name in sorted(MATRIX):
            if not ROUTES[name][0].startswith("applications/<"):
                continue
            for target in world.targets(name):
                if target.about != ("file", key) or target.label != key:
                    continue
                for method in ("GET", "POST"):
                    answer = visitor.ask(method, target.url)
                    absent = name in MAY_BE_ABSENT and (name in OF_SOME_ONLY or file.life is not State.ISSUED)
                    if answer.status not in {200, 302, 405, 422} | ({404} if absent else set()):
                        wrong.append(f"{method} {name} ({key}): {answer.status} {answer.fault}")
    assert wrong == []


def test_access_of_an_employer_ends_at_diplomas(world: World) -> None:
    """A clerk reads the letter of 五（三）1 and nothing else that was uploaded, by no address."""
    visitor, file = Visitor(world.people["sun"]), world.files["reviewing"]
    page = visitor.ask("GET", reverse("employer_application", args=[file.ref]))
    assert page.status == 200
    text = page.body.decode()
    assert [file.full_name in text, file.post in text] == [True, True]
    education = file.educations.get()
    hidden = [file.identity_number, education.school, education.schooling_number]
    assert [value for value in hidden if value in text] == []
    others = file.materials.exclude(code="1")
    assert [m.code for m in others if m.ref in text or m.file in text] == []
    for material in file.materials.all():
        for name, extra in (("material_file", {}), ("desk_file", {}), ("desk_page", {"n": 1})):
            url = reverse(name, kwargs={"ref": file.ref, "material_ref": material.ref, **extra})
            assert (name, visitor.ask("GET", url).status) == (name, 404)
    letter = visitor.ask("GET", reverse("employer_application", args=[file.ref]) + "?page=1")
    assert (letter.status, letter.headers["Content-Type"]) == (200, "image/webp")


def test_access_of_the_city_office_begins_with_the_recheck(world: World) -> None:
    """中级 only, and only what the association has rechecked (notice 七)."""
    visitor = Visitor(world.people["zhao"])
    opened = {
        key: visitor.ask("GET", reverse("desk_application", args=[f.ref])).status for key, f in world.files.items()
    }
    assert {key for key, status in opened.items() if status == 200} == {"city", "issued_city"}
    assert {status for key, status in opened.items() if key not in {"city", "issued_city"}} == {404}
    queue = visitor.ask("GET", reverse("desk") + "?tab=all").body.decode()
    assert [key for key in ("received", "approved", "issued") if world.characters[key].name in queue] == []


def test_access_of_the_public_to_a_certificate_shows_a_masked_name(world: World) -> None:
    visitor = Visitor(None)
    for office, certificate in world.certificates.items():
        key = {"association": "issued", "city": "issued_city"}[office]
        text = visitor.ask("GET", reverse("certificate_public", args=[certificate.token])).body.decode()
        name = world.characters[key].name
        assert (office, mask_name(name) in text, name in text) == (office, True, False)


def test_access_on_the_desk_is_lost_on_ones_own_file(world: World) -> None:
    """Recusal: a reviewer who applies sees the own file as an applicant, and not at the desk."""
    with undone():
        reviewer = world.people["wang"]
        assert reviewer is not None
        appoint(person=reviewer, office="association", duty="reviewer", at=NOW)
        visitor, own, other = Visitor(reviewer), world.files["issued"], world.files["correction"]
        assert visitor.ask("GET", reverse("application", args=[own.ref])).status == 200
        assert visitor.ask("GET", reverse("desk_application", args=[own.ref])).status == 404
        assert visitor.ask("GET", reverse("desk_application", args=[other.ref])).status == 200
