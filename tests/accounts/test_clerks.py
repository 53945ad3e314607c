from __future__ import annotations

import pytest

from chuding.accounts.clerks import MOST_CLERKS, ClerkProblem, add_clerk, clerks_of, end_clerk
from chuding.accounts.models import EmployerClerk, Person
from chuding.accounts.people import phone_index, roles_of
from chuding.accounts.roles import Role
from chuding.ledger.record import entries_about
from stage import NOW


@pytest.fixture
def unit(stage):
    return stage.town.employers["machine"]


def add(unit, by, phone="13900001111", name="何立秋"):
    return add_clerk(employer=unit, phone=phone, name=name, by=by, at=NOW)


def test_a_clerk_adds_another_who_can_then_act(stage, unit):
    row = add(unit, stage.sun)
    assert (row.person.display_name, Role.EMPLOYER_CLERK in roles_of(row.person)) == ("何立秋", True)
    entry = next(e for e in entries_about(("person", row.person.ref)) if e.action == "clerk.added")
    assert (entry.role, entry.data) == ("employer_clerk", {"employer": unit.uscc, "new_account": True})
    assert entry.by == stage.sun


def test_a_known_persons_own_name_stays(stage, unit):
    known = stage.person("秦小寒", "13900002222")
    row = add(unit, stage.sun, phone="139 0000 2222", name="别的名字")
    known.refresh_from_db()
    assert (row.person, known.display_name) == (known, "秦小寒")


def test_a_stranger_and_a_clerk_of_another_unit_add_nobody(stage, unit):
    for stranger in (stage.qian, stage.town.clerk("ship")):
        with pytest.raises(ClerkProblem, match="已不是这个单位的经办人"):
            add(unit, stranger)
    assert Person.objects.filter(phone_index=phone_index("13900001111")).count() == 0


@pytest.mark.parametrize(("phone", "name", "field"), [("123", "何立秋", "phone"), ("13900001111", "何1", "name")])
def test_what_was_typed_wrong_is_told_at_its_field(stage, unit, phone, name, field):
    with pytest.raises(ClerkProblem) as problem:
        add(unit, stage.sun, phone=phone, name=name)
    assert problem.value.field == field


def test_twice_is_told_and_after_an_end_one_can_return(stage, unit):
    row = add(unit, stage.sun)
    with pytest.raises(ClerkProblem, match="已经是本单位的经办人"):
        add(unit, stage.sun)
    end_clerk(employer=unit, person_ref=row.person.ref, by=stage.sun, at=NOW)
    assert Role.EMPLOYER_CLERK not in roles_of(row.person)
    assert add(unit, stage.sun).pk == row.pk
    assert [each.person for each in clerks_of(unit)] == [stage.sun, row.person]


def test_the_last_clerk_stays(stage, unit):
    with pytest.raises(ClerkProblem, match="最后一名经办人"):
        end_clerk(employer=unit, person_ref=stage.sun.ref, by=stage.sun, at=NOW)
    row = add(unit, stage.sun)
    end_clerk(employer=unit, person_ref=stage.sun.ref, by=row.person, at=NOW)
    with pytest.raises(ClerkProblem, match="最后一名经办人"):
        end_clerk(employer=unit, person_ref=row.person.ref, by=row.person, at=NOW)
    assert [each.person for each in clerks_of(unit)] == [row.person]


def test_nobody_outside_can_be_ended_and_there_is_a_most(stage, unit):
    with pytest.raises(ClerkProblem, match="已经不是本单位的经办人"):
        end_clerk(employer=unit, person_ref=stage.town.clerk("ship").ref, by=stage.sun, at=NOW)
    for n in range(MOST_CLERKS - 1):
        EmployerClerk.objects.create(person=stage.person(f"众{n}", f"1988{n:07d}"), employer=unit)
    with pytest.raises(ClerkProblem, match="最多"):
        add(unit, stage.sun)
