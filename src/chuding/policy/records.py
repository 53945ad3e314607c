"""Reading people from JSON or JSON Lines, strictly, one record at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.facts import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST_TWO: Final = 2


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One record of the input: its number and first line from 1, and its value, or what is wrong with its JSON."""

    number: int
    line: int
    value: Any
    fault: str | None = None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"字段 {shown(key)} 写了两次")
        found[key] = value
    return found


def _constant(word: str) -> Any:
    raise ValueError(f"JSON 里没有 {word}")


def _parse(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)


def _fault(error: Exception, line: int) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"不是合格的 JSON（第 {line + error.lineno - 1} 行第 {error.colno} 列）"
    if isinstance(error, RecursionError):
        return "不是合格的 JSON：嵌套太深"
    return str(error) if "JSON" in str(error) or "字段" in str(error) else "不是合格的 JSON：数字太长"


def _read(number: int, line: int, text: str) -> JsonRecord:
    try:
        return JsonRecord(number, line, _parse(text))
    except (ValueError, RecursionError) as error:
        return JsonRecord(number, line, None, _fault(error, line))


def read_records(text: str) -> Iterator[JsonRecord]:
    """The records of one JSON object over any number of lines, or of JSON Lines. Nothing at all yields nothing.

    A text counts as JSON Lines when its first line is a whole JSON value, or its second line begins a new object.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        return
    first_line, first = lines[0]
    whole = _read(1, first_line, first)
    second_opens = len(lines) >= _FIRST_TWO and lines[1][1].lstrip().startswith("{")
    if len(lines) > 1 and (whole.fault is None or (second_opens and first.lstrip() not in ("[", "{"))):
        for number, (line, content) in enumerate(lines, start=1):
            yield whole if number == 1 else _read(number, line, content)
    else:
        yield _read(1, 1, text)
