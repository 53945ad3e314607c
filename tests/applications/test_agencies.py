"""Freelancers through an agency (notice 一（一）): it agrees online like a unit, and the unit's name stays 自由职业."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from desk_steps import reread

from chuding.accounts.models import Employer
from chuding.applications.letters import endorsement_of, receipt_of
from chuding.applications.models import NO_UNIT, Application
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.roster.prospects import facts_of
from chuding.applications.services import employer, unit_letters, units
from chuding.applications.services.invitations import _values
from chuding.applications.translate import notice_of
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import Paper
from chuding.demonstration.cast import characters
from stage import NOW


@pytest.fixture
def freelancer(stage):
    """The town's freelancer, as the file waits for the agency."""
    who = next(each for each in characters() if each.name == "许闲云")
    for _ in stage.town.life_of(replace(who, goal=State.EMPLOYER)):
        pass
    return Application.objects.get(full_name="许闲云")


def test_agencys_clerk_agrees_and_the_unit_stays_none(stage, freelancer, client):
    agency = stage.town.employers["agency"]
    assert (freelancer.life, freelancer.agency, freelancer.employer_name) == (State.EMPLOYER, agency, NO_UNIT)
    assert any(agency.name in step for step in receipt_of(freelancer).next_steps)
    letter = endorsement_of(freelancer)
    assert (letter.agency, letter.employer_name) == (True, agency.name)
    client.force_login(stage.town.clerk("agency"))
    assert freelancer.full_name in client.get("/employer/").content.decode()
    assert agency.name in client.get(f"/employer/{freelancer.ref}/").content.decode()
    client.force_login(stage.sun)
    assert client.get(f"/employer/{freelancer.ref}/").status_code == 404
    employer.endorse(ref=freelancer.ref, version=freelancer.version, by=stage.town.clerk("agency"), at=NOW)
    assert reread(freelancer).life is State.RECEIVED
    client.force_login(stage.li)
    assert agency.name in client.get(f"/desk/{freelancer.ref}/").content.decode()


def test_no_letter_speaks_of_an_agencys_own_staff_and_of_freelancers_at_once(stage, freelancer, run_jobs):
    own = stage.file_at(State.EMPLOYER, online=True)
    Application.objects.filter(pk=own.pk).update(employer=freelancer.employer, notice_digest=freelancer.notice_digest)
    clerk = stage.town.clerk("agency")
    with pytest.raises(Declined, match="代理的自由职业者也要分开"):
        unit_letters.draft(refs=[own.ref, freelancer.ref], by=clerk, at=NOW)
    letter = unit_letters.draft(refs=[freelancer.ref], by=clerk, at=NOW)
    run_jobs(NOW)
    assert Paper.objects.filter(subject_ref=letter.ref).exists()


def test_an_agencys_roster_is_of_people_who_work_for_themselves(stage, freelancer):
    agency = stage.town.employers["agency"]
    held = EmployerStaff(
        employer=agency, full_name="许闲云", identity_type="resident_id", identity_number=freelancer.identity_number
    )
    told = _values(held, {"post": "设计师"}, notice_of(freelancer), NOW)["employer"]
    assert told == {"employer": agency, "post": "设计师", "engagement": "freelance", "employer_name": NO_UNIT}
    held.employer = stage.town.employers["ship"]
    assert "engagement" not in _values(held, {}, notice_of(freelancer), NOW)["employer"]
    assert facts_of({}, date(2024, 9, 18), freelance=True)["engagement"] == "freelance"
    assert facts_of({}, date(2024, 9, 18))["engagement"] == "employment_contract"


def test_an_account_becomes_an_agencys_when_an_officer_has_seen_its_paper(stage):
    ship = stage.town.employers["ship"]
    asked = units.Asked(ship.uscc, ship.name, "agency", "京口区", "学府路1号", "钱谷子")
    request = units.ask(asked=asked, by=stage.qian, at=NOW)
    request.file, request.pages = "f" * 64, 1
    request.save()
    assert Employer.objects.get(pk=ship.pk).kind == "enterprise"
    units.decide(ref=request.ref, accept=True, reason="", by=stage.wu, at=NOW)
    assert Employer.objects.get(pk=ship.pk).kind == "agency"
