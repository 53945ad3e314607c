"""Fields that every section uses: yes and no, words, codes and whole numbers as people type them. No models, no clock."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.identity import plain_code

if TYPE_CHECKING:
    from datetime import date

    from django_stubs_ext import StrOrPromise

YES_NO = (("yes", _("是")), ("no", _("否")))
YES_NO_UNKNOWN = (*YES_NO, ("unknown", _("不清楚")))
_ANSWERS = {"yes": True, "no": False}
_WIDE = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}


def said(value: bool | None, *, stated: bool = True) -> str:
    """A stored answer as the radio that shows it; `stated` False leaves an unknown one unanswered."""
    if value is None:
        return "unknown" if stated else ""
    return "yes" if value else "no"


def day_words(day: date) -> str:
    """2024年7月1日."""
    return date_format(day, "DATE_FORMAT")


class AnswerField(forms.TypedChoiceField):
    """是/否, or 是/否/不清楚: True, False, None. “不清楚” is an answer, and never a no."""

    def __init__(self, *, unknown: bool = False, question: str = "", **options: Any) -> None:
        options.setdefault("widget", forms.RadioSelect(attrs={"class": "choices-inline"}))
        options.setdefault("error_messages", {"required": f"请回答“{question or options.get('label', '')}”。"})
        super().__init__(
            choices=YES_NO_UNKNOWN if unknown else YES_NO, coerce=_ANSWERS.get, empty_value=None, **options
        )


class PickField(forms.ChoiceField):
    """One of a few, as radios."""

    def __init__(self, *, ask: StrOrPromise, **options: Any) -> None:
        options.setdefault("widget", forms.RadioSelect())
        super().__init__(error_messages={"required": ask, "invalid_choice": ask}, **options)


class WordsField(forms.CharField):
    """A name of a school, a unit, a post: one line, single spaces, full-width digits and letters made plain.

    Chinese punctuation stays as it is, so this is not NFKC.
    """

    def __init__(self, *, ask: StrOrPromise | None = None, **options: Any) -> None:
        longest = options.get("max_length", 120)
        options.setdefault("max_length", 120)
        super().__init__(
            error_messages={
                # Its words may hang on the notice in force, so nothing looks at them before they are shown.
                "required": gettext("请填写%(label)s。") % {"label": options.get("label", "")} if ask is None else ask,
                "max_length": gettext("%(label)s最多%(longest)s个字，您输入了%%(show_value)d个。请写简短一些。")
                % {"label": options.get("label", "这一项"), "longest": longest},
            },
            **options,
        )

    def to_python(self, value: Any) -> str:
        text = unicodedata.normalize("NFC", str(value or "")).translate(_WIDE)
        text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cf", "Cc", "Co", "Cn"})
        return re.sub(r"\s+", " ", text).strip()


class CodeField(forms.CharField):
    """A number on a certificate: half-width, upper case, no spaces or dashes."""

    def __init__(self, *, longest: int = 40, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(**options)
        self.longest = longest

    def to_python(self, value: Any) -> str:
        code = plain_code(str(value or ""))
        if len(code) > self.longest:
            raise ValidationError(
                gettext("%(label)s最多%(longest)s位，您输入了%(count)s位。请对照证书检查。")
                % {"label": self.label, "longest": self.longest, "count": len(code)}
            )
        return code


class WholeNumberField(forms.CharField):
    """A whole number from 0 to `most`, full-width digits too; None where nothing was typed."""

    def __init__(self, *, most: int, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "class": "input-4"}))
        super().__init__(**options)
        self.most = most

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        text = "".join(unicodedata.normalize("NFKC", str(value or "")).split())
        if not text:
            return None
        if not (text.isascii() and text.isdigit()):
            raise ValidationError(gettext("%(label)s只能填整数，例如 72。") % {"label": self.label})
        if int(text[:9]) > self.most:
            raise ValidationError(
                gettext("%(label)s最多填 %(most)s，您填的是 %(text)s。请核对。")
                % {"label": self.label, "most": self.most, "text": text[:9]}
            )
        return int(text)

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise ValidationError(gettext("请填写%(label)s。") % {"label": self.label})

    def run_validators(self, value: Any) -> None:
        """Nothing more to check; the text validators of CharField do not fit a number."""


def insured_months_field() -> WholeNumberField:
    """Months of social insurance up to the day of filing, where a notice asks (社保满)."""
    return WholeNumberField(
        label=_("缴纳社会保险的月数"),
        most=720,
        required=False,
        help_text=_("到申报当天一共缴了几个月，可以在社会保险的缴费记录里查到。"),
    )


class SectionForm(forms.Form):
    """A form of the draft. `silent` shows what was typed without judging it (after 添加, 删除 or 查找)."""

    use_required_attribute = False
    conditional: tuple[str, ...] = ()

    def __init__(self, *args: Any, on: date, silent: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on = on
        self.silent = silent
        self.hints: list[str] = []
        for name in self.conditional:
            self.fields[name].conditional = True  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        if self.silent:
            self._errors = ErrorDict()
            self.cleaned_data: dict[str, Any] = {}
            return
        super().full_clean()

    def demand(self, name: str, sentence: str) -> None:
        """Say what to do at a field that this person must fill, unless it already has an error."""
        if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
            self.add_error(name, sentence)
