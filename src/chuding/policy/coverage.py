"""What the rules of a notice quote of its text: every character that decides, and every clause somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chuding.policy.source import Problem

if TYPE_CHECKING:
    from chuding.policy.notice import Notice
    from chuding.policy.source import Path_

QUOTE: Final = "原文"
CITED: Final = "依据"
_MARKER: Final = re.compile(r"^[（(][一二三四五六七八九十]+[）)]|^\d+\.")
_LETTERS: Final = re.compile(r"\w")
#: Sections that decide: what they cite must be quoted to the last character.
_DECIDING: Final = ("受理", "级别", "等同", "起点", "准入", "初定", "让位", "材料", "公示", "审批")
#: Words by which a sentence decides something. Where a clause is only told (告知) or cited in passing, a sentence with one
#: of them has to be quoted all the same: somebody read it.
_BINDING: Final = re.compile(r"须|不得|方可|否则|应当|必须|不予|满\s*[\d一二三四五六七八九十]+\s*(?:年|个?月|学时)")
_SENTENCE: Final = re.compile(r"[^。；\n]+")
#: A reading says how a quoted sentence is understood; it is no rule, and covers nothing by itself.
_READING: Final = "口径"


class Quotation(NamedTuple):
    """A citation: where it stands in notice.yaml, the clause, and the words quoted (None: none)."""

    path: Path_
    label: str
    sentence: str | None


def quotes_of(node: Any, path: Path_ = ()) -> list[Quotation]:
    """Every citation with its quote (None: cited without one), wherever it stands."""
    found: list[Quotation] = []
    if isinstance(node, dict):
        if isinstance(node.get(CITED), str):
            sentence = node.get(QUOTE)
            found.append(Quotation(path, node[CITED], sentence if isinstance(sentence, str) else None))
        for key, value in node.items():
            found += quotes_of(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found += quotes_of(value, (*path, index))
    return found


def check_coverage(notice: Notice, quotes: list[Quotation]) -> list[Problem]:
    """Every character of a clause that decides is quoted, and elsewhere every sentence that binds; numbering and
    punctuation aside.
    """
    deciding = {label for path, label, sentence in quotes if path[0] in _DECIDING and sentence is not None}
    problems = []
    for clause in notice.clauses:
        covered = [False] * len(clause.text)
        for path, label, sentence in quotes:
            if path[0] != _READING and sentence is not None and clause.label in (label, label.removesuffix("注")):
                _cover(covered, clause.text, sentence)
        if clause.label not in deciding:
            problems += [
                Problem(
                    "notice.md",
                    clause.line,
                    f"{clause.label} 里“{sentence}”像是有约束力的话，没有被任何规则引用；请写成规则，"
                    "确实不作判断的，把这句话写进“告知”的“原文”",
                )
                for sentence in _binding(clause.text, covered)
            ]
            continue
        marker = _MARKER.match(clause.text)
        first = marker.end() if marker else 0
        if bare := _bare(clause.text, covered, first):
            problems.append(Problem("notice.md", clause.line, f"{clause.label} 里“{bare}”没有被任何规则引用"))
    return problems


def _bare(text: str, covered: list[bool], first: int) -> str:
    return "".join(
        character
        for position, character in enumerate(text)
        if position >= first and not covered[position] and _LETTERS.match(character)
    )


def _binding(text: str, covered: list[bool]) -> list[str]:
    """The sentences that bind somebody and are not quoted whole."""
    return [
        found[0].strip()
        for found in _SENTENCE.finditer(text)
        if _BINDING.search(found[0]) and _bare(found[0], covered[found.start() : found.end()], 0)
    ]


def _cover(covered: list[bool], text: str, sentence: str) -> None:
    start = text.find(sentence)
    while start >= 0:
        covered[start : start + len(sentence)] = [True] * len(sentence)
        start = text.find(sentence, start + 1)


def check_uncited(notice: Notice, quotes: list[Quotation]) -> list[Problem]:
    """Every clause of the text is cited somewhere, be it only as one that decides nothing (告知)."""
    cited = {label for _, label, _ in quotes}
    return [
        Problem("notice.md", clause.line, f"没有规则提到{clause.label}；不作判断的条款请写进“告知”")
        for clause in notice.clauses
        if clause.label not in cited
    ]
