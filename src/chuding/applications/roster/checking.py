"""The check before an import: every problem of a sheet located to its cell, in plain words. No database, no clock.

What a database knows (already on the roster, already applied) comes in as sets of blind indexes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chuding.applications.roster.columns import (
    COLUMNS,
    EXAMPLE_LINE,
    FIRST_LINE,
    HEAD_LINE,
    HEADS,
    PLACE,
    SHEET,
    BadCell,
    whole_row_problems,
)
from chuding.paper.sheets import EMPTY, LIMIT_ROWS, Cell
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chuding.applications.roster.columns import Column, Context

Lines = dict[int, list[Cell]]


class WrongSheet(Exception):  # noqa: N818 - an answer to a person
    """Not a roster of ours; `sentence` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Finding:
    """One remark on one cell. `blocks` keeps the row out; otherwise it is something to know."""

    line: int
    column: Column
    text: str
    blocks: bool = True

    @property
    def sentence(self) -> str:
        """第17行 毕业日期：写成了 2023.7，请写 2023-07-01."""
        return f"第{self.line}行 {self.column.head}：{self.text}"


@dataclass
class Row:
    """One person of the sheet: `values` as they were understood, and what is to be said of them."""

    line: int
    cells: list[Cell]
    values: dict[str, object] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    index: str = ""

    @property
    def good(self) -> bool:
        """Whether the row can be imported."""
        return not any(finding.blocks for finding in self.findings)

    def say(self, key: str, text: str, *, blocks: bool = True) -> None:
        """Add a remark on the cell of a column."""
        self.findings.append(Finding(self.line, COLUMNS[PLACE[key]], text, blocks))


@dataclass(frozen=True)
class Known:
    """What the database knows of this employer's people: by blind index of the identity number."""

    index_of: Callable[[str], str]
    on_roster: frozenset[str] = frozenset()
    claimed: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    applied: Mapping[str, str] = field(default_factory=dict)
    # The highest level that somebody holds by a file of this employer's, whatever the notice.
    holding: Mapping[str, str] = field(default_factory=dict)


def people_of(rows: Sequence[Sequence[Cell]]) -> Lines:
    """The lines of a sheet that hold somebody, by their number on the sheet. Raises WrongSheet."""
    if len(rows) < HEAD_LINE:
        raise WrongSheet("表格里没有表头。请下载模板，在模板里填写后上传。")
    heads = tuple(cell.text.strip().removesuffix("（选填）") for cell in rows[HEAD_LINE - 1][: len(COLUMNS)])
    if heads != HEADS:
        place = next((i for i, head in enumerate(HEADS) if i >= len(heads) or heads[i] != head), 0)
        raise WrongSheet(
            f"第{HEAD_LINE}行表头与模板不同：第{place + 1}列应是“{HEADS[place]}”。请下载最新的模板，把名单复制进去再上传。"
        )
    found: Lines = {}
    for line, row in enumerate(rows, start=1):
        cells = [row[place] if place < len(row) else EMPTY for place in range(len(COLUMNS))]
        example = line == EXAMPLE_LINE and _is_example(cells)
        if line > HEAD_LINE and not example and any(cell.kind != "empty" for cell in cells):
            found[line] = cells
    if not found:
        raise WrongSheet(f"“{SHEET}”里还没有人。请从第{FIRST_LINE}行起，一人一行填写，保存后上传。")
    if len(found) > LIMIT_ROWS:
        raise WrongSheet(f"名单有{len(found)}人，一次最多{LIMIT_ROWS}人。请分成几份上传。")
    return found


def _is_example(cells: list[Cell]) -> bool:
    """The example as the template writes it: its invented name and number."""
    return all(cells[PLACE[key]].text == COLUMNS[PLACE[key]].example for key in ("full_name", "identity_number"))


def check_rows(lines: Lines, context: Context, known: Known) -> list[Row]:
    """Every row read, with all that is to be said of it at once."""
    rows = [_read(line, cells, context) for line, cells in lines.items()]
    for row in rows:
        number = row.values.get("identity_number")
        if isinstance(number, str) and number:
            row.index = known.index_of(number)
    _find_twins(rows, "identity_number", lambda row: row.index, "证件号码")
    _find_twins(rows, "phone", lambda row: str(row.values.get("phone") or ""), "手机号")
    for row in rows:
        if row.index in known.declined:
            row.say("identity_number", "本人已谢绝由单位代填，请从表中删去这一行，由本人自己申报")
        elif _at_least(held := known.holding.get(row.index, ""), str(row.values.get("level") or "")):
            row.say("level", f"本人已经取得{held}职称，不用再申报，请从表中删去这一行")
        elif number := known.applied.get(row.index):
            row.say("identity_number", f"本人已经提交申报（{number}），导入后不再邀请", blocks=False)
        elif row.index in known.claimed:
            row.say("identity_number", "本人已经认领过，导入后不改本人填写的内容", blocks=False)
        elif row.index in known.on_roster:
            row.say("identity_number", "名单里已有这个人，导入后按这一行更新", blocks=False)
    return rows


def _at_least(held: str, wanted: str) -> bool:
    """Whether the level somebody holds is the one that is wanted or above it; where none is wanted, nothing is known."""
    order = [level.value for level in Level]
    return bool(held and wanted) and order.index(held) >= order.index(wanted)


def _read(line: int, cells: list[Cell], context: Context) -> Row:
    row = Row(line, cells)
    for column, cell in zip(COLUMNS, cells, strict=True):
        text = cell.text.strip()
        if cell.kind == "formula":
            row.say(column.key, "是公式，请复制这一列，用“选择性粘贴—数值”粘贴回来")
        elif not text:
            if column.required:
                row.say(column.key, column.problem_if_empty())
            else:
                row.values[column.key] = None
        else:
            try:
                row.values[column.key] = column.read(text, cell, context)
            except BadCell as problem:
                row.say(column.key, str(problem))
    for key, text in whole_row_problems(row.values, context.on):
        row.say(key, text)
    row.findings.sort(key=lambda finding: PLACE[finding.column.key])
    return row


def _find_twins(rows: list[Row], key: str, of: Callable[[Row], str], name: str) -> None:
    first: dict[str, Row] = {}
    for row in rows:
        value = of(row)
        if not value:
            continue
        if value in first:
            row.say(key, f"与第{first[value].line}行的{name}相同，请核对后只保留一行")
        else:
            first[value] = row
