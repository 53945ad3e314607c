"""A date asked for as people remember it: year, month and day in three boxes, or year and month in two.

Pure form code: no models, no clock. Whether a date is plausible (not in the future, not before a birth) is for the form
that knows what the date means.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

_PARTS = ("年", "月", "日")


class DatePartsWidget(forms.MultiWidget):
    """Two or three text boxes, each with its own label, drawn by `widgets/date_parts.html`."""

    template_name = "widgets/date_parts.html"
    use_fieldset = True

    def __init__(
        self, *, month_only: bool = False, birthday: bool = False, attrs: dict[str, Any] | None = None
    ) -> None:
        """Draw year and month only if `month_only`; let the browser fill a date of birth if `birthday`."""
        self.month_only = month_only
        widgets = []
        for part, name in zip(_PARTS[: 2 if month_only else 3], ("year", "month", "day"), strict=False):
            own = {"part": part, "class": "input-4" if part == "年" else "input-2", "maxlength": "6"}
            if birthday:
                own["autocomplete"] = f"bday-{name}"
            widgets.append(forms.TextInput(attrs=own))
        super().__init__(widgets, attrs)

    def decompress(self, value: date | None) -> list[str]:
        """The boxes of a stored date."""
        if value is None:
            return [""] * len(self.widgets)
        return [str(value.year), str(value.month), str(value.day)][: len(self.widgets)]

    def id_for_label(self, id_: str, index: str | None = None) -> str:  # noqa: ARG002 - the signature is Django's
        """The first box: where a link from the error summary lands."""
        return f"{id_}_0" if id_ else id_


class DatePartsField(forms.MultiValueField):
    """A date from 年/月/日 boxes; with `month_only` from 年/月, and then the day is the first of the month.

    Full-width digits, spaces and a typed 年, 月 or 日 are understood. A year of fewer than four digits, a month of 13 or
    a 30th of February are answered with what to type instead.
    """

    widget = DatePartsWidget

    def __init__(
        self,
        *,
        month_only: bool = False,
        birthday: bool = False,
        earliest_year: int = 1930,
        **options: Any,
    ) -> None:
        self.month_only = month_only
        self.earliest_year = earliest_year
        count = 2 if month_only else 3
        options.setdefault("widget", DatePartsWidget(month_only=month_only, birthday=birthday))
        super().__init__(
            fields=tuple(forms.CharField(required=False, max_length=12) for _ in range(count)),
            require_all_fields=False,
            **options,
        )

    def clean(self, value: list[str] | None) -> date | None:
        """The date typed, or None if every box is empty and the field may be; ValidationError says what to type."""
        if self.disabled and not isinstance(value, list):
            value = self._boxes(value)
        typed = [_digits(part) for part in value or []]
        typed += [""] * (len(self.fields) - len(typed))
        what = str(self.label or "日期")
        if not any(typed):
            if self.required:
                raise ValidationError(gettext("请填写%(what)s。") % {"what": what}, code="required")
            return None
        missing = [part for part, text in zip(_PARTS, typed, strict=False) if not text]
        if missing:
            raise ValidationError(
                gettext("%(what)s还缺“%(missing)s”，请补上。") % {"what": what, "missing": "”“".join(missing)},
                code="incomplete",
            )
        for part, text in zip(_PARTS, typed, strict=False):
            if not text.isdecimal():
                raise ValidationError(
                    gettext("%(what)s的“%(part)s”只能填数字，例如 %(part2)s。")
                    % {"what": what, "part": part, "part2": _example(part)},
                    code="invalid",
                )
        found = self._date_of([int(text) for text in typed], typed[0], what)
        self.run_validators(found)
        return found

    def compress(self, data_list: list[Any]) -> Any:
        """Not used: `clean` reads the boxes itself, so that one clear sentence answers for all of them."""
        return data_list

    def _date_of(self, numbers: list[int], year_typed: str, what: str) -> date:
        year, month = numbers[0], numbers[1]
        if len(year_typed) != 4:
            raise ValidationError(gettext("%(what)s的“年”要填四位数字，例如 2023。") % {"what": what}, code="invalid")
        if year < self.earliest_year:
            raise ValidationError(
                gettext("%(what)s的“年”填的是 %(year)s，早于 %(earliest_year)s，请核对。")
                % {"what": what, "year": year, "earliest_year": self.earliest_year},
                code="invalid",
            )
        if not 1 <= month <= 12:
            raise ValidationError(
                gettext("%(what)s的“月”应为 1 到 12，您填的是 %(month)s。") % {"what": what, "month": month},
                code="invalid",
            )
        day = 1 if self.month_only else numbers[2]
        try:
            return date(year, month, day)
        except ValueError:
            raise ValidationError(
                gettext("%(year)s年%(month)s月没有%(day)s日，请核对%(what)s。")
                % {"year": year, "month": month, "day": day, "what": what},
                code="invalid",
            ) from None

    def _boxes(self, value: date | None) -> list[str]:
        return DatePartsWidget(month_only=self.month_only).decompress(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether what was typed differs from the stored date."""
        shown = initial if isinstance(initial, list) else self._boxes(initial)
        typed = [_digits(part).lstrip("0") for part in data or []]
        return typed != [str(part) for part in shown]


def _digits(text: str | None) -> str:
    """What was typed, with full-width digits made plain and spaces and the unit taken away."""
    return re.sub(r"[\s年月日号]", "", unicodedata.normalize("NFKC", text or ""))


def _example(part: str) -> str:
    return {"年": "2023", "月": "7", "日": "15"}[part]
