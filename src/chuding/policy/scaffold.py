"""A new notice's folder to fill in: it has the right shape, and `chuding notice check` says what is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_YEAR: Final = re.compile(r"(?:^|-)(20\d\d)(?:-|$)")

_TEXT: Final = """<a id="issuer"></a>
# 请填发文机关

<a id="title"></a>
## 请填标题

<a id="1"></a>
### 一、请从这里粘贴通知原文，一条一个锚点（1、1-1、1-1-note）；原文一个字也不改
"""

_RULES: Final = """# {id} 的规则数据。“依据”写条款，“原文”逐字摘自 notice.md。
# 写好以后运行 chuding notice check；还可以用的写法见 docs/adding-a-notice.md。
标题: 请填标题
发文机关: 请填发文机关
系列: 工程

受理:
  依据: 一
  原文: "请摘受理期的原文"
  自: {year}-01-01
  至: {year}-12-31

级别:
  依据: 一
  原文: "请摘级别的原文"
  档次:
  - {{级别: 员级, 层级: 初级, 资格名称: 技术员}}
  - {{级别: 助理级, 层级: 初级, 资格名称: 助理工程师}}
  - {{级别: 中级, 层级: 中级, 资格名称: 工程师}}

口径:
- {{题: 满年, 取: 对年对日, 依据: 一, 原文: "请摘年限的原文"}}
- {{题: 累计, 取: 停钟, 依据: 一, 原文: "请摘年限的原文"}}

准入:                    # 对每个人都问的条件
- 名称: 在本专业技术岗位
  条件: 申报时在本专业技术岗位工作
  依据: 一
  原文: "请摘在岗的原文"
  须: 在本专业技术岗位
  怎么办: 请在从事本专业技术工作期间申报。

初定:                    # 一行之内全部满足，各行之间满足任一
- {{依据: 一, 原文: "请摘这一行的原文", 授予: 员级, 凭: [大专, 中专], 见习: 1年}}
- {{依据: 一, 原文: "请摘这一行的原文", 授予: 助理级, 凭: [本科, 学士], 见习: 1年}}
- {{依据: 一, 原文: "请摘这一行的原文", 授予: 中级, 凭: [博士]}}

告知:                    # 不决定资格的条款
- {{依据: 发文机关, 事项: 版头}}
- {{依据: 标题, 事项: 标题}}
"""

_CASES: Final = """# 工作例：照通知举的人和应得的结论。没有写的级别应当是“否”，而且以后也不会符合。
# chuding notice check 会逐个指出还缺哪些例子，并给出可以照抄的人。
基准:
  申报: {year}-07-01
  专业: 请填系列/请填大专业
  凭: {{本科: {before}-06-20}}
  在岗: [{before}-07-01~]

例:
- {{例: 本科满一年, 期望: {{助理级: 可}}}}
"""

_READINGS: Final = """# 口径：通知没有写明或者有两种读法之处

| 题 | 通知原文 | 可能的读法 | 本数据取 | 理由 | 确认 |
|---|---|---|---|---|---|
| 满年 | | 对应日；对应日的次日 | 对年对日 | | 未确认 |
| 累计 | | 间断顺延（停钟）；重新起算（连续） | 停钟 | | 未确认 |
"""


def scaffold(identifier: str, parent: Path, year: int) -> Path:
    """Write a new folder named by the id below `parent`; a year within the id wins over `year`.

    Raises ValueError with a sentence that says what to do: for an id of another form, or one that exists.
    """
    if not _ID.fullmatch(identifier):
        raise ValueError(f"编号“{identifier}”只能用小写字母、数字和短横线，以字母开头，例如 nanjing-2025-1")
    folder = parent / identifier
    if folder.exists():
        raise ValueError(f"{folder} 已经有了；请换一个编号，或者先移走它")
    named = _YEAR.search(identifier)
    year = int(named[1]) if named else year
    values = {"id": identifier, "year": year, "before": year - 1}
    folder.mkdir(parents=True)
    (folder / "notice.md").write_text(_TEXT, encoding="utf-8")
    (folder / "notice.yaml").write_text(_RULES.format(**values), encoding="utf-8")
    (folder / "catalogue.csv").write_text("系列名称,大专业,小专业\n请填系列,请填大专业,\n", encoding="utf-8")
    (folder / "cases.yaml").write_text(_CASES.format(**values), encoding="utf-8")
    (folder / "readings.md").write_text(_READINGS, encoding="utf-8")
    return folder
