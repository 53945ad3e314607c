from __future__ import annotations

import pytest
from desk_steps import crowd, reread, statements, version_of
from django.db.models import F
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.services.endorsing import endorse_many
from chuding.applications.services.moves import LONGEST_REASON, roles_on
from chuding.applications.workflow import Declined, State
from chuding.messages.models import Message
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def file(stage):
    return stage.file_at(State.EMPLOYER, online=True)


@pytest.fixture
def clerk(stage, file):
    return stage.clerk_of(file)


def test_employer_home_costs_the_same_at_one_row_and_at_thirty(stage, client, file, clerk):
    client.force_login(clerk)
    client.get("/employer/")
    one, response = statements(client, "/employer/")
    assert (one <= 8, len(response.context["rows"])) == (True, 1)
    crowd(stage, file, 29)
    thirty, response = statements(client, "/employer/")
    assert (thirty, len(response.context["rows"])) == (one, 25)


def test_employer_sees_what_it_agrees_to_and_no_more(client, file, clerk):
    client.force_login(clerk)
    page = client.get(f"/employer/{file.ref}/").content.decode()
    education = file.educations.get()
    hidden = (file.identity_number, education.school, education.schooling_number, file.applicant.phone)
    assert [value for value in hidden if value in page] == []
    assert [value for value in (file.full_name, file.post, file.level, file.number) if value not in page] == []


def test_employer_sees_its_letter_and_no_other_material(client, file, clerk, run_jobs):
    run_jobs(NOW)
    client.force_login(clerk)
    letter = client.get(f"/employer/{file.ref}/", {"page": "1"})
    assert (letter.status_code, letter["Content-Type"]) == (200, "image/webp")
    assert b"".join(letter.streaming_content)[8:12] == b"WEBP"
    assert [client.get(f"/employer/{file.ref}/", {"page": n}).status_code for n in ("2", "0", "x", "²")] == [404] * 4
    diploma = file.current_materials().get(code="2")
    assert client.get(f"/desk/{file.ref}/materials/{diploma.ref}/pages/1.webp").status_code == 404


def test_employer_agrees(client, file, clerk):
    client.force_login(clerk)
    assert (
        client.post(f"/employer/{file.ref}/act/", {"action": "endorse", "version": version_of(file)})["Location"]
        == "/employer/"
    )
    assert reread(file).life is State.RECEIVED
    again = client.post(f"/employer/{file.ref}/act/", {"action": "endorse", "version": version_of(file)})
    assert again.status_code == 422


def test_employer_returns_with_a_reason_only(client, file, clerk):
    client.force_login(clerk)
    silent = client.post(
        f"/employer/{file.ref}/act/", {"action": "employer_return", "version": version_of(file), "reason": " "}
    )
    assert (silent.status_code, silent.context["errors"]) == (
        422,
        [{"href": "#reason", "text": "请写明单位退回修改的理由，再提交一次。"}],
    )
    client.post(
        f"/employer/{file.ref}/act/",
        {"action": "employer_return", "version": version_of(file), "reason": "岗位应为工艺员。"},
    )
    assert reread(file).life is State.EMPLOYER_RETURNED
    assert Message.objects.filter(person=file.applicant, template="employer_returned").count() == 1


def test_reason_of_a_return_has_an_end_and_is_kept(client, file, clerk):
    client.force_login(clerk)
    long = "长" * (LONGEST_REASON + 1)
    form = {"action": "employer_return", "version": version_of(file), "reason": long}
    answer = client.post(f"/employer/{file.ref}/act/", form)
    assert (answer.status_code, reread(file).life) == (422, State.EMPLOYER)
    assert answer.context["errors"][0]["text"].startswith("最多写2000个字，现在有2001个字。")
    assert long in answer.content.decode()


def test_clerk_of_a_unit_without_files_sees_its_name_and_no_filter(stage, client, file, clerk):
    client.force_login(clerk)
    assert 'class="filters"' in client.get("/employer/").content.decode()
    Application.objects.filter(pk=file.pk).update(employer=None)
    page = client.get("/employer/").content.decode()
    assert (file.employer_name in page, 'class="filters"' in page) == (True, False)


def test_employer_of_somebody_else_finds_nothing(stage, client, file, clerk):
    other = next(p for p in (stage.sun, stage.town.clerk("ship"), stage.town.clerk("power")) if p != clerk)
    client.force_login(other)
    assert client.get(f"/employer/{file.ref}/").status_code == 404
    assert (
        client.post(f"/employer/{file.ref}/act/", {"action": "endorse", "version": version_of(file)}).status_code == 404
    )
    assert client.get("/employer/").context["rows"] == []
    client.force_login(stage.qian)
    assert client.get("/employer/").status_code == 404


def test_drafts_and_ones_own_file_are_not_the_employers(stage, client, file, clerk):
    crowd(stage, file, 1, state=State.DRAFT, submitted_at=None)
    (own,) = crowd(stage, file, 1, applicant=clerk, number="ZJCD2024OWN", identity_index="own")
    client.force_login(clerk)
    assert [row["file"].ref for row in client.get("/employer/").context["rows"]] == [file.ref]
    assert client.get(f"/employer/{own.ref}/").status_code == 404


def test_clerk_decides_only_on_the_text_that_the_page_showed(client, file, clerk):
    client.force_login(clerk)
    shown = client.get(f"/employer/{file.ref}/").content.decode()
    assert f'name="version" value="{version_of(file)}"' in shown
    stale = {"action": "endorse", "version": version_of(file)}
    Application.objects.filter(pk=file.pk).update(version=F("version") + 1)
    for answer in (
        client.post(f"/employer/{file.ref}/act/", stale),
        client.post(f"/employer/{file.ref}/act/", stale | {"action": "employer_return", "reason": "请改岗位。"}),
        client.post(f"/employer/{file.ref}/act/", {"action": "endorse"}),
    ):
        assert answer.status_code == 422
        assert "在您打开以后有变化" in answer.content.decode()
    assert reread(file).life is State.EMPLOYER
    # The page that said so shows the newest text, and with it one can decide.
    assert (
        client.post(f"/employer/{file.ref}/act/", {"action": "endorse", "version": version_of(file)}).status_code == 302
    )
    assert reread(file).life is State.RECEIVED


def test_clerk_does_not_agree_to_an_application_of_their_own_under_another_account(client, file, clerk):
    client.force_login(clerk)
    Tie.objects.create(person=clerk, kind=TieKind.IDENTITY, value=file.identity_index, declared_at=NOW)
    answer = client.post(f"/employer/{file.ref}/act/", {"action": "endorse", "version": version_of(file)})
    assert "申报人的证件号码与您本人的相同" in answer.content.decode()
    with pytest.raises(Declined, match="按回避规定"):
        endorse_many(chosen=[(file.ref, version_of(file))], opened={file.ref: version_of(file)}, by=clerk, at=NOW)
    assert roles_on(file, clerk) == frozenset()
    assert reread(file).life is State.EMPLOYER
