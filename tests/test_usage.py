"""What is wrong with a command as typed: one line in Chinese with the place and the remedy, exit 2; help in Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from chuding.cli import COMMANDS, main
from chuding.usage import Spoken

if TYPE_CHECKING:
    from collections.abc import Iterator


def asked(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(words), prog_name="chuding")
    return done.exit_code, done.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["publishing", "import", "nowhere"],
         "chuding publishing import：参数 FOLDER 不对：没有这个文件夹“nowhere”，请核对路径；用法见 chuding publishing import --help"),
        (["publishing", "import", "pyproject.toml"],
         "chuding publishing import：参数 FOLDER 不对：“pyproject.toml”不是文件夹；用法见 chuding publishing import --help"),
        (["notice", "diff", "a"], "chuding notice diff：缺少参数 B；用法见 chuding notice diff --help"),
        (["assess", "x"], "chuding assess：缺少选项 --notice（哪一份通知）；用法见 chuding assess --help"),
        (["assess", "--notice"], "chuding assess：选项“--notice”后面缺少内容，或者不该有内容；用法见 chuding assess --help"),
        (["assess", "--json=1", "x"], "chuding assess：选项“--json”后面缺少内容，或者不该有内容；用法见 chuding assess --help"),
        (["assess", "--notice", "a", "--langage", "en", "x"],
         "chuding assess：没有选项“--langage”，是不是“--language”；用法见 chuding assess --help"),
        (["assess", "--notice", "a", "--language", "fr", "x"],
         "chuding assess：选项 --language（给人看的语言） 不对：只能填zh-hans、zh-hant、en；用法见 chuding assess --help"),
        (["asess"], "chuding：没有命令“asess”，是不是“assess”；用法见 chuding --help"),
        (["notice", "chek", "a"], "chuding notice：没有命令“chek”，是不是“check”；用法见 chuding notice --help"),
        (["notice", "zzzz"], "chuding notice：没有命令“zzzz”；用法见 chuding notice --help"),
        (["notice", "list", "a\nb", "c"], "chuding notice list：多了内容“a b c”，请删去或者加上引号；用法见 chuding notice list --help"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_with_place_and_remedy(words: list[str], line: str) -> None:
    assert asked(*words) == (2, line + "\n")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command there is, with its words."""
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


def test_every_command_refuses_in_one_chinese_line() -> None:
    """An option that nobody knows, asked of each command; and every number, path and choice given something else."""
    seen = 0
    for path, command in commands(main):
        mistakes = [["--no-such-option"]]
        for each in command.params:
            anything = isinstance(each.type, click.types.StringParamType | click.Path)
            if isinstance(each, click.Option) and not each.is_flag and not anything:
                mistakes.append([max(each.opts, key=len), "?"])
        for mistake in mistakes:
            code, text = asked(*path, *mistake)
            assert (code, text.count("\n")) == (2, 1), (path, mistake, text)
            assert text.startswith(f"chuding {' '.join(path)}："), text
            assert re.search("[一-鿿]", text.partition("：")[2]), text
            assert not re.search(r"\b(Error|Usage|Invalid|Missing|No such|requires|not a valid)\b", text), text
            seen += 1
    assert seen > len(COMMANDS) + 20


def test_every_help_has_chinese_headings() -> None:
    for path, _ in [((), main), *commands(main)]:
        done = CliRunner().invoke(main, [*path, "--help"], prog_name="chuding")
        assert done.exit_code == 0, path
        assert done.output.startswith(f"用法：{' '.join(('chuding', *path))}"), done.output
        assert not re.search(
            r"Usage|Options:|Commands:|Show this message|\[OPTIONS\]|\[ARGS\]|\[required\]", done.output
        ), done.output


def test_commands_own_refusals_stay_as_they_are() -> None:
    @click.command(cls=Spoken)
    def group() -> None: ...

    @group.command("go")
    @click.option("--days", type=click.IntRange(1, 9))
    @click.option("--share", type=float)
    def go(days: int | None, share: float | None) -> int:
        if days == 2:
            raise click.ClickException("今天\n不行")
        if share == 0.5:
            raise click.Abort
        if days == 3:
            click.get_current_context().exit(3)
        return 4

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(group, ["go", *words], prog_name="chuding")
        return done.exit_code, done.stderr

    assert run("--days", "2") == (1, "chuding go：今天 不行\n")
    assert [run("--days", "3"), run("--days", "4")] == [(3, ""), (0, "")]
    assert run("--share", "0.5") == (1, "已中止。\n")
    assert run("--days", "12") == (2, "chuding go：选项 --days 不对：应当在1<=x<=9的范围内；用法见 chuding go --help\n")
    assert run("--share", "x") == (2, "chuding go：选项 --share 不对：应当是数字；用法见 chuding go --help\n")
