from __future__ import annotations

import pytest
from desk_steps import crowd, reread, statements
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.services import endorsing
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import entries_about
from chuding.storage.tokens import new_ref
from stage import NOW

AGREE = "/employer/agree/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def file(stage):
    """Passes every check: letter, assessment, conditions, social insurance."""
    return stage.file_at(State.EMPLOYER, online=True)


@pytest.fixture
def clerk(stage, file, client):
    client.force_login(stage.clerk_of(file))
    return stage.clerk_of(file)


def with_letter(file, other):
    """Give one file another's stamped letter."""
    letter = file.current_materials().get(code="1")
    letter.pk, letter.ref, letter.application = None, new_ref(), other
    letter.save(force_insert=True)


def agree(chosen, by, opened=None):
    return endorsing.endorse_many(
        chosen=[(file.ref, file.version) for file in chosen], opened=opened or {}, by=by, at=NOW
    )


def checks(file):
    found = endorsing.checks_of(endorsing.with_checks(Application.objects.filter(pk=file.pk)).get())
    return {check.name: check.met for check in found.checks}


def test_checks_say_what_is_met_not_met_and_unknown(stage, file):
    assert checks(file) == {"盖章证明": True, "考核合格": True, "符合条件": True, "社保记录": True}
    (bare,) = crowd(stage, file, 1, assessed_fit=None, social_insurance="not_found", level="中级")
    assert checks(bare) == {"盖章证明": False, "考核合格": None, "符合条件": False, "社保记录": False}


def test_many_are_agreed_to_in_one_act_each_with_its_own_entry(stage, file, clerk, client):
    (other,) = crowd(stage, file, 1)
    with_letter(file, other)
    client.get(f"/employer/{other.ref}/")
    page = client.get(AGREE, {"refs": [file.ref, other.ref]})
    assert [each.ref for each, _ in page.context["ready"]] == [file.ref, other.ref]
    client.post(AGREE, {"chosen": [f"{each.ref}:{each.version}" for each in (file, other)]})
    assert [reread(each).life for each in (file, other)] == [State.RECEIVED] * 2
    entries = [entries_about(("application", each.ref)).last() for each in (file, other)]
    assert [(e.action, e.data["together"], e.data["opened"]) for e in entries] == [
        ("endorse", 2, False),
        ("endorse", 2, True),
    ]


def test_what_does_not_pass_and_was_not_opened_is_not_agreed_to(stage, file, clerk, client):
    (other,) = crowd(stage, file, 1, full_name="众人")
    page = client.get(AGREE, {"refs": [file.ref, other.ref]})
    assert ([each.ref for each, _ in page.context["ready"]], page.context["unseen"]) == ([file.ref], [other])
    with pytest.raises(Declined, match="众人有需要人工核对的内容"):
        agree([file, other], clerk)
    assert [reread(each).life for each in (file, other)] == [State.EMPLOYER] * 2
    forged = client.post(AGREE, {"chosen": [f"{other.ref}:{other.version}"]})
    assert (forged["Location"], reread(other).life) == ("/employer/", State.EMPLOYER)


def test_everything_that_passes_can_be_chosen_at_once(stage, file, clerk, client):
    crowd(stage, file, 2)
    page = client.get(AGREE, {"what": "all"})
    assert [each.ref for each, _ in page.context["ready"]] == [file.ref]


def test_an_opened_file_that_changed_since_is_to_be_opened_again(stage, file, clerk, client):
    (other,) = crowd(stage, file, 1)
    client.get(f"/employer/{other.ref}/")
    Application.objects.filter(pk=other.pk).update(version=other.version + 1)
    assert client.get(AGREE, {"refs": [other.ref]}).context["unseen"] == [other]
    with pytest.raises(Declined, match="刚刚有变化"):
        agree([other], clerk, {other.ref: other.version})


def test_nobody_agrees_for_others_or_for_themselves(stage, file, clerk, client):
    stranger = next(p for p in (stage.sun, stage.town.clerk("ship"), stage.town.clerk("power")) if p != clerk)
    for person in (stranger, file.applicant, stage.li):
        with pytest.raises(Declined):
            agree([file], person)
    client.force_login(stranger)
    client.post(AGREE, {"chosen": [f"{file.ref}:{file.version}"]})
    assert reread(file).life is State.EMPLOYER
    assert client.get(AGREE, {"refs": [file.ref]})["Location"] == "/employer/"


def test_nothing_too_much_and_the_unknown_are_told(file, clerk):
    with pytest.raises(Declined, match="请先勾选"):
        agree([], clerk)
    with pytest.raises(Declined, match="一次最多同意200件"):
        endorsing.endorse_many(chosen=[(str(n), 1) for n in range(201)], opened={}, by=clerk, at=NOW)
    with pytest.raises(Declined, match="找不到"):
        endorsing.endorse_many(chosen=[("nothing", 1)], opened={}, by=clerk, at=NOW)


def test_the_confirming_page_costs_the_same_at_one_and_at_thirty(stage, file, clerk, client):
    more = crowd(stage, file, 29)
    client.get(AGREE, {"refs": [file.ref]})
    one, _ = statements(client, f"{AGREE}?refs={file.ref}")
    thirty, page = statements(client, f"{AGREE}?" + "&".join(f"refs={each.ref}" for each in [file, *more]))
    assert (thirty, len(page.context["ready"]) + len(page.context["unseen"])) == (one, 30)
