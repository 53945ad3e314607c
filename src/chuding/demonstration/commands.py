"""`chuding prepare` and `chuding demo`."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command

from chuding.accounts.models import Person
from chuding.certificates.statuses import renew_status_lists
from chuding.demonstration.cast import OFFICERS
from chuding.demonstration.headless import NotThroughError, drive
from chuding.demonstration.town import build, demonstration_password
from chuding.housekeeping import book_next
from chuding.ledger.verify import write_checkpoint
from chuding.notices.services import adopt_first
from chuding.paper.glyphs import fonts_folder
from chuding.paper.keys import add_time_stamper, make_demonstration_keys
from chuding.storage.clock import now


def ready_the_house() -> None:
    """Database, fonts and keys. Production keys are never made here: their absence is said plainly."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("check", databases=["default"], fail_level="ERROR", stdout=StringIO())
    adopt_first(at=now())
    book_next(now())
    fonts_folder(settings.DATA_FOLDER)
    if not (settings.SIGNING_FOLDER / "root.pem").exists():
        if not settings.DEMONSTRATION:
            sys.exit(
                f"没有找到签名密钥：请把单位的密钥和证书放到 {settings.SIGNING_FOLDER}（见 docs/operating.md），再启动。"
            )
        make_demonstration_keys(settings.SIGNING_FOLDER, now())
    if settings.DEMONSTRATION:
        add_time_stamper(settings.SIGNING_FOLDER, now())


def print_sign_ins() -> None:
    """How a visitor gets in: phones, and where the codes appear."""
    click.echo("\n演示账号：用手机号和密码登录，或用短信验证码登录。工作人员另要动态码。")
    click.echo("  验证码和动态码都在“模拟短信”页面 /outbox/ 查看")
    click.echo(f"  密码（都一样）：{demonstration_password()}")
    for officer in (each for each in OFFICERS if each.duty or each.unit in {"", "machine", "agency"}):
        click.echo(f"  {officer.phone}  {officer.name}  {officer.role}")
    click.echo("")


@click.command()
def prepare() -> None:
    """建库、收集静态文件、备好密钥和字体；演示时填入虚构的城市。"""
    ready_the_house()
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    if settings.DEMONSTRATION:
        if not Person.objects.exists():
            click.echo("正在填入演示数据（约一分钟）……", nl=False)
            click.echo(f"完成，共 {build(now())} 件申报。")
            write_checkpoint(at=now())
        print_sign_ins()
    # Last: filling the town works off its own jobs, and this one waits for the service that signs.
    renew_status_lists.enqueue()


@click.command()
@click.option("--headless", is_flag=True, required=True, help="不用浏览器")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def demo(out: Path, headless: bool) -> None:
    """走完初级、中级各一件，把证书、申报表、发文和 summary.json 放进 OUT。"""
    del headless
    if not settings.DEMONSTRATION:
        sys.exit("这个命令只在演示站点上运行：请去掉环境变量 CHUDING_DEMONSTRATION=0。")
    ready_the_house()
    renew_status_lists.enqueue()
    try:
        summary = drive(out)
    except NotThroughError as reason:
        sys.exit(f"没有走完：{reason}。网站的后台任务可能还在忙，请过几分钟再试。")
    for case in summary["cases"]:
        click.echo(
            f"{case['level']}  {case['application_number']}  {case['document_number']}  {case['certificate_number']}  "
            f"{'验证有效' if case['certificate_valid'] else '验证未通过'}"
        )
    click.echo(f"文件在 {out}")
    if not all(case["certificate_valid"] for case in summary["cases"]):
        sys.exit(1)
