"""`chuding notice simulate`: what a notice, or the change to another, means for a file of people."""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from chuding.policy.columns_read import PeopleError, extent, read_people
from chuding.policy.notice import Notice, list_notices, load_notice, read_notice
from chuding.policy.os_errors import why
from chuding.policy.simulate import ANSWERS, GAIN, LOSS, OTHER, Tally, facts_asked, simulate
from chuding.policy.simulate_picture import draw
from chuding.policy.source import NoticeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chuding.policy.columns_read import Batch
    from chuding.policy.simulate import Flip

_BAD_INPUT = 2
_WORDS = {"yes": "可以", "no": "不可以", "unknown": "不能确定"}
_FLIP_COLUMNS = ("record", "id", "level", "schooling", "before", "after", "clauses_before", "clauses_after")


def _fail(message: str) -> None:
    click.echo(message.encode("utf-8", "backslashreplace").decode("utf-8"), err=True)
    sys.exit(_BAD_INPUT)


def _notice(identifier: str) -> Notice:
    folder = Path(identifier)
    try:
        if identifier not in list_notices() and folder.is_dir():
            return read_notice(folder)
        return load_notice(identifier)
    except KeyError:
        _fail(f"“{identifier}”既不是通知的编号，也不是文件夹；现有：{'、'.join(list_notices())}")
    except NoticeError as error:
        _fail(f"{identifier}/{error.problems[0]}（共 {len(error.problems)} 处，用 chuding notice check 查看）")
    raise AssertionError  # _fail does not come back


@click.command("simulate")
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", required=False)
@click.option(
    "--people", "files", metavar="FILE", multiple=True, required=True, help="CSV、Parquet 或 JSON Lines；可以给几个"
)
@click.option("--json", "as_json", is_flag=True, help="人数写成一个 JSON 对象")
@click.option("--out", metavar="FOLDER", help="把人数、变化和图写进一个新文件夹")
def simulate_command(before: str, after: str | None, files: tuple[str, ...], as_json: bool, out: str | None) -> None:
    """数一数通知 A 对 FILE 里的人怎么说；给了通知 B，再看换成 B 谁的结论改变。

    A 和 B 是通知的编号或文件夹。FILE 有哪些列，见 docs/simulate.md。
    """
    notices = (_notice(before), None if after is None else _notice(after))
    if notices[1] is not None and notices[0].id == notices[1].id:
        _fail(f"两个通知同名（{notices[0].id}），分不清谁是谁；请给其中一个文件夹改名")
    try:
        with ExitStack() as stack:
            folder = None if out is None else stack.enter_context(_Folder(Path(out)))
            tally = _run(notices, [Path(file) for file in files], folder)
            if folder is not None:
                folder.complete(tally, *notices)
    except PeopleError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or out}：写不了（{why(error)}）")
    click.echo(json.dumps(tally.to_json(), ensure_ascii=False) if as_json else _for_people(tally, *notices))


def _run(notices: tuple[Notice, Notice | None], files: list[Path], folder: _Folder | None) -> Tally:
    """Go through the files shard by shard; every change goes to the folder as it is found."""
    known = tuple(notice for notice in notices if notice is not None)
    asked = facts_asked(*known)
    lengths = [extent(file) for file in files]
    tally = Tally()
    with click.progressbar(length=sum(lengths), label="推算", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for file in files:
            reached = 0
            for batch in read_people(file, known, asked):
                found = simulate(*notices, batch.people)
                tally += found.tally
                if folder is not None:
                    folder.add_flips(file, batch, found.flips)
                bar.update(batch.position - reached)
                reached = batch.position
    return tally


class _Folder:
    """The results, made beside their place under another name and put there whole, or not at all."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> Self:
        if self._place.exists() and (not self._place.is_dir() or any(self._place.iterdir())):
            raise PeopleError(f"{self._place}：已经有东西，请换一个新的文件夹")
        self._place.parent.mkdir(parents=True, exist_ok=True)
        self._making = Path(tempfile.mkdtemp(prefix=f".{self._place.name}-", dir=self._place.parent))
        self._stream = (self._making / "flips.csv").open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._stream)
        self._writer.writerow(_FLIP_COLUMNS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        shutil.rmtree(self._making, ignore_errors=True)

    def add_flips(self, file: Path, batch: Batch, flips: tuple[Flip, ...]) -> None:
        """Write each change with the person's record number (behind the file's name) and id."""
        for flip in flips:
            self._writer.writerow(
                (
                    f"{file.name}:{batch.first + flip.index}",
                    _harmless("" if batch.identifiers is None else batch.identifiers[flip.index]),
                    *(flip.level, flip.schooling, flip.before, flip.after),
                    *("、".join(flip.clauses_before), "、".join(flip.clauses_after)),
                )
            )

    def complete(self, tally: Tally, before: Notice, after: Notice | None) -> None:
        """Write counts and picture, and put the folder in its place."""
        self._stream.close()
        if after is None:
            (self._making / "flips.csv").unlink()
        else:
            self._table("changes.csv", ("level", "by", "name", GAIN, LOSS, OTHER), _change_rows(tally))
        self._table("counts.csv", ("notice", "level", "by", "name", *ANSWERS), _count_rows(tally))
        text = json.dumps(tally.to_json(), ensure_ascii=False, indent=1)
        (self._making / "counts.json").write_text(text + "\n", encoding="utf-8")
        (self._making / "picture.svg").write_text(draw(tally, before, after), encoding="utf-8")
        self._making.chmod(0o755)
        self._making.rename(self._place)

    def _table(self, name: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
        with (self._making / name).open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows([columns, *rows])


def _harmless(text: str) -> str:
    """A cell that a spreadsheet would take for a formula is marked as text."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _count_rows(tally: Tally) -> Iterator[tuple[Any, ...]]:
    for kind, counts in (("schooling", tally.schoolings), ("clause", tally.clauses)):
        for notice, level, name in dict.fromkeys(key[:3] for key in counts):
            yield (notice, level, kind, name, *(counts[notice, level, name, answer] for answer in ANSWERS))


def _change_rows(tally: Tally) -> Iterator[tuple[Any, ...]]:
    for level, kind, name in dict.fromkeys(key[:3] for key in tally.changes):
        yield (level, kind, name, *(tally.changes[level, kind, name, change] for change in (GAIN, LOSS, OTHER)))


def _for_people(tally: Tally, before: Notice, after: Notice | None) -> str:
    lines = [f"共 {tally.people:,} 人"]
    for notice in (before, after):
        if notice is None:
            continue
        lines.append(f"{notice.id}  {notice.number}".rstrip())
        for rule in notice.levels:
            counts = [f"{_WORDS[answer]} {tally.total(notice.id, rule.level.value, answer):,}" for answer in ANSWERS]
            lines.append(f"  {rule.level.value}：{'，'.join(counts)}")
            lines += _named(tally.schoolings, notice.id, rule.level.value, "学历学位")
            lines += _named(tally.clauses, notice.id, rule.level.value, "条款")
    if after is not None:
        lines.append(f"从 {before.id} 到 {after.id}")
        for (level, old, new), count in sorted(tally.flips.items()):
            lines.append(f"  {level}：{_WORDS[old]} → {_WORDS[new]} {count:,} 人")
        for level, kind, name in sorted(
            {key[:3] for key in tally.changes}, key=lambda key: (key[0], key[1] != "schooling")
        ):
            gained, lost = (tally.changes[level, kind, name, change] for change in (GAIN, LOSS))
            if gained or lost:
                lines.append(f"    {level} {name}：得到 {gained:,}，失去 {lost:,}")
        if not tally.flips:
            lines.append("  没有人的结论改变")
    return "\n".join(lines)


def _named(counts: Any, notice: str, level: str, title: str) -> list[str]:
    names = dict.fromkeys(key[2] for key in counts if key[:2] == (notice, level))
    rows: Callable[[str], str] = lambda name: "，".join(  # noqa: E731
        f"{_WORDS[answer]} {counts[notice, level, name, answer]:,}"
        for answer in ANSWERS
        if counts[notice, level, name, answer]
    )
    return [f"    {title} {name}：{rows(name)}" for name in names]
