"""An invented notice of next year, half written, so that the desk has something to look at. Marked 演示 in its very number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chuding.notices.shelf import current, files_of
from chuding.policy.source import Files
from chuding.publishing.services import drafts

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.publishing.models import Draft

ID: Final = "zhenjiang-2025-1"
_TEXT: Final = (
    ("镇技协〔2024〕1号", "演示〔2025〕1号"),
    ("关于做好我市 2024 年度综合工程专业", "关于做好我市 2025 年度综合工程专业"),
    ("现就2024年综合工程", "现就2025年综合工程"),
    ("2024 年 3 月 20 日-2024 年 12 月 10 日", "2025 年 3 月 10 日-2025 年 11 月 30 日"),
    ("2019年12月31日前毕业", "2020年12月31日前毕业"),
    ("2024年3月18日", "2025年3月3日"),
)
_RULES: Final = (
    *_TEXT[:1],
    ("标题: 关于做好我市2024年度", "标题: 关于做好我市2025年度"),
    ("发布: 2024-03-18", "发布: 2025-03-03"),
    _TEXT[3],
    ("自: 2024-03-20", "自: 2025-03-10"),
    ("至: 2024-12-10", "至: 2025-11-30"),
    _TEXT[4],
    ("毕业截至: 2019-12-31", "毕业截至: 2020-12-31"),
)


def _replaced(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        if old not in text:
            raise ValueError(f"the notice says no longer: {old}")
        text = text.replace(old, new)
    return text


def next_years(base: Files) -> Files:
    """The base with other dates; its worked cases are still last year's, so that some fail and want a judgement."""
    content = dict(base.content)
    content["notice.md"] = _replaced(base.text("notice.md"), _TEXT).encode()
    content["notice.yaml"] = _replaced(base.text("notice.yaml"), _RULES).encode()
    return Files(ID, content)


def begin_next_year(*, by: Person, at: datetime) -> Draft:
    """Put it on the desk."""
    notice = current(at)
    base = files_of(notice.id, notice.digest)
    return drafts.begin(base=base, files=next_years(base), by=by, at=at)
