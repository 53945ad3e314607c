"""`chuding notice check`: the invariants that hold every notice, each failure with file, line and plain words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chuding.policy.apart import People
from chuding.policy.assess import assess
from chuding.policy.cases import FILE as CASES
from chuding.policy.cases import Case, read_cases, run_case
from chuding.policy.catalogue import FILE as CATALOGUE
from chuding.policy.conditions import Condition, Elapsed, Monotone, MonotoneAll, Not, Stated, Within
from chuding.policy.coverage import CITED, QUOTE, Quotation, check_coverage, check_uncited, quotes_of
from chuding.policy.facts import Facts
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

    from chuding.policy.assess import MaterialFinding, Report
    from chuding.policy.notice import MaterialRule
    from chuding.policy.source import Clause, Path_

_ANNEX: Final = "附件"


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
    quotes = quotes_of(document.data)
    outcome.part(f"{len(quotes)} 处原文逐字见于条款", _check_quotes(notice, document, quotes))
    outcome.part("起决定作用的条款逐字都有引用", check_coverage(notice, quotes))
    outcome.part("每一条款都有着落", check_uncited(notice, quotes))
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


def _within(notice: Notice, label: str) -> list[Clause]:
    """The clause and what stands below it: 二 contains 二(一)."""
    return [clause for clause in notice.clauses if clause.label == label or clause.label.startswith(f"{label}(")]


def _check_quotes(notice: Notice, document: Document, quotes: list[Quotation]) -> list[Problem]:
    problems = []
    labels = {clause.label for clause in notice.clauses}
    for path, label, sentence in quotes:
        if label not in labels:
            line = document.line((*path, CITED))
            problems.append(Problem(FILE, line, f"notice.md 里没有条款“{label}”"))
        elif sentence is not None and not any(sentence in clause.text for clause in _within(notice, label)):
            line = document.line((*path, QUOTE))
            problems.append(Problem(FILE, line, f"原文“{sentence}”不是逐字见于{label}，请核对标点和全角半角"))
    heading = "".join(clause.heading for clause in notice.clauses)
    if "".join(notice.title.split()) not in "".join(heading.split()):
        problems.append(Problem(FILE, document.line(("标题",)), "标题和 notice.md 里的标题不一致"))
    for key, value in (("文件", notice.number), ("发文机关", notice.issuer)):
        if value and value not in notice.text:
            problems.append(Problem(FILE, document.line((key,)), f"{key}“{value}”不见于 notice.md"))
    return problems


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
        line = document.line(("初定", index))
        problems += [
            Problem(FILE, line, f"{row.clause.label} 没有只差“{word}”一项的工作例")
            for word in (*_parts(row), *_of_person(row))
            if word not in failing and not (word == _AWARDED and _implied(row))
        ]
    admitted = [report for report in reports if _admitted(report)]
    problems += [
        Problem(FILE, document.line(("材料", index, *key)), f"材料{rule.code}没有“{word}”的工作例（准入都符合的人）")
        for index, rule in enumerate(notice.materials)
        for key, word, seen in _uses(rule, [report.materials[index] for report in admitted])
        if not seen
    ]
    return problems


def _admitted(report: Report) -> bool:
    return all(gate.answer == "yes" for gate in report.gates)


def _uses(rule: MaterialRule, found: list[MaterialFinding]) -> Iterator[tuple[Path_, str, bool]]:
    """Where a document is asked of some people only: the ways it can come out, and whether a case shows each."""
    if rule.when is not None:
        yield ("仅当",), "须交", any(each.required is True for each in found)
        yield ("仅当",), "不须交", any(each.required is False for each in found)
    if rule.instead_when is not None:
        yield ("替代",), "替代", any(each.instead is not None for each in found)
        yield ("替代",), "不替代", any(each.instead is None for each in found)


_AWARDED: Final = "取得"


def _parts(row: Row) -> dict[str, Monotone]:
    """What a row asks of one record, by the words of an attribute; 取得后 and 合计 are two."""
    parts = row.rule.parts
    worked = parts.worked
    practice = row.entry.practice
    years = {"年限": worked}
    if isinstance(worked, MonotoneAll) and practice is not None and practice.after:
        years = dict(zip(("取得后的年限", "合计的年限"), worked.parts, strict=True))
    asked = {
        "凭": parts.kind,
        _AWARDED: parts.awarded,
        "毕业截至": parts.cutoff,
        "专业对口": parts.matches,
        "全日制": parts.full_time,
        **years,
    }
    return {word: part for word, part in asked.items() if part is not None}


def _of_person(row: Row) -> dict[str, Monotone]:
    """What a row asks of the person besides."""
    asked = {"另持": row.rule.also, "起点": row.rule.floor}
    return {word: part for word, part in asked.items() if part is not None}


def _implied(row: Row) -> bool:
    """Years after the award imply the award."""
    practice = row.entry.practice
    return row.entry.probation is not None or (practice is not None and practice.after > 0 and not practice.deducted)


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
    if report.facts.filed_on is None or not _admitted(report):
        return []
    day = report.facts.filed_on.first
    alone = []
    env = report.env
    outside = [word for word, part in _of_person(row).items() if part.since(env, True) > day]
    for record in env.titles if row.rule.of_titles else env.records:
        failing = [word for word, part in _parts(row).items() if part.since(record, True) > day]
        if len(failing) + len(outside) == 1:
            alone += failing + outside
    return alone


def _check_mutants(
    notice: Notice, document: Document, surroundings: Surroundings, cases: list[Case], outcome: Outcome
) -> None:
    """Each mutant is noticed by a case, or answers everybody of the enumeration alike, reasons included."""
    killed = refused = 0
    left: list[tuple[Mutant, Notice]] = []
    for mutant in mutants(document.data):
        try:
            altered = Document(FILE, mutant.data, document.lines)
            changed = build_notice(altered, surroundings)
        except NoticeError:
            refused += 1
            continue
        if misquotations(changed, altered):
            refused += 1
        elif any(run_case(changed, case) for case in cases):
            killed += 1
        else:
            left.append((mutant, changed))
    found = People(notice).tell_apart(*(changed for _, changed in left))
    pairs = [(mutant, *each) for (mutant, _), each in zip(left, found, strict=True)]
    problems = [_survivor(mutant, document, witness) for mutant, witness, _ in pairs if witness is not None]
    equal = [asked for _, witness, asked in pairs if witness is None]
    words = f"{killed} 个变异被工作例发现，{refused} 个不合格式或者原文"
    if equal:
        words += f"，{len(equal)} 个证明等价（每个至少对 {min(equal)} 个边界人选和组合人选，结论和理由都一样）"
    outcome.part(words, problems)


def _survivor(mutant: Mutant, document: Document, witness: Facts) -> Problem:
    stated = {key: value for key, value in witness.to_json().items() if value is not None}
    line = document.line(mutant.path)
    return Problem(FILE, line, f"没有工作例发现“{mutant.words}”；可以加上这个人：{stated}")
