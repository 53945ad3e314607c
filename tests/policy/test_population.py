"""The column tree answers exactly as the scalar tree: verdicts, sure days and best days."""

import numpy as np
import pytest

from chuding.policy.assess import assess
from chuding.policy.cases import read_cases
from chuding.policy.cells import boundary_people
from chuding.policy.conditions import Condition, all_of, any_of
from chuding.policy.dates import ALWAYS
from chuding.policy.facts import Facts
from chuding.policy.notice import FOLDER, Notice
from chuding.policy.person import One
from chuding.policy.population import Many, assess_many
from chuding.policy.source import read_text, read_yaml


def level_condition(notice: Notice, level: str) -> Condition:
    rows = [row.rule.whole for row in notice.rows if row.level == level]
    return all_of([*(gate.condition for gate in notice.gates), any_of(rows)])


@pytest.fixture(scope="module")
def people(notice: Notice) -> list[Facts]:
    """Every third boundary person, and everyone of the worked cases."""
    cases = read_cases(read_yaml(read_text(FOLDER / notice.id, "cases.yaml"), "cases.yaml"))
    return [*boundary_people(notice)[::3], *(case.facts for case in cases), Facts()]


def test_columns_answer_as_one_person_does(notice: Notice, people: list[Facts]) -> None:
    columns = assess_many(notice, Many(people))
    reports = [assess(notice, facts) for facts in people]
    for level, column in columns.items():
        answers = np.where(column.yes, "yes", np.where(column.no, "no", "unknown")).tolist()
        assert answers == [report.levels[level].answer for report in reports]
        condition = level_condition(notice, level)
        days = [ALWAYS if facts.filed_on is None else facts.filed_on.first for facts in people]
        for favour, found in ((True, column.best), (False, column.sure)):
            single = [condition.nt(day, One(facts), favour) for day, facts in zip(days, people, strict=True)]
            assert found.tolist() == single


def test_nobody_is_answered_without_complaint(notice: Notice) -> None:
    assert [len(column.yes) for column in assess_many(notice, Many([])).values()] == [0, 0, 0]
    nobody = assess_many(notice, Many([Facts(credentials=[], work=[])]))
    assert [column.no.tolist() for column in nobody.values()] == [[True]] * 3


def test_columns_keep_apart_what_only_one_person_can_be_asked() -> None:
    with pytest.raises(TypeError):
        Many([Facts()]).open_facts("work")
