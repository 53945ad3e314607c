"""`chuding package make` and `chuding package verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chuding.applications.models import Application
from chuding.decisions.archive import check_package
from chuding.decisions.models import Document
from chuding.decisions.services.archiving import keep_package
from chuding.storage.clock import now
from chuding.storage.files import store


@click.group()
def package() -> None:
    """归档包：制作，核验。"""


@package.command("make")
@click.argument("number", metavar="NUMBER")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def make(number: str, out: Path) -> None:
    """把一件申报（办件号）或者一份公文（发文字号）里每个人的归档包放进 OUT。"""
    document = Document.objects.select_related("roster").filter(number=number).first()
    files = (
        [entry.application for entry in document.roster.entries.select_related("application")]
        if document
        else list(Application.objects.filter(number=number, roster_entry__roster__document__isnull=False))
    )
    if not files:
        raise click.ClickException(f"没有已发文的办件号或者发文字号“{number}”。请对照页面上的编号再输入。")
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        made = keep_package(file, at=now())
        target = out / f"{file.number}.zip"
        target.write_bytes(store().path(made.file).read_bytes())
        click.echo(f"{target}  {made.size:,} 字节  {made.file}")


@package.command("verify")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--key", "key_file", type=click.Path(dir_okay=False, path_type=Path), help="账本公钥 checkpoints/verifier-key"
)
def verify(files: tuple[Path, ...], key_file: Path | None) -> None:
    """不用网站和数据库，核验归档包；有一个不对，就以 1 退出。"""
    bad = 0
    try:
        key = key_file.read_text(encoding="utf-8") if key_file else None
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"公钥文件 {key_file} 读不到，请检查路径。") from error
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise click.ClickException(f"文件 {file} 读不到，请检查路径。") from error
        checks = check_package(content, key=key)
        good = all(check.ok for check in checks) and len(checks) == 4
        bad += not good
        click.echo(f"{file}: {'完好' if good else '有问题'}")
        for place, check in enumerate(checks, start=1):
            click.echo(f"  {place} {'✓' if check.ok else '✗'} {check.sentence}")
    sys.exit(1 if bad else 0)
