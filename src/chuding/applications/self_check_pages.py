"""The pages of the self-check in their order: one question each, and a second page only for whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.applications.asked import FULL_TIME, HOURS, MONTHS, TITLES, asks_any
from chuding.applications.citing import SHIPS, builds_ships, cited, clauses_about, clauses_examining, named
from chuding.applications.places import in_city
from chuding.applications.verdicts import speech_here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_stubs_ext import StrOrPromise

    from chuding.policy.assess import Report
    from chuding.policy.notice import Notice

# What was answered, page by page: {"sanction": {"sanction": "no"}}.
Answers: TypeAlias = "Mapping[str, Mapping[str, str]]"


@dataclass(frozen=True)
class Asked:
    """What decides whether a page concerns somebody: the answers so far, and what the law engine makes of them.

    `report` knows nothing of the page `matching`, so that answering it does not take it away.
    """

    answers: Answers
    report: Report

    def said(self, page: str) -> str:
        """The single answer of a page, "" where there is none."""
        return self.answers.get(page, {}).get(PAGE[page].fields[0], "")

    def open(self, fact: str) -> bool:
        """Whether some level waits for a fact of this name."""
        return any(path.endswith(fact) for level in self.report.levels.values() for path in level.missing)


@dataclass(frozen=True)
class Page:
    """One page: `number` is what people count, so a second page of a question has the same one.

    `why` may speak of {place} and {clauses}, the notice's, and ends in {cited}, the clauses that say so: those of the
    conditions that ask one of the facts `about`, or that of the levels where it is `of_levels`. Where the page is `optional`, only a
    notice that asks one of these facts asks it. `one_tap`: each answer is a button of its own.
    """

    key: str
    number: int
    fields: tuple[str, ...]
    title: StrOrPromise
    why: StrOrPromise | Callable[[Notice], StrOrPromise]
    hint: StrOrPromise | Callable[[Notice], StrOrPromise] = ""
    about: tuple[str, ...] = ()
    of_levels: bool = False
    optional: bool = False
    one_tap: bool = True
    concerns: Callable[[Asked], bool] = lambda asked: True  # noqa: ARG005 - most pages concern everybody


def _has_schooling(asked: Asked) -> bool:
    given = asked.answers.get("schooling", {})
    return any(given.get(name, "") not in {"", "none", "unsure"} for name in ("schooling", "degree"))


def _why_standing(notice: Notice) -> StrOrPromise:
    if not asks_any(notice, ("retired_on",)):
        return _("公务员、参公人员不能申报职称初定{cited}。")
    if not asks_any(notice, ("civil_servant",)):
        return _("离退休人员不能申报职称初定{cited}。")
    return _("公务员、参公人员和离退休人员不能申报职称初定{cited}。")


def _cut_off(notice: Notice) -> str:
    """The day until which one must have graduated for a row, where there is one such day: 2019年底."""
    days = {row.entry.awarded_by for row in notice.rows} - {None}
    day = days.pop() if len(days) == 1 else None
    if day is None:
        return ""
    if (day.month, day.day) == (12, 31):
        return gettext("%(year)s年底") % {"year": day.year}
    return speech_here().day(day)


def _why_graduated(notice: Notice) -> StrOrPromise:
    if day := _cut_off(notice):
        return gettext("年限从取得学历以后算起；有一条规定只适用于%(day)s前毕业的人{cited}。") % {"day": day}
    if any(row.entry.practice and row.entry.practice.total for row in notice.rows):
        return _("有的年限从取得学历以后算起{cited}。")
    return _("年限从取得学历以后算起{cited}。")


def _why_started(notice: Notice) -> StrOrPromise:
    probation = any(row.entry.probation for row in notice.rows)
    if probation and any(row.entry.practice for row in notice.rows):
        return _("见习期和从业年限从这一天算起{cited}。")
    return _("见习期从这一天算起{cited}。") if probation else _("从业年限从这一天算起{cited}。")


def _why_matching(notice: Notice) -> StrOrPromise:
    asking = [row.entry for row in notice.rows if row.entry.matching.asked]
    if asking and all(entry.awarded_by for entry in asking) and (day := _cut_off(notice)):
        return gettext("%(day)s前毕业的，专业对口可以申报更高一级{cited}。") % {"day": day}
    return _("通知里有的条件看专业是否对口{cited}。")


def _why_specialty(notice: Notice) -> StrOrPromise:
    return _("有的专业走全国统一考试，不在这里申报{cited}。") if notice.examined else _("申报时要选定一个专业。")


def _hint_specialty(notice: Notice) -> StrOrPromise:
    if SHIPS not in notice.examined or not builds_ships(notice):
        return ""
    return _("“船舶”（船舶技术人员）走全国统一考试；从事船舶设计制造的，请选“船舶与海洋工程”。")


PAGES = (
    Page(
        "work-place",
        1,
        ("work_place",),
        _("您在哪里工作？"),
        _("在{place}从事专业技术工作或者就业的，才在这里申报{cited}。"),
        about=("works_in_jurisdiction", "engagement"),
    ),
    Page(
        "standing",
        2,
        ("standing",),
        _("您是下面这些人员吗？"),
        _why_standing,
        about=("civil_servant", "retired_on"),
        optional=True,
    ),
    Page(
        "sanction",
        3,
        ("sanction",),
        _("您在处分的影响期内吗？"),
        _("受党纪、政务、行政处分的，在影响期内不能初定{cited}。"),
        hint=_("处分指党纪、政务、行政处分。"),
        about=("sanctions",),
        optional=True,
    ),
    Page(
        "sanction-end",
        3,
        ("sanction_until",),
        _("影响期到哪一天满？"),
        _("影响期满以后可以申报，所以要知道是哪一天。"),
        about=("sanctions",),
        optional=True,
        one_tap=False,
        concerns=lambda asked: asked.said("sanction") == "yes",
    ),
    Page(
        "document",
        4,
        ("document",),
        _("您用哪种证件申报？"),
        _("港澳台和外籍人员也可以申报，条件略有不同{cited}。这里不问号码。"),
        about=("identity", "permit"),
        optional=True,
    ),
    Page(
        "permit",
        4,
        ("permit",),
        _("您持有哪一种在华证件？"),
        _("外籍人员要持有通知{clauses}列出的证件之一。"),
        about=("permit",),
        optional=True,
        concerns=lambda asked: asked.said("document") == "passport",
    ),
    Page(
        "schooling",
        5,
        ("schooling", "degree"),
        _("您的最高学历和学位是什么？"),
        _("能申报哪一级，先看学历和学位{cited}。"),
        of_levels=True,
        one_tap=False,
    ),
    Page(
        "study-mode",
        5,
        ("study_mode",),
        _("您的学习形式是哪一种？"),
        _("通知里有的条件只认全日制学历。"),
        about=(FULL_TIME,),
        optional=True,
        concerns=_has_schooling,
    ),
    Page(
        "held-title",
        5,
        ("held_title", "held_title_since"),
        _("您已经取得过职称吗？"),
        _("通知里有的条件要求已取得下一级职称。"),
        about=(TITLES,),
        optional=True,
        one_tap=False,
    ),
    Page(
        "graduated",
        6,
        ("graduated_on", "degree_on"),
        _("您是哪一天毕业的？"),
        _why_graduated,
        of_levels=True,
        one_tap=False,
        concerns=_has_schooling,
    ),
    Page(
        "started",
        7,
        ("started_on",),
        _("从哪一天起，您一直在本专业技术岗位工作？"),
        _why_started,
        of_levels=True,
        one_tap=False,
    ),
    Page(
        "matching",
        7,
        ("field_matches",),
        _("毕业专业和现在从事的专业对口吗？"),
        _why_matching,
        of_levels=True,
        concerns=lambda asked: asked.open("field_matches"),
    ),
    Page(
        "assessed",
        8,
        ("assessed_fit",),
        _("单位对您考核合格了吗？"),
        _("每一级都要求经用人单位考核合格{cited}。"),
        hint=_("见习期满的考核，或者年度考核。"),
        about=("assessed_fit",),
        optional=True,
    ),
    Page(
        "hours",
        8,
        (HOURS,),
        _("您参加了多少学时的继续教育？"),
        _("通知对继续教育的学时有要求。"),
        about=(HOURS,),
        optional=True,
        one_tap=False,
    ),
    Page(
        "insured-months",
        8,
        (MONTHS,),
        _("您缴纳社会保险多少个月了？"),
        _("通知对缴纳社会保险的月数有要求。"),
        about=(MONTHS,),
        optional=True,
        one_tap=False,
    ),
    Page(
        "specialty",
        9,
        ("specialty",),
        _("您准备申报哪个专业？"),
        _why_specialty,
        hint=_hint_specialty,
        one_tap=False,
    ),
)
PAGE = {page.key: page for page in PAGES}


def asked_by(notice: Notice, page: Page) -> bool:
    """Whether a notice asks this page of anyone."""
    return not page.optional or asks_any(notice, page.about)


def numbers_of(notice: Notice) -> dict[int, int]:
    """The number of each question among those that a notice asks, without holes."""
    asked = dict.fromkeys(page.number for page in PAGES if asked_by(notice, page))
    return {number: place for place, number in enumerate(asked, start=1)}


def why_of(page: Page, notice: Notice) -> str:
    """Why the page asks, with the clauses of this notice."""
    clauses = (notice.entry.levels.clause,) if page.of_levels else clauses_about(notice, *page.about)
    if page.key == "specialty":
        clauses = clauses_examining(notice)
    sentence = str(page.why(notice) if callable(page.why) else page.why)
    return in_city(sentence, notice, cited=cited(clauses), clauses=named(clauses))


def hint_of(page: Page, notice: Notice) -> str:
    """What stands under the question; "" for nothing."""
    return str(page.hint(notice) if callable(page.hint) else page.hint)


def asked_of(asked: Asked) -> list[Page]:
    """The pages that concern this person, in order."""
    return [page for page in PAGES if asked_by(asked.report.notice, page) and page.concerns(asked)]
