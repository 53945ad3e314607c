"""One person twice: under another document, from another account, in another round; told to the reviewer, never refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from chuding.accounts.people import roles_of
from chuding.applications.likeness import alike
from chuding.applications.models import Application
from chuding.applications.workflow import State

if TYPE_CHECKING:
    from stage import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(stage: Stage) -> tuple[Application, Application]:
    """Two files of two accounts that the association sees."""
    return stage.file_at(State.REVIEWING), stage.file_at(State.RECEIVED)


def seen(stage: Stage, file: Application) -> list[tuple[str, bool]]:
    found = alike(file, person=stage.li, roles=roles_of(stage.li))
    return [(str(each.file.number), each.certain) for each in found]


def test_two_people_are_not_alike(stage: Stage, pair: tuple[Application, Application]) -> None:
    assert seen(stage, pair[0]) == []


def test_same_person_under_another_document_is_shown_to_the_reviewer(
    stage: Stage, pair: tuple[Application, Application], client: object
) -> None:
    one, two = pair
    Application.objects.filter(pk=two.pk).update(
        full_name=one.full_name, born_on=one.born_on, identity_type="hk_macau_permit"
    )
    assert seen(stage, one) == [(two.number, False)]
    client.force_login(stage.li)  # type: ignore[attr-defined]
    page = client.get(f"/desk/{one.ref}/").content.decode()  # type: ignore[attr-defined]
    assert "可能是同一个人，请核对" in page
    assert "姓名和出生日期相同，证件是另一份港澳居民来往内地通行证。" in page


def test_same_number_in_another_round_from_another_account_is_certain(
    stage: Stage, pair: tuple[Application, Application]
) -> None:
    one, two = pair
    Application.objects.filter(pk=two.pk).update(identity_index=one.identity_index, notice_id="zhenjiang-2023")
    assert seen(stage, one) == [(two.number, True)]


def test_same_name_with_another_birth_is_another_person(stage: Stage, pair: tuple[Application, Application]) -> None:
    one, two = pair
    Application.objects.filter(pk=two.pk).update(full_name=one.full_name, born_on=date(1990, 1, 1))
    assert seen(stage, one) == []


def test_file_that_one_may_not_see_is_not_named(stage: Stage, pair: tuple[Application, Application]) -> None:
    one, two = pair
    Application.objects.filter(pk=two.pk).update(full_name=one.full_name, born_on=one.born_on)
    assert alike(one, person=stage.zhao, roles=roles_of(stage.zhao)) == []
