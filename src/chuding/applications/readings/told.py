"""Single values read on the papers, offered to a section where nothing is typed yet: the name, and the unit of the letter.

Nothing typed ever gives way: a value is offered only while its box is empty in what was saved, and shown unsaved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chuding.accounts.names import clean_name
from chuding.applications.material_kinds import Kind, codes_of
from chuding.applications.readings.models import PaperReading, ReadingState
from chuding.applications.translate import notice_of
from chuding.paper.reading.papers import SCHOOLING_KINDS, speaks_of_many, understand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.applications.models import Application
    from chuding.paper.reading.papers import Field


@dataclass(frozen=True)
class Told:
    """One value for one box (`name` is its field): what was read, on which page of which item, and whether every character is sure."""

    name: str
    value: str
    code: str
    page: int
    sure: bool


def name_told(application: Application) -> Told | None:
    """The person's name as their papers say it, the diploma before the letter; None where one is typed or none was read."""
    return None if application.full_name else _first(application, "full_name", (Kind.SCHOOLING, Kind.ENDORSEMENT))


def employer_told(application: Application) -> Told | None:
    """The unit that signed the letter; None where a unit, or that there is none, was said already, or none was read."""
    if application.engagement or application.employer_name:
        return None
    return _first(application, "employer_name", (Kind.ENDORSEMENT,))


def _first(application: Application, name: str, kinds: tuple[Kind, ...]) -> Told | None:
    """The first sure one, else the first."""
    found = [told for kind in kinds for told in _all(application, name, kind)]
    return next((told for told in found if told.sure), found[0] if found else None)


def _all(application: Application, name: str, kind: Kind) -> Iterator[Told]:
    given = application.current_materials().filter(code__in=codes_of(notice_of(application), kind))
    readings = PaperReading.objects.filter(material__in=given, state=ReadingState.READ).select_related("material")
    for reading in readings.order_by("material__code"):
        pages = reading.read_pages()
        # A letter for many names the first of its list, who need not be this person.
        if name == "full_name" and kind is Kind.ENDORSEMENT and speaks_of_many(pages):
            continue
        for paper in understand(pages):
            fits = paper.kind in SCHOOLING_KINDS if kind is Kind.SCHOOLING else paper.kind == kind
            field = paper.fields.get(name) if fits else None
            if field and _can_be(field):
                yield Told(name, field.value, reading.material.code, paper.page, field.spot.sure)


def _can_be(field: Field) -> bool:
    """A name that the form would refuse is not offered."""
    return field.name != "full_name" or not clean_name(field.value)[1]
