"""The layout of a table of people: which columns there are, and what may stand in their cells.

One row a person. A single fact is a column of its own name (`filed_on`, `specialty`, …). A list is numbered columns, one
group a record: `credential_1_kind`, `credential_1_awarded_on`, …, `work_1_from`, `work_1_to`, …, `sanction_1_from`, … and
`title_1_level`, …; a column with the list's name (`credentials`, `work`, `sanctions`, `titles`) may say how many there are: 0 is
none, an empty cell leaves it to the groups, and all groups empty is unknown. An empty cell is unknown, except that an
empty `work_1_to` is still going on, as in the contract. `id` is yours: it comes back beside each flip.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, get_args

from chuding.policy.columns import SHAPE, Shape, parts_of
from chuding.policy.facts import read_when, shown
from chuding.policy.named import CHECKED
from chuding.policy.speech import CHINESE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chuding.policy.facts import When

#: List of the contract → the word its numbered columns begin with.
GROUPS: Final = {"credentials": "credential", "work": "work", "sanctions": "sanction", "titles": "title"}
IDENTIFIER: Final = "id"
_NUMBERED: Final = re.compile(r"(?P<group>[a-z]+)_(?P<number>[1-9]\d?)_(?P<field>[a-z_]+)", re.ASCII)
_TRUTHS: Final = {"true": True, "TRUE": True, "True": True, "是": True}
_FALSEHOODS: Final = {"false": False, "FALSE": False, "False": False, "否": False}


class LayoutError(ValueError):
    """Columns that do not fit; the message names the column and says what to do."""


class Cells(dict[str | None, int]):
    """What the cells of a kind of column say, each distinct text read once: text → place in `found`, 0 for empty."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__({None: 0, "": 0})
        self._read = read
        self.found: list[Any] = []

    def __missing__(self, text: str | None) -> int:
        value = self._read(text or "")
        self.found.append(value)
        self[text] = len(self.found)
        return len(self.found)


def _words(options: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in options:
            raise ValueError(f"只能填 {'、'.join(options)}，或者空着，不能是{shown(text)}")
        return text

    return read


def _truth(text: str) -> bool:
    known = _TRUTHS | _FALSEHOODS
    if text not in known:
        raise ValueError(f"只能填 true 或 false（是、否也可以），或者空着，不能是{shown(text)}")
    return known[text]


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise ValueError(f"只能填整数（半角数字），或者空着，不能是{shown(text)}")
    return int(text)


def _day(text: str) -> When:
    return read_when(text)


def _day_or_never(text: str) -> When | str:
    return text if text == "never" else read_when(text)


def reader_of(shape: Shape, fact: str, word: Callable[[str, str], str]) -> Callable[[str], Any]:
    """How a cell of a fact is read; `word` checks what the notices know: a specialty, a permit."""
    if fact in CHECKED:
        return partial(word, fact)
    parts = parts_of(shape.model.model_fields[fact].annotation)
    if fact in shape.days:
        return _day_or_never if "never" in parts else _day
    if bool in parts:
        return _truth
    if int in parts:
        return _number
    options = [part for part in parts if isinstance(part, str)]
    order = [option for literal in get_args(shape.model.model_fields[fact].annotation) for option in get_args(literal)]
    return _words(sorted(options, key=order.index) if order else options)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a table holds what: places of single facts, of counts, and of each group's fields."""

    names: tuple[str, ...]
    facts: dict[str, int]
    counts: dict[str, int]
    groups: dict[str, tuple[dict[str, int], ...]]
    identifier: int | None

    @classmethod
    def of(cls, names: Sequence[str], asked: frozenset[str]) -> Layout:
        """Sort the columns; raises `LayoutError` for one that is unknown, double, or missing though it is asked."""
        places = {name: index for index, name in enumerate(names)}
        if len(places) < len(names):
            twice = next(name for index, name in enumerate(names) if places[name] != index)
            raise LayoutError(f"列 {shown(twice)} 有两个，请只留一个")
        numbered: dict[str, dict[int, dict[str, int]]] = {name: {} for name in SHAPE.records}
        facts, counts = {}, {}
        for name, place in places.items():
            if name in SHAPE.records:
                counts[name] = place
            elif name in (*SHAPE.values, *SHAPE.days):
                facts[name] = place
            elif name != IDENTIFIER:
                records, number, field = _group(name)
                numbered[records].setdefault(number, {})[field] = place
        groups = {records: _in_order(records, found) for records, found in numbered.items()}
        layout = cls(tuple(names), facts, counts, groups, places.get(IDENTIFIER))
        layout.refuse_gaps(asked)
        return layout

    def refuse_gaps(self, asked: frozenset[str]) -> None:
        """What the notices ask must have a column, be its cells empty: a forgotten column is not a missing fact."""
        for fact in sorted(asked):
            plain = fact.removeprefix("title.")
            if fact in SHAPE.records:
                present = fact in self.counts or bool(self.groups[fact])
                wanted = fact if fact == "sanctions" else f"{GROUPS[fact]}_1_from"
            elif fact in (*SHAPE.values, *SHAPE.days):
                present, wanted = fact in self.facts, fact
            else:
                records = "titles" if fact.startswith("title.") else "credentials"
                word = {"kind": "level", "awarded_on": "held_since"}.get(plain, plain) if records == "titles" else plain
                present = self.counts.get(records) is not None or bool(self.groups[records])
                present = present and all(word in group for group in self.groups[records])
                wanted = f"{GROUPS[records]}_1_{word}"
            if not present:
                raise LayoutError(f"缺少列 {wanted}（{CHINESE.fact(plain)}）；通知问到它，不知道的可以空着，列要有")


def _group(name: str) -> tuple[str, int, str]:
    found = _NUMBERED.fullmatch(name)
    records = next((key for key, word in GROUPS.items() if found and word == found["group"]), None)
    if found and records in SHAPE.records:
        field = "from_" if found["field"] == "from" else found["field"]
        if field in (*SHAPE.records[records].values, *SHAPE.records[records].days):
            return records, int(found["number"]), field
    number = re.search(r"_([1-9]\d?)_", name, re.ASCII)
    nth = number[1] if number else "1"
    known = [*SHAPE.values, *SHAPE.days, *SHAPE.records, IDENTIFIER]
    known += [f"{GROUPS[k]}_{nth}_{f.rstrip('_')}" for k, s in SHAPE.records.items() for f in (*s.values, *s.days)]
    near = difflib.get_close_matches(name, known, n=1)
    raise LayoutError(f"不认识列 {shown(name)}" + (f"，是不是 {near[0]}" if near else "，请核对列名"))


def _in_order(records: str, found: dict[int, dict[str, int]]) -> tuple[dict[str, int], ...]:
    for expected, number in enumerate(sorted(found), start=1):
        if number != expected:
            raise LayoutError(f"缺少 {GROUPS[records]}_{expected}_… 各列：编号要从 1 起，不能跳")
    for number, group in sorted(found.items()):
        for field in found[1]:
            if field not in group:
                raise LayoutError(f"缺少列 {GROUPS[records]}_{number}_{field.rstrip('_')}；每一组的列要一样")
    return tuple(found[number] for number in sorted(found))
