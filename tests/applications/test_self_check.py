"""The self-check: what it answers, what it keeps, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from stage import NOW

GOOD = {
    "works_here": "yes", "engagement": "employment_contract", "identity": "mainland", "permit": "", "standing": "none",
    "sanction": "no", "schooling": "本科", "graduated_on_0": "2022", "graduated_on_1": "6", "graduated_on_2": "20",
    "degree": "学士", "field_matches": "yes", "started_on_0": "2022", "started_on_1": "7", "started_on_2": "1",
    "assessed_fit": "yes", "specialty": "电力工程/电气工程/电气工程",
}  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chuding.applications.views.self_check.now", lambda: NOW)


def answer(client: Client, **changes: str) -> Any:
    return client.post("/check/", GOOD | changes, follow=True)


def test_bachelor_after_a_year_may_apply_for_assistant(client: Client) -> None:
    page = answer(client).content.decode()
    assert "按您填写的情况，可以申报" in page
    assert "市职工技术协会" in page
    assert "市本级" in page
    assert client.session["self_check"]["level"] == "助理级"
    assert client.session["self_check"]["educations"][0]["schooling"] == "本科"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"standing": "civil_servant"},
            "公务员（含列入参照公务员法管理的事业单位工作人员）、离退休人员不得申报职称初定",
        ),
        ({"standing": "retired"}, "离退休人员不得申报职称初定"),
        ({"specialty": "船舶"}, "请改选“船舶与海洋工程”"),
        ({"works_here": "no"}, "请向工作单位所在地的职称主管部门了解当地的初定办法"),
    ],
)
def test_who_is_barred_is_told_so_with_the_clause_and_what_to_do(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    page = answer(client, **changes).content.decode()
    assert "按您填写的情况，现在还不能申报" in page
    assert sentence in page


def test_one_open_question_is_named_beside_the_nearest_level(client: Client) -> None:
    page = answer(client, specialty="").content.decode()
    assert "还差几项就能确定" in page
    assert "最接近的是<strong>助理级</strong>" in page


def test_half_a_year_short_names_the_day(client: Client) -> None:
    page = answer(client, started_on_0="2024", started_on_1="3", started_on_2="1").content.decode()
    assert "2025年3月1日" in page
    assert "这一天在本年度申报期限之后" in page


def test_answers_are_kept_when_one_comes_back(client: Client) -> None:
    answer(client)
    page = client.get("/check/").content.decode()
    assert 'value="本科" id="id_schooling_2" checked' in page


def test_a_day_after_today_is_refused_at_the_field(client: Client) -> None:
    page = answer(client, started_on_0="2025").content.decode()
    assert "开始工作的日期在今天之后，请核对。还没有发生的，先不填。" in page
    assert "<title>错误：" in page


def test_a_sanction_that_is_over_is_not_one_that_lasts(client: Client) -> None:
    page = answer(
        client, sanction="yes", sanction_until_0="2023", sanction_until_1="3", sanction_until_2="31"
    ).content.decode()
    assert "这个日期已经过了" in page


def test_result_without_answers_leads_to_the_questions(client: Client) -> None:
    assert client.get("/check/result/").url == "/check/"
