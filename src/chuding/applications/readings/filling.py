"""Scan first, type less: what was read on the papers of schooling, offered to the form. The person confirms each field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chuding.applications.education_choices import Degree, Schooling, StudyMode
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.readings.beside import FIELD_WORDS, KIND_WORDS, Mark, mark_of, words_of
from chuding.applications.readings.models import PaperReading, ReadingState
from chuding.applications.translate import notice_of
from chuding.paper.reading.papers import SCHOOLING_KINDS, day_of, understand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.applications.models import Application, Material
    from chuding.paper.reading.papers import Field

_OFFERED = (
    "school", "major", "schooling", "study_mode", "enrolled_on", "graduated_on", "schooling_number", "degree",
    "degree_on", "degree_number", "verification_code",
)  # fmt: skip
_CHOICES: dict[str, Iterable[str]] = {
    "schooling": Schooling.values,
    "degree": Degree.values,
    "study_mode": StudyMode.values,
}


@dataclass(frozen=True)
class Offer:
    """One read value of one page: its key in the form of the page, words for people, and its place."""

    key: str
    name: str
    label: str
    words: str
    sure: bool
    value: Any
    mark: Mark


@dataclass(frozen=True)
class OfferedPage:
    """One page with what it offers. `other_name` is the name on it where that is not the applicant's."""

    number: int
    kind: str
    offers: tuple[Offer, ...]
    other_name: str = ""


@dataclass(frozen=True)
class Offers:
    """`state`: none (no paper yet), waiting, failed, nothing, or read."""

    state: str
    material: Material | None = None
    pages: tuple[OfferedPage, ...] = ()


def offers_of(application: Application) -> Offers:
    """What the papers of schooling offer to the form."""
    code = code_of(notice_of(application), Kind.SCHOOLING)
    material = application.current_materials().filter(code=code).first() if code else None
    if material is None:
        return Offers("none")
    reading = PaperReading.objects.filter(material=material).first()
    if reading is None:
        return Offers("waiting", material)
    if reading.state == ReadingState.FAILED:
        return Offers("failed", material)
    pages = []
    for paper in understand(reading.read_pages()):
        if paper.kind not in SCHOOLING_KINDS:
            continue
        found = [paper.fields[name] for name in _OFFERED if name in paper.fields]
        offers = tuple(_offer(paper.page, number, field) for number, field in enumerate(found, start=1))
        offers = tuple(offer for offer in offers if offer.value is not None)
        name = paper.fields.get("full_name")
        other = name.value if name and name.spot.sure and application.full_name not in {"", name.value} else ""
        if offers:
            pages.append(OfferedPage(paper.page, KIND_WORDS[paper.kind], offers, other))
    return Offers("read" if pages else "nothing", material, tuple(pages))


def names_read(application: Application) -> dict[str, list[str]]:
    """Schools and majors that stand on this person's own papers, for a list under the box; the person types or takes one.

    There is no register of schools here: what a public list may be kept for, and how it is kept fresh, is the issuer's to say.
    """
    found: dict[str, list[str]] = {"school": [], "major": []}
    for page in offers_of(application).pages:
        for offer in page.offers:
            if offer.name in found and offer.value not in found[offer.name]:
                found[offer.name].append(offer.value)
    return found


def _offer(page: int, number: int, field: Field) -> Offer:
    mark = mark_of(field, number, "info" if field.spot.sure else "care")
    key = f"{page}-{field.name}"
    return Offer(key, field.name, FIELD_WORDS[field.name], words_of(field), field.spot.sure, _value(field), mark)


def _value(field: Field) -> Any:
    """The value as the form's field takes it; None where it takes none such."""
    if field.name.endswith("_on"):
        found = day_of(field.value)
        # A day that the paper does not name is left to the person; an enrolment is asked for as a month.
        return found[0] if found and (found[1] or field.name == "enrolled_on") else None
    if field.name in _CHOICES:
        return field.value if field.value in _CHOICES[field.name] else None
    return field.value


def filled(rows: list[dict[str, Any]], offers: Offers, taken: Iterable[str]) -> list[dict[str, Any]]:
    """The form's rows with the confirmed values in the row that they belong to, or in a new one.

    A degree's page joins the row of its school; what was typed before in a field gives way, as the person asked for it.
    """
    wanted = set(taken)
    rows = [dict(row) for row in rows if row.get("school") or row.get("schooling")]
    for page in offers.pages:
        values = {offer.name: offer.value for offer in page.offers if offer.key in wanted}
        if not values:
            continue
        row = next((row for row in rows if _belongs(row, values)), None)
        if row is None:
            row = {}
            rows.append(row)
        row.update(values)
    return rows


def _belongs(row: dict[str, Any], values: dict[str, Any]) -> bool:
    """Whether values are of the schooling that a row tells of: nothing that both say may differ in school or kind."""
    for name in ("school", "schooling", "degree"):
        said = row.get(name)
        if said not in {None, "", "none"} and name in values and values[name] != said:
            return False
    return True
