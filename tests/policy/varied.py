"""A copy of the notice of Zhenjiang, written otherwise in some places."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from chuding.policy.notice import FOLDER, Notice, read_notice

if TYPE_CHECKING:
    from pathlib import Path

BACHELOR = "  授予: 助理级\n  凭: [本科, 学士]\n  见习: 1年\n"
COLLEGE = (
    "  授予: 初级职称          # 取哪一级见口径\n  凭: [大专]\n  从业: 3年\n  毕业截至: 2019-12-31\n  专业对口: 是\n"
)
MASTER = "  授予: 中级\n  凭: [研究生, 硕士]\n  从业: 3年\n  毕业截至: 2019-12-31\n  专业对口: 是\n"
DOCTOR = "  授予: 中级\n  凭: [博士]\n"


def varied(folder: Path, *changes: tuple[str, str]) -> Notice:
    """The notice with passages of its notice.yaml replaced, each of which stands there once."""
    copy = folder / "varied"
    shutil.copytree(FOLDER / "zhenjiang-2024-1", copy, dirs_exist_ok=True)
    text = (copy / "notice.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (copy / "notice.yaml").write_text(text, encoding="utf-8")
    return read_notice(copy)
