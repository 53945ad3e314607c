"""One person under two documents: pointed out to the reviewer, never refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from chuding.applications.models import Application
from chuding.applications.reviewing.models import LikenessKind
from chuding.applications.services.likenesses import find_likenesses
from chuding.applications.workflow import State
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
