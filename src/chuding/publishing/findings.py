"""What is wrong with a draft at this moment, at the place where it can be mended; and the notice's text beside it. Pure.

The quick part of `notice check` (shape, quotes, coverage, cases) is asked at every change; the enumeration is a job.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.check import Outcome, check_files
from chuding.policy.notice import FILE
from chuding.policy.source import WORDS, Files, NoticeError, Problem, read_clauses, read_yaml
from chuding.publishing.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.policy.source import Clause, Document

_LOG: Final = logging.getLogger(__name__)
TRIPPED: Final = "检查在这份内容上出了错，没有做完；请改回最近的改动再试，仍不行的请联系系统维护人员"
_NUMBERED: Final = re.compile(r"^\s*([一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)])\s*")
_KEPT: Final = 32
_CACHE: OrderedDict[tuple[str, str], Outcome] = OrderedDict()


def quick(files: Files) -> Outcome:
    """The check without its enumeration; known already for content that was asked before.

    A draft always opens, so that it can be mended: whatever the check itself trips over is a line like any other.
    """
    key = (files.id, files.digest)
    if key not in _CACHE:
        try:
            _CACHE[key] = check_files(files, whole=False)
        except Exception:  # noqa: BLE001 - said on the page, kept in the log, and never in the way of mending
            _LOG.exception("the check of a draft failed")
            _CACHE[key] = Outcome(problems=[Problem(FILE, 1, TRIPPED)])
        while len(_CACHE) > _KEPT:
            _CACHE.popitem(last=False)
    return _CACHE[key]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem can be mended: a part of the desk (`section` key, or text, catalogue, cases, file), and which entry."""

    part: str
    index: int | None
    problem: Problem


def places(files: Files, problems: Iterable[Problem]) -> list[Place]:
    """Each problem with its place."""
    documents: dict[str, Document | None] = {}

    def document(name: str) -> Document | None:
        if name not in documents:
            try:
                documents[name] = read_yaml(files.text(name), name)
            except NoticeError:
                documents[name] = None
        return documents[name]

    return [_place(problem, document(problem.file) if problem.file.endswith(".yaml") else None) for problem in problems]


def _place(problem: Problem, document: Document | None) -> Place:
    whole = {"notice.md": "text", "catalogue.csv": "catalogue", "cases.yaml": "cases"}
    if problem.file.startswith(WORDS):
        return Place("words", None, problem)
    if problem.file in whole and document is None:
        return Place(whole[problem.file], None, problem)
    if document is None:
        return Place("file", None, problem)
    path = _path_at(document, problem.line)
    if problem.file != FILE:
        return Place("cases", path[1] if path[:1] == ("例",) and len(path) > 1 else None, problem)
    for section in sorted(SECTIONS.values(), key=lambda each: -len(each.path)):
        size = len(section.path)
        if section.path and path[:size] == section.path:
            index = path[size] if section.listed and len(path) > size and isinstance(path[size], int) else None
            return Place(section.key, index if index is not None else 0 if section.listed else None, problem)
    return Place("head", None, problem)


def _path_at(document: Document, line: int) -> tuple[Any, ...]:
    """The innermost value that begins on this line, or else the last one before it."""
    best: tuple[Any, ...] = ()
    reached = 0
    for path, begins in document.lines.items():
        if begins <= line and (begins, len(path)) >= (reached, len(best)):
            best, reached = path, begins
    return best


# ---- the notice's text beside the fields ----


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a clause's text; `quoted` where an entry quotes it."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class ShownClause:
    """A clause as it stands beside a form."""

    id: str
    label: str
    heading: str
    passages: tuple[Passage, ...]
    cited: bool


def clauses_of(marked: str) -> tuple[Clause, ...]:
    """The clauses of a draft's text; none while its anchors are wrong, which the check says."""
    try:
        return read_clauses(marked)
    except NoticeError:
        return ()


def choices_of(clauses: Iterable[Clause]) -> list[tuple[str, str]]:
    """The clauses to choose from: the citation, and how each begins."""
    found = []
    for clause in clauses:
        words = " ".join((_bare_heading(clause) or clause.text).split())
        found.append((clause.label, f"{clause.label}　{words[:24]}{'…' if len(words) > 24 else ''}"))
    return found


def _bare_heading(clause: Clause) -> str:
    """A heading without its own number, which the citation beside it says."""
    return _NUMBERED.sub("", clause.heading)


def panel(clauses: Iterable[Clause], quotes: Iterable[tuple[str, str]]) -> list[ShownClause]:
    """The whole text, with what an entry cites marked."""
    wanted = [(label, sentence) for label, sentence in quotes if label]
    shown = []
    for clause in clauses:
        mine = [sentence for label, sentence in wanted if clause.label == label or clause.label.startswith(f"{label}(")]
        found = next((sentence for sentence in mine if sentence and sentence in clause.text), "")
        before, mark, after = clause.text.partition(found) if found else (clause.text, "", "")
        passages = tuple(
            Passage(text, quoted) for text, quoted in ((before, False), (mark, True), (after, False)) if text
        )
        cited = any(clause.label == label for label, _ in wanted)
        shown.append(ShownClause(clause.id, clause.label, _bare_heading(clause), passages, cited))
    return shown


def quote_problem(clauses: Iterable[Clause], label: str, sentence: str) -> str:
    """What is wrong with a quotation, and what to do; empty where it stands in its clause word for word."""
    within = [c for c in clauses if c.label == label or c.label.startswith(f"{label}(")]
    if not label or not sentence or any(sentence in clause.text for clause in within):
        return ""
    if not within:
        return f"通知原文里没有条款“{label}”，请重新选择。"
    for clause in within:
        if near := _nearly(clause.text, sentence):
            return f"与原文只差标点、空格或者全角半角。原文是“{near}”，请照它改。"
    return f"这句话不是逐字见于{label}，请从通知原文里选中、复制、粘贴到这里。"


def _nearly(text: str, sentence: str) -> str:
    """The passage that is the sentence but for spaces, punctuation and width; empty where there is none."""
    kept = [(position, letter) for position, each in enumerate(text) for letter in _bare(each)]
    found = "".join(letter for _, letter in kept).find(wanted := "".join(map(_bare, sentence)))
    if found < 0 or not wanted:
        return ""
    return text[kept[found][0] : kept[found + len(wanted) - 1][0] + 1]


def _bare(character: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", character) if each.isalnum())
