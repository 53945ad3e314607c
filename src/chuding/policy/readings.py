"""readings.md beside the rules: every 口径 of notice.yaml stands in its table, with the same choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chuding.policy.notice import FILE as RULES
from chuding.policy.source import Problem

if TYPE_CHECKING:
    from chuding.policy.notice import Notice
    from chuding.policy.source import Document

FILE: Final = "readings.md"
_TOPIC: Final = "题"
_TAKEN: Final = "本数据取"


def check_readings(notice: Notice, document: Document, text: str) -> list[Problem]:
    """Where the table of readings.md and the 口径 of notice.yaml say different things."""
    told = _table(text)
    chosen = {reading.question: (index, reading.chosen) for index, reading in enumerate(notice.entry.readings)}
    if not told and chosen:
        return [Problem(FILE, 1, f"没有读出口径的表；表头要有“{_TOPIC}”和“{_TAKEN}”两栏")]
    problems = []
    for topic, (line, taken) in told.items():
        if topic not in chosen:
            problems.append(Problem(FILE, line, f"notice.yaml 的“口径”里没有“{topic}”；不作取舍的事写在表的下面"))
        elif taken != chosen[topic][1]:
            words = f"口径“{topic}”取“{taken}”，notice.yaml 里取“{chosen[topic][1]}”；请改成一致"
            problems.append(Problem(FILE, line, words))
    for topic, (index, _) in chosen.items():
        if topic not in told:
            line = document.line(("口径", index))
            problems.append(Problem(RULES, line, f"口径“{topic}”没有写在 readings.md 的表里；请写明可能的读法和理由"))
    return problems


def _table(text: str) -> dict[str, tuple[int, str]]:
    """Topic: line and choice, of the first table with both columns."""
    columns: list[str] = []
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            columns = [] if not found else columns
            if found:
                break
        elif not columns:
            columns = cells if {_TOPIC, _TAKEN} <= set(cells) else []
        elif len(cells) == len(columns) and not set(cells[0]) <= set("-: "):
            row = dict(zip(columns, cells, strict=True))
            found[row[_TOPIC]] = (number, row[_TAKEN])
    return found
