"""A list that grows: rows with their own prefixes, 添加 and 删除 as plain buttons, what was typed kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chuding.accounts.language import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from django.http import QueryDict

    from chuding.applications.forms.pieces import SectionForm

MOST = 12


class Rows:
    """The rows of one page. `asked` is True where the person pressed 添加 or 删除 and nothing is to be judged yet."""

    def __init__(self, forms: list[SectionForm], *, asked: bool = False, problem: str = "") -> None:
        self.forms = forms
        self.asked = asked
        self.problem = problem

    @property
    def may_grow(self) -> bool:
        return len(self.forms) < MOST

    @property
    def numbers(self) -> list[str]:
        """The hidden fields that say which rows the page holds."""
        return [str(form.prefix).removeprefix("row") for form in self.forms]

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in self.forms])  # noqa: C419 - every row says its errors, not only the first


def stored_rows(kind: type[SectionForm], initials: Sequence[dict[str, Any]], *, on: date, **options: Any) -> Rows:
    """The saved rows, or one empty row to begin with; as many as were on the page when its language changed."""
    given: Iterable[dict[str, Any]] = initials or [{}]
    stored = dict(enumerate(given))
    numbers = _numbers(shown) if (shown := typed()) is not None and "rows" in shown else list(stored)
    return Rows([kind(prefix=f"row{n}", initial=stored.get(n, {}), on=on, **options) for n in numbers])


def posted_rows(kind: type[SectionForm], data: QueryDict, *, on: date, silent: bool = False, **options: Any) -> Rows:
    """The rows as they were sent, after 添加 or 删除 where one of these was pressed. Odd row numbers are left aside.

    `silent`: they were kept, not sent, so nothing of them is judged.
    """
    numbers = _numbers(data)
    asked, problem = "add" in data or "remove" in data, ""
    fresh: int | None = None
    if "remove" in data:
        numbers = [number for number in numbers if str(number) != data["remove"]] or [max(numbers) + 1]
    elif "add" in data and len(numbers) < MOST:
        fresh = max(numbers) + 1
        numbers.append(fresh)
    elif "add" in data:
        problem = f"最多可以填{MOST}段。请把相近的几段合并填写。"
    rows = [
        kind(None if number == fresh else data, prefix=f"row{number}", on=on, silent=asked or silent, **options)
        for number in numbers
    ]
    return Rows(rows, asked=asked, problem=problem)


def _numbers(data: QueryDict) -> list[int]:
    numbers = [int(text) for text in data.getlist("rows") if text.isascii() and text.isdigit() and len(text) < 4]
    return list(dict.fromkeys(numbers))[:MOST] or [0]
