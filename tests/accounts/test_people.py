import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from chuding.accounts.models import EmployerClerk, OfficeRole
from chuding.accounts.people import employers_of, phone_index, roles_of
from chuding.accounts.roles import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("office", "duty", "role"),
    [
        ("association", "reviewer", Role.REVIEWER),
        ("association", "rechecker", Role.RECHECKER),
        ("association", "signer", Role.ASSOCIATION_SIGNER),
        ("association", "administrator", Role.ADMINISTRATOR),
        ("city", "signer", Role.CITY_SIGNER),
        ("city", "administrator", Role.ADMINISTRATOR),
    ],
)
def test_roles_follow_the_duty(staff, office, duty, role, django_assert_num_queries):
    someone = staff(office, duty)
    with django_assert_num_queries(1):
        assert roles_of(someone) == {Role.ANYONE, Role.APPLICANT, role}


def test_roles_of_the_city_office_do_not_review(staff):
    with pytest.raises(IntegrityError), transaction.atomic():
        staff("city", "reviewer")


def test_roles_end_with_the_duty(staff):
    someone = staff("association", "reviewer")
    OfficeRole.objects.update(active=False)
    assert roles_of(someone) == {Role.ANYONE, Role.APPLICANT}


def test_roles_of_someone_switched_off_are_none(staff):
    someone = staff("association", "reviewer")
    someone.is_active = False
    assert roles_of(someone) == {Role.ANYONE}


def test_roles_of_a_visitor_ask_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert roles_of(AnonymousUser()) == {Role.ANYONE}


def test_clerk_of_a_verified_unit_acts_for_it(clerk):
    someone = clerk()
    assert Role.EMPLOYER_CLERK in roles_of(someone)
    assert [employer.name for employer in employers_of(someone)] == ["镇江示例机械有限公司"]


def test_clerk_of_an_unverified_unit_acts_for_nobody(clerk):
    someone = clerk(verified=False)
    assert roles_of(someone) == {Role.ANYONE, Role.APPLICANT}
    assert list(employers_of(someone)) == []


def test_clerk_who_left_acts_for_nobody(clerk):
    someone = clerk()
    EmployerClerk.objects.update(active=False)
    assert (roles_of(someone), list(employers_of(someone))) == ({Role.ANYONE, Role.APPLICANT}, [])


def test_phone_index_is_the_same_for_every_way_of_writing():
    assert phone_index("+86 138 1234 5678") == phone_index("13812345678")
    assert phone_index("13812345678") != phone_index("13812345679")


def test_phone_belongs_to_one_person(person):
    person()
    with pytest.raises(IntegrityError), transaction.atomic():
        person()
