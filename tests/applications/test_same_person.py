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
    assert one.likenesses.filter(other=two, kind=LikenessKind.PERSON).count() == found


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
