"""The self-check: what it asks whom, what it answers, what it keeps, what it refuses."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from django.utils.html import strip_tags
from self_check_steps import GOOD, day, walk

from chuding.applications.deadlines import promised_altogether
from chuding.applications.self_check_pages import PAGES, numbers_of
from chuding.policy.notice import load_notice
from stage import NOW

if TYPE_CHECKING:
    from django.test import Client

NO_WORK = {"work_place": {"work_place": "none"}}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("self_check", "reminder"):
        monkeypatch.setattr(f"chuding.applications.views.{module}.now", lambda: NOW)


def test_self_check_asks_nine_questions_one_a_page() -> None:
    assert len(numbers_of(load_notice("zhenjiang-2024-1"))) == 9
    assert [page.number for page in PAGES] == sorted(page.number for page in PAGES)
    assert {page.number for page in PAGES} == set(range(1, 10))


def test_bachelor_after_a_year_may_apply_for_assistant(client: Client) -> None:
    page = walk(client).content.decode()
    assert "按您填写的情况，可以申报" in page
    assert "市职工技术协会" in page
    assert "市本级" in page
    taken = client.session["self_check"]
    assert (taken["level"], taken["identity_type"]) == ("助理级", "resident_id")
    assert taken["educations"] == [
        {
            "schooling": "本科",
            "degree": "学士",
            "graduated_on": "2022-06-20",
            "degree_on": "2022-06-20",
            "field_matches": None,
        }
    ]
    assert taken["spells"] == [{"started_on": "2022-07-01", "in_specialty": True}]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"standing": {"standing": "civil_servant"}},
            "公务员（含列入参照公务员法管理的事业单位工作人员）、离退休人员不得申报职称初定",
        ),
        ({"standing": {"standing": "retired"}}, "离退休人员不得申报职称初定"),
        ({"specialty": {"specialty": "船舶"}}, "请选“船舶与海洋工程”"),
        ({"work_place": {"work_place": "elsewhere"}}, "请向工作单位所在地的职称主管部门了解当地的初定办法"),
        (NO_WORK, "请先与用人单位签订劳动（聘用）合同"),
    ],
)
def test_who_is_barred_is_told_so_with_the_clause_and_where_to_go(
    client: Client, changes: dict[str, dict[str, str]], sentence: str
) -> None:
    page = walk(client, **changes).content.decode()
    headline = "现在还不能申报" if changes == NO_WORK else "不在这里申报"
    assert f"按您填写的情况，{headline}" in page
    assert page.count("该怎么办</h2>") == 1
    assert sentence in page
    # Who goes elsewhere is not sent on into an application, nor told of questions that nobody asked.
    if headline == "不在这里申报":
        assert "带着这些回答开始申报" not in page
        assert page.count("condition-unknown") == page.partition("<summary>每一级的结论")[2].count("condition-unknown")


def test_who_is_barred_by_the_first_answer_is_not_asked_the_rest(client: Client) -> None:
    assert client.post("/check/", {"work_place": "elsewhere"}).url == "/check/result/"


def test_one_open_question_is_named_beside_the_nearest_level(client: Client) -> None:
    page = walk(client, specialty={"unsure": "1"}).content.decode()
    assert "还差几项就能确定" in page
    assert "最接近的是<strong>助理级</strong>" in page


def test_every_question_may_stay_open(client: Client) -> None:
    page = walk(client, **{key.replace("-", "_"): {"unsure": "1"} for key in GOOD}).content.decode()
    assert "还差几项就能确定" in page


def test_half_a_year_short_names_the_day_and_offers_a_reminder(client: Client) -> None:
    page = walk(client, started=day("started_on", "2024-3-1")).content.decode()
    assert "2025年3月1日" in page
    assert "这一天在本年度申报期限之后" in page
    assert "到 2025年3月1日 提醒您？" in strip_tags(page)


def test_day_after_this_round_leaves_the_time_to_the_next_notice(client: Client) -> None:
    walk(client, started=day("started_on", "2024-3-1"))
    assert "以下一次通知为准" in client.get("/check/result/").text
    assert "以下一次通知为准" in client.get("/check/reminder/").text


def test_reminder_is_for_a_day_on_which_one_can_file(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the window opens: its first day for who qualifies already, and no word of another round."""
    monkeypatch.setattr("chuding.applications.views.self_check.now", lambda: NOW.replace(month=3, day=1))
    start = load_notice("zhenjiang-2024-1").window.start
    page = strip_tags(walk(client).text)
    assert f"到 {start.year}年{start.month}月{start.day}日 提醒您？" in page
    assert "以下一次通知为准" not in page


def test_result_says_how_long_it_takes_as_the_service_levels_promise(client: Client) -> None:
    """助理级: unit 5, acceptance 5, review 10, recheck 5, approval by the association 5, document 10."""
    page = walk(client).text
    assert "预计用时" in page
    assert "填写约 25 分钟，办理不超过 40 个工作日" in page
    assert promised_altogether(junior=False) == 45  # the city office has ten


def test_somebody_who_may_apply_is_offered_no_reminder(client: Client) -> None:
    assert "提醒您？" not in walk(client).content.decode()


def test_second_pages_are_asked_only_of_those_whom_they_concern(client: Client) -> None:
    assert client.post("/check/sanction/", {"sanction": "no"}).url == "/check/document/"
    assert client.post("/check/sanction/", {"sanction": "yes"}).url == "/check/sanction-end/"
    assert client.post("/check/document/", {"document": "passport"}).url == "/check/permit/"
    assert client.post("/check/document/", {"document": "resident_id"}).url == "/check/schooling/"


def test_matching_is_asked_only_where_it_decides(client: Client) -> None:
    college = {"schooling": {"schooling": "大专", "degree": "none"}, "graduated": day("graduated_on", "2019-6-20")}
    page = walk(client, **college, matching={"field_matches": "yes"}).content.decode()
    assert "<strong>助理级</strong>" not in page
    assert client.post("/check/started/", day("started_on", "2019-7-1")).url == "/check/matching/"
    assert client.post("/check/matching/", {"field_matches": "yes"}).url == "/check/assessed/"
    assert client.get("/check/result/").status_code == 200
    assert client.session["self_check"]["level"] == "助理级"
    walk(client)
    assert client.post("/check/started/", day("started_on", "2022-7-1")).url == "/check/assessed/"


def test_month_alone_is_enough_where_it_decides(client: Client) -> None:
    page = walk(client, graduated=day("graduated_on", "2022-6")).content.decode()
    assert "按您填写的情况，可以申报" in page
    assert client.session["self_check"]["educations"][0]["graduated_on"] is None


def test_answers_are_kept_when_one_comes_back(client: Client) -> None:
    walk(client)
    assert 'value="本科" id="id_schooling_2" checked' in client.get("/check/schooling/").content.decode()
    assert 'value="contract" aria-current="true"' in client.get("/check/").content.decode()


def test_changing_one_answer_leads_back_to_the_result(client: Client) -> None:
    walk(client)
    assert client.post("/check/assessed/?back=result", {"assessed_fit": "no"}).url == "/check/result/"
    assert client.post("/check/sanction/?back=result", {"sanction": "yes"}).url == "/check/sanction-end/?back=result"


def test_back_leads_through_the_questions_to_the_home_page(client: Client) -> None:
    walk(client)
    seen, url = [], "/check/specialty/"
    while url != "/":
        seen.append(url)
        page = client.get(url).content.decode()
        url = html.unescape(re.search(r'class="back-link" href="([^"]+)"', page)[1])  # type: ignore[index]
    assert seen == [f"/check/{key}/" if key != "work-place" else "/check/" for key in reversed(GOOD)]


def test_a_day_after_today_is_refused_at_the_field(client: Client) -> None:
    page = walk(client, started=day("started_on", "2025-7-1")).content.decode()
    assert "这个日期在今天之后，请核对。还没有发生的，请选“我不清楚”。" in page
    assert "<title>错误：" in page
    assert 'value="2025"' in page


def test_a_sanction_that_is_over_is_not_one_that_lasts(client: Client) -> None:
    page = walk(client, sanction={"sanction": "yes"}, sanction_end=day("sanction_until", "2023-3-31")).content.decode()
    assert "这个日期已经过了" in page


def test_result_without_answers_leads_to_the_questions(client: Client) -> None:
    assert client.get("/check/result/").url == "/check/"


def test_result_with_an_open_page_leads_to_it(client: Client) -> None:
    client.post("/check/", {"work_place": "contract"})
    assert client.get("/check/result/").url == "/check/standing/"


@pytest.mark.parametrize("kept", [["x"], {"sanction": {"sanction": "yes; drop"}}, {"nothing": 1}])
def test_answers_that_no_page_wrote_are_left_aside(client: Client, kept: object) -> None:
    session = client.session
    session["self_check_answers"] = kept
    session.save()
    assert client.get("/check/result/").status_code in {200, 302}


def test_unknown_question_is_not_found(client: Client) -> None:
    assert client.get("/check/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("name", "clauses"),
    [("technician", ["2-1"]), ("assistant", ["2-1-note", "2-2", "2-3"]), ("intermediate", ["2-3-note", "2-4"])],
)
def test_page_of_a_level_shows_its_rows_with_their_sentences(client: Client, name: str, clauses: list[str]) -> None:
    page = client.get(f"/levels/{name}/").content.decode()
    steps = page[page.index('<ol class="steps">') : page.index("</ol>")]
    assert re.findall(r'class="clause" lang="zh-Hans" href="/notice/#([^"]+)"', steps) == clauses
    assert steps.count('<q lang="zh-Hans">') == len(clauses)


def test_foreigner_with_a_passport_may_have_the_permanent_residence_card(client: Client) -> None:
    """一（一）: the card is one of the permits, whatever document somebody applies with."""
    document, permit = {"document": "passport"}, {"permit": "foreign_permanent_residence"}
    page = walk(client, document=document, permit=permit).content.decode()
    assert "按您填写的情况，可以申报" in page
    taken = client.session["self_check"]
    assert (taken["identity_type"], taken["permit"]) == ("passport", "foreign_permanent_residence")


def test_permanent_residence_card_as_the_document_is_the_permit(client: Client) -> None:
    page = walk(client, document={"document": "foreign_permanent_residence"}).content.decode()
    assert "按您填写的情况，可以申报" in page
    assert client.session["self_check"]["permit"] == "foreign_permanent_residence"
