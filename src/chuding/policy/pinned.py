"""Published notices are frozen: their digests stand in `notices/published.csv`, one line a notice, and are compared."""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING

from chuding.policy.notice import FILE, FOLDER
from chuding.policy.source import Problem

if TYPE_CHECKING:
    from chuding.policy.source import Files


@cache
def published() -> dict[str, str]:
    """The digest (SHA-256, hexadecimal) of each notice that ships as published, by id."""
    with (FOLDER / "published.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row["digest"] for row in csv.DictReader(stream)}


def thawed(files: Files) -> list[Problem]:
    """A published notice whose files are no longer those that were published."""
    pinned = published().get(files.id)
    if pinned in (None, files.digest):
        return []
    sentence = (
        f"这份通知已经发布，内容不能再改（已发布的指纹是 {pinned[:12]}，现在是 {files.digest[:12]}）；"
        "新的通知请另起编号（文件夹名），更正请在网站上由两个人发布"
    )
    return [Problem(FILE, 1, sentence)]
