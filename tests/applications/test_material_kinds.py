"""What a material is stands in the words of its item: a notice that numbers its materials in another order works as well."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from desk_steps import crowd, reread
from django.conf import settings as site
from django.utils import timezone

from chuding.accounts.appointments import add_person, appoint
from chuding.applications.letters import endorsement_of
from chuding.applications.material_kinds import Kind, code_of, codes_of, kind_in, kind_of, rule_of
from chuding.applications.models import Application
from chuding.applications.services import employer, unit_letters, unit_papers
from chuding.applications.services.drafting import Upload, put_material
from chuding.applications.services.endorsing import checks_of, letter_code, require_letter, with_checks
from chuding.applications.services.holding import holding
from chuding.applications.workflow import Declined, State
from chuding.notices.services import Proposal, publish
from chuding.notices.shelf import load
from chuding.policy.notice import FOLDER, load_notice
from chuding.policy.source import Files, read_files
from stage import NOW

ID = "zhenjiang-2024-1"
#: Number there → number in the other city's notice.
ORDER = {"1": "3", "2": "1", "3": "2", "4": "6", "5": "4", "6": "5"}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def other(stage):
    """A published notice with the same materials in another order."""
    people = [add_person(phone=f"1990000009{n}", name=name, at=NOW) for n, name in enumerate(("褚立春", "蒋雨水"))]
    for person, office in zip(people, ("association", "city"), strict=True):
        appoint(person=person, office=office, duty="administrator", at=NOW)
    content = dict(read_files(FOLDER / ID).content)
    text = re.sub(r"\{号: (\d),", lambda found: f"{{号: {ORDER[found[1]]},", content["notice.yaml"].decode())
    files = Files("elsewhere-2024-1", content | {"notice.yaml": text.encode()})
    proposal = Proposal(files=files, note="材料的顺序不同", by=people[0], at=NOW)
    version = publish(proposal=proposal, by=people[1], at=NOW, effective_at=NOW + timedelta(hours=1))
    return load(version.notice_id, version.digest)


@pytest.fixture
def two(stage, other):
    """Two who wait for one unit: one under the city's notice, one under the other."""
    here = stage.file_at(State.EMPLOYER, online=True)
    there = crowd(stage, here, 1)[0]
    Application.objects.filter(pk=there.pk).update(notice_id=other.id, notice_digest=other.digest)
    for material in here.current_materials():
        put_material(there, replace(upload(ORDER[material.code]), digest=material.file), at=NOW)
    return reread(here), reread(there)


def upload(code=""):
    return Upload(code=code, name="盖章.pdf", digest="a" * 64, size=10, pages=1)


def test_kind_is_in_the_words_and_the_number_is_the_notices_own(other):
    for notice in (load_notice(ID), other):
        assert {kind_of(rule) for rule in notice.materials} == set(Kind) - {Kind.OTHER}
    for kind in set(Kind) - {Kind.OTHER}:
        assert code_of(other, kind) == ORDER[code_of(load_notice(ID), kind)]
    assert (kind_in(other, "3"), kind_in(other, "9")) == (Kind.ENDORSEMENT, Kind.OTHER)
    assert codes_of(other, Kind.SCHOOLING, Kind.ENDORSEMENT) == ("3", "1")


def test_notice_without_materials_has_none_of_any_kind():
    bare = load_notice("hangzhou-2023")
    assert {code_of(bare, kind) for kind in Kind} == {""}
    assert rule_of(bare, Kind.ENDORSEMENT) is None


def test_letter_is_looked_for_under_each_files_own_number(two):
    here, there = two
    files = Application.objects.filter(pk__in=[here.pk, there.pk])
    assert (letter_code(here), letter_code(there)) == ("1", "3")
    here.materials.filter(code="1").delete()
    there.materials.filter(code="3").delete()
    given = {row.pk: row.given for row in files.annotate(given=holding(Kind.ENDORSEMENT))}
    # The other's item 1 is a diploma.
    assert (there.current_materials().filter(code="1").exists(), given) == (True, {here.pk: False, there.pk: False})
    with pytest.raises(Declined, match="还没有盖章的单位同意申报证明"):
        require_letter([there])
    there.materials.filter(code="1").update(code="3")
    assert list(files.filter(holding(Kind.ENDORSEMENT))) == [there]
    require_letter([there])
    chips = {file.pk: checks_of(file).checks[0] for file in with_checks(files)}
    assert [(chips[file.pk].name, chips[file.pk].met) for file in two] == [("盖章证明", False), ("盖章证明", True)]


def test_units_letter_and_papers_go_under_the_other_numbers(stage, two):
    _, there = two
    clerk = stage.clerk_of(there)
    there.materials.filter(code="3").delete()
    letter = unit_letters.draft(refs=[there.ref], by=clerk, at=NOW)
    assert unit_letters.attach(ref=letter.ref, upload=upload(), by=clerk, at=NOW).given == [there]
    assert there.current_materials().get(code="3").name == "盖章.pdf"
    Application.objects.filter(pk=there.pk).update(established_post=True)
    assert [row.given for row in unit_papers.waiting_for_papers(there.employer, clerk)] == [False]
    unit_papers.attach(ref=there.ref, upload=upload("6"), by=clerk, at=NOW)
    assert [row.given for row in unit_papers.waiting_for_papers(there.employer, clerk)] == [True]
    there = reread(there)
    assert employer.endorse(ref=there.ref, version=there.version, by=clerk, at=NOW).life is State.RECEIVED


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_say_the_other_number(stage, client, two, language):
    here, there = two
    Application.objects.filter(pk=there.pk).update(state=State.EMPLOYER_RETURNED)
    client.force_login(there.applicant)
    client.cookies[site.LANGUAGE_COOKIE_NAME] = language
    pages = [client.get(f"/applications/{there.ref}/{part}").text for part in ("materials/", "papers/endorsement/", "employer/")]  # fmt: skip
    wanted = ("生成材料3“", "上传到材料3。", "材料3改交") if language == "zh-hans" else (
        "Make paper 3,", "upload it as paper 3.", "Paper 3 is instead",
    )  # fmt: skip
    assert [words in page for words, page in zip(wanted, pages, strict=True)] == [True] * 3
    assert re.findall(r"samples/(\w+)\.", pages[0]) == [
        "endorsement", "schooling", "summary", "appraisal", "insurance", "learning",
    ]  # fmt: skip
    assert {endorsement_of(each).clause for each in (here, there)} == {"五(三)1"}


def test_notice_that_wants_no_letter_asks_nobody_for_one(two, client):
    here, _ = two
    bare = load_notice("hangzhou-2023")
    here.materials.all().delete()
    Application.objects.filter(pk=here.pk).update(notice_id=bare.id, notice_digest=bare.digest, specialty="")
    here = reread(here)
    require_letter([here])
    row = with_checks(Application.objects.filter(pk=here.pk)).get()
    assert "盖章证明" not in {check.name for check in checks_of(row).checks}
    Application.objects.filter(pk=here.pk).update(state=State.EMPLOYER_RETURNED)
    client.force_login(here.applicant)
    assert "单位同意申报证明" not in client.get(f"/applications/{here.ref}/materials/").text
    answer = client.post(f"/applications/{here.ref}/papers/co-sign/")
    assert (answer.status_code, answer.context["errors"][0]["text"]) == (422, "这份通知不要单位同意申报证明。")
