"""The words of an official document (GB/T 9704-2012): the standard ones, an office's changes to them, and where they part
from the list that goes with them.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings

from chuding.applications.citing import clauses_filing, named
from chuding.paper.typeset import DocumentData, chinese_date
from chuding.policy.issuer import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chuding.applications.models import Application
    from chuding.decisions.models import Roster
    from chuding.paper.typeset import RosterRow
    from chuding.policy.notice import Notice

TIERS = {"association": "初级", "city": "中级"}
ADDRESSEE = "各有关单位"
# Where the day of issue will stand: nobody knows it while the words are written.
DAY = "【成文日期】"
_COUNT = re.compile(r"等\s*(\d+)\s*名")


@dataclass(frozen=True)
class Words:
    """What an office may change of a document: everything but its number, its day and the list."""

    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    copies_to: str


@dataclass(frozen=True)
class Change:
    """A piece of text that stayed, went or came, for the red lines: kind is "same", "gone" or "new"."""

    kind: str
    text: str


def people(names: Sequence[str]) -> str:
    """王小明同志, or 王小明等38名同志: the first of the roster in full, for this is an official list."""
    return f"{names[0]}同志" if len(names) == 1 else f"{names[0]}等{len(names)}名同志"


def title_of(files: Sequence[Application], office: str) -> str:
    """The document's title in one line: 关于认定王小明等38名同志初级专业技术资格的通知."""
    return f"关于认定{people([file.full_name for file in files])}{TIERS[office]}专业技术资格的通知"


def copies_of(office: str) -> str:
    """Who is told besides: the notice's own document goes to the city office and the trade union (版记)."""
    if office == "city":
        return settings.OFFICE_NAMES["association"]
    # Inside the city its office goes without the city's name: 市职称（职业资格）工作领导小组办公室.
    office_here = settings.OFFICE_NAMES["city"].removeprefix(place_of(settings.CITY))
    return f"{office_here}、{settings.CITY}总工会"


def _broken(title: str) -> str:
    """The title broken by its sense, so that no word is torn (GB/T 9704-2012 7.3.1)."""
    head, mark, tail = title.partition("同志")
    return f"{head}{mark}\n{tail}" if mark and tail else title


def _levels(rows: Sequence[RosterRow]) -> str:
    counts = Counter(row.qualification for row in rows)
    return "、".join(f"{qualification}{count}名" for qualification, count in counts.items())


def standard_words(office: str, *, rows: Sequence[RosterRow], notice: Notice) -> Words:
    """The words that follow from the list and the notice; what the notice does not state is not cited."""
    tier = TIERS[office]
    who = people([row.name for row in rows])
    number = f"（{notice.number}）" if notice.number else ""
    stated = next((entry for entry in notice.entry.authorities if entry.tier == tier), None)
    by = (
        f"按照第{stated.clause}条规定的审批权限，由{stated.authority}"
        if stated
        else f"由{settings.OFFICE_NAMES[office]}"
    )
    basis = (
        f"根据《{notice.title}》{number}第{notice.entry.levels.clause}条规定的学历、资历条件，"
        f"经个人申报、单位同意、协会初审和复核，{by}审批，"
        f"认定{who}具备{tier}专业技术资格（{_levels(rows)}），名单见附件。"
    )
    effect = (
        f"以上人员专业技术资格的取得时间为{DAY}。电子证书同时生成，作为单位聘用的依据，"
        "可凭证书上的二维码或者证书编号核验。"
    )
    filed = f"按照通知{named(clauses)}，" if (clauses := clauses_filing(notice)) else ""
    filing = f"请各有关单位{filed}将《专业技术资格初定申报表》装订、签字、盖章后存入个人档案。"
    title = f"关于认定{who}{tier}专业技术资格的通知"
    return Words(title, ADDRESSEE, (basis, effect, filing), copies_of(office))


def words_of(roster: Roster, standard: Words) -> Words:
    """The standard words with what this roster's people changed of them."""
    held = roster.words
    changed = replace(standard, title=roster.title)
    if not held:
        return changed
    return Words(roster.title, held["addressee"], tuple(held["paragraphs"]), held["copies_to"])


def differences(old: str, new: str) -> list[Change]:
    """What stands between two texts, character by character, in the order in which one reads."""
    changes: list[Change] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", old[a:b]))
            continue
        changes += [Change("gone", old[a:b])] if b > a else []
        changes += [Change("new", new[c:d])] if d > c else []
    return changes


def disagreements(words: Words, rows: Sequence[RosterRow]) -> list[str]:
    """Where the words say something else than the list: its number of people, its first name, its qualifications."""
    text = "\n".join((words.title, *words.paragraphs))
    counts = sorted({int(each) for each in _COUNT.findall(text)} - {len(rows)})
    found = [f"文字写的是 {count} 名，名单是 {len(rows)} 名" for count in counts]
    if rows and rows[0].name not in words.title:
        found.append(f"标题里没有名单的第一人{rows[0].name}")
    for qualification, count in Counter(row.qualification for row in rows).items():
        said = {int(each) for each in re.findall(rf"(?<!高级){re.escape(qualification)}\s*(\d+)\s*名", text)}
        found += [f"文字写的是{qualification} {each} 名，名单是 {count} 名" for each in sorted(said - {count})]
    if DAY not in text:
        found.append(f"正文没有写取得时间：请保留“{DAY}”，签发时自动换成日期")
    return list(dict.fromkeys(found))


def document_data(roster: Roster, *, rows: Sequence[RosterRow], number: str, on: date, notice: Notice) -> DocumentData:
    """Everything of the document of a roster.

    `rows` stand in the roster's order, `number` is the 发文字号, `on` the day of issue, which is also the day from
    which the qualification counts (the notice gives no earlier one). Raises KeyError for a notice without 二, 六 or 七.
    """
    issuer, tier = settings.OFFICE_NAMES[roster.office], TIERS[roster.office]
    words = words_of(roster, standard_words(roster.office, rows=rows, notice=notice))
    return DocumentData(
        issuer=issuer,
        document_number=number,
        title=_broken(words.title),
        addressee=words.addressee,
        paragraphs=tuple(paragraph.replace(DAY, chinese_date(on)) for paragraph in words.paragraphs),
        signed_on=on,
        printed_by=issuer,
        printed_on=on,
        sample=settings.DEMONSTRATION,
        roster=tuple(rows),
        annex_title=f"初定{tier}专业技术资格人员名单",
        copies_to=words.copies_to or None,
    )
