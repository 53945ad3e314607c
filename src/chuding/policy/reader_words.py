"""What the readers of YAML and CSV say in English, said with the remedy in the words of whoever writes a notice. Pure."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import csv
    from collections.abc import Iterable

    import yaml

#: A key with a full-width colon where YAML wants a half-width one and a space: 授予：员级.
_WIDE_COLON: Final = re.compile(r"^\s*(?:- )?[\w（）()]{1,12}：")
_YAML: Final = (
    ("could not find expected ':'", "这里应当有半角冒号，后面空一格，写成“词: 内容”"),
    ("mapping values are not allowed", "一行里只能有一个“词: 内容”，或者缩进不齐；内容里有冒号的要加引号"),
    ("did not find expected ',' or '}'", "花括号没有配对，或者少了逗号"),
    ("did not find expected ',' or ']'", "方括号没有配对，或者少了逗号"),
    ("did not find expected key", "缩进不齐，或者括号、引号没有配对"),
    ("did not find expected '-' indicator", "列表的每一项以“- ”开头，缩进要对齐"),
    ("did not find expected node content", "括号或者冒号后面缺少内容"),
    ("did not find expected <document start>", "缩进不齐，或者前面有多出的内容"),
    ("found unexpected end of stream", "引号没有配对"),
    ("found character that cannot start any token", "不能用制表符（Tab）缩进，也不能以 @ 或 ` 开头；请用空格"),
    ("found a tab character", "不能用制表符（Tab）缩进，请用空格"),
    ("found unknown escape character", "双引号里的反斜杠要写两个"),
    ("control characters are not allowed", "里面有看不见的控制字符，请删去"),
    ("could not determine a constructor", "不能用感叹号开头的标记；内容以感叹号开头的要加引号"),
    ("Exceeds the limit", "数字太长"),
    ("maximum recursion depth", "嵌套太深"),
    ("expected a single document", "一个文件里只能有一份内容，请删去“---”"),
    ("found undefined alias", "以 * 开头的内容要加引号"),
)
_CSV: Final = (
    ("unexpected end of data", "引号没有配对，到文件末尾还没有结束"),
    ("expected after", "引号后面只能是逗号或者换行；内容里的引号要写两个"),
    ("field larger than field limit", "有一格太长，多半是引号没有配对"),
    ("line contains NUL", "里面有不能读的字符（NUL）"),
    ("new-line character seen", "换行写得不对，请另存为 CSV（UTF-8）再试"),
)


def yaml_words(problem: str) -> str:
    """What a YAML reader complains of, in our words; unknown complaints say where to look for the usual ones."""
    return next((words for part, words in _YAML if part in problem), "请核对这一行的冒号、缩进、括号和引号")


def csv_words(error: csv.Error) -> str:
    """What the CSV reader complains of, in our words."""
    return next((words for part, words in _CSV if part in str(error)), "请核对引号和逗号")


def wide_colon(text: str, mark: yaml.Mark | None) -> tuple[int, str] | None:
    """The line of a full-width colon that broke the reading, and the remedy: it stands there or on the line before."""
    if mark is None:
        return None
    lines = text.split("\n")
    for at in (mark.line - 1, mark.line):
        line = lines[at] if 0 <= at < len(lines) else ""
        if _WIDE_COLON.match(line):
            word, _, rest = line.strip().removeprefix("- ").partition("：")
            return at + 1, f"冒号“：”是全角的，请改成半角冒号，后面空一格：{word}: {rest.strip()}"
    return None


def closest(word: object, known: Iterable[str]) -> str:
    """The known word that is like it; "" where none is."""
    return next(iter(difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.5)), "")


def nearest(word: object, known: Iterable[str]) -> str:
    """`，是不是“…”`, where some known word is like it; else nothing."""
    near = closest(word, known)
    return f"，是不是“{near}”" if near else ""


def place_said(path: tuple[str | int, ...]) -> str:
    """Where in a file a value stands, counted as people count: 初定第2项.见习."""
    said = ""
    for part in path:
        said += f"第{part + 1}项" if isinstance(part, int) else f"{'.' if said else ''}{part}"
    return said
