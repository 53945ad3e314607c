"""`chuding notice check`: the invariants that hold every notice, each failure with file, line and plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.assess import assess
from chuding.policy.cases import FILE as CASES
from chuding.policy.cases import Case, read_cases, run_case
from chuding.policy.catalogue import FILE as CATALOGUE
from chuding.policy.cells import each_boundary_person
from chuding.policy.combined import combined_people
from chuding.policy.conditions import Condition, Elapsed, Monotone, Not, Stated, Within
from chuding.policy.facts import Facts, FactsError
from chuding.policy.lint import contradictions, misquotations
from chuding.policy.mutants import Mutant, mutants
from chuding.policy.notice import (
    FILE,
    Notice,
    Row,
    build_notice,
    read_entry,
)
from chuding.policy.pinned import published, thawed
from chuding.policy.readings import FILE as READINGS
from chuding.policy.readings import check_readings
from chuding.policy.source import FILES, Document, Files, NoticeError, Problem, read_files, read_yaml
from chuding.policy.surroundings import Surroundings, read_surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chuding.policy.assess import Report
    from chuding.policy.source import Clause, Path_

_QUOTE: Final = "原文"
_ANNEX: Final = "附件"
_CITED: Final = "依据"
_MARKER: Final = re.compile(r"^[（(][一二三四五六七八九十]+[）)]|^\d+\.")
_LETTERS: Final = re.compile(r"\w")
#: Sections that decide: what they cite must be quoted to the last character.
_DECIDING: Final = ("受理", "级别", "等同", "起点", "准入", "初定", "让位", "材料", "公示", "审批")
#: Words by which a sentence decides something. Where a clause is only told (告知) or cited in passing, a sentence with one
#: of them has to be quoted all the same: somebody read it.
_BINDING: Final = re.compile(r"须|不得|方可|否则|应当|必须|不予|满\s*[\d一二三四五六七八九十]+\s*(?:年|个?月|学时)")
_SENTENCE: Final = re.compile(r"[^。；\n]+")


@dataclass(slots=True)
class Outcome:
    """What a check found: a line for every part that passed, and every problem."""

    passed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def part(self, words: str, problems: list[Problem]) -> None:
        """Note one part of the check."""
        self.problems += problems
        if not problems:
            self.passed.append(f"合格：{words}")


def check_files(files: Files, *, whole: bool = True) -> Outcome:
    """Check a notice, wherever its files rest. What builds on a part that failed is left out.

    `whole` False leaves out the enumeration of mutants, which takes seconds; all else takes a moment.
    """
    outcome = Outcome()
    missing = [Problem(name, 1, "缺少这个文件") for name in FILES if name not in files.content]
    if missing:
        outcome.part("文件齐全", missing)
        return outcome
    try:
        document = read_yaml(files.text(FILE), FILE)
        surroundings = read_surroundings(files, read_entry(document).series)
        notice = build_notice(document, surroundings)
    except NoticeError as error:
        outcome.part("格式", error.problems)
        return outcome
    outcome.part(f"格式（{len(notice.gates)} 项准入，{len(notice.rows)} 行初定，{len(notice.catalogue)} 个专业）", [])
    quotes = list(_quotes(document.data))
    outcome.part(f"{len(quotes)} 处原文逐字见于条款", _check_quotes(notice, document, quotes))
    outcome.part("起决定作用的条款逐字都有引用", _check_coverage(notice, quotes))
    outcome.part("每一条款都有着落", _check_uncited(notice, quotes))
    annexed = any(clause.label == _ANNEX for clause in notice.clauses)
    same = "专业目录和附件一致" if annexed else "通知没有附件，专业目录没有可以核对的原文"
    outcome.part(same, _check_catalogue(notice))
    outcome.part("口径和 readings.md 的表一致", check_readings(notice, document, files.text(READINGS)))
    outcome.part("公示的天数、资格名称和所依据的文字一致", misquotations(notice, document))
    outcome.part("各项规则互不矛盾，没有一项多余", contradictions(notice, document))
    outcome.part("什么都不知道时，每个条件都是未知", _check_unknown(notice, document))
    try:
        cases = read_cases(read_yaml(files.text(CASES), CASES))
    except NoticeError as error:
        outcome.part("工作例", error.problems)
        return outcome
    failing = [
        Problem(CASES, case.line, f"例“{case.name}”：{text}") for case in cases for text in run_case(notice, case)
    ]
    outcome.part(f"{len(cases)} 个工作例", failing)
    if not failing:
        outcome.part("每个条件都有只差它一项的工作例", _check_isolation(notice, document, cases))
    if whole and not outcome.problems:
        _check_mutants(notice, document, surroundings, cases, outcome)
    return outcome


def check_folder(folder: Path) -> Outcome:
    """Check a notice's folder on disk, whole; one of a published notice's name must hold just what was published."""
    files = read_files(folder)
    outcome = check_files(files)
    if files.id in published():
        outcome.part("内容和已发布的一字不差", thawed(files))
    return outcome


def _quotes(node: Any, path: Path_ = ()) -> list[tuple[Path_, str, str | None]]:
    """Every citation with its quote (None: cited without one), wherever it stands."""
    found: list[tuple[Path_, str, str | None]] = []
    if isinstance(node, dict):
        if isinstance(node.get(_CITED), str):
            sentence = node.get(_QUOTE)
            found.append((path, node[_CITED], sentence if isinstance(sentence, str) else None))
        for key, value in node.items():
            found += _quotes(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found += _quotes(value, (*path, index))
    return found


def _within(notice: Notice, label: str) -> list[Clause]:
    """The clause and what stands below it: 二 contains 二(一)."""
    return [clause for clause in notice.clauses if clause.label == label or clause.label.startswith(f"{label}(")]


def _check_quotes(notice: Notice, document: Document, quotes: list[tuple[Path_, str, str | None]]) -> list[Problem]:
    problems = []
    labels = {clause.label for clause in notice.clauses}
    for path, label, sentence in quotes:
        if label not in labels:
            line = document.line((*path, _CITED))
            problems.append(Problem(FILE, line, f"notice.md 里没有条款“{label}”"))
        elif sentence is not None and not any(sentence in clause.text for clause in _within(notice, label)):
            line = document.line((*path, _QUOTE))
            problems.append(Problem(FILE, line, f"原文“{sentence}”不是逐字见于{label}，请核对标点和全角半角"))
    heading = "".join(clause.heading for clause in notice.clauses)
    if "".join(notice.title.split()) not in "".join(heading.split()):
        problems.append(Problem(FILE, document.line(("标题",)), "标题和 notice.md 里的标题不一致"))
    for key, value in (("文件", notice.number), ("发文机关", notice.issuer)):
        if value and value not in notice.text:
            problems.append(Problem(FILE, document.line((key,)), f"{key}“{value}”不见于 notice.md"))
    return problems


def _check_coverage(notice: Notice, quotes: list[tuple[Path_, str, str | None]]) -> list[Problem]:
    """Every character of a clause that decides is quoted, and elsewhere every sentence that binds; numbering and
    punctuation aside.
    """
    deciding = {label for path, label, sentence in quotes if path[0] in _DECIDING and sentence is not None}
    problems = []
    for clause in notice.clauses:
        covered = [False] * len(clause.text)
        for _, label, sentence in quotes:
            if sentence is not None and clause.label in (label, label.removesuffix("注")):
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


def _check_uncited(notice: Notice, quotes: list[tuple[Path_, str, str | None]]) -> list[Problem]:
    cited = {label for _, label, _ in quotes}
    return [
        Problem("notice.md", clause.line, f"没有规则提到{clause.label}；不作判断的条款请写进“告知”")
        for clause in notice.clauses
        if clause.label not in cited
    ]


def _check_catalogue(notice: Notice) -> list[Problem]:
    """Every name stands in the annex, and every cell of the annex (below its heading line) is a name."""
    annex = next((clause for clause in notice.clauses if clause.label == _ANNEX), None)
    if annex is None:
        return []
    rows = [[cell.strip() for cell in line.split("\t")] for line in annex.text.split("\n") if "\t" in line]
    cells = {cell for row in rows for cell in row}
    names = {
        name: line
        for line, choice in enumerate(notice.catalogue.choices(), start=2)
        for name in (choice.minor, choice.major, choice.series)
        if name is not None
    }
    problems = [
        Problem(CATALOGUE, line, f"“{name}”不见于附件")
        for name, line in names.items()
        if (name not in cells if rows else name not in annex.text)
    ]
    problems += [
        Problem("notice.md", annex.line, f"附件里的“{cell}”不在 catalogue.csv 里")
        for cell in dict.fromkeys(cell for row in rows[1:] for cell in row)
        if cell and cell not in names
    ]
    return problems


def _check_unknown(notice: Notice, document: Document) -> list[Problem]:
    report = assess(notice, Facts())
    problems = [
        Problem(FILE, document.line(("准入", index)), f"什么都不知道时，“{gate.condition}”算出{gate.answer}")
        for index, gate in enumerate(report.gates)
        if gate.answer != "unknown"
    ]
    paths = [path for level in report.levels.values() for path in level.paths]
    problems += [
        Problem(FILE, document.line(("初定",)), f"什么都不知道时，{path.label} 算出{path.answer}")
        for path in paths
        if path.answer != "unknown"
    ]
    problems += [
        Problem(FILE, document.line(("材料", index)), f"什么都不知道时，材料{each.rule.code}算出了要不要交")
        for index, each in enumerate(report.materials)
        if each.rule.when is not None and (each.required is not None or each.instead is not None)
    ]
    if report.window_open is not None:
        problems.append(Problem(FILE, document.line(("受理",)), "不知道申报日期时，算出了在不在受理期内"))
    granted = {row.level for row in notice.rows}
    problems += [
        Problem(FILE, document.line(("级别",)), f"没有一行授予{rule.level.value}")
        for rule in notice.levels
        if rule.level not in granted
    ]
    return problems


def _subject(condition: Condition) -> str:
    """The one fact a gate looks at; empty for several. Gates on the same fact cannot fail alone."""
    if isinstance(condition, Not):
        condition = condition.part
    return condition.fact if isinstance(condition, Stated | Elapsed | Within) else ""


def _check_isolation(notice: Notice, document: Document, cases: list[Case]) -> list[Problem]:
    """For each condition some case passes all the others and fails only it."""
    reports = [assess(notice, case.facts) for case in cases]
    problems = []
    for index, gate in enumerate(notice.gates):
        if not any(_only_gate_fails(notice, report, index) for report in reports):
            line = document.line(("准入", index))
            problems.append(Problem(FILE, line, f"没有只差“{gate.name}”一项的工作例"))
    for index, row in enumerate(notice.rows):
        failing = {part for report in reports for part in _only_part_fails(row, report)}
        for name, word in _PART_WORDS.items():
            asked = getattr(row.rule.parts, name, None) or getattr(row.rule, name, None)
            if asked is not None and not _implied(row, name) and name not in failing:
                line = document.line(("初定", index))
                problems.append(Problem(FILE, line, f"{row.clause.label} 没有只差“{word}”一项的工作例"))
    return problems


_PART_WORDS: Final = {
    "kind": "凭",
    "awarded": "取得",
    "cutoff": "毕业截至",
    "matches": "专业对口",
    "full_time": "全日制",
    "worked": "年限",
    "also": "另持",
    "floor": "起点",
}


def _implied(row: Row, name: str) -> bool:
    """Years after the award imply the award."""
    practice = row.entry.practice
    after = row.entry.probation is not None or (practice is not None and practice.after > 0 and not practice.deducted)
    return name == "awarded" and after


def _only_gate_fails(notice: Notice, report: Report, index: int) -> bool:
    findings = report.gates
    fact = _subject(notice.gates[index].condition)
    others = (
        finding.answer == "yes" or (fact and _subject(gate.condition) == fact)
        for position, (gate, finding) in enumerate(zip(notice.gates, findings, strict=True))
        if position != index
    )
    granted = any(path.answer == "yes" for level in report.levels.values() for path in level.paths)
    return findings[index].answer == "no" and granted and all(others)


def _only_part_fails(row: Row, report: Report) -> list[str]:
    """The one part of the row that fails on some credential of a person whom no gate stops."""
    if report.facts.filed_on is None or any(gate.answer != "yes" for gate in report.gates):
        return []
    day = report.facts.filed_on.first
    alone = []
    rule, env = row.rule, report.env
    person = {"also": rule.also, "floor": rule.floor}
    outside = [name for name, part in person.items() if part is not None and part.since(env, True) > day]
    for record in env.titles if rule.of_titles else env.records:
        parts: dict[str, Monotone | None] = {name: getattr(rule.parts, name, None) for name in _PART_WORDS}
        failing = [name for name, part in parts.items() if part is not None and part.since(record, True) > day]
        if len(failing) + len(outside) == 1:
            alone += failing + outside
    return alone


def _check_mutants(
    notice: Notice, document: Document, surroundings: Surroundings, cases: list[Case], outcome: Outcome
) -> None:
    """Each mutant is noticed by a case, or answers everybody of the enumeration alike, reasons included."""
    problems: list[Problem] = []
    killed = refused = 0
    equal: list[int] = []
    people = People(notice)
    for mutant in mutants(document.data):
        try:
            altered = Document(FILE, mutant.data, document.lines)
            changed = build_notice(altered, surroundings)
        except NoticeError:
            refused += 1
            continue
        if misquotations(changed, altered):
            refused += 1
            continue
        if any(run_case(changed, case) for case in cases):
            killed += 1
            continue
        witness, asked = people.tell_apart(changed)
        if witness is None:
            equal.append(asked)
        else:
            problems.append(_survivor(mutant, document, witness))
    words = f"{killed} 个变异被工作例发现，{refused} 个不合格式或者原文"
    if equal:
        words += f"，{len(equal)} 个证明等价（每个至少对 {min(equal)} 个边界人选和组合人选，结论和理由都一样）"
    outcome.part(words, problems)


class People:
    """Everybody who could tell a changed notice from this one; those that every change is tried on are assessed once."""

    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self._alone: list[tuple[Facts, Any]] = []
        self._more = each_boundary_person(notice)

    def tell_apart(self, changed: Notice) -> tuple[Facts | None, int]:
        """Somebody whom the two answer otherwise, or None; and how many were asked."""
        asked = 0
        for facts, answer in chain(self._boundary(), self._combined(changed)):
            asked += 1
            if _answer_of(changed, facts) != answer:
                return facts, asked
        return None, asked

    def _boundary(self) -> Iterator[tuple[Facts, Any]]:
        yield from self._alone
        for facts in self._more:
            self._alone.append((facts, _comparable(assess(self._notice, facts))))
            yield self._alone[-1]

    def _combined(self, changed: Notice) -> Iterator[tuple[Facts, Any]]:
        for facts in combined_people(self._notice, changed):
            yield facts, _comparable(assess(self._notice, facts))


def _answer_of(changed: Notice, facts: Facts) -> dict[str, Any] | None:
    """What the changed notice says; None where it no longer knows the specialty or the permit."""
    try:
        return _comparable(assess(changed, facts))
    except FactsError:
        return None


def _comparable(report: Report) -> dict[str, Any]:
    """Answers, dates, reasons, materials, offices, titles, days of filing: everything but what merely names the notice."""
    return {
        **report.to_json(),
        "instead": [material.instead for material in report.materials],
        "names": [(rule.tier, rule.title) for rule in report.notice.levels],
        "filing": [
            (found.file_on, found.effective_from, [path.label for path in found.left_to_reviewer])
            for found in report.levels.values()
        ],
    }


def _survivor(mutant: Mutant, document: Document, witness: Facts) -> Problem:
    stated = {key: value for key, value in witness.to_json().items() if value is not None}
    line = document.line(mutant.path)
    return Problem(FILE, line, f"没有工作例发现“{mutant.words}”；可以加上这个人：{stated}")
