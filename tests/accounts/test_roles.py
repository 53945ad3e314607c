from chuding.accounts.roles import MATRIX, ROLE_NAMES, Role, may_open
from chuding.accounts.urls import urlpatterns as own
from chuding.messages.urls import urlpatterns as message_pages


def test_matrix_names_every_page_of_these_rooms():
    assert {pattern.name for pattern in own + message_pages} - set(MATRIX) == set()


def test_matrix_opens_a_page_for_its_roles_only():
    assert may_open("home", []) is True
    assert may_open("me", []) is False
    assert may_open("me", [Role.APPLICANT]) is True
    assert may_open("desk_act", [Role.APPLICANT]) is False
    assert may_open("revoke_confirm", [Role.REVIEWER]) is False
    assert may_open("revoke_confirm", [Role.CITY_SIGNER]) is True


def test_matrix_opens_an_unnamed_page_for_nobody():
    assert may_open("no_such_page", list(Role)) is False


def test_matrix_gives_no_page_to_nobody():
    assert [name for name, roles in MATRIX.items() if not roles] == []


def test_roles_all_have_a_chinese_name():
    assert set(ROLE_NAMES) == set(Role)
