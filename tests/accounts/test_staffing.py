import pytest

from chuding.accounts import staffing
from chuding.accounts.models import Employer, OfficeRole, Person
from chuding.accounts.people import employers_of, roles_of
from chuding.accounts.roles import Role
from chuding.accounts.staffing import StaffingProblemError
from chuding.ledger.models import Entry

pytestmark = pytest.mark.django_db
UNIT = {"name": "镇江示例机械有限公司", "uscc": "91440300708461136t", "kind": "enterprise", "district": "京口区"}


def actions():
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


@pytest.fixture
def sun(db, at):
    """孙, her employer's HR."""
    return staffing.add_person(phone="13900000003", display_name="孙丽", by=None, at=at)


def test_person_is_added_once_and_keeps_the_name(sun, at):
    again = staffing.add_person(phone="+86 139 0000 0003", display_name="另一个名字", by=None, at=at)
    assert (again.pk, again.display_name, Person.objects.count(), actions()) == (sun.pk, "孙丽", 1, ["person.joined"])


def test_person_with_a_wrong_phone_is_not_added(db, at):
    with pytest.raises(StaffingProblemError, match="手机号应为11位"):
        staffing.add_person(phone="139", display_name="孙丽", by=None, at=at)


def test_duty_is_given_ended_and_given_again(sun, at):
    for _ in range(2):
        staffing.appoint(person=sun, office="association", duty="reviewer", by=None, at=at)
    assert Role.REVIEWER in roles_of(sun)
    assert staffing.dismiss(person=sun, office="association", duty="reviewer", by=None, at=at) is True
    assert staffing.dismiss(person=sun, office="association", duty="reviewer", by=None, at=at) is False
    assert Role.REVIEWER not in roles_of(sun)
    staffing.appoint(person=sun, office="association", duty="reviewer", by=None, at=at)
    assert actions() == ["person.joined", "role.given", "role.ended", "role.given"]


@pytest.mark.parametrize(
    ("office", "duty", "words"), [("city", "reviewer", "审核和复核由协会负责"), ("town", "signer", "没有这个岗位")]
)
def test_duty_that_does_not_exist_is_refused(sun, at, office, duty, words):
    with pytest.raises(StaffingProblemError, match=words):
        staffing.appoint(person=sun, office=office, duty=duty, by=None, at=at)
    assert OfficeRole.objects.count() == 0


def test_unit_endorses_only_once_it_is_verified(sun, at):
    employer = staffing.add_employer(**UNIT, by=None, at=at)
    staffing.add_clerk(person=sun, employer=employer, by=None, at=at)
    assert list(employers_of(sun)) == []
    for _ in range(2):
        staffing.verify_employer(employer=employer, by=sun, at=at)
    assert list(employers_of(sun)) == [employer]
    assert employer.verified_at == at
    assert actions() == ["person.joined", "employer.added", "clerk.added", "employer.verified"]
    assert Entry.objects.last().by_id == sun.pk


def test_unit_is_added_once_under_its_code(db, at):
    first = staffing.add_employer(**UNIT, by=None, at=at)
    assert staffing.add_employer(**{**UNIT, "name": "别的名字"}, by=None, at=at) == first
    assert first.uscc == "91440300708461136T"


def test_unit_with_a_wrong_code_is_not_added(db, at):
    with pytest.raises(StaffingProblemError, match="校验位"):
        staffing.add_employer(**{**UNIT, "uscc": "91440300708461136U"}, by=None, at=at)
    assert Employer.objects.count() == 0
