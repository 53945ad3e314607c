"""The catalogue of specialties (附件): 系列名称 → 大专业 → 小专业, told apart by path, never by name."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pypinyin import Style, lazy_pinyin

from chuding.policy.source import NoticeError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = "catalogue.csv"
_ARROW: Final = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
COLUMNS: Final = ("系列名称", "大专业", "小专业")


@dataclass(frozen=True, slots=True)
class Specialty:
    """One choice of the catalogue; a major without minors is chosen itself (`minor` None).

    `path` is the contract's (`电力工程/电气工程/电气工程`); `label` is the path for people, with the series 工程.
    """

    path: str
    series: str
    major: str
    minor: str | None
    label: str

    @property
    def name(self) -> str:
        """The last word of the path; not unique (电气工程, 技术管理)."""
        return self.minor or self.major


class Catalogue:
    """The choices of a notice, in the notice's order."""

    def __init__(self, choices: tuple[Specialty, ...]) -> None:
        self._choices = choices
        self._by_path = {choice.path: choice for choice in choices}

    def __len__(self) -> int:
        return len(self._choices)

    def choices(self) -> tuple[Specialty, ...]:
        """Every choice, in the notice's order."""
        return self._choices

    def series(self) -> tuple[str, ...]:
        """系列名称, in order."""
        return tuple(dict.fromkeys(choice.series for choice in self._choices))

    def majors(self, series: str) -> tuple[str, ...]:
        """大专业 of a series; empty for an unknown series."""
        return tuple(dict.fromkeys(choice.major for choice in self._choices if choice.series == series))

    def minors(self, series: str, major: str) -> tuple[str, ...]:
        """小专业 of a major; empty where the major is chosen itself."""
        return tuple(
            choice.minor
            for choice in self._choices
            if (choice.series, choice.major) == (series, major) and choice.minor is not None
        )

    def find(self, path: str) -> Specialty | None:
        """The choice at a path of the contract."""
        return self._by_path.get(path)

    def tree(self) -> dict[str, dict[str, list[str]]]:
        """{series: {major: [minor, …]}}; an empty list where the major is chosen itself."""
        return {
            series: {major: list(self.minors(series, major)) for major in self.majors(series)}
            for series in self.series()
        }

    @cached_property
    def _keys(self) -> tuple[_Keys, ...]:
        return tuple(
            _Keys(
                _folded(choice.name),
                _folded(choice.path),
                _initials(choice.name),
                _initials(choice.path),
                tuple(_folded(word) for word in common_words(choice)),
            )
            for choice in self._choices
        )

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Path → what else a choice is found by: the initials of its path, and what people call it."""
        pairs = zip(self._choices, self._keys, strict=True)
        return {choice.path: " ".join((keys.path_initials, *keys.called)) for choice, keys in pairs}

    def homonyms(self, choice: Specialty) -> list[Specialty]:
        """Other choices of the same name, elsewhere in the catalogue."""
        return [other for other in self._choices if other.name == choice.name and other.path != choice.path]

    def search(self, text: str, limit: int = 20) -> list[Specialty]:
        """Choices whose name or path contains the text, or the initials of whose pinyin do (`dqgc`), or that are called so.

        Best first: the name itself, a name that begins so, a name that contains it or what people call it (`PLC`), then
        the path; each group in the notice's order. Choices of the same name are all found; several words must all be found.
        """
        words = [_folded(word) for word in text.split()]
        if not words:
            return []
        ranked = []
        for position, (choice, keys) in enumerate(zip(self._choices, self._keys, strict=True)):
            ranks = [_rank(word, keys) for word in words]
            if None not in ranks:
                ranked.append((max(rank for rank in ranks if rank is not None), position, choice))
        return [choice for _, _, choice in sorted(ranked, key=lambda found: found[:2])[:limit]]


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a choice is found by."""

    name: str
    path: str
    name_initials: str
    path_initials: str
    called: tuple[str, ...]


def _rank(word: str, keys: _Keys) -> int | None:
    if word in (keys.name, keys.name_initials):
        return 0
    if keys.name.startswith(word) or keys.name_initials.startswith(word):
        return 1
    if word in keys.name or word in keys.name_initials or any(each.startswith(word) for each in keys.called):
        return 2
    return 3 if word in keys.path or word in keys.path_initials else None


@cache
def _common_words() -> dict[str, tuple[str, ...]]:
    """What people call a specialty, by its name (`search_words.csv`): help in searching, never law."""
    found: dict[str, tuple[str, ...]] = {}
    with Path(__file__).with_name("search_words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["专业"]] = (*found.get(row["专业"], ()), row["常用叫法"])
    return found


def common_words(choice: Specialty) -> tuple[str, ...]:
    """What people call this choice; a word may stand for a name, or for the end of a path (`机械设计/产品设计`)."""
    words = _common_words()
    return (*words.get(choice.name, ()), *words.get("/".join(choice.path.split("/")[-2:]), ()))


_HALF_WIDTH: Final = str.maketrans("（）／，", "()/,")


def _folded(text: str) -> str:
    """Case, spaces and the width of brackets do not matter when searching."""
    return "".join(text.translate(_HALF_WIDTH).casefold().split())


def _initials(text: str) -> str:
    return "".join(lazy_pinyin(_folded(text), style=Style.FIRST_LETTER, errors=lambda other: other)).casefold()


def read_catalogue(text: str, series_title: str) -> Catalogue:
    """Read catalogue.csv; `series_title` is the series above all (工程). Raises `NoticeError` with file and line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems: list[Problem] = []
    choices: dict[str, Specialty] = {}
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise NoticeError([Problem(FILE, 1, f"第一行应当是 {','.join(COLUMNS)}")])
        for row in reader:
            fault = _fault(row)
            if fault:
                problems.append(Problem(FILE, reader.line_num, fault))
                continue
            path = "/".join(filter(None, row))
            if path in choices:
                problems.append(Problem(FILE, reader.line_num, f"“{path}”写了两次"))
            series, major, minor = row
            label = _ARROW.join([series_title, *path.split("/")])
            choices[path] = Specialty(path, series, major, minor or None, label)
    except csv.Error as error:
        problems.append(Problem(FILE, reader.line_num, f"不是合格的 CSV：{error}"))
    majors = {(choice.series, choice.major) for choice in choices.values() if choice.minor is not None}
    problems += [
        Problem(FILE, 1, f"“{choice.path}”既有小专业，又自成一行")
        for choice in choices.values()
        if choice.minor is None and (choice.series, choice.major) in majors
    ]
    if not choices:
        problems.append(Problem(FILE, 1, "目录是空的"))
    if problems:
        raise NoticeError(problems)
    return Catalogue(tuple(choices.values()))


def _fault(row: list[str]) -> str | None:
    if len(row) != len(COLUMNS):
        return f"应当有 {len(COLUMNS)} 列，这一行有 {len(row)} 列"
    if not row[0] or not row[1]:
        return "系列名称和大专业不能空"
    if any(cell != cell.strip() or "/" in cell for cell in row):
        return "名称前后不能有空格，里面不能有 /"
    return None
