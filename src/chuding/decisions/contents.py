"""What a roster says, in one place: its list, its words, and the digest that binds whoever verifies and signs it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from chuding.applications.translate import document_row_of, local_day, notice_of
from chuding.decisions.texts import Words, standard_words

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.decisions.models import Roster
    from chuding.paper.typeset import RosterRow


def list_digest(roster: Roster) -> str:
    """SHA-256 over the roster's files, their versions and the document's words: what is seen is what is issued."""
    lines = [
        f"{entry.position} {entry.application.number} {entry.application.level} {entry.application.version}"
        for entry in roster.entries.select_related("application").order_by("position")
    ]
    if roster.words:
        lines.append(json.dumps(roster.words, ensure_ascii=False, sort_keys=True))
    return hashlib.sha256("\n".join([*lines, roster.title]).encode()).hexdigest()


def rows_of(roster: Roster, at: datetime) -> list[RosterRow]:
    """The list as the document prints it, dated as if it were issued at `at`."""
    entries = roster.entries.select_related("application").order_by("position")
    return [document_row_of(entry.application, on=local_day(at)) for entry in entries]


LIST_HEAD = ("序号", "姓名", "工作单位", "资格名称", "专业", "取得时间", "证书编号")


def list_table(roster: Roster, at: datetime) -> list[tuple[str, ...]]:
    """The list of an issued document as a table: what is printed, in its order, and each certificate's number."""
    numbers = roster.entries.order_by("position").values_list("position", "certificate__number")
    return [
        (str(n), row.name, row.employer, row.qualification, row.field, row.qualified_on.isoformat(), number or "")
        for (n, number), row in zip(numbers, rows_of(roster, at), strict=True)
    ]


def standard_of(roster: Roster, at: datetime) -> Words:
    """The words that follow from the roster's list and its notice."""
    first = roster.entries.select_related("application").order_by("position")[0].application
    return standard_words(roster.office, rows=rows_of(roster, at), notice=notice_of(first))
