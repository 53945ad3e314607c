import pytest
from django.db import IntegrityError, transaction

from chuding.accounts.appointments import add_employer, add_person, appoint, appoint_clerk
from chuding.accounts.models import Employer, OfficeRole, Person
from chuding.accounts.people import employers_of, roles_of
from chuding.accounts.roles import Role
from chuding.ledger.models import Entry

pytestmark = pytest.mark.django_db
UNIT = {"name": "镇江示例机械有限公司", "uscc": "91440300708461136t", "kind": "enterprise"}


@pytest.fixture
def sun(db, at):
    """孙, her employer's HR."""
    return add_person(phone="13900000003", name="孙丽", at=at)


def test_person_is_entered_once_under_a_phone_however_written(sun, at):
    again = add_person(phone="+86 139 0000 0003", name="孙丽", at=at)
    assert (again.pk, again.display_name, Person.objects.count()) == (sun.pk, "孙丽", 1)
    assert list(Entry.objects.values_list("action", flat=True)) == ["person.added", "person.named"]


def test_person_with_a_wrong_phone_is_not_entered(db, at):
    with pytest.raises(ValueError, match="手机号应为11位"):
        add_person(phone="139", name="孙丽", at=at)
    assert (Person.objects.count(), Entry.objects.count()) == (0, 0)


def test_duty_gives_the_role_and_says_who_gave_it(sun, at):
    chief = add_person(phone="13900000004", name="赵强", at=at)
    appoint(person=sun, office="association", duty="reviewer", by=chief, at=at)
    assert roles_of(sun) == {Role.ANYONE, Role.APPLICANT, Role.REVIEWER}
    last = Entry.objects.latest("id")
    assert (last.action, last.by_id, last.data) == (
        "duty.given",
        chief.pk,
        {"office": "association", "duty": "reviewer"},
    )


def test_duty_is_given_by_somebody_else(sun, at):
    with pytest.raises(ValueError, match="不能给自己授予岗位"):
        appoint(person=sun, office="association", duty="signer", by=sun, at=at)
    assert OfficeRole.objects.count() == 0


def test_duty_of_reviewing_is_not_given_at_the_city_office(sun, at):
    with pytest.raises(IntegrityError), transaction.atomic():
        appoint(person=sun, office="city", duty="reviewer", at=at)


@pytest.mark.parametrize("verified", [True, False])
def test_clerk_acts_for_a_unit_only_where_it_is_verified(sun, at, verified):
    employer = add_employer(**UNIT, verified=verified, at=at)
    appoint_clerk(person=sun, employer=employer, at=at)
    assert employer.uscc == "91440300708461136T"
    assert list(employers_of(sun)) == ([employer] if verified else [])


def test_unit_with_a_wrong_code_is_not_entered(db, at):
    with pytest.raises(ValueError, match="校验位"):
        add_employer(**{**UNIT, "uscc": "91440300708461136U"}, verified=True, at=at)
    assert Employer.objects.count() == 0
