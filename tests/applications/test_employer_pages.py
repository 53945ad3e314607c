from __future__ import annotations

import pytest
from desk_steps import crowd, reread, statements
from django.utils import timezone

from chuding.applications.workflow import State
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
    assert client.post(f"/employer/{file.ref}/act/", {"action": "endorse"})["Location"] == "/employer/"
    assert reread(file).life is State.RECEIVED
    again = client.post(f"/employer/{file.ref}/act/", {"action": "endorse"})
    assert again.status_code == 422


def test_employer_returns_with_a_reason_only(client, file, clerk):
    client.force_login(clerk)
    silent = client.post(f"/employer/{file.ref}/act/", {"action": "employer_return", "reason": " "})
    assert (silent.status_code, silent.context["errors"]) == (
        422,
        [{"href": "#reason", "text": "请写明单位退回修改的理由，再提交一次。"}],
    )
    client.post(f"/employer/{file.ref}/act/", {"action": "employer_return", "reason": "岗位应为工艺员。"})
    assert reread(file).life is State.EMPLOYER_RETURNED
    assert Message.objects.filter(person=file.applicant, template="employer_returned").count() == 1


def test_employer_of_somebody_else_finds_nothing(stage, client, file, clerk):
    other = next(p for p in (stage.sun, stage.town.clerk("ship"), stage.town.clerk("power")) if p != clerk)
    client.force_login(other)
    assert client.get(f"/employer/{file.ref}/").status_code == 404
    assert client.post(f"/employer/{file.ref}/act/", {"action": "endorse"}).status_code == 404
    assert client.get("/employer/").context["rows"] == []
    client.force_login(stage.qian)
    assert client.get("/employer/").status_code == 404


def test_drafts_and_ones_own_file_are_not_the_employers(stage, client, file, clerk):
    crowd(stage, file, 1, state=State.DRAFT, submitted_at=None)
    (own,) = crowd(stage, file, 1, applicant=clerk, number="ZJCD2024OWN", identity_index="own")
    client.force_login(clerk)
    assert [row["file"].ref for row in client.get("/employer/").context["rows"]] == [file.ref]
    assert client.get(f"/employer/{own.ref}/").status_code == 404
