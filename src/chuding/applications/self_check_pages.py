"""The pages of the self-check in their order: one question each, and a second page only for whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from chuding.applications.asked import FULL_TIME, HOURS, MONTHS, TITLES, asked_by_some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chuding.policy.assess import Report

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

    def asks(self, fact: str) -> bool:
        """Whether the notice asks for what only some do."""
        return fact in asked_by_some(self.report.notice)

    def open(self, fact: str) -> bool:
        """Whether some level waits for a fact of this name."""
        return any(path.endswith(fact) for level in self.report.levels.values() for path in level.missing)


@dataclass(frozen=True)
class Page:
    """One page: `number` is what people count, so a second page of a question has the same one.

    `why` may speak of {place}, the notice's; `one_tap`: each answer is a button of its own.
    """

    key: str
    number: int
    fields: tuple[str, ...]
    title: Any
    why: Any
    hint: Any = ""
    one_tap: bool = True
    concerns: Callable[[Asked], bool] = lambda asked: True  # noqa: ARG005 - most pages concern everybody


def _has_schooling(asked: Asked) -> bool:
    given = asked.answers.get("schooling", {})
    return any(given.get(name, "") not in {"", "none", "unsure"} for name in ("schooling", "degree"))


PAGES = (
    Page(
        "work-place",
        1,
        ("work_place",),
        _("您在哪里工作？"),
        _("在{place}从事专业技术工作或者就业的，才在这里申报（通知第一条）。"),
    ),
    Page(
        "standing",
        2,
        ("standing",),
        _("您是下面这些人员吗？"),
        _("公务员、参公人员和离退休人员不能申报职称初定（通知第一条第三款）。"),
    ),
    Page(
        "sanction",
        3,
        ("sanction",),
        _("您在处分的影响期内吗？"),
        _("受党纪、政务、行政处分的，在影响期内不能初定（通知第一条第三款）。"),
        hint=_("处分指党纪、政务、行政处分。"),
    ),
    Page(
        "sanction-end",
        3,
        ("sanction_until",),
        _("影响期到哪一天满？"),
        _("影响期满以后可以申报，所以要知道是哪一天。"),
        one_tap=False,
        concerns=lambda asked: asked.said("sanction") == "yes",
    ),
    Page(
        "document",
        4,
        ("document",),
        _("您用哪种证件申报？"),
        _("港澳台和外籍人员也可以申报，条件略有不同（通知第一条第二款）。这里不问号码。"),
    ),
    Page(
        "permit",
        4,
        ("permit",),
        _("您持有哪一种在华证件？"),
        _("外籍人员要持有通知第一条第二款列出的证件之一。"),
        concerns=lambda asked: asked.said("document") == "passport",
    ),
    Page(
        "schooling",
        5,
        ("schooling", "degree"),
        _("您的最高学历和学位是什么？"),
        _("能申报哪一级，先看学历和学位（通知第二条）。"),
        one_tap=False,
    ),
    Page(
        "study-mode",
        5,
        ("study_mode",),
        _("您的学习形式是哪一种？"),
        _("通知里有的条件只认全日制学历。"),
        concerns=lambda asked: asked.asks(FULL_TIME) and _has_schooling(asked),
    ),
    Page(
        "held-title",
        5,
        ("held_title", "held_title_since"),
        _("您已经取得过职称吗？"),
        _("通知里有的条件要求已取得下一级职称。"),
        one_tap=False,
        concerns=lambda asked: asked.asks(TITLES),
    ),
    Page(
        "graduated",
        6,
        ("graduated_on", "degree_on"),
        _("您是哪一天毕业的？"),
        _("年限从取得学历以后算起；有一条规定只适用于2019年底前毕业的人（通知第二条）。"),
        one_tap=False,
        concerns=_has_schooling,
    ),
    Page(
        "started",
        7,
        ("started_on",),
        _("从哪一天起，您一直在本专业技术岗位工作？"),
        _("见习期和从业年限从这一天算起（通知第二条）。"),
        one_tap=False,
    ),
    Page(
        "matching",
        7,
        ("field_matches",),
        _("毕业专业和现在从事的专业对口吗？"),
        _("2019年底前毕业的，专业对口可以申报更高一级（通知第二条）。"),
        concerns=lambda asked: asked.open("field_matches"),
    ),
    Page(
        "assessed",
        8,
        ("assessed_fit",),
        _("单位对您考核合格了吗？"),
        _("每一级都要求经用人单位考核合格（通知第二条）。"),
        hint=_("见习期满的考核，或者年度考核。"),
    ),
    Page(
        "hours",
        8,
        (HOURS,),
        _("您参加了多少学时的继续教育？"),
        _("通知对继续教育的学时有要求。"),
        one_tap=False,
        concerns=lambda asked: asked.asks(HOURS),
    ),
    Page(
        "insured-months",
        8,
        (MONTHS,),
        _("您缴纳社会保险多少个月了？"),
        _("通知对缴纳社会保险的月数有要求。"),
        one_tap=False,
        concerns=lambda asked: asked.asks(MONTHS),
    ),
    Page(
        "specialty",
        9,
        ("specialty",),
        _("您准备申报哪个专业？"),
        _("有的专业走全国统一考试，不在这里申报（通知第四条第一款）。"),
        hint=_("“船舶”（船舶技术人员）走全国统一考试；从事船舶设计制造的，请选“船舶与海洋工程”。"),
        one_tap=False,
    ),
)
PAGE = {page.key: page for page in PAGES}
QUESTIONS = PAGES[-1].number


def asked_of(asked: Asked) -> list[Page]:
    """The pages that concern this person, in order."""
    return [page for page in PAGES if page.concerns(asked)]
