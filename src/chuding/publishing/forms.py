"""The forms of the desk: one entry of a section, from the notice's words to fields and back, and the few others."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from pydantic import ValidationError

from chuding.accounts.date_field import DatePartsField
from chuding.accounts.form_words import PlainWords
from chuding.notices.services import ID
from chuding.policy.conditions import Counting
from chuding.policy.facts import describe
from chuding.policy.vocabulary import Vocabulary
from chuding.publishing.yaml_text import flow_of, value_of
from chuding.storage.clock import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chuding.publishing.sections import Field, Section

_ANY: Final = Vocabulary(frozenset(), Counting(), {})
_LONG: Final = {"rows": 3, "class": "input-full"}


class EntryForm(PlainWords, forms.Form):
    """One entry of a section. `clauses`: (label, words) of the notice's text; `value` is the entry as it stands."""

    def __init__(
        self, data: Any = None, *, section: Section, clauses: list[tuple[str, str]], value: Mapping[str, Any]
    ) -> None:
        self.section, self.value = section, value
        # Before PlainWords looks at the fields: which there are depends on the section.
        made = {field.name: _form_field(field, clauses, value.get(field.key)) for field in section.fields}
        self.base_fields = made  # type: ignore[misc] # an instance's own, as Django's formsets do it
        super().__init__(data, initial={each.name: _shown(each, value.get(each.key)) for each in section.fields})

    def clean(self) -> dict[str, Any]:
        """Ask the law engine's model of the entry; what it says stands at its field."""
        super().clean()
        model = self.section.entry
        if not self.errors and model is not None:
            try:
                model.model_validate(self.entry())
            except ValidationError as error:
                for single in error.errors(include_url=False):
                    where, sentence = describe({**single, "loc": single["loc"][1:]})
                    said = f"{where}：{sentence}" if where else sentence
                    self._tell(str(single["loc"][0]) if single["loc"] else "", said)
        return self.cleaned_data

    def _tell(self, key: str, sentence: str) -> None:
        names = {field.key: field.name for field in self.section.fields}
        named = key or next((each for each in names if f"“{each}”" in sentence), "")
        self.add_error(names.get(named), f"{sentence}。")

    def entry(self) -> dict[str, Any]:
        """The entry in the notice's words: keys in the order in which they stood, new ones after them."""
        read = {
            each.key: value
            for each in self.section.fields
            if (value := self.cleaned_data.get(each.name)) not in (None, "", []) or each.kind == "lines"
        }
        for key, value in read.items():
            if isinstance(self.value.get(key), int) and str(self.value[key]) == value:
                read[key] = self.value[key]  # 号: 1 stays a number
        known = {field.key for field in self.section.fields}
        kept = {key: value for key, value in self.value.items() if key not in known or key in read}
        return {**{key: read.get(key, value) for key, value in kept.items()}, **read}


def _form_field(  # noqa: PLR0911 - one return a kind of field
    field: Field, clauses: list[tuple[str, str]], held: Any
) -> forms.Field:
    common: dict[str, Any] = {"label": field.label, "help_text": field.hint, "required": not field.optional}
    match field.kind:
        case "day":
            return DatePartsField(**common, earliest_year=1949)
        case "clause":
            labels = {label for label, _ in clauses}
            lost = [(held, f"{held}（通知里已经没有）")] if held and held not in labels else []
            return forms.ChoiceField(**common, choices=[("", "请选择条款"), *lost, *clauses])
        case "choice":
            words = [*field.choices, *([str(held)] if held not in (None, "", *field.choices) else [])]
            return forms.ChoiceField(
                **common, choices=[("", "不写" if field.optional else "请选择"), *zip(words, words, strict=True)]
            )
        case "choices":
            return forms.MultipleChoiceField(
                **common,
                choices=[(word, word) for word in field.choices],
                widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-inline"}),
            )
        case "condition" | "flow":
            read = _condition if field.kind == "condition" else value_of
            return _Words(read, **common, max_length=2000, widget=forms.Textarea(attrs={**_LONG, "rows": 2}))
        case "quotes":
            return _Words(_quotes, **common, max_length=4000, widget=forms.Textarea(attrs=_LONG))
        case "lines":
            return _Words(_lines, **common, max_length=2000, widget=forms.Textarea(attrs=_LONG))
        case "sentence" | "words":
            attrs = {**_LONG, "data-sentence": ""} if field.kind == "sentence" else _LONG
            return forms.CharField(**common, max_length=4000, widget=forms.Textarea(attrs=attrs))
        case _:
            return forms.CharField(**common, max_length=400, widget=forms.TextInput(attrs={"class": "input-full"}))


class _Words(forms.CharField):
    """A text that is read as something else; ValueError becomes the field's sentence."""

    def __init__(self, read: Callable[[str], Any], **options: Any) -> None:
        self._read = read
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return [] if self._read is _lines else None
        try:
            return self._read(text)
        except ValueError as error:
            raise forms.ValidationError(f"{error}。") from None


def _condition(text: str) -> Any:
    words = value_of(text)
    # A permit that only this notice knows is held to the quoted sentences when the draft is read as a notice.
    _ANY.condition(words, quoted=text)
    return words


def _quotes(text: str) -> list[dict[str, str]]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        clause, mark, sentence = line.partition("：")
        if not mark or not sentence.strip():
            raise ValueError(f"每一行写成“条款：原文”，例如 一(二)：在我市就业的人才；这一行是“{line[:30]}”")
        found.append({"依据": clause.strip(), "原文": sentence.strip()})
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _shown(field: Field, value: Any) -> Any:  # noqa: PLR0911 - one return a kind of field
    """What stands in the form's field for a value of the file."""
    if value is None:
        return None
    match field.kind:
        case "condition" | "flow":
            return flow_of(value)
        case "quotes":
            return "\n".join(f"{each.get('依据')}：{each.get('原文')}" for each in value)
        case "lines":
            return "\n".join(map(str, value))
        case "day":
            return value if isinstance(value, date) else None
        case "choices":
            return value if isinstance(value, list) else [value]
        case _:
            return str(value)


class CopyForm(PlainWords, forms.Form):
    """Begin a draft from a notice at hand."""

    base = forms.ChoiceField(label="以哪一份为底稿", help_text="草案从这一份的全部内容开始，并随时与它比较。")
    kind = forms.ChoiceField(
        label="做什么",
        choices=[
            ("new", "新一年（或者另一个）的通知"),
            ("correct", "更正这份通知：编号不变，已经申报的仍按原来的版本办"),
        ],
        widget=forms.RadioSelect,
        initial="new",
    )
    identifier = forms.CharField(
        label="新通知的编号",
        help_text="小写字母、数字和短横线，例如 city-2025-1。它出现在网址和证书数据里，发布以后不能改。",
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-20", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *arguments: Any, bases: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["identifier"].conditional = True  # type: ignore[attr-defined] # clean() may demand it
        field = self.fields["base"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = bases

    def clean(self) -> dict[str, Any]:
        super().clean()
        identifier = self.cleaned_data.get("identifier", "")
        if self.cleaned_data.get("kind") == "new" and not self.errors:
            if not identifier:
                self.add_error("identifier", "请填写新通知的编号。")
            elif not ID.fullmatch(identifier):
                self.add_error("identifier", "编号只能用小写字母、数字和短横线，以字母开头，例如 city-2025-1。")
        return self.cleaned_data


class MomentForm(PlainWords, forms.Form):
    """When a version takes force, Beijing time, and that it was looked at."""

    day = DatePartsField(label="生效日期", earliest_year=2020)
    time = forms.RegexField(
        r"^([01]?\d|2[0-3])[:：][0-5]\d$",
        label="生效时刻（北京时间）",
        help_text="写成 8:00 的样子，最早在一分钟以后。",
        error_messages={"invalid": "时刻写成 8:00 的样子，从 0:00 到 23:59。"},
        widget=forms.TextInput(attrs={"class": "input-6"}),
    )
    sure = forms.BooleanField(label="我已核对全文、规则、与底稿的不同和试算结果，同意发布")

    def moment(self) -> datetime:
        """The moment asked for, with its zone."""
        hour, minute = self.cleaned_data["time"].replace("：", ":").split(":")
        day: date = self.cleaned_data["day"]
        return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=SHANGHAI)


class CaseForm(PlainWords, forms.Form):
    """One worked case: who it is, and what the notice must answer."""

    name = forms.CharField(label="例名", max_length=100, widget=forms.TextInput(attrs={"class": "input-full"}))
    facts = forms.CharField(
        label="这个人",
        help_text="只写与“基准”不同之处，一行一项，例如“申报: 2025-07-01”“凭: {大专: 2023-06-20, 对口: 是}”“在岗: [2023-07-01~]”。",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={**_LONG, "rows": 5, "spellcheck": "false"}),
    )
    expected = forms.CharField(
        label="应得的结论",
        help_text="一行一项。“期望: {员级: 可}”；没有写的级别应当是“否”。还可以写“受理期内: 是”“材料: {4: 须交}”。",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={**_LONG, "rows": 4, "spellcheck": "false"}),
    )
