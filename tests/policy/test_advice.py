"""Advice: what would change an answer, each tried by assessing the changed facts again."""

import re
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from any_people import PEOPLE
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from varied import varied

from chuding.policy.advice import Advice
from chuding.policy.assess import Report, assess
from chuding.policy.cases import read_cases
from chuding.policy.cells import boundary_people
from chuding.policy.dates import NEVER
from chuding.policy.facts import Facts, read_facts
from chuding.policy.notice import FOLDER, Notice, Row, list_notices, load_notice
from chuding.policy.source import read_text, read_yaml
from chuding.policy.terms import CATEGORIES, HELD_NAMES, Level

Person = dict[str, Any]


def advice(notice: Notice, person: Person, level: Level, **changes: Any) -> tuple[Advice, ...]:
    return assess(notice, read_facts({**person, **changes})).advice(level)


def degree(kind: str, day: str, **more: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "awarded_on": day, **more}]


def test_yes_needs_no_advice(notice: Notice, person: Person) -> None:
    assert advice(notice, person, Level.ASSISTANT) == ()


def test_wait_until_the_day(notice: Notice, person: Person) -> None:
    (found,) = advice(
        notice, person, Level.ASSISTANT, credentials=degree("本科", "2023-06-20"), work=[{"from": "2023-07-02"}]
    )
    assert (found.kind, found.on) == ("wait", date(2024, 7, 2))
    assert found.zh == "等到2024年7月2日以后申报（二(二)）。"
    assert found.en == "Wait until 2 July 2024 (二(二))."


def test_wait_beyond_the_window_says_so(notice: Notice, person: Person) -> None:
    (found,) = advice(
        notice, person, Level.ASSISTANT, credentials=degree("本科", "2024-06-20"), work=[{"from": "2024-06-21"}]
    )
    assert found.zh == "等到2025年6月21日以后申报（二(二)），那时不在本次受理期内。"


def test_conditions_met_before_the_window_wait_for_it(notice: Notice, person: Person) -> None:
    (found,) = advice(notice, person, Level.ASSISTANT, filed_on="2024-02-01")
    assert (found.kind, found.on) == ("wait", date(2024, 3, 20))


def test_state_the_fact_that_decides(notice: Notice, person: Person) -> None:
    (found,) = advice(
        notice, person, Level.INTERMEDIATE, credentials=degree("硕士", "2019-06-30"), work=[{"from": "2019-08-01"}]
    )
    assert found.kind == "state"
    assert [step.fact for step in found.steps] == ["credentials[0].field_matches"]
    assert found.zh == "补充第1项学历学位的专业是否对口（须为“是”）。"
    assert found.en == "State whether the field matches of education no. 1 (must be yes)."


def test_state_and_wait(notice: Notice, person: Person) -> None:
    (found,) = advice(
        notice,
        person,
        Level.ASSISTANT,
        credentials=degree("本科", "2023-06-20"),
        work=[{"from": "2023-07-02"}],
        assessed_fit=None,
    )
    assert (found.kind, [step.kind for step in found.steps], found.on) == ("state", ["state", "wait"], date(2024, 7, 2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"engagement": "none"}, "与用人单位签订劳动（聘用）合同（一(一)）。"),
        (
            {"identity": "foreign"},
            "取得外国人来华工作许可证、外国人永久居留身份证或者江苏省海外高层次人才居住证（一(二)）。",
        ),
        ({"assessed_fit": False}, "提供用人单位考核合格的证明（二）。"),
        ({"work": [{"from": "2021-07-01", "to": "2024-01-01"}]}, "重新在本专业技术岗位工作，提供在岗证明（二）。"),
    ],
)
def test_bring_what_a_gate_lacks(notice: Notice, person: Person, changes: Person, words: str) -> None:
    (found,) = advice(notice, person, Level.ASSISTANT, **changes)
    assert (found.kind, found.zh) == ("bring", words)


def test_credential_that_comes_too_late_is_never_proposed(notice: Notice, person: Person) -> None:
    """A master's degree of today is past the cut-off of 二(三)注: only a doctorate opens 中级."""
    found = advice(notice, person, Level.INTERMEDIATE)
    assert [each.clauses for each in found] == [("二(四)",)]
    assert found[0].zh == "取得博士学位（二(四)；按2024年7月1日取得推算）。"
    assert found[0].en == "Obtain a doctoral degree (二(四); reckoned as if obtained on 1 July 2024)."


def test_paper_is_proposed_where_a_fact_beside_it_is_missing(notice: Notice, person: Person) -> None:
    """What is not stated never makes "nothing can" of what a paper and the statement together would mend."""
    changes: Person = {"assessed_fit": None, "work": [{"from": "2023-09-01"}]}
    (found,) = advice(notice, person, Level.TECHNICIAN, **changes)
    assert (found.kind, [step.kind for step in found.steps], found.on) == (
        "bring",
        ["bring", "state", "wait"],
        date(2025, 7, 1),
    )
    assert found.zh.startswith(
        "取得大专学历或者中专（中等职业学校）学历（二(一)；按2024年7月1日取得推算）；补充考核是否合格"
    )
    assert found.facts is not None
    assert assess(notice, found.facts).levels[Level.TECHNICIAN].answer == "yes"


def with_paper(report: Report, row: Row) -> Facts:
    """The person with the paper that a row asks, had on the day of filing."""
    given, day, kind = report.facts.to_json(), str(report.filed_on), row.entry.kinds[0]
    if kind in HELD_NAMES:
        given["titles"] = [*(given.get("titles") or []), {"level": kind, "held_since": day}]
    else:
        given["credentials"] = [*(given["credentials"] or []), *degree(kind, day, field_matches=True, full_time=True)]
    return Facts.model_validate(given)


def could_have(report: Report, level: Level) -> list[Facts]:
    """The person with whatever papers anybody might bring: each permit, each engagement, the paper of each row."""
    notice = report.notice
    people = [report.facts]
    people += [with_paper(report, row) for row in notice.rows if row.level == level]
    return [
        each.model_copy(update={"permit": permit, "engagement": engagement})
        for each in people
        for permit in {report.facts.permit, *PERMITS}
        for engagement in {report.facts.engagement, *ENGAGEMENTS}
    ]


def nothing_is_true(each: Notice, people: list[Facts]) -> None:
    """`at_best` takes what is missing in the person's favour, so it is the judge of whether anything could help."""
    own = {*(choice.path for choice in each.catalogue.choices()), *each.examined}
    for facts in people:
        report = assess(each, facts if facts.specialty in own else facts.model_copy(update={"specialty": None}))
        for level, found in report.levels.items():
            if any(one.kind != "nothing" for one in report.advice(level)) or found.answer == "yes":
                continue
            if report.filed_on is None:
                continue  # at best somebody filed long ago, before what stands in the way: no advice
            assert found.at_best == NEVER
            hopeful = [
                could for could in could_have(report, level) if assess(each, could).levels[level].at_best < NEVER
            ]
            assert hopeful == [], report.facts.to_json()


@pytest.mark.parametrize("identifier", list_notices())
@given(people=st.lists(PEOPLE, min_size=1, max_size=4))
@settings(max_examples=20)
def test_nothing_is_said_only_where_no_paper_helps(identifier: str, people: list[Facts]) -> None:
    nothing_is_true(load_notice(identifier), people)


LISTED = (
    "{任一: [{身份: [内地, 港澳台]}, {证件: [外国人来华工作许可证, 外国人永久居留身份证, 江苏省海外高层次人才居住证]}]}"
)
PERMIT_WORDS = {word: code for word, code in CATEGORIES["证件"][1].items() if code != "none"}
ENGAGEMENT_WORDS = {word: code for word, code in CATEGORIES["用工"][1].items() if code != "none"}
PERMITS, ENGAGEMENTS = tuple(PERMIT_WORDS.values()), tuple(ENGAGEMENT_WORDS.values())
NEIGHBOURS = ("内地", "港澳台", "外籍")


@st.composite
def other_gates(draw: st.DrawFn) -> tuple[str, str]:
    """The gates of permit and engagement as another city may write them: other lists, excluded words, one gate of both.

    No list has every word there is: to exclude them all would shut out everybody.
    """
    permits = draw(st.lists(st.sampled_from([*PERMIT_WORDS, "无"]), min_size=1, max_size=3, unique=True))
    engaged = draw(st.lists(st.sampled_from([*ENGAGEMENT_WORDS, "无"]), min_size=1, max_size=2, unique=True))
    exempt = draw(st.lists(st.sampled_from(NEIGHBOURS), min_size=1, max_size=2, unique=True))
    permit, engagement = f"{{证件: [{', '.join(permits)}]}}", f"{{用工: [{', '.join(engaged)}]}}"
    permit = draw(st.sampled_from([permit, f"{{非: {permit}}}", f"{{全部: [{permit}, {engagement}]}}"]))
    gate = draw(st.sampled_from([permit, f"{{任一: [{{身份: [{', '.join(exempt)}]}}, {permit}]}}"]))
    return gate, draw(st.sampled_from([engagement, f"{{非: {engagement}}}"]))


@given(gates=other_gates(), people=st.lists(PEOPLE, min_size=1, max_size=3))
@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes
def test_nothing_is_true_of_a_notice_with_other_lists(gates: tuple[str, str], people: list[Facts]) -> None:
    with TemporaryDirectory() as folder:
        each = varied(Path(folder), ("{用工: [劳动（聘用）合同, 自由职业]}", gates[1]), (LISTED, gates[0]))
    foreigner = {"identity": "foreign", "permit": "none", "engagement": "none"}
    nothing_is_true(each, [*people, *(facts.model_copy(update=foreigner) for facts in people)])


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("{任一: [{身份: [内地]}, {证件: [外国人永久居留身份证, 江苏省海外高层次人才居住证]}]}",
         "取得外国人永久居留身份证或者江苏省海外高层次人才居住证（一(二)）。"),
        ("{证件: [江苏省海外高层次人才居住证]}", "取得江苏省海外高层次人才居住证（一(二)）。"),
        ("{非: {证件: [无, 外国人来华工作许可证]}}", "取得外国人永久居留身份证或者江苏省海外高层次人才居住证（一(二)）。"),
        ("{全部: [{证件: [外国人永久居留身份证]}, {用工: [自由职业]}]}",
         "取得外国人永久居留身份证（一(二)）；以自由职业者的身份从业，提供证明（一(二)）。"),
    ],
)  # fmt: skip
def test_what_would_help_is_what_the_notice_lists(tmp_path: Path, person: Person, gate: str, words: str) -> None:
    (found,) = advice(varied(tmp_path, (LISTED, gate)), person, Level.ASSISTANT, identity="foreign")
    assert (found.kind, found.zh) == ("bring", words)


def test_engagement_as_the_notice_lists_it(tmp_path: Path, person: Person) -> None:
    freelance = varied(tmp_path, ("{用工: [劳动（聘用）合同, 自由职业]}", "{用工: [自由职业]}"))
    (found,) = advice(freelance, person, Level.ASSISTANT)
    assert (found.kind, found.zh) == ("bring", "以自由职业者的身份从业，提供证明（一(一)）。")


def test_one_permit_that_opens_both_gates_is_chosen(tmp_path: Path, person: Person) -> None:
    """Each gate names two permits and they share one: the advice names that, and nothing else."""
    second = "{任一: [{身份: [内地]}, {证件: [外国人永久居留身份证, 江苏省海外高层次人才居住证]}]}"
    both = varied(
        tmp_path,
        (LISTED, "{证件: [外国人来华工作许可证, 外国人永久居留身份证]}"),
        ("{用工: [劳动（聘用）合同, 自由职业]}", second),
    )
    (found,) = advice(both, person, Level.ASSISTANT, identity="foreign")
    assert [step.fact for step in found.steps] == ["permit"]
    assert found.zh.startswith("取得外国人永久居留身份证（")


def test_social_insurance_that_a_gate_asks_can_be_paid(tmp_path: Path, person: Person) -> None:
    insured = varied(tmp_path, ("{用工: [劳动（聘用）合同, 自由职业]}", "查到社保缴费"))
    (found,) = advice(insured, person, Level.ASSISTANT, social_insurance_found=False)
    assert (found.kind, found.zh) == ("bring", "缴纳社会保险，使缴费记录能够查到（一(一)）。")


def test_credential_with_years_to_wait_after_it(notice: Notice, person: Person) -> None:
    found = advice(notice, person, Level.TECHNICIAN)
    assert [(each.kind, each.on, each.clauses) for each in found] == [("bring", date(2025, 7, 1), ("二(一)",))]


@pytest.mark.parametrize(
    ("changes", "instead"),
    [
        ({"civil_servant": True}, "公务员和参公人员不参加职称初定"),
        ({"retired_on": "2023-01-01"}, "离退休以后不能申报"),
        ({"specialty": "会计"}, "请参加该专业的全国统一考试"),
    ],
)
def test_nothing_can(notice: Notice, person: Person, changes: Person, instead: str) -> None:
    (found,) = advice(notice, person, Level.ASSISTANT, **changes)
    assert (found.kind, found.facts, found.on) == ("nothing", None, None)
    assert instead in found.zh


def test_sanction_that_ends_is_waited_for(notice: Notice, person: Person) -> None:
    (found,) = advice(notice, person, Level.ASSISTANT, sanctions=[{"from": "2023-09-01", "until": "2024-09-01"}])
    assert (found.kind, found.on) == ("wait", date(2024, 9, 1))


def test_somebody_of_whom_nothing_is_known_is_told_what_to_state(notice: Notice) -> None:
    for level in Level:
        (found,) = assess(notice, Facts()).advice(level)
        assert {step.kind for step in found.steps} == {"state"}


HAN = re.compile("[一-鿿]")


def without_names(notice: Notice, text: str) -> str:
    """English without what stays Chinese in it: clauses, specialties, quotations, a Chinese term behind its English."""
    names = [clause.label for clause in notice.clauses] + [choice.path for choice in notice.catalogue.choices()]
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return re.sub(r"“[^”]*”|\([一-鿿]+\)", "", text).replace("、", "")


@pytest.mark.parametrize("identifier", list_notices())
def test_every_advice_holds_when_its_change_is_made(identifier: str) -> None:
    each = load_notice(identifier)
    cases = read_cases(read_yaml(read_text(FOLDER / identifier, "cases.yaml"), "cases.yaml"))
    every = {"hangzhou-2023": 997, "nanjing-machinery-2022": 37}.get(identifier, 41)
    asked = [*(case.facts for case in cases), *boundary_people(each, every=every)]
    kinds = set()
    for facts in asked:
        report = assess(each, facts)
        for level, found in report.levels.items():
            given = report.advice(level)
            assert bool(given) or found.answer == "yes"
            for one in given:
                kinds.add(one.kind)
                assert (one.facts is None) is (one.kind == "nothing")
                if one.facts is not None:
                    assert assess(each, one.facts).levels[level].answer == "yes"
                if one.on is not None and one.facts is not None:
                    assert str(one.facts.filed_on) == one.on.isoformat()
                assert HAN.search(without_names(each, one.en)) is None, one.en
                assert one.zh.endswith("。")
    assert kinds >= {"wait", "state", "bring"}


def test_sanction_that_begins_later_and_whose_end_is_unknown_is_advised_upon(notice: Notice, person: Person) -> None:
    sanction = [{"from": "2025-01-01", "until": None}]
    credentials = degree("本科", "2024-06-20")
    (found,) = advice(
        notice, person, Level.ASSISTANT, sanctions=sanction, credentials=credentials, work=[{"from": "2024-07-01"}]
    )
    assert found.facts is not None
    assert assess(notice, found.facts).levels[Level.ASSISTANT].answer == "yes"


def test_wait_for_a_window_of_the_level_and_not_of_another(tmp_path: Path, person: Person) -> None:
    """On the day the years are full a window is open, but not for this level: it is said."""
    before = (FOLDER / "zhenjiang-2024-1" / "notice.yaml").read_text(encoding="utf-8")
    start = before.index("受理:\n")
    old = before[start : before.index("\n\n", start)]
    item = '依据: 八, 原文: "2024 年 3 月 20 日-2024 年 12 月 10 日"'
    several = f"受理:\n- {{{item}, 自: 2024-03-20, 至: 2024-06-30}}\n- {{{item}, 自: 2024-07-01, 至: 2024-12-10, 级别: [中级]}}"
    notice = varied(tmp_path, (old, several))
    changes = {"credentials": degree("本科", "2023-06-20"), "work": [{"from": "2023-07-02"}]}
    (found,) = advice(notice, person, Level.ASSISTANT, **changes)
    assert found.zh == "等到2024年7月2日以后申报（二(二)），那时不在本次受理期内。"
    (same,) = advice(load_notice("zhenjiang-2024-1"), person, Level.ASSISTANT, **changes)
    assert same.zh == "等到2024年7月2日以后申报（二(二)）。"
