from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone
from roster_sheets import GOOD, sheet, somebody

from chuding.applications.models import Application
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.services import invitations, staff
from chuding.applications.services.eligible import reckon_rosters, tell_who_may_apply
from chuding.applications.workflow import Declined, State
from chuding.housekeeping import nightly
from chuding.ledger.record import entries_about
from chuding.messages.models import Message
from chuding.policy.notice import Window
from chuding.policy.terms import Level
from stage import NOW

ON = date(2024, 9, 18)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def unit(stage):
    return stage.town.employers["machine"]


@pytest.fixture
def notice(stage):
    return stage.town.notice


@pytest.fixture
def listed(stage, unit, notice):
    """Lists people as an import does."""

    def run(*people):
        held = staff.open_import(employer=unit, chunks=[sheet(people)], name="名单.xlsx", by=stage.sun, at=NOW)
        staff.finish_import(ref=held.ref, whole=True, notice=notice, by=stage.sun, at=NOW, on=ON)
        return list(EmployerStaff.objects.filter(employer=unit).order_by("id"))

    return run


@pytest.fixture
def person(listed):
    return listed(GOOD)[0]


@pytest.fixture
def he(stage, client):
    """The person of the roster, signed in by the phone that HR typed."""
    him = stage.person("何立秋", GOOD["phone"])
    client.force_login(him)
    return him


def invite(stage, unit, notice, *people, at=NOW):
    return invitations.invite(employer=unit, refs=[p.ref for p in people], notice=notice, by=stage.sun, at=at)


def texts():
    return [message.text for message in Message.objects.filter(template="staff_invited")]


def test_an_invitation_names_nobody_and_carries_no_link(stage, unit, notice, person):
    done = invite(stage, unit, notice, person)
    assert (done.sent, done.too_soon, done.not_open) == (1, 0, 0)
    (text,) = texts()
    assert [word for word in ("何立秋", "http", unit.name, GOOD["phone"]) if word in text] == []
    assert len(text) <= 70


def test_nobody_is_texted_twice_within_a_day(stage, unit, notice, listed):
    first, second = listed(GOOD, somebody(1))
    invite(stage, unit, notice, first)
    done = invite(stage, unit, notice, first, second, at=NOW + timedelta(hours=23))
    assert (done.sent, done.too_soon) == (1, 1)
    assert invite(stage, unit, notice, first, at=NOW + timedelta(hours=24)).sent == 1
    with pytest.raises(Declined, match="请先勾选"):
        invite(stage, unit, notice)


def test_who_has_applied_is_not_invited(stage, unit, notice, listed):
    file = stage.file_at(State.EMPLOYER, online=True)
    Application.objects.filter(pk=file.pk).update(employer=unit)
    (person,) = listed(GOOD | {"identity_number": file.identity_number})
    assert (invite(stage, unit, notice, person).not_open, texts()) == (1, [])


def test_the_person_finds_it_opens_it_by_number_and_takes_it_over(stage, unit, notice, person, he, client):
    invite(stage, unit, notice, person)
    assert "代填了一部分内容" in client.get("/applications/").content.decode()
    (held,) = client.get("/claim/").context["invitations"]
    address = f"/claim/{held.claim_token}/"
    assert GOOD["school"] not in client.get(address).content.decode()
    shown = client.post(address, {"number": GOOD["identity_number"], "step": "look"}).content.decode()
    assert [word for word in ("何立秋", GOOD["school"], GOOD["post"], "全日制") if word not in shown] == []
    silent = client.post(address, {"number": GOOD["identity_number"], "step": "take"})
    assert (silent.status_code, Application.objects.count()) == (422, 0)
    taken = client.post(address, {"number": GOOD["identity_number"], "step": "take", "agree": "yes"})
    file = Application.objects.get()
    assert taken["Location"] == f"/applications/{file.ref}/"
    education, spell = file.educations.get(), file.spells.get()
    assert (file.state, file.applicant, file.full_name, file.identity_number) == (
        State.DRAFT, he, "何立秋", GOOD["identity_number"],
    )  # fmt: skip
    assert (file.born_on, file.sex, file.employer, file.post, file.level) == (
        date(2000, 5, 12), "男", unit, "工艺员", "助理级",
    )  # fmt: skip
    assert (education.school, education.degree_on, education.field_matches) == (GOOD["school"], date(2022, 6, 20), True)
    assert (spell.employer_name, spell.started_on, file.assessed_fit) == (unit.name, date(2022, 7, 11), True)
    assert file.identity_index == person.identity_index
    claimed = next(e for e in entries_about(("application", file.ref)) if e.action == "staff.claimed")
    assert (claimed.role, claimed.data["employer"]) == ("applicant", unit.uscc)
    assert client.get(address).status_code == 404


def test_what_only_the_person_can_say_stays_open(stage, unit, notice, person, he):
    file = invitations.claim(
        token=person.claim_token, number=GOOD["identity_number"], agreed=True, notice=notice, by=he, at=NOW
    )
    asked = ("civil_servant", "retired", "sanctioned", "works_in_jurisdiction", "commitment_at", "submitted_at")
    assert [name for name in asked if getattr(file, name) is not None] == []
    assert file.engagement == ""


def test_a_stranger_with_the_phone_or_the_link_sees_nothing(stage, unit, notice, person, he, client):
    invite(stage, unit, notice, person)
    address = f"/claim/{person.claim_token}/"
    for n in range(5):
        page = client.post(address, {"number": somebody(n + 1)["identity_number"], "step": "look"})
        assert (page.status_code, GOOD["school"] in page.content.decode()) == (422, False)
    locked = client.post(address, {"number": GOOD["identity_number"], "step": "look"})
    assert (locked.status_code, "已经锁住" in locked.context["errors"][0]["text"]) == (422, True)
    invite(stage, unit, notice, person, at=NOW + timedelta(days=1))
    assert client.post(address, {"number": GOOD["identity_number"], "step": "look"}).status_code == 200
    assert len([e for e in entries_about(("employer", unit.uscc)) if e.action == "staff.wrong_number"]) == 5


def test_taking_over_needs_the_number_however_it_is_called(notice, person, he):
    with pytest.raises(Declined, match="证件号码"):
        invitations.claim(token=person.claim_token, number="1", agreed=True, notice=notice, by=he, at=NOW)


def test_a_live_file_is_not_written_over(stage, notice, person, he):
    own = stage.file_at(State.DRAFT)
    Application.objects.filter(pk=own.pk).update(applicant=he)
    with pytest.raises(Declined, match="已经有一份申报"):
        invitations.claim(
            token=person.claim_token, number=GOOD["identity_number"], agreed=True, notice=notice, by=he, at=NOW
        )


def test_declining_empties_what_the_unit_typed(stage, unit, person, he, client, listed):
    address = f"/claim/{person.claim_token}/"
    client.post(address, {"number": GOOD["identity_number"], "step": "decline"})
    person.refresh_from_db()
    assert (person.identity_number, person.phone, person.declared, person.first_on) == ("", "", {}, None)
    assert client.get(address).status_code == 404
    with pytest.raises(Declined, match="需要修改"):
        listed(GOOD)


def test_the_unit_sees_the_claimed_draft_only_after_it_was_submitted(stage, unit, notice, person, he, client):
    file = invitations.claim(
        token=person.claim_token, number=GOOD["identity_number"], agreed=True, notice=notice, by=he, at=NOW
    )
    client.force_login(stage.sun)
    assert client.get(f"/employer/{file.ref}/").status_code == 404
    (row,) = client.get("/employer/staff/", {"tab": "done"}).context["rows"]
    assert (row["person"], row["file"]) == (person, None)


def test_all_of_a_view_are_listed_by_name_and_then_invited(stage, unit, notice, listed, client):
    people = listed(*(somebody(n) for n in range(30)))
    invite(stage, unit, notice, people[0])
    client.force_login(stage.sun)
    address = f"/employer/staff/invite/?unit={unit.uscc}"
    assert "短信邀请这一栏的全部人员" in client.get("/employer/staff/").content.decode()
    asked = client.post(address, {"what": "all", "tab": "now"})
    names = {person.ref for person in asked.context["people"]}
    assert names == {person.ref for person in people[1:]}
    assert len(texts()) == 1, "nothing goes out before the names were seen"
    client.post(address, {"tab": "now", "refs": sorted(names)})
    assert len(texts()) == 30
    assert client.post(address, {"what": "all", "tab": "now"})["Location"] == "/employer/staff/?tab=now"


def told(template):
    return [(message.person_id, message.text) for message in Message.objects.filter(template=template).order_by("id")]


def test_after_a_new_notice_the_night_asks_the_rules_again_and_tells(stage, unit, notice, listed):
    """What the last notice said of a roster's people is nobody's day any more; no clerk has to press a button."""
    (person,) = listed(GOOD)
    EmployerStaff.objects.update(notice_digest="last year's", first_on=None, first_level="", told_on=NOW.date())
    assert tell_who_may_apply(notice=notice, at=NOW) == 0
    nightly.func("2024-09-18")
    person.refresh_from_db()
    assert (person.notice_digest, person.first_on <= ON, person.told_on) == (notice.digest, True, NOW.date())
    assert len(told("staff_eligible")) == 1
    assert reckon_rosters(notice=notice, at=NOW) == 0
    EmployerStaff.objects.update(notice_digest="another", declined_at=NOW)
    assert reckon_rosters(notice=notice, at=NOW) == 0, "who declined is left alone"
    EmployerStaff.objects.update(declined_at=None)
    assert reckon_rosters(notice=notice, at=NOW + timedelta(days=365)) == 0, "the notice has ended"


def test_the_night_tells_once_who_may_apply_from_today(stage, unit, notice, listed):
    soon = {"graduated_on": "2023-09-20", "started_on": "2023-09-20"}
    _, later = listed(GOOD, somebody(1, **soon))
    assert later.first_on > ON
    day = later.first_on - ON
    invite(stage, unit, notice, later)
    assert tell_who_may_apply(notice=notice, at=NOW) == 1
    assert tell_who_may_apply(notice=notice, at=NOW) == 0
    assert [text for _, text in told("staff_eligible")] == [
        "【职称初定】贵单位名单里新有1人可能已符合申报条件，请登录官网“人员名单”查看、邀请。"
    ]
    assert told("staff_may_apply") == [], "who was not invited hears nothing"
    assert tell_who_may_apply(notice=notice, at=NOW + day) == 1
    assert {person for person, _ in told("staff_eligible")} == {stage.sun.pk}
    ((nobody, text),) = told("staff_may_apply")
    assert nobody is None
    assert [word for word in (later.full_name, unit.name) if word in text] == []
    Message.objects.all().delete()
    EmployerStaff.objects.update(told_on=None, declined_at=NOW)
    assert tell_who_may_apply(notice=notice, at=NOW + day) == 0
    EmployerStaff.objects.update(declined_at=None)
    assert tell_who_may_apply(notice=notice, at=NOW + timedelta(days=365)) == 0, "after the window nobody may"
    assert told("staff_eligible") == []


def test_the_night_tells_nobody_whose_level_is_not_taken_today(stage, unit, notice, listed):
    (person,) = listed(GOOD)
    assert person.first_level == "助理级"
    month = Window(ON.replace(day=1), ON.replace(day=28), (Level.TECHNICIAN, Level.INTERMEDIATE), "八")
    year = Window(ON.replace(month=11, day=1), ON.replace(month=11, day=30), (), "八")
    several = replace(notice, windows=(month, year))
    assert tell_who_may_apply(notice=several, at=NOW) == 0
    assert told("staff_eligible") == []
    in_november = NOW.replace(month=11, day=2)
    assert tell_who_may_apply(notice=several, at=in_november) == 1
    assert tell_who_may_apply(notice=replace(several, windows=(month,)), at=in_november) == 0


def test_who_holds_the_title_by_a_file_of_the_unit_is_told_in_the_check(stage, unit, notice):
    file = stage.file_at(State.ISSUED, online=True)
    Application.objects.filter(pk=file.pk).update(employer=unit, notice_id="another-round")
    people = [GOOD | {"identity_number": file.identity_number, "level": file.level}]
    held = staff.open_import(employer=unit, chunks=[sheet(people)], name="名单.xlsx", by=stage.sun, at=NOW)
    (row,) = staff.check_import(held, notice=notice, on=ON)
    assert (row.good, [f.column.key for f in row.findings if f.blocks]) == (False, ["level"])
