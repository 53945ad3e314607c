"""Applying again in another round, or in the same: everything that can still be so is there, and nothing that cannot."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chuding.accounts.appointments import add_person, appoint
from chuding.applications.models import Application, Verdict
from chuding.applications.readings.models import PaperReading
from chuding.applications.services.drafting import start
from chuding.applications.workflow import State
from chuding.jobs.worker import run_pending
from chuding.notices.services import Proposal, publish
from chuding.policy.notice import FOLDER, read_notice
from chuding.policy.source import Files, read_files
from stage import NOW

ID = "zhenjiang-2024-1"
NEXT = "zhenjiang-2025-1"


def next_round(**changes: str) -> Files:
    """The shipped notice as another round's."""
    content = dict(read_files(FOLDER / ID).content)
    text = content["notice.yaml"].decode().replace("至: 2024-12-10", "至: 2024-12-20")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    content["notice.yaml"] = text.encode()
    return Files(NEXT, content)


def again(file, **options):
    return start(notice=read_notice(next_round()), by=file.applicant, at=NOW, **options)


@pytest.mark.parametrize("goal", [State.ISSUED, State.REFUSED, State.EXPIRED, State.REVIEWING])
def test_next_rounds_file_begins_with_all_of_the_last_ones(stage, goal):
    file = stage.file_at(goal)
    new = again(file)
    assert (new.notice_id, new.life) == (NEXT, State.DRAFT)
    for name in ("full_name", "identity_number", "identity_index", "born_on", "employer_uscc", "post", "specialty"):
        assert getattr(new, name) == getattr(file, name) != ""
    assert (new.educations.count(), new.spells.count()) == (file.educations.count(), file.spells.count())
    assert (new.commitment_name, new.commitment_at) == ("", None)


def test_conferred_level_is_chosen_anew_and_a_refused_one_stays(stage):
    issued, refused = stage.file_at(State.ISSUED), stage.file_at(State.REFUSED)
    assert [again(file).level for file in (issued, refused)] == ["", refused.level]


def test_units_word_of_last_year_stays_behind_and_no_judgement_comes_along(stage):
    file = stage.file_at(State.REFUSED, online=False)
    file.materials.filter(code="2").update(
        verdict=Verdict.DEFECT, verdict_code="2-x", verdict_reason="模糊", marks=[[1]]
    )
    assert "1" in {material.code for material in file.current_materials()}
    materials = list(again(file).current_materials())
    assert [m.code for m in materials] == [m.code for m in file.current_materials() if m.code != "1"] != []
    assert {(m.verdict, m.verdict_code, m.verdict_reason, str(m.marks)) for m in materials} == {
        ("pending", "", "", "[]")
    }


def test_what_is_brought_along_is_read_again_for_the_desk(stage):
    file = stage.file_at(State.REFUSED)
    new = start(notice=stage.town.notice, by=file.applicant, at=NOW)
    run_pending(NOW)
    read = PaperReading.objects.order_by("material__code").values_list("material__code", flat=True)
    assert list(read.filter(material__application=new)) == list(read.filter(material__application=file)) != []


def test_specialty_that_the_new_catalogue_has_not_is_chosen_anew(stage):
    file = stage.file_at(State.REFUSED)
    Application.objects.filter(pk=file.pk).update(specialty="机械工程/没有了", series="机械工程")
    new = again(file)
    assert (new.specialty, new.series) == ("", "")


def test_a_draft_left_lying_last_year_is_reused_too(stage):
    file = stage.file_at(State.DRAFT)
    assert again(file).full_name == file.full_name != ""


def test_pages_of_the_next_round_say_what_was_brought_along(stage, client, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    file = stage.file_at(State.ISSUED)
    two = [add_person(phone=f"1990000008{n}", name=name, at=NOW) for n, name in enumerate(("褚立春", "蒋雨水"))]
    for person, office in zip(two, ("association", "city"), strict=True):
        appoint(person=person, office=office, duty="administrator", at=NOW)
    version = publish(
        proposal=Proposal(files=next_round(), note="下一年度", by=two[0], at=NOW),
        by=two[1],
        at=NOW,
        effective_at=NOW + timezone.timedelta(hours=1),
    )
    settings.CLOCK_OFFSET = version.effective_at - timezone.now()
    client.force_login(file.applicant)
    assert "会自动带入，不用重填" in client.get("/applications/").content.decode()
    page = client.post("/applications/new/", follow=True).content.decode()
    assert "已经带入" in page
    new = Application.objects.get(applicant=file.applicant, notice_id=NEXT)
    identity = client.get(f"/applications/{new.ref}/identity/").content.decode()
    assert file.full_name in identity
