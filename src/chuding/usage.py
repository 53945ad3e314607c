"""What is wrong with a command as it was typed: one line in Chinese that names the place and the remedy, and exit 2.

`Spoken` is the group that speaks so, for itself and for every command below it; headings of its help are Chinese.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import click
from click.exceptions import NoArgsIsHelpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_HEADINGS: Final = {"Options": "选项", "Commands": "命令", "Positional arguments": "参数"}
_USAGE: Final = (("[OPTIONS]", "[选项]"), ("COMMAND [ARGS]...", "命令 [参数]..."))
_HELP: Final = (("Show this message and exit.", "显示这份说明"), ("[required]", "[必填]"), ("[default: ", "[默认 "))
_KINDS: Final = (
    (click.types.IntParamType, "应当是整数"),
    (click.types.FloatParamType, "应当是数字"),
    (click.types.BoolParamType, "应当是 true 或者 false"),
    (click.types.UUIDParameterType, "应当是 UUID"),
)


class ChineseHelp(click.HelpFormatter):
    """Help under Chinese headings; what a command says of itself is Chinese already."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """用法：chuding assess [选项] FILE"""
        super().write_usage(prog, _replaced(args, _USAGE), prefix or "用法：")

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """选项, 命令."""
        with super().section(_HEADINGS.get(name, name)):
            yield

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """The options or commands, each with what it is."""
        super().write_dl([(first, _replaced(second, _HELP)) for first, second in rows], col_max, col_spacing)


def _replaced(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


class Spoken(click.Group):
    """A group whose refusals are one line each, whatever command below it was meant."""

    def main(self, *args: Any, **more: Any) -> Any:
        """As click's own, in Chinese; `standalone_mode` False leaves every exception to the caller."""
        click.Context.formatter_class = ChineseHelp  # every command's, also below this group
        alone, more["standalone_mode"] = more.get("standalone_mode", True), False
        if not alone:
            return super().main(*args, **more)
        try:
            done = super().main(*args, **more)
        except NoArgsIsHelpError as nothing:
            click.echo(nothing.ctx.get_help() if nothing.ctx else "", err=True)
            sys.exit(nothing.exit_code)
        except click.ClickException as refusal:
            words = (args[0] if args else more.get("args")) or sys.argv[1:]
            click.echo(said(refusal, self._typed(words)).encode("utf-8", "backslashreplace").decode("utf-8"), err=True)
            sys.exit(refusal.exit_code)
        except click.Abort:
            click.echo("已中止。", err=True)
            sys.exit(1)
        sys.exit(done if isinstance(done, int) else 0)

    def invoke(self, ctx: click.Context) -> None:
        """What a command returns is nothing to the shell, as in click; so what `main` gets is an exit code."""
        super().invoke(ctx)

    def _typed(self, words: Sequence[str]) -> str:
        """The command that was meant, for a refusal that does not know it: chuding publishing import."""
        path = ["chuding"]
        command: click.Group = self
        for word in words:
            found = command.get_command(click.Context(command), word)
            if found is None:
                break
            path.append(word)
            if not isinstance(found, click.Group):
                break
            command = found
        return " ".join(path)


def said(refusal: click.ClickException, typed: str = "chuding") -> str:
    """The refusal as one line: which command (`typed`, where it does not know), what is wrong, what to do."""
    context: click.Context | None = getattr(refusal, "ctx", None)
    where = context.command_path if context else typed
    wrong = next((say for kind, say in _FAULTS if isinstance(refusal, kind)), _other)(refusal, context)
    remedy = f"；用法见 {where} --help" if isinstance(refusal, click.UsageError) else ""
    return f"{where}：{wrong}{remedy}"


def _no_command(refusal: Any, context: click.Context | None) -> str:
    group = context.command if context else None
    known = group.list_commands(context) if context and isinstance(group, click.Group) else []
    return f"没有命令“{_shown(refusal.command_name)}”{_near(refusal.command_name, known)}"


def _no_option(refusal: Any, context: click.Context | None) -> str:
    known = [name for each in (context.command.get_params(context) if context else ()) for name in each.opts]
    return f"没有选项“{_shown(refusal.option_name)}”{_near(refusal.option_name, known)}"


def _other(refusal: click.ClickException, _context: click.Context | None) -> str:
    message = refusal.format_message()
    if isinstance(refusal, click.UsageError) and "extra argument" in message:
        return f"多了内容“{_shown(message.partition('(')[2].rstrip(')'))}”，请删去或者加上引号"
    return _shown(message)


_FAULTS: Final[tuple[tuple[type[click.ClickException], Callable[[Any, click.Context | None], str]], ...]] = (
    (click.exceptions.NoSuchCommand, _no_command),
    (click.NoSuchOption, _no_option),
    (click.MissingParameter, lambda refusal, _: f"缺少{_named(refusal)}"),
    (click.BadOptionUsage, lambda refusal, _: f"选项“{_shown(refusal.option_name)}”后面缺少内容，或者不该有内容"),
    (click.BadParameter, lambda refusal, _: f"{_named(refusal)} 不对：{_why(refusal)}"),
    (click.FileError, lambda refusal, _: f"读不了文件“{_shown(refusal.ui_filename)}”，请核对路径和权限"),
)


def _shown(text: Any) -> str:
    return " ".join(str(text).split())


def _near(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"，是不是“{found[0]}”" if found else ""


def _named(refusal: click.BadParameter) -> str:
    """选项 --notice（哪一份通知）, 参数 FILE."""
    parameter = refusal.param
    if isinstance(parameter, click.Option):
        about = f"（{parameter.help.partition('，')[0]}）" if parameter.help else ""
        return f"选项 {max(parameter.opts, key=len)}{about}"
    if parameter is None:
        hint = refusal.param_hint
        return f"参数 {hint if isinstance(hint, str) else '、'.join(hint or ())}".rstrip()
    return f"参数 {parameter.make_metavar(refusal.ctx).strip('[]') if refusal.ctx else parameter.name}"


def _why(refusal: click.BadParameter) -> str:
    """What is wrong with a value, by the type that was asked; a message of our own stays as it is."""
    message, kind = _shown(refusal.message), refusal.param.type if refusal.param else None
    if not message.isascii() and not message.startswith(("'", '"', "Path ", "File ", "Directory ")):
        return message
    if isinstance(kind, click.Choice):
        return f"只能填{'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.Path):
        return _path_fault(message, kind)
    if isinstance(kind, click.types._NumberRangeBase):  # noqa: SLF001 - click has no other name for both ranges
        return f"应当在{kind._describe_range()}的范围内"  # noqa: SLF001
    if isinstance(kind, click.DateTime):
        return f"日期或者时间写成{'、'.join(kind.formats)}"
    return next((words for each, words in _KINDS if isinstance(kind, each)), message)


def _path_fault(message: str, kind: click.Path) -> str:
    name = message.partition("'")[2].rpartition("'")[0]
    what = {(True, False): "文件", (False, True): "文件夹"}.get((kind.file_okay, kind.dir_okay), "文件或者文件夹")
    if "does not exist" in message:
        return f"没有这个{what}“{name}”，请核对路径"
    if "is a directory" in message or "is a file" in message:
        return f"“{name}”不是{what}"
    return f"“{name}”读不了或者写不了，请核对权限"
