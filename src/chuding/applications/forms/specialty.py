"""Section 5: the specialty, then the level with what the law engine says of each today."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.language import TAGS
from chuding.applications.forms.pieces import PickField, SectionForm
from chuding.applications.verdicts import speech_here
from chuding.policy.sheet import level_words, missing_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chuding.policy.assess import LevelReport, Report
    from chuding.policy.catalogue import Catalogue, Specialty
    from chuding.policy.speech import Speech
    from chuding.policy.terms import Level


class SpecialtySelect(forms.Select):
    """The catalogue as a list that works without a script; specialty.js makes a box of it that finds while typing.

    Its paths are Chinese in every language; only the first line, which asks to choose, is of the page's.

    `words` are what each path is found by besides its name, `twins` the paths whose name stands elsewhere too.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "input-full", "data-combobox": "", "lang": TAGS["zh-hans"]} | (attrs or {}))
        self.words: Mapping[str, str] = {}

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        """One option, with what it is found by."""
        option: dict[str, Any] = super().create_option(*args, **options)
        if not option["value"]:
            option["attrs"]["lang"] = TAGS[get_language() or settings.LANGUAGE_CODE]
        if words := self.words.get(str(option["value"])):
            option["attrs"]["data-search"] = words
        return option

    def offer(self, catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
        """The choices of a catalogue, series by series."""
        self.words = catalogue.words
        return _offered(catalogue)


@lru_cache(maxsize=16)
def _offered(catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    """A catalogue cannot change, so each process lays it out once."""
    return [
        (series, [(c.path, short_path(c)) for c in catalogue.choices() if c.series == series])
        for series in catalogue.series()
    ]


def short_path(choice: Specialty) -> str:
    """The path below 工程 for people, a name that recurs at the next level said once."""
    return " › ".join(dict.fromkeys(choice.path.split("/")))


class SpecialtyForm(SectionForm):
    """One path of the notice's catalogue."""

    specialty = PickField(label=_("专业"), ask=_("请选择一个专业。"), choices=(), widget=SpecialtySelect)

    def __init__(self, *args: Any, catalogue: Catalogue, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["specialty"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(field.widget, SpecialtySelect)
        field.choices = [("", "请选择"), *field.widget.offer(catalogue)]


class LevelForm(SectionForm):
    """The level. One that the conditions do not bear out today may still be chosen, once it was seen why."""

    conditional = ("confirmed",)

    level = PickField(label=_("申报级别"), ask=_("请选择申报级别。"), choices=())
    confirmed = forms.BooleanField(
        label=_("我已看过上面的原因，仍要申报这个级别"),
        help_text=_("工作人员会按通知的条件审核，不符合的不予通过。"),
        required=False,
    )

    def __init__(self, *args: Any, report: Report, **options: Any) -> None:
        super().__init__(*args, **options)
        self.report = report
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(rule.level), level_label(report, rule.level)) for rule in report.notice.levels]

    @property
    def doubtful(self) -> LevelReport | None:
        """The chosen level, where the answer is no."""
        typed = self.data.get("level") if self.is_bound else self.initial.get("level")
        found = next((report for level, report in self.report.levels.items() if level == typed), None)
        return found if found is not None and found.answer == "no" else None

    def clean(self) -> dict[str, Any]:
        if self.doubtful is not None and not self.cleaned_data.get("confirmed"):
            self.add_error(
                "confirmed", gettext("这个级别的条件目前还不符合。请看下面的原因，改选别的级别，或者勾选后继续。")
            )
        return self.cleaned_data


def level_label(report: Report, level: Level) -> str:
    """助理级（助理工程师） with today's answer under it."""
    speech = speech_here()
    return format_html(
        '{}<span class="choice-hint"><strong class="{}">{}</strong> · {}</span>',
        level_words(report.notice, level, speech),
        {"yes": "good-text", "no": "bad-text", "unknown": "care-text"}[report.levels[level].answer],
        answer_words(report.levels[level], speech),
        gettext("%(office)s审批") % {"office": speech.own_words(report.notice.level(level).authority)},
    )


def answer_words(level: LevelReport, speech: Speech) -> str:
    """可以申报 · 还不能，最早…… · 还缺信息：……"""
    if level.answer == "yes":
        return gettext("可以申报")
    if level.answer == "no" and level.from_:
        return gettext("还不能申报，最早%(day)s") % {"day": speech.day(level.from_)}
    if level.answer == "no":
        return gettext("还不能申报")
    missing = missing_words(level.missing, speech)
    return gettext("还缺信息：%(missing)s") % {"missing": missing} if missing else gettext("还缺信息")
