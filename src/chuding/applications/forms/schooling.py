"""Section 2: one schooling with the degree that came with it, a row each (notice 二)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.date_field import DatePartsField
from chuding.applications.education_choices import Degree, StudyMode
from chuding.applications.forms.pieces import (
    AnswerField,
    CodeField,
    PickField,
    SectionForm,
    WordsField,
    day_words,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chuding.applications.models import Education

NOTHING = "none"
_NO_SCHOOLING = (NOTHING, "没有取得学历，只有学位")
_NO_DEGREE = (NOTHING, "没有学位")


class EducationForm(SectionForm):
    """A schooling, a degree, or both. `schoolings`: those that the file's notice knows, value and label."""

    conditional = ("graduated_on", "degree_on")

    school = WordsField(
        label=_("学校"),
        help_text=_("毕业证书上的全称。"),
        ask=_("请填写学校全称。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-school"}),
    )
    major = WordsField(
        label=_("所学专业"),
        ask=_("请填写所学专业，与证书一致。"),
        widget=forms.TextInput(attrs={"list": "known-major"}),
    )
    schooling = PickField(label=_("学历"), ask=_("请选择学历。"))
    enrolled_on = DatePartsField(label=_("入学时间"), month_only=True, required=False)
    graduated_on = DatePartsField(label=_("毕业日期"), required=False, help_text=_("毕业证书上的日期。"))
    degree = PickField(label=_("学位"), ask=_("请选择学位。"), choices=[*Degree.choices, _NO_DEGREE])
    degree_on = DatePartsField(label=_("学位授予日期"), required=False, help_text=_("与毕业日期是同一天的可以留空。"))
    study_mode = PickField(label=_("学习形式"), ask=_("请选择学习形式。"), choices=StudyMode.choices)
    field_matches = AnswerField(
        label=_("所学专业与申报的专业对口吗"),
        unknown=True,
        help_text=_("拿不准就选“不清楚”，由审核人员判断。"),
    )
    schooling_number = CodeField(label=_("毕业证书编号"), required=False)
    degree_number = CodeField(label=_("学位证书编号"), required=False)
    verification_code = CodeField(
        label=_("学信网在线验证码"), required=False, help_text=_("在学信网“学信档案”里申请，填了审核更快。")
    )

    def __init__(
        self, *args: Any, schoolings: Sequence[tuple[str, str]], born_on: date | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.born_on = born_on
        self.schooled = " ".join(value for value, _ in schoolings)
        chosen = self.fields["schooling"]
        assert isinstance(chosen, PickField)
        chosen.choices = [*schoolings, _NO_SCHOOLING]

    def clean_schooling(self) -> str:
        return str(self.cleaned_data["schooling"]).replace(NOTHING, "")

    def clean_degree(self) -> str:
        return str(self.cleaned_data["degree"]).replace(NOTHING, "")

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        schooling, degree = values.get("schooling"), values.get("degree")
        if schooling == "" and degree == "":
            self.add_error("schooling", gettext("学历和学位至少有一项。都没有取得的，请删除这一段。"))
            return values
        if schooling:
            self.demand("graduated_on", gettext("请填写毕业日期，它在毕业证书上。"))
        else:
            self._forget("graduated_on")
        if not degree:
            self._forget("degree_on")
        elif "degree_on" not in self.errors and not values.get("degree_on"):
            values["degree_on"] = values.get("graduated_on")
            if "graduated_on" not in self.errors:
                self.demand("degree_on", gettext("请填写学位授予日期，它在学位证书上。"))
        self._check_order()
        return values

    def _forget(self, name: str) -> None:
        self.errors.pop(name, None)
        self.cleaned_data[name] = None

    def _check_order(self) -> None:
        values = self.cleaned_data
        for name, paper in (("graduated_on", "毕业"), ("degree_on", "学位")):
            day = values.get(name)
            if not day or name in self.errors:
                continue
            if day > self.on:
                self.add_error(
                    name,
                    gettext(
                        "这里填的是%(day)s，晚于申报日期（%(on)s）。%(paper)s证书还没有拿到的，请拿到以后再申报；填错了请对照证书改正。"
                    )
                    % {"day": day_words(day), "on": day_words(self.on), "paper": paper},
                )
            elif self.born_on and day.year - self.born_on.year < 12:
                self.add_error(
                    name,
                    gettext("%(day)s离您的出生日期（%(born_on)s）太近。请对照证书检查。")
                    % {"day": day_words(day), "born_on": day_words(self.born_on)},
                )
        enrolled = values.get("enrolled_on")
        if not enrolled or "enrolled_on" in self.errors:
            return
        ends = [values[name] for name in ("graduated_on", "degree_on") if values.get(name) and name not in self.errors]
        if enrolled > self.on:
            self.add_error(
                "enrolled_on",
                gettext("入学时间填的是%(year)s年%(month)s月，还没有到。请核对。")
                % {"year": enrolled.year, "month": enrolled.month},
            )
        elif ends and enrolled >= min(ends):
            self.add_error("enrolled_on", gettext("入学时间应早于毕业和学位授予的日期。请核对。"))
        elif self.born_on and enrolled <= self.born_on:
            self.add_error(
                "enrolled_on",
                gettext("入学时间早于您的出生日期（%(born_on)s）。请核对。") % {"born_on": day_words(self.born_on)},
            )

    def values(self) -> dict[str, Any]:
        """A row of `declare_educations`."""
        return {name: self.cleaned_data[name] for name in self.fields}


def initial_education(education: Education) -> dict[str, Any]:
    """What a saved row shows."""
    names = (
        "school", "major", "schooling", "enrolled_on", "graduated_on", "degree", "degree_on", "study_mode",
        "schooling_number", "degree_number", "verification_code",
    )  # fmt: skip
    shown = {name: getattr(education, name) for name in names}
    # A row that the self-check brought has no school yet, and its unknown was not said on this page.
    answered = bool(education.school)
    for name in ("schooling", "degree") if answered else ():
        shown[name] = shown[name] or NOTHING
    return shown | {"field_matches": said(education.field_matches, stated=answered)}
