"""What stands on the papers that go between a person, the employer and the offices. Frozen data; `typeset` makes the pages.

Dates are calendar days in Asia/Shanghai. What is None is left blank to be written by hand, or left out where a blank would
mean nothing. `page_url` is the address behind the QR code: the person's own page of the file, which asks who one is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime


@dataclass(frozen=True)
class FiledMaterial:
    """One document handed in. `fingerprint` is the beginning of its SHA-256, so that a copy can be compared."""

    code: str
    name: str
    pages: int
    fingerprint: str


@dataclass(frozen=True)
class ReceiptData:
    """The 回执 of a submission: who handed in what, when, and what happens next.

    `identity` is masked. `submitted_at` is aware and printed to the second, for the window of the notice ends at one.
    """

    office: str
    application_number: str
    holder_name: str
    identity: str
    level: str
    field: str
    notice_title: str
    notice_number: str
    submitted_at: datetime
    materials: tuple[FiledMaterial, ...]
    next_steps: tuple[str, ...]
    page_url: str
    sample: bool
    employer_name: str | None = None
    telephone: str | None = None


@dataclass(frozen=True)
class CorrectionItem:
    """One thing to mend: where it is, what is wrong, and how to mend it, in the reviewer's words."""

    part: str
    reason: str


@dataclass(frozen=True)
class CorrectionData:
    """The 补正通知书: everything that is to be mended, told once (一次性告知). `due_on` is the last day, until 24:00."""

    office: str
    application_number: str
    holder_name: str
    level: str
    field: str
    notice_title: str
    notice_number: str
    items: tuple[CorrectionItem, ...]
    issued_on: date
    due_on: date
    page_url: str
    sample: bool
    telephone: str | None = None


@dataclass(frozen=True)
class RefusalData:
    """The 不予通过决定书: the clause word for word, the reason, and how to have it looked at again.

    `clause` is the notice's label (二（二）), `clause_text` its sentence. `remedy` says where and until when a second look may
    be asked for, in one sentence. `office` decides and signs.
    """

    office: str
    application_number: str
    holder_name: str
    level: str
    qualification: str
    field: str
    notice_title: str
    notice_number: str
    clause: str
    clause_text: str
    reason: str
    remedy: str
    decided_on: date
    submitted_on: date
    page_url: str
    sample: bool
    telephone: str | None = None


@dataclass(frozen=True)
class AppealData:
    """The 复核决定书: what another person decided of a refusal that was appealed; `answer` says why.

    `upheld`: the refusal stands, by the same clause; otherwise it is void and the file is reviewed anew.
    """

    office: str
    application_number: str
    holder_name: str
    level: str
    qualification: str
    field: str
    notice_title: str
    notice_number: str
    upheld: bool
    clause: str
    clause_text: str
    answer: str
    refused_on: date
    asked_on: date
    decided_on: date
    page_url: str
    sample: bool
    telephone: str | None = None


@dataclass(frozen=True)
class EndorsedPerson:
    """One person whom an employer endorses. There is no place for an ID number: the paper lies about on desks."""

    name: str
    field: str
    level: str
    post: str | None = None


@dataclass(frozen=True)
class EndorsementData:
    """The 单位同意申报证明, pre-filled, to be signed and stamped by the employer; for one person or for many.

    `office` is whom it goes to. `agency` is True where an agency speaks for a freelancer (自由职业).
    """

    office: str
    notice_title: str
    notice_number: str
    clause: str
    people: tuple[EndorsedPerson, ...]
    sample: bool
    employer_name: str | None = None
    agency: bool = False


@dataclass(frozen=True)
class ArchivedPaper:
    """One row of what lies in the folder: its title, the number it bears, its day and its pages."""

    title: str
    number: str | None = None
    on: date | None = None
    pages: int | None = None


@dataclass(frozen=True)
class CoverData:
    """The cover of the folder in which a decided file is kept, with the list of what lies in it.

    `retention` (保管期限) and `shelf_mark` (档号) are the archive's to give; None leaves them blank.
    """

    office: str
    application_number: str
    holder_name: str
    level: str
    qualification: str
    field: str
    outcome: str
    started_on: date
    closed_on: date
    papers: tuple[ArchivedPaper, ...]
    sample: bool
    employer_name: str | None = None
    retention: str | None = None
    shelf_mark: str | None = None


@dataclass(frozen=True)
class VerdictLine:
    """One condition: `answer` is yes, no or unknown and `word` says it; the rest may be empty."""

    answer: str
    word: str
    text: str
    clause: str = ""
    detail: str = ""
    todo: str = ""
    quote: str = ""


@dataclass(frozen=True)
class VerdictLevel:
    """What holds of one level: the answer, by which clauses, from when, its conditions, and what would change it."""

    name: str
    answer: str
    word: str
    clauses: str
    when: tuple[str, ...]
    office: str
    lines: tuple[VerdictLine, ...]
    ways: tuple[str, ...]


@dataclass(frozen=True)
class VerdictData:
    """What a notice says of somebody on one page, in the reader's language: every text comes said, and titles too.

    No letter of an office, so neither its head nor its seal; nobody's name or number is on it. `language` is zh-hans,
    zh-hant or en. `given` is what the verdict rests on, by name and value. A quotation of the notice is Chinese always.
    """

    language: str
    title: str
    notice: str
    filed: str
    levels: tuple[VerdictLevel, ...]
    common_title: str
    common: tuple[VerdictLine, ...]
    common_met: str
    given_title: str
    given: tuple[tuple[str, str], ...]
    materials_title: str
    materials: tuple[str, ...]
    quote_title: str
    notes: tuple[str, ...]
    digest: str
    sample: bool

    @classmethod
    def read(cls, sheet: Mapping[str, Any], *, sample: bool) -> VerdictData:
        """The page from its words as the law room lays them out (`policy.sheet.sheet_of`), from JSON too."""
        levels = tuple(
            VerdictLevel(
                **level | {key: tuple(level[key]) for key in ("when", "ways")} | {"lines": _lines(level["lines"])}
            )
            for level in sheet["levels"]
        )
        tuples = {"given": tuple((name, value) for name, value in sheet["given"]), "common": _lines(sheet["common"])}
        tuples |= {key: tuple(sheet[key]) for key in ("materials", "notes")}
        return cls(**{**sheet, **tuples, "levels": levels, "sample": sample})


def _lines(lines: Iterable[Mapping[str, str]]) -> tuple[VerdictLine, ...]:
    return tuple(VerdictLine(**line) for line in lines)


Letter = ReceiptData | CorrectionData | RefusalData | AppealData | EndorsementData | CoverData

TEMPLATES: dict[type[Letter], str] = {
    ReceiptData: "receipt",
    CorrectionData: "correction",
    RefusalData: "refusal",
    AppealData: "appeal",
    EndorsementData: "endorsement",
    CoverData: "cover",
}
"""Which template makes which paper."""
