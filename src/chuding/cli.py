"""The command line: `chuding COMMAND`. Each command lives in its room and is loaded when it is called."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import django

from chuding.service import set_demonstration_clock
from chuding.usage import Spoken

if TYPE_CHECKING:
    from collections.abc import Mapping


class Place(NamedTuple):
    """Where a command lives and whether it needs the site (Django) set up before it is loaded."""

    module: str
    name: str
    site: bool
    help: str


COMMANDS = {
    "assess": Place("chuding.policy.commands", "assess", False, "对照通知判断能否初定、最早哪一天、依据哪一条"),
    "notice": Place("chuding.policy.commands", "notice", False, "列出、查看、检查通知"),
    "publishing": Place("chuding.publishing.commands", "publishing", True, "通知的版本和草案：列出、导出、导入"),
    "verify": Place("chuding.paper.commands", "verify", False, "验证 PDF 证书或文件的数字签名"),
    "gallery": Place("chuding.paper.gallery", "gallery", False, "把每一种文书用最难排的数据各排一遍，供人细看"),
    "run": Place("chuding.service", "run", False, "准备并运行演示站点（http://127.0.0.1:8000）"),
    "serve": Place("chuding.service", "serve", False, "按环境变量的配置运行正式站点"),
    "prepare": Place("chuding.demonstration.commands", "prepare", True, "建库、收集静态文件、备好密钥和字体"),
    "demo": Place("chuding.demonstration.commands", "demo", True, "不用浏览器走完初级和中级各一件"),
    "worker": Place("chuding.jobs.commands", "worker", True, "运行后台任务"),
    "staff": Place("chuding.accounts.commands", "staff", True, "登记协会和市职称办的工作人员"),
    "sms": Place("chuding.messages.commands", "sms", True, "短信：要登记的模板，发一条试一试"),
    "employer": Place("chuding.accounts.commands", "employer", True, "登记用人单位和经办人"),
    "signer": Place("chuding.signing.commands", "signer", True, "签名进程和它的开关"),
    "archive": Place("chuding.certificates.commands", "archive", True, "为证明期快到的证书加盖存档时间戳"),
    "package": Place("chuding.decisions.commands", "package", True, "制作归档包，离开网站核验归档包"),
    "ledger": Place("chuding.ledger.commands", "ledger", True, "校验账本、签署检查点"),
}


class Lazy(Spoken):
    """Loads a command's module only when that command is asked for, so that `assess` never waits for the site."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        if place.site:
            if cmd_name == "demo":
                os.environ.setdefault("CHUDING_DEMONSTRATION", "1")
            if os.environ.get("CHUDING_DEMONSTRATION") == "1":  # before the settings read it
                set_demonstration_clock(Path(os.environ.get("CHUDING_DATA", "data")).resolve())
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
            django.setup()
        command = getattr(import_module(place.module), place.name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place.module}.{place.name} is no command")
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, place.help) for name, place in COMMANDS.items()])


def press(sheet: Mapping[str, Any]) -> bytes:
    """The PDF of a verdict's words, for `assess --pdf`: the law room knows no paper, and paper is loaded only here."""
    letters, glyphs, typeset = (import_module(f"chuding.paper.{name}") for name in ("letters", "glyphs", "typeset"))
    data = letters.VerdictData.read(sheet, sample=os.environ.get("CHUDING_DEMONSTRATION") == "1")
    fonts = glyphs.fonts_folder(Path(os.environ.get("CHUDING_DATA") or "data"))
    return bytes(typeset.Typesetter(fonts).verdict(data, datetime.now(UTC)))


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """初定 Chuding：一座城市一年一度的职称初定，从通知到人人可验证的证书。"""
    ctx.obj = press
