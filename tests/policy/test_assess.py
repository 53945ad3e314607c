"""Verdicts as people meet them: boundary days, missing facts, materials, authority, findings."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from chuding.policy.assess import Report, assess
from chuding.policy.facts import Facts, FactsError, read_facts
from chuding.policy.notice import Notice
from chuding.policy.terms import Level

Person = dict[str, Any]


def ask(notice: Notice, person: Person, **changes: Any) -> Report:
    return assess(notice, read_facts({**person, **changes}))


def degree(kind: str, awarded: str | None, matches: bool | None = True) -> list[dict[str, Any]]:
    return [{"kind": kind, "awarded_on": awarded, "field_matches": matches}]


def since(first: str, to: str | None = None) -> list[dict[str, Any]]:
    return [{"from": first, "to": to}]


def test_report_is_the_contracts_object(notice: Notice, person: Person) -> None:
    assert ask(notice, person).to_json() == {
        "notice": "zhenjiang-2024-1",
        "digest": notice.digest,
        "filed_on": "2024-07-01",
        "window_open": True,
        "levels": {
            "员级": {"answer": "no", "from": None, "clauses": ["二(一)"], "missing": []},
            "助理级": {"answer": "yes", "from": "2024-07-01", "clauses": ["二(二)"], "missing": []},
            "中级": {"answer": "no", "from": None, "clauses": ["二(三)注", "二(四)"], "missing": []},
        },
        "materials": [
            {"clause": "五(三)1", "name": "单位同意申报证明（盖章）", "required": True},
            {"clause": "五(三)2", "name": "毕业证书、学位证书或学信网电子注册备案表", "required": True},
            {"clause": "五(三)3", "name": "工作总结", "required": True},
            {"clause": "五(三)4", "name": "年度考核表", "required": False},
            {"clause": "五(三)5", "name": "社保缴费证明", "required": False},
            {"clause": "五(三)6", "name": "继续教育证明", "required": False},
        ],
        "authority": {"员级": "市职工技术协会", "助理级": "市职工技术协会", "中级": "市职称办"},
        "division": {"员级": "市本级", "助理级": "市本级", "中级": "所属地"},
    }


@pytest.mark.parametrize(
    ("awarded", "answer"), [("2019-12-30", "yes"), ("2019-12-31", "yes"), ("2020-01-01", "no"), ("2019-12", "yes")]
)
def test_cutoff_includes_its_day(notice: Notice, person: Person, awarded: str, answer: str) -> None:
    report = ask(notice, person, credentials=degree("硕士", awarded), work=since("2020-02-01"))
    assert report.levels[Level.INTERMEDIATE].answer == answer


@pytest.mark.parametrize(
    ("filed", "answer", "day"),
    [("2024-06-30", "no", "2024-07-01"), ("2024-07-01", "yes", "2024-07-01"), ("2024-07-02", "yes", "2024-07-02")],
)
def test_probation_is_complete_on_the_anniversary(
    notice: Notice, person: Person, filed: str, answer: str, day: str
) -> None:
    report = ask(
        notice, person, filed_on=filed, credentials=degree("本科", "2023-06-20"), work=since("2023-07-01")
    ).levels[Level.ASSISTANT]
    assert (report.answer, report.from_) == (answer, date.fromisoformat(day))


@pytest.mark.parametrize(("until", "answer"), [("2024-06-30", "yes"), ("2024-07-01", "yes"), ("2024-07-02", "no")])
def test_sanction_ends_on_its_last_day_exclusive(notice: Notice, person: Person, until: str, answer: str) -> None:
    report = ask(notice, person, sanctions=[{"from": "2023-01-01", "until": until}])
    assert report.levels[Level.ASSISTANT].answer == answer


def test_overlapping_sanctions_bar_until_the_last(notice: Notice, person: Person) -> None:
    sanctions = [{"from": "2023-01-01", "until": "2024-09-01"}, {"from": "2024-08-01", "until": "2024-10-01"}]
    found = ask(notice, person, sanctions=sanctions).levels[Level.ASSISTANT]
    assert (found.answer, found.from_, found.clauses) == ("no", date(2024, 10, 1), ("一(三)",))


def test_sanction_of_unknown_end_is_not_over(notice: Notice, person: Person) -> None:
    found = ask(notice, person, sanctions=[{"from": "2023-01-01", "until": None}]).levels[Level.ASSISTANT]
    assert (found.answer, found.missing) == ("unknown", ("sanctions[0].until",))


@pytest.mark.parametrize(("retired", "answer"), [("2024-06-30", "no"), ("2024-07-01", "no"), ("2024-07-02", "yes")])
def test_retirement_ends_the_day_before(notice: Notice, person: Person, retired: str, answer: str) -> None:
    found = ask(notice, person, retired_on=retired).levels[Level.ASSISTANT]
    assert found.answer == answer
    if answer == "yes":
        assert found.until == date.fromisoformat(retired)


def test_leaving_on_the_very_day_is_not_in_post(notice: Notice, person: Person) -> None:
    """Completes its year on 2024-07-01, which is the first day out of post."""
    found = ask(
        notice, person, credentials=degree("本科", "2023-06-20"), work=since("2023-07-01", "2024-07-01")
    ).levels[Level.ASSISTANT]
    assert (found.answer, found.from_, found.clauses) == ("no", None, ("二",))


def test_nothing_stated_is_unknown_everywhere(notice: Notice) -> None:
    report = assess(notice, read_facts({}))
    assert {found.answer for found in report.levels.values()} == {"unknown"}
    assert {gate.answer for gate in report.gates} == {"unknown"}
    assert {path.answer for found in report.levels.values() for path in found.paths} == {"unknown"}
    assert (report.filed_on, report.window_open) == (None, None)
    assert report.levels[Level.TECHNICIAN].missing == (
        "filed_on",
        "works_in_jurisdiction",
        "engagement",
        "identity",
        "permit",
        "civil_servant",
        "retired_on",
        "sanctions",
        "specialty",
        "work",
        "assessed_fit",
        "credentials",
    )


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"assessed_fit": None}, ("assessed_fit",)),
        ({"civil_servant": None, "work": None}, ("civil_servant", "work")),
        ({"credentials": None}, ("credentials",)),
        ({"credentials": [{"kind": None, "awarded_on": "2021-06-20"}]}, ("credentials[0].kind",)),
        ({"credentials": [{"kind": "本科", "awarded_on": None}]}, ("credentials[0].awarded_on",)),
        ({"credentials": [{"kind": "本科", "awarded_on": "2024-07"}]}, ("credentials[0].awarded_on",)),
        ({"credentials": [{"kind": "本科", "awarded_on": "2022-07"}]}, ()),
        ({"work": [{"from": "2023-07"}]}, ("work[0].from",)),
        ({"work": [{"from": "2021-07-01", "to": "2024-07"}]}, ("work[0].to",)),
        ({"filed_on": None}, ("filed_on",)),
        ({"identity": None, "permit": "foreign_work_permit"}, ()),
        ({"identity": None}, ("identity",)),
        ({"identity": None, "permit": None}, ("identity", "permit")),
    ],
)
def test_missing_facts_are_those_that_decide(
    notice: Notice, person: Person, changes: Person, missing: tuple[str, ...]
) -> None:
    assert ask(notice, person, **changes).levels[Level.ASSISTANT].missing == missing


def test_clauses_of_an_open_answer_are_the_open_ones(notice: Notice, person: Person) -> None:
    """A sure row carries the answer while a gate is open; without one, every row that may grant does."""
    credentials = [*degree("本科", "2021-06-20"), *degree("大专", "2018-06-20", None)]
    work = since("2018-07-01")
    open_gate = ask(notice, person, credentials=credentials, work=work, assessed_fit=None).levels[Level.ASSISTANT]
    assert (open_gate.answer, open_gate.clauses, open_gate.missing) == ("unknown", ("二", "二(二)"), ("assessed_fit",))
    open_rows = ask(notice, person, credentials=[{}], work=work).levels[Level.INTERMEDIATE]
    assert (open_rows.answer, open_rows.clauses) == ("unknown", ("二(三)注", "二(四)"))


def test_fact_that_cannot_help_is_not_asked_for(notice: Notice, person: Person) -> None:
    """A master of 2021 gets no 中级 whether the field matches or not."""
    found = ask(notice, person, credentials=degree("硕士", "2021-06-30", None)).levels[Level.INTERMEDIATE]
    assert (found.answer, found.missing) == ("no", ())


def test_open_date_names_what_leaves_it_open(notice: Notice, person: Person) -> None:
    found = ask(
        notice, person, credentials=degree("本科", "2024-01-01"), work=since("2024-01-01"), assessed_fit=None
    ).levels[Level.ASSISTANT]
    assert (found.answer, found.from_, found.missing) == ("no", None, ("assessed_fit",))


def test_filing_known_to_the_month_must_hold_all_month(notice: Notice, person: Person) -> None:
    whole = ask(notice, person, filed_on="2024-07")
    assert (whole.levels[Level.ASSISTANT].answer, whole.window_open, whole.to_json()["filed_on"]) == (
        "yes",
        True,
        "2024-07",
    )
    part = ask(notice, person, filed_on="2024-07", retired_on="2024-07-15").levels[Level.ASSISTANT]
    assert (part.answer, part.missing) == ("unknown", ("filed_on",))
    assert ask(notice, person, filed_on="2024-12").window_open is None


def test_no_override_can_be_stated(person: Person) -> None:
    """二(五): 不得擅自开口子."""
    with pytest.raises(FactsError, match="override：没有这个字段"):
        read_facts({**person, "override": True})


def test_examined_series_answers_with_its_clause(notice: Notice, person: Person) -> None:
    report = ask(notice, person, specialty="船舶")
    assert report.levels[Level.ASSISTANT].clauses == ("三", "四(一)")
    failing = [gate for gate in report.gates if gate.answer == "no"]
    assert [gate.label for gate in failing] == ["三", "四(一)"]
    assert failing[1].advice.startswith("请参加该专业的全国统一考试")
    assert ask(notice, person, specialty="船舶与海洋工程/科技管理/科技管理").levels[Level.ASSISTANT].answer == "yes"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("电力工程/电气工程", "专业要选到最后一级，例如 电力工程/电气工程/电气工程，不能只到'电力工程/电气工程'"),
        ("技术", "专业目录里没有'技术'"),
        ("船", "专业目录里没有'船'"),
        ("", "专业目录里没有''"),
    ],
)
def test_wrong_specialty_is_an_input_error(notice: Notice, person: Person, path: str, message: str) -> None:
    with pytest.raises(FactsError) as caught:
        ask(notice, person, specialty=path)
    assert caught.value.field == "specialty"
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("changes", "required"),
    [
        ({"established_post": True, "established_post_since": "2023-07-01"}, (True, False)),
        ({"established_post": True, "established_post_since": "2023-07-02"}, (False, False)),
        ({"established_post": True, "established_post_since": None}, (None, False)),
        ({"established_post": None, "established_post_since": "2023-07-02"}, (False, False)),
        ({"established_post": None, "established_post_since": None}, (None, False)),
        ({"social_insurance_found": False}, (False, True)),
        ({"social_insurance_found": None}, (False, None)),
    ],
)
def test_materials_four_and_five_depend_on_facts(
    notice: Notice, person: Person, changes: Person, required: tuple[bool | None, bool | None]
) -> None:
    materials = ask(notice, person, **changes).materials
    assert (materials[3].required, materials[4].required) == required
    assert [material.required for material in (*materials[:3], materials[5])] == [True, True, True, False]


def test_freelancer_brings_an_agencys_letter(notice: Notice, person: Person) -> None:
    assert ask(notice, person, engagement="freelance").materials[0].instead == (
        "人事代理机构或者同等机构出具的同意申报证明（盖章）"
    )
    assert ask(notice, person).materials[0].instead is None
    assert ask(notice, person, engagement=None).materials[0].instead is None


def test_findings_speak_the_notices_words(notice: Notice, person: Person) -> None:
    found = ask(notice, person, credentials=degree("本科", "2023-06-20"), work=since("2023-07-02")).levels[
        Level.ASSISTANT
    ]
    path = next(path for path in found.paths if path.label == "二(二)")
    assert path.sentence == "具备大学本科学历或学士学位，在本专业技术岗位见习1年期满，经考核合格，可初定助理级职称"
    assert path.sentence in path.clause.text
    assert (path.answer, path.from_) == ("no", date(2024, 7, 2))
    assert path.explanation == "还不符合，满足这一条的日期是2024年7月2日。"
    assert [(part.condition, part.answer, part.explanation) for part in path.parts] == [
        ("具有本科学历或者学士学位", "yes", "2023年6月20日取得本科学历。"),
        ("在本专业技术岗位见习满1年", "no", "满1年的日期是2024年7月2日。"),
    ]
    assert len(found.findings) == len(notice.gates) + 3
    other = next(path for path in found.paths if path.label == "二(三)")
    assert other.explanation == "没有填写研究生学历、硕士学位或者第二学士学位。"


def test_finding_of_the_cutoff_says_why(notice: Notice, person: Person) -> None:
    found = ask(notice, person, credentials=degree("硕士", "2020-01-01", None), work=since("2020-01-01"))
    path = found.levels[Level.INTERMEDIATE].paths[0]
    assert path.explanation == "不符合：2020年1月1日毕业，晚于2019年12月31日。"
    assert [part.answer for part in path.parts] == ["yes", "no", "unknown", "yes"]
    assert path.parts[2].missing == ("credentials[0].field_matches",)


def test_filing_day_within_the_window_is_reported(notice: Notice, person: Person) -> None:
    early = ask(notice, person, filed_on="2024-03-01").levels[Level.ASSISTANT]
    assert (early.from_, early.file_on) == (date(2024, 3, 1), date(2024, 3, 20))
    late = ask(notice, person, credentials=degree("本科", "2024-06-20"), work=since("2024-07-01")).levels[
        Level.ASSISTANT
    ]
    assert (late.from_, late.file_on) == (date(2025, 7, 1), None)
    assert ask(notice, person, filed_on="2024-12-11").levels[Level.ASSISTANT].file_on is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2024, 12, 10, 23, 59, 59, tzinfo=timezone(timedelta(hours=8))), True),
        (datetime(2024, 12, 11, 0, 0, 0, tzinfo=timezone(timedelta(hours=8))), False),
        (datetime(2024, 12, 10, 15, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2024, 12, 10, 16, 0, 0, tzinfo=UTC), False),
        (datetime(2024, 3, 19, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2024, 3, 19, 16, 0, 0, tzinfo=UTC), True),
    ],
)
def test_window_follows_the_day_in_shanghai(notice: Notice, moment: datetime, expected: bool) -> None:
    assert notice.window_open(moment) is expected


def test_window_refuses_a_moment_without_zone(notice: Notice) -> None:
    with pytest.raises(ValueError, match="time zone"):
        notice.window_open(datetime(2024, 5, 1, 12, 0))


def test_reservations_stand_beside_the_answer(notice: Notice, person: Person) -> None:
    assert ask(notice, person).reservations == (
        "本结论未载入该专业的资格条件：二(五)规定具体以各专业资格条件为准。",
        "今后的日期按目前的工作一直延续推算。",
    )


def test_explanation_is_plain_json(notice: Notice, person: Person) -> None:
    explanation = ask(notice, person).explanation()
    assert [gate["answer"] for gate in explanation["gates"]] == ["yes"] * 10
    assert list(explanation["paths"]) == ["员级", "助理级", "中级"]


def calls_of(act: Callable[[], object]) -> int:
    """How many functions of ours run: a cost that no load changes."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    act()
    sys.setprofile(counted)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("missing", "most"), [(("sanctions", "assessed_fit"), 1.3), (None, 3.0)])
def test_what_is_missing_is_asked_about_once(
    notice: Notice, person: dict[str, Any], missing: tuple[str, ...] | None, most: float
) -> None:
    """Levels and explanation share what is open on a day; it was 1.8 and 5.8 times the calls of one wholly known."""
    known = read_facts(person)
    vague = read_facts({} if missing is None else {**person, **dict.fromkeys(missing)})

    def explained(facts: Facts) -> None:
        assert all(level.findings for level in assess(notice, facts).levels.values())

    assert calls_of(lambda: assess(notice, vague)) <= most * calls_of(lambda: assess(notice, known))
    assert calls_of(lambda: explained(vague)) <= most * calls_of(lambda: explained(known))
