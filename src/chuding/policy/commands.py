"""`chuding assess` and `chuding notice …`: the law room's face at the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chuding.policy.assess import assess as assess_facts
from chuding.policy.author_commands import diff_command, new_command
from chuding.policy.check import check_folder
from chuding.policy.facts import FactsError, read_facts
from chuding.policy.notice import FOLDER, NOT_STATED, Notice, list_notices, load_notice
from chuding.policy.notice_json import heading_of, whole_of
from chuding.policy.os_errors import why
from chuding.policy.records import JsonRecord, read_records
from chuding.policy.sheet import sheet_of
from chuding.policy.simulate_command import simulate_command
from chuding.policy.source import NoticeError
from chuding.policy.speech import LANGUAGES, NOTE, Named, Paths, phrase, speech_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.policy.assess import LevelReport, Report
    from chuding.policy.explain import Finding
    from chuding.policy.speech import Speech
    from chuding.policy.terms import Level

#: Makes the PDF of a page's words: handed in by the command line, as this room knows no paper.
Press = Callable[[Mapping[str, Any]], bytes]
_ANSWERS = {"yes": phrase("可以申报"), "no": phrase("还不能申报"), "unknown": phrase("还不能确定")}
_BAD_INPUT = 2


def _fail(message: str) -> None:
    """One line to stderr; characters that cannot be printed are escaped."""
    click.echo(message.encode("utf-8", "backslashreplace").decode("utf-8"), err=True)


def _notice(identifier: str) -> Notice:
    try:
        return load_notice(identifier)
    except KeyError:
        _fail(f"没有通知“{identifier}”；现有：{'、'.join(list_notices())}")
    except NoticeError as error:
        for problem in error.problems:
            _fail(f"{identifier}/{problem}")
    sys.exit(_BAD_INPUT)


def _input(file: str) -> str:
    """The text of a file or of standard input (`-`); one clear line and exit 2 where it cannot be read."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        _fail(f"{file}：不是 UTF-8 编码（第 {line} 行），请另存为 UTF-8 再试")
    except (OSError, ValueError) as error:
        reason = why(error) if isinstance(error, OSError) else "文件名不对"
        _fail(f"{file}：读不了这个文件（{reason}）")
    sys.exit(_BAD_INPUT)


_EXAMPLE = """\b
例（每个人一个 JSON 对象；没有写的就是不知道）：
{"filed_on": "2024-07-01", "specialty": "电力工程/电气工程/电气工程", "identity": "mainland",
 "works_in_jurisdiction": true, "engagement": "employment_contract", "civil_servant": false,
 "retired_on": "never", "sanctions": [], "assessed_fit": true,
 "credentials": [{"kind": "本科", "awarded_on": "2023-06-20", "field_matches": true}],
 "work": [{"from": "2023-07-01", "to": null}],
 "established_post": false, "social_insurance_found": true}
"""


@click.command(epilog=_EXAMPLE)
@click.option("--notice", "identifier", required=True, metavar="ID", help="哪一份通知，例如 zhenjiang-2024-1")
@click.option("--json", "as_json", is_flag=True, help="按顺序，每个人一个 JSON 对象")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="zh-hans", help="给人看的语言")
@click.option("--pdf", metavar="FILE", help="FILE 里只有一个人时，另外排成一页 PDF")
@click.argument("file")
@click.pass_obj
def assess(press: Press, identifier: str, as_json: bool, language: str, pdf: str | None, file: str) -> None:
    """对照通知，逐人回答 FILE（JSON 或 JSON Lines；- 是标准输入）里的人能否初定。"""
    notice, speech = _notice(identifier), speech_of(language)
    failed = False
    count = 0
    records = read_records(_input(file))
    if pdf is not None:
        records = iter(_one(records))
    for record in records:
        count += 1
        report = _report(notice, record)
        if report is None:
            failed = True
            continue
        if pdf is not None:
            _print(press(sheet_of(report, speech)), pdf)
        click.echo(
            json.dumps(report.to_json(), ensure_ascii=False) if as_json else _for_people(report, record.number, speech)
        )
    if count == 0:
        _fail(f"{file}：里面没有记录；应当是一个 JSON 对象，或者每行一个")
    if failed or count == 0:
        sys.exit(_BAD_INPUT)


def _one(records: Iterator[JsonRecord]) -> list[JsonRecord]:
    """The only record, for a page is one person's."""
    found = list(islice(records, 2))
    if len(found) > 1:
        _fail("--pdf 一次只印一个人：请让输入里只有一条记录")
        sys.exit(_BAD_INPUT)
    return found


def _print(pdf: bytes, file: str) -> None:
    """Write the page whole, or leave what was there."""
    making = Path(f"{file}.part")
    try:
        making.write_bytes(pdf)
        making.replace(file)
    except OSError as error:
        making.unlink(missing_ok=True)
        _fail(f"{file}：写不了这个文件（{why(error)}）")
        sys.exit(_BAD_INPUT)


def _report(notice: Notice, record: JsonRecord) -> Report | None:
    where = f"第 {record.number} 条记录（第 {record.line} 行）"
    if record.fault is not None:
        _fail(f"{where}：{record.fault}")
        return None
    try:
        return assess_facts(notice, read_facts(record.value))
    except FactsError as error:
        _fail(f"{where}：{error}")
        return None


def _for_people(report: Report, number: int, speech: Speech) -> str:
    say = speech.say
    window = {True: phrase("受理期内"), False: phrase("不在受理期内"), None: phrase("受理期未知")}[report.window_open]
    filed = phrase("未填") if report.filed_on is None else report.filed_on
    head = phrase(
        "第{number}人  申报日期 {day}（{window}）  依据 {notice}",
        number=number, day=filed, window=window, notice=report.notice.number or report.notice.title,
    )  # fmt: skip
    lines = [say(head)]
    if not speech.is_chinese:
        lines.append(f"  {say(NOTE)}")
    lines += [_line(gate, "  ", speech) for gate in report.gates if gate.answer != "yes"]
    for level, found in report.levels.items():
        lines += _level_lines(report, level, found, speech)
    needed = {True: phrase("须交"), False: phrase("不须交"), None: phrase("要看所缺的事实")}
    for material in report.materials:
        name = material.instead or material.rule.name
        said = phrase(
            "材料{code} {name}：{needed}", code=material.rule.code, name=name, needed=needed[material.required]
        )
        lines.append(f"  {say(said)}")
    return "\n".join([*lines, *(f"  {say(line)}" for line in report.left_out)])


def _level_lines(report: Report, level: Level, found: LevelReport, speech: Speech) -> list[str]:
    named = phrase("{level}（{title}）", level=Named(level.value), title=report.notice.title_of(level))
    answer = phrase("{level}：{answer}", level=named, answer=_ANSWERS[found.answer])
    if found.answer == "no" and found.from_:
        answer = phrase("{answer}，自{day}起可以", answer=answer, day=found.from_)
    lines = [f"  {speech.say(answer)}  [{'、'.join(found.clauses)}]"]
    lines += [_line(path, "    ", speech) for path in found.paths if path.parts]
    more = [] if found.effective_from is None else [phrase("资格取得时间：{day}", day=found.effective_from)]
    if found.missing:
        more.append(phrase("需要补充：{facts}", facts=Paths(found.missing)))
    more += [phrase("怎么办：{advice}", advice=advice.said) for advice in report.advice(level)]
    if found.answer != "no":
        office, division = report.authority[level], report.division[level]
        more.append(phrase("审批：{office}；申报区划：{division}", office=office, division=division))
    return [*lines, *(f"    {speech.say(said)}" for said in more)]


def _line(finding: Finding, indent: str, speech: Speech) -> str:
    """A finding; the notice's own sentence follows where the language is another one."""
    said = phrase("{label} {wanted}：{how}", label=finding.label, wanted=finding.wanted, how=finding.said)
    quoted = "" if speech.is_chinese else f"\n{indent}  “{finding.sentence}”"
    return f"{indent}{speech.say(said)}{quoted}"


@click.group()
def notice() -> None:
    """列出、查看、检查、比较、试算通知。"""


notice.add_command(simulate_command)
notice.add_command(diff_command)
notice.add_command(new_command)


@notice.command("list")
@click.option("--json", "as_json", is_flag=True, help="一个 JSON 列表")
def list_command(as_json: bool) -> None:
    """列出通知。"""
    notices = [_notice(identifier) for identifier in list_notices()]
    if as_json:
        click.echo(json.dumps([heading_of(each) for each in notices], ensure_ascii=False))
        return
    for each in notices:
        click.echo(f"{each.id}  {each.number}  {each.title}  受理 {_window_words(each)}")


def _window_words(each: Notice) -> str:
    return "；".join(
        f"{one.start} 至 {one.end}" + (f"（{'、'.join(level.value for level in one.levels)}）" if one.levels else "")
        for one in each.windows
    )


def _contact_words(each: Notice) -> str:
    contact = each.contact
    return f"{contact.name}  {contact.telephone}  公众号 {contact.wechat}" if contact.name else NOT_STATED


@notice.command("show")
@click.argument("identifier", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="一个 JSON 对象")
def show_command(identifier: str, as_json: bool) -> None:
    """查看一份通知：条款、目录、受理期、级别、材料、审批机关。"""
    each = _notice(identifier)
    click.echo(json.dumps(whole_of(each), ensure_ascii=False) if as_json else _shown_for_people(each))


def _shown_for_people(each: Notice) -> str:
    lines = [
        f"{each.number}  {each.title}",
        f"{each.issuer}  {each.entry.published or '发布日期未载'}  数字指纹 {each.digest}",
        f"受理：{_window_words(each)}（含首尾两日）",
        f"联系：{_contact_words(each)}",
        "",
    ]
    lines += [
        f"{rule.level.value}（{rule.title}）：{rule.authority}审批，申报区划选{rule.division}" for rule in each.levels
    ]
    lines += ["", *(f"材料 {rule.code} {rule.name}  {rule.note}".rstrip() for rule in each.materials), ""]
    lines += [f"{clause.label}  {clause.heading}\n{clause.text}".rstrip() for clause in each.clauses]
    for series, majors in each.catalogue.tree().items():
        lines += ["", series]
        lines += [f"  {major}：{'、'.join(minors) or '（本身可选）'}" for major, minors in majors.items()]
    return "\n".join(lines)


@notice.command("check")
@click.argument("target", metavar="PATH|ID")
def check_command(target: str) -> None:
    """检查通知文件夹：格式、引文、覆盖、工作例、逐一枚举、改动检验。有不合格的，以 1 退出。"""
    folder = FOLDER / target if target in list_notices() else Path(target)
    if not folder.is_dir():
        _fail(f"“{target}”既不是通知的编号，也不是文件夹；现有：{'、'.join(list_notices())}")
        sys.exit(_BAD_INPUT)
    outcome = check_folder(folder)
    for line in outcome.passed:
        click.echo(line)
    for problem in outcome.problems:
        _fail(f"{folder.name}/{problem}")
    if outcome.problems:
        _fail(f"共 {len(outcome.problems)} 处不合格")
        sys.exit(1)
    click.echo("全部合格")
