"""Section 3: spells of work, the unit's appraisal (notice 二) and continuing education (四（二）, never a gate)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.date_field import DatePartsField
from chuding.applications.asked import HOURS, MONTHS, TITLES, asked_by_some
from chuding.applications.citing import cited, clauses_on_learning
from chuding.applications.forms.pieces import (
    AnswerField,
    PickField,
    SectionForm,
    WholeNumberField,
    WordsField,
    day_words,
    insured_months_field,
    said,
)
from chuding.applications.models import HeldTitle

if TYPE_CHECKING:
    from datetime import date

    from chuding.applications.models import Application, WorkSpell
    from chuding.policy.notice import Notice

_DAY = timedelta(days=1)


class SpellForm(SectionForm):
    """One spell. People say the last day in it; the file keeps the first day after it (half-open)."""

    employer_name = WordsField(
        label=_("单位"), max_length=200, help_text=_("自由职业的填“自由职业”。"), ask=_("请填写工作单位。")
    )
    post = WordsField(label=_("岗位"), max_length=100, help_text=_("例如：电气工程师助理。"), ask=_("请填写岗位。"))
    started_on = DatePartsField(label=_("开始日期"), help_text=_("一般是劳动合同上的日期。"))
    last_day = DatePartsField(label=_("结束日期"), required=False, help_text=_("至今还在做的，留空。"))
    in_specialty = AnswerField(
        label=_("做的是申报专业的技术工作吗"),
        help_text=_("只有本专业技术岗位上的时间才计入年限。"),
    )

    def __init__(self, *args: Any, born_on: date | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.born_on = born_on

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        start, last = values.get("started_on"), values.get("last_day")
        if start and start > self.on:
            self.add_error(
                "started_on", gettext("开始日期填的是%(start)s，还没有到。请核对。") % {"start": day_words(start)}
            )
        elif start and self.born_on and start.year - self.born_on.year < 14:
            self.add_error(
                "started_on",
                gettext("开始日期离您的出生日期（%(born_on)s）太近。请核对。") % {"born_on": day_words(self.born_on)},
            )
        if last and last > self.on:
            self.add_error(
                "last_day",
                gettext("结束日期填的是%(last)s，还没有到。至今还在做的请留空。") % {"last": day_words(last)},
            )
        elif start and last and last < start:
            self.add_error(
                "last_day",
                gettext("结束日期早于开始日期（%(start)s）。请核对哪一个填错了。") % {"start": day_words(start)},
            )
        return values

    def values(self) -> dict[str, Any]:
        """A row of `declare_work`."""
        kept = {name: self.cleaned_data[name] for name in ("employer_name", "post", "started_on", "in_specialty")}
        last = self.cleaned_data["last_day"]
        return kept | {"ended_on": last + _DAY if last else None}


class AppraisalForm(SectionForm):
    """What the unit says of the person, the hours of learning, and what else the file's notice asks."""

    conditional = ("held_title_since",)

    assessed_fit = AnswerField(
        label=_("单位考核合格吗"),
        unknown=True,
        help_text=_("见习期满考核或年度考核。选“不清楚”可以先保存，提交前请向单位问清。"),
    )
    continuing_education_hours = WholeNumberField(
        label=_("本年度继续教育学时"),
        most=2000,
        required=False,
    )
    social_insurance_months = insured_months_field()
    held_title = PickField(
        label=_("已取得的职称"), ask=_("请选择已取得的职称。"), choices=HeldTitle.choices, required=False
    )
    held_title_since = DatePartsField(
        label=_("职称取得日期"), required=False, help_text=_("职称证书上的取得时间，例如 2020 年 6 月 30 日。")
    )

    def __init__(self, *args: Any, notice: Notice, **options: Any) -> None:
        """What only some notices ask (`applications.asked`) is shown where this one does."""
        super().__init__(*args, **options)
        asked = asked_by_some(notice)
        if HOURS in asked:
            self.fields[HOURS].help_text = gettext("通知对学时有要求，请填到申报当天的总数。")
        elif clauses := clauses_on_learning(notice):
            self.fields[HOURS].help_text = gettext("鼓励参加，不作硬性要求%(cited)s。") % {"cited": cited(clauses)}
        if MONTHS not in asked:
            del self.fields[MONTHS]
        if TITLES not in asked:
            del self.fields["held_title"], self.fields["held_title_since"]
        # What the notice asks may be left for later, and is not called 选填.
        for name, fact in ((HOURS, HOURS), (MONTHS, MONTHS), ("held_title", TITLES)):
            if fact in asked:
                self.fields[name].conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        since = values.get("held_title_since")
        if values.get("held_title") in {"", HeldTitle.NONE}:
            self.errors.pop("held_title_since", None)
            values["held_title_since"] = None
        elif "held_title" in values:
            self.demand("held_title_since", gettext("请填写职称取得日期，它在职称证书上。"))
            if since and since > self.on:
                self.add_error(
                    "held_title_since",
                    gettext("职称取得日期填的是%(day)s，还没有到。请核对。") % {"day": day_words(since)},
                )
        return values

    def values(self) -> dict[str, Any]:
        """The fields of the file that `declare_work` sets."""
        return {name: self.cleaned_data[name] for name in self.fields}


def initial_spell(spell: WorkSpell) -> dict[str, Any]:
    """What a saved row shows."""
    return {
        "employer_name": spell.employer_name,
        "post": spell.post,
        "started_on": spell.started_on,
        "last_day": spell.ended_on - _DAY if spell.ended_on else None,
        "in_specialty": said(spell.in_specialty),
    }


def initial_appraisal(application: Application) -> dict[str, Any]:
    """What the saved file says; an answer never given stays open."""
    answered = application.spells.exists() and not application.spells.filter(employer_name="").exists()
    numbers = {name: getattr(application, name) for name in (HOURS, MONTHS)}
    return {
        "assessed_fit": said(application.assessed_fit, stated=answered),
        **{name: "" if number is None else number for name, number in numbers.items()},
        "held_title": application.held_title or "",
        "held_title_since": application.held_title_since,
    }
