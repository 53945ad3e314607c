"""Section 4: the unit, found by name or code or typed with its code; or working for oneself (notice 一（一）)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.date_field import DatePartsField
from chuding.accounts.identity import check_uscc
from chuding.applications.citing import cited, material_on
from chuding.applications.forms.pieces import AnswerField, PickField, SectionForm, WordsField, day_words, said
from chuding.applications.material_kinds import Kind, rule_of
from chuding.applications.models import NO_UNIT, Engagement
from chuding.applications.places import districts_included, in_city
from chuding.applications.templatetags.notice_words import chinese, plainly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chuding.accounts.models import Employer
    from chuding.applications.models import Application
    from chuding.policy.notice import Notice

KINDS = (
    ("enterprise", _("企业")),
    ("public_institution", _("事业单位")),
    ("association", _("社会团体")),
    ("agency", _("人事代理机构")),
)
OTHER = "other"


def _instead(notice: Notice) -> str:
    """Which paper a freelancer gives in place of the unit's letter; empty where the notice has no such."""
    letter = rule_of(notice, Kind.ENDORSEMENT)
    if letter is None or letter.instead is None:
        return ""
    words = {"code": letter.code, "name": plainly(letter.instead)}
    return gettext("材料%(code)s改交%(name)s。") % words


class EmployerForm(SectionForm):
    """`found` are the verified units that fit what was searched for, with the one already chosen."""

    conditional = (
        "employer", "employer_name", "employer_uscc", "employer_kind", "post", "established_post",
        "established_post_since", "agency",
    )  # fmt: skip

    works_in_jurisdiction = AnswerField()  # of the notice's city
    engagement = PickField(
        label=_("您和单位的关系"),
        ask=_("请选择您和单位的关系。"),
        choices=(),  # of the notice: what a freelancer gives instead of the letter
    )
    employer = PickField(label=_("请选择您的单位"), ask=_("请选择您的单位。"), choices=(), required=False)
    employer_name = WordsField(label=_("单位全称"), max_length=200, required=False, help_text=_("与单位公章一致。"))
    employer_uscc = forms.CharField(
        label=_("统一社会信用代码"),
        required=False,
        max_length=60,
        help_text=_("18位，在营业执照或事业单位法人证书上，可以向单位人事部门询问。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-20", "spellcheck": "false"}),
    )
    employer_kind = PickField(label=_("单位性质"), ask=_("请选择单位性质。"), choices=KINDS, required=False)
    post = WordsField(label=_("现在的岗位"), max_length=100, required=False, help_text=_("例如：电气工程师助理。"))
    established_post = AnswerField(
        label=_("您是事业单位在编人员吗"),
        required=False,
    )
    established_post_since = DatePartsField(label=_("入编日期"), required=False)
    agency = PickField(
        label=_("由哪个人事代理机构出具证明"),
        ask=_("请选择人事代理机构。"),
        choices=(),
        required=False,
        help_text=_("在列表里的机构，可以在网上审核并出具证明。"),
    )

    def __init__(
        self,
        *args: Any,
        notice: Notice,
        found: Sequence[Employer] = (),
        agencies: Sequence[Employer] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        here = self.fields["works_in_jurisdiction"]
        here.label, here.help_text = in_city(_("您在{city}工作吗"), notice), districts_included(notice)
        here.error_messages["required"] = f"请回答“{here.label}”。"
        self.instead = _instead(notice)
        self._engagements()
        if sheet := material_on(notice, "established_post_since"):
            self.fields["established_post"].help_text = gettext("在编满一年的，还要上传年度考核表%(cited)s。") % {
                "cited": cited([sheet.clause.label])
            }
        self.found = {unit.uscc: unit for unit in found}
        self.agencies = {unit.uscc: unit for unit in agencies}
        self._offer("employer", found, "列表里没有，我自己填写")
        self._offer("agency", agencies, gettext("都不是，我自己请机构盖章，上传证明"))

    def _engagements(self) -> None:
        picker = self.fields["engagement"]
        assert isinstance(picker, forms.ChoiceField)
        freelance = gettext("自由职业，没有用人单位")
        if self.instead:
            freelance = format_html('{}<span class="choice-hint">{}</span>', freelance, self.instead)
        labels = {each: each.label for each in Engagement} | {Engagement.FREELANCE: freelance}
        picker.choices = list(labels.items())

    def _offer(self, name: str, units: Sequence[Employer], other: str) -> None:
        picker = self.fields[name]
        assert isinstance(picker, forms.ChoiceField)
        choices: list[tuple[str, Any]] = [
            (unit.uscc, format_html('{}<span class="choice-hint number">{}</span>', chinese(unit.name), unit.uscc))
            for unit in units
        ]
        picker.choices = [*choices, (OTHER, other)] if choices else []

    def clean_employer_uscc(self) -> str:
        text = self.cleaned_data["employer_uscc"]
        if not text:
            return ""
        reading = check_uscc(text)
        if reading.problem:
            raise ValidationError(reading.problem)
        if reading.hint:
            self.hints.append(reading.hint)
        return reading.number

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("engagement") != Engagement.EMPLOYMENT_CONTRACT:
            self._no_employer(freelance=values.get("engagement") == Engagement.FREELANCE)
            return values
        self.errors.pop("agency", None)
        values["agency"] = ""
        chosen = self.found.get(values.get("employer") or "")
        if chosen is not None:
            for name in ("employer_name", "employer_uscc", "employer_kind"):
                self.errors.pop(name, None)
            values.update(employer_name=chosen.name, employer_uscc=chosen.uscc, employer_kind=chosen.kind)
        else:
            self.demand("employer_name", gettext("请填写单位全称，或者在上面查找并选择单位。"))
            self.demand("employer_uscc", gettext("请填写单位的统一社会信用代码，共18位。"))
            self.demand("employer_kind", gettext("请选择单位性质。"))
        self.demand("post", gettext("请填写您现在的岗位。"))
        self._check_established()
        return values

    def _no_employer(self, *, freelance: bool) -> None:
        values = self.cleaned_data
        for name in self.conditional:
            self.errors.pop(name, None)
        if freelance and self.agencies:
            self.demand("agency", gettext("请选择人事代理机构；没有的，选“都不是”。"))
        values.update(
            employer="",
            employer_name=NO_UNIT if freelance else "",
            employer_uscc="",
            employer_kind="",
            post=values.get("post", ""),
            established_post=None,
            established_post_since=None,
        )

    def _check_established(self) -> None:
        values = self.cleaned_data
        if values.get("employer_kind") != "public_institution":
            self.errors.pop("established_post_since", None)
            values.update(established_post=None, established_post_since=None)
            return
        self.demand("established_post", gettext("请回答是否事业单位在编人员。"))
        if values.get("established_post") is not True:
            self.errors.pop("established_post_since", None)
            values["established_post_since"] = None
            return
        self.demand("established_post_since", gettext("请填写入编日期。"))
        since = values.get("established_post_since")
        if since and since > self.on:
            self.add_error(
                "established_post_since",
                gettext("入编日期填的是%(since)s，还没有到。请核对。") % {"since": day_words(since)},
            )

    def values(self) -> dict[str, Any]:
        """What `declare` saves, the unit itself left to the view, which knows the verified ones."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in {"employer", "agency"}}

    @property
    def chosen_agency(self) -> Employer | None:
        """The agency that speaks for a freelancer; None where there is none, or where it stamps on paper."""
        freelance = self.cleaned_data["engagement"] == Engagement.FREELANCE
        return self.agencies.get(self.cleaned_data.get("agency") or "") if freelance else None


def initial_employer(application: Application) -> dict[str, Any]:
    """What the form shows of a saved file."""
    names = ("engagement", "employer_name", "employer_uscc", "employer_kind", "post", "established_post_since")
    shown = {name: getattr(application, name) for name in names}
    agency = application.agency
    if application.engagement == Engagement.FREELANCE:
        shown["employer_name"] = ""
        shown["agency"] = agency.uscc if agency else OTHER
    return shown | {
        "works_in_jurisdiction": said(application.works_in_jurisdiction, stated=False),
        "established_post": said(application.established_post, stated=False),
        "employer": application.employer_uscc if application.employer_id else "",
    }
