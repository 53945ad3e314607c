"""`chuding publishing`: the bridge between folders on disk and the database, for whoever operates the site."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chuding.applications.workflow import Declined
from chuding.notices.models import Version
from chuding.notices.shelf import current, files_of, moment_in_force
from chuding.policy.os_errors import why
from chuding.policy.source import Files, read_files, write_files
from chuding.publishing.models import Draft, DraftState
from chuding.publishing.services import drafts
from chuding.publishing.views.home import standing
from chuding.storage.clock import now

_WORDS = {"in_force": "生效中", "scheduled": "已定时", "past": "已被替代", "withdrawn": "已撤回"}


@click.group()
def publishing() -> None:
    """通知的版本和草案：列出、导出成文件夹、从文件夹导入成草案。"""


@publishing.command("list")
def list_command() -> None:
    """列出版本和草案。"""
    at = now()
    in_force = moment_in_force(at)
    for version in Version.objects.select_related("withdrawal").order_by("-effective_at", "-id"):
        word = _WORDS[standing(version, in_force.id if in_force else None, at)]
        click.echo(f"{word}\t{version.notice_id}\t{version.effective_at:%Y-%m-%d %H:%M}\t{version.digest}")
    if in_force is None:
        click.echo(f"生效中\t{current(at).id}\t（随系统安装，还没有发布过）\t{current(at).digest}")
    for draft in Draft.objects.exclude(state__in=[DraftState.DISCARDED, DraftState.PUBLISHED]).order_by("-saved_at"):
        click.echo(
            f"{DraftState(draft.state).label}\t{draft.notice_id}\t{draft.saved_at:%Y-%m-%d %H:%M}\t{draft.digest}"
        )


def _found(digest: str) -> Files:
    """The version or draft whose digest begins so."""
    versions = {v.digest: v.content for v in Version.objects.filter(digest__startswith=digest)}
    pending = Draft.objects.filter(digest__startswith=digest).exclude(state=DraftState.DISCARDED)
    found = versions | {draft.digest: draft.content for draft in pending}
    if len(found) != 1:
        sys.exit(f"以“{digest}”开头的内容指纹有 {len(found)} 个；请用 chuding publishing list 查到完整的指纹。")
    return next(iter(found.values()))


@publishing.command("export")
@click.argument("digest", metavar="DIGEST")
@click.argument("parent", type=click.Path(file_okay=False, path_type=Path))
def export_command(digest: str, parent: Path) -> None:
    """把一个版本或草案（按内容指纹）写成 PARENT 下的一个文件夹，逐字节相同。"""
    files = _found(digest)
    folder = parent / files.id
    if folder.exists():
        sys.exit(f"{folder} 已经有了；请换一个地方，或者先移走它。")
    try:
        write_files(files, folder)
    except OSError as error:
        sys.exit(f"{folder}：写不了（{why(error)}）。")
    click.echo(f"已写好 {folder}，内容指纹 {read_files(folder).digest}")


@publishing.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--base", metavar="DIGEST", help="与哪一版比较；不写就是现在生效的一版")
def import_command(folder: Path, base: str | None) -> None:
    """把一个文件夹变成草案。它不会因此生效：仍须在网页上检查、试算，由两位管理员发布。"""
    notice = current(now())
    compared = _found(base) if base else files_of(notice.id, notice.digest)
    try:
        draft = drafts.begin(base=compared, files=read_files(folder.resolve()), by=None, at=now())
    except Declined as refusal:
        sys.exit(refusal.sentence)
    click.echo(f"已建立草案 {draft.notice_id}，内容指纹 {draft.digest}；请到网页“通知发布”办理。")
