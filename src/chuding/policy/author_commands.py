"""`chuding notice diff` and `chuding notice new`: for whoever turns a notice into data."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from chuding.policy.diff import Difference, difference
from chuding.policy.notice import FOLDER, SHANGHAI, Notice, list_notices, read_notice
from chuding.policy.os_errors import why
from chuding.policy.scaffold import scaffold
from chuding.policy.source import NoticeError

_BAD_INPUT = 2
_SHOWN = 40  # specialties that differ are many and alike


def _fail(message: str) -> None:
    click.echo(message.encode("utf-8", "backslashreplace").decode("utf-8"), err=True)


def _read(target: str) -> Notice:
    """A notice by id or by folder; one clear line and exit 2 where it cannot be read."""
    folder = FOLDER / target if target in list_notices() else Path(target)
    if not folder.is_dir():
        _fail(f"“{target}”既不是通知的编号，也不是文件夹；现有：{'、'.join(list_notices())}")
        sys.exit(_BAD_INPUT)
    try:
        return read_notice(folder)
    except NoticeError as error:
        for problem in error.problems:
            _fail(f"{folder.name}/{problem}")
    sys.exit(_BAD_INPUT)


@click.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="一个 JSON 对象")
def diff_command(before: str, after: str, as_json: bool) -> None:
    """通知 A 与 B（编号或文件夹）的不同：逐条、逐项，以及谁的结论不同。"""
    old, new = _read(before), _read(after)
    found = difference(old, new)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        click.echo(_for_people(old, new, found))


def _for_people(old: Notice, new: Notice, found: Difference) -> str:
    lines = [f"{old.id} → {new.id}"]
    for name, changes in (("条款", found.clauses), ("规则", found.rules)):
        lines += ["", f"{name}：{len(changes)} 处不同" if changes else f"{name}：相同"]
        lines += [f"  {change}" for change in changes[:_SHOWN]]
        if len(changes) > _SHOWN:
            lines.append(f"  …… 另有 {len(changes) - _SHOWN} 处，用 --json 看全部")
    lines += ["", f"结论：问了两份通知的 {found.people} 个边界人选，{'有下列不同' if found.flips else '全部相同'}"]
    return "\n".join([*lines, *(f"  {flip}" for flip in found.flips)])


@click.command("new")
@click.argument("identifier", metavar="ID")
@click.option("--into", type=click.Path(path_type=Path), default=Path(), help="放在哪里；不写就放在当前文件夹")
def new_command(identifier: str, into: Path) -> None:
    """为新通知写一个待填的文件夹；再用 `chuding notice check` 看还缺什么。"""
    try:
        folder = scaffold(identifier, into, datetime.now(SHANGHAI).year)
    except ValueError as error:
        _fail(str(error))
        sys.exit(_BAD_INPUT)
    except OSError as error:
        _fail(f"{into}：写不了（{why(error)}）")
        sys.exit(_BAD_INPUT)
    click.echo(f"已经写好 {folder}。请把通知原文放进 notice.md，再运行 chuding notice check {folder}，照它说的补齐。")
