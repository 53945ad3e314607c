"""One person under two documents: pointed out to the reviewer, never refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from chuding.applications.models import Application
from chuding.applications.reviewing.models import LikenessKind
from chuding.applications.services import drafting, employer
from chuding.applications.services.likenesses import find_likenesses
from chuding.applications.workflow import Declined, State
from stage import NOW

if TYPE_CHECKING:
    from stage import Stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("born_on", "found"), [(None, 1), (date(1990, 1, 1), 0)])
def test_same_person_under_another_document_is_pointed_out(stage: Stage, born_on: date | None, found: int) -> None:
    """The same name and birth is; a namesake born on another day is not."""
    one, two = stage.file_at(State.RECEIVED), stage.file_at(State.RECEIVED)
    one.likenesses.all().delete()
    Application.objects.filter(pk=two.pk).update(full_name=one.full_name, born_on=born_on or one.born_on)
    find_likenesses(one, at=NOW)
    assert one.likenesses.filter(other=two, kind=LikenessKind.NAME).count() == found


@pytest.mark.parametrize(
    ("one_name", "other", "foreign", "found"),
    [
        ("陈维港", "陳維港", "", 1),
        ("阿不都拉·买买提", "阿不都拉•買買提", "", 1),
        ("DUPONT CLAIRE", "Ｃｌａｉｒｅ Dupont", "", 1),
        ("José Müller", "MULLER, JOSE", "", 1),
        ("欧文", "OWEN MARK", "", 0),
        ("DUPONT CLAIRE", "杜邦", "Claire Dupont", 1),
        ("陈维港", "陈伟港", "", 0),
    ],
)
def test_same_person_is_found_in_any_spelling(
    stage: Stage, one_name: str, other: str, foreign: str, found: int
) -> None:
    one, two = stage.file_at(State.RECEIVED), stage.file_at(State.RECEIVED)
    one.likenesses.all().delete()
    one.full_name = one_name
    Application.objects.filter(pk=two.pk).update(full_name=other, foreign_name=foreign, born_on=one.born_on)
    find_likenesses(one, at=NOW)
    assert one.likenesses.filter(other=two, kind=LikenessKind.NAME).count() == found


def test_same_number_is_said_as_such_and_once(stage: Stage) -> None:
    one, two = stage.file_at(State.RECEIVED), stage.file_at(State.RECEIVED)
    one.likenesses.all().delete()
    one.full_name, one.born_on, one.identity_index = two.full_name, two.born_on, two.identity_index
    find_likenesses(one, at=NOW)
    assert [row.kind for row in one.likenesses.filter(other=two)] == [LikenessKind.PERSON]


def test_returned_file_does_not_take_the_number_of_another_that_was_handed_in(stage: Stage) -> None:
    one = stage.file_at(State.RECEIVED)
    two = stage.file_at(State.EMPLOYER, online=True)
    employer.return_to_applicant(
        ref=two.ref, version=two.version, reason="请核对证件号码。", by=stage.clerk_of(two), at=NOW
    )
    with pytest.raises(Declined, match="本年度已有一份使用同一证件号码的申报"):
        drafting.declare(
            ref=two.ref,
            section="identity",
            values={"identity_number": one.identity_number},
            by=two.applicant,
            at=NOW,
        )
    again = Application.objects.get(pk=two.pk)
    assert (again.identity_index, again.life) == (two.identity_index, State.EMPLOYER_RETURNED)
