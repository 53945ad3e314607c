"""Section 1: who the person is, under which document, and the questions on what may bar somebody that the notice asks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.date_field import DatePartsField
from chuding.accounts.identity import KIND_NAMES, OLDEST, YOUNGEST, IdentityKind, check_identity, plain_code
from chuding.accounts.identity import Sex as ReadSex
from chuding.accounts.mrz import nationality_of, read_mrz
from chuding.accounts.names import clean_name, is_han
from chuding.applications.asked import BARRING, barring_asked, permits_of
from chuding.applications.forms.pieces import AnswerField, CodeField, PickField, SectionForm, day_words, said
from chuding.applications.models import Identity, Permit, Sex
from chuding.applications.sections import DATED

if TYPE_CHECKING:
    from chuding.applications.models import Application
    from chuding.policy.notice import Notice

# A document says which of the three groups of notice 一 its holder belongs to, so that is not asked again.
GROUPS = {
    Identity.MAINLAND: (IdentityKind.RESIDENT_ID,),
    Identity.HK_MACAU_TAIWAN: (
        IdentityKind.HMT_RESIDENCE_PERMIT,
        IdentityKind.HK_MACAU_PERMIT,
        IdentityKind.TAIWAN_PERMIT,
    ),
    Identity.FOREIGN: (IdentityKind.FOREIGN_PERMANENT_RESIDENCE, IdentityKind.PASSPORT),
}
GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
_SEXES = {ReadSex.MALE: Sex.MALE, ReadSex.FEMALE: Sex.FEMALE}


class IdentityForm(SectionForm):
    """Name, document, permit, and what bars the person under the notice. Nobody is stopped here: a person decides."""

    conditional = (
        "identity_until", "nationality", "sex", "born_on", "permit", "permit_number", "permit_until", "sanction_from",
        "sanction_until",
    )  # fmt: skip

    field_order = ("full_name", "identity_type", "mrz", "identity_number", "nationality", "foreign_name")

    full_name = forms.CharField(
        label=_("姓名"),
        max_length=200,
        help_text=_("与证件一致。可以输入生僻字，少数民族和外文姓名的间隔号用“·”。"),
        widget=forms.TextInput(attrs={"autocomplete": "name", "class": "input-20", "spellcheck": "false"}),
        error_messages={"required": _("请输入姓名，与证件上的完全一致。")},
    )
    identity_type = PickField(
        label=_("证件类型"),
        ask=_("请选择证件类型。"),
        choices=[(group.label, [(str(kind), KIND_NAMES[kind]) for kind in kinds]) for group, kinds in GROUPS.items()],
    )
    identity_number = forms.CharField(
        label=_("证件号码"),
        max_length=60,
        help_text=_("只填号码，不用上传证件照片。输错一位系统会提醒您。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-20", "spellcheck": "false"}),
        error_messages={"required": _("请输入证件号码。")},
    )
    identity_until = DatePartsField(
        label=_("证件有效期至"), required=False, help_text=_("印在证件上，例如 2028 年 5 月 31 日。")
    )
    mrz = forms.CharField(
        label=_("护照资料页最下面一行"),
        required=False,
        max_length=200,
        help_text=_("44位，空格处是“<”。填了这一行，下面的国籍、性别、日期就不用再填，输错一位会提醒您。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "input-full", "spellcheck": "false"}
        ),
    )
    nationality = CodeField(
        label=_("国籍代码"),
        longest=3,
        required=False,
        help_text=_("护照资料页上的三个字母，例如 USA、JPN、DEU。"),
    )
    foreign_name = forms.CharField(
        label=_("外文姓名"),
        required=False,
        max_length=100,
        help_text=_("与护照一致。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-20", "spellcheck": "false"}),
    )
    sex = PickField(
        label=_("性别"),
        ask=_("请选择性别。"),
        choices=Sex.choices,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "choices-inline"}),
    )
    born_on = DatePartsField(label=_("出生日期"), birthday=True, required=False, earliest_year=1900)
    permit = PickField(
        label=_("您持有哪一种在华工作或居留证件"),
        ask=_("请选择您持有的证件。"),
        choices=(),  # the notice's
        required=False,
    )
    permit_number = CodeField(label=_("这种证件的号码"), longest=60, required=False)
    permit_until = DatePartsField(label=_("这种证件的有效期至"), required=False)
    civil_servant = AnswerField(
        label=_("您是公务员吗"), help_text=_("包括参照公务员法管理的事业单位工作人员。"), question="您是公务员吗"
    )
    retired = AnswerField(label=_("您已经离退休了吗"))
    sanctioned = AnswerField(label=_("您受过党纪、政务或行政处分，并且在影响期内吗"))
    sanction_from = DatePartsField(label=_("处分决定的日期"), required=False)
    sanction_until = DatePartsField(
        label=_("影响期到哪一天结束"), required=False, help_text=_("不清楚的可以留空，由工作人员核实。")
    )

    def __init__(self, *args: Any, notice: Notice, pictured: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pictured = pictured
        asked = barring_asked(notice)
        for name in BARRING.keys() - set(asked):
            del self.fields[name]
        if "sanctioned" not in asked:
            del self.fields["sanction_from"], self.fields["sanction_until"]
        permit = self.fields["permit"]
        assert isinstance(permit, PickField)
        permit.choices = list(permits_of(notice))

    def barring(self) -> list[forms.BoundField]:
        """The questions on what may bar somebody, in their order."""
        return [self[name] for name in BARRING if name in self.fields]

    def clean_full_name(self) -> str:
        name, problem = clean_name(self.cleaned_data["full_name"], pictured=self.pictured)
        if problem:
            raise ValidationError(problem)
        return name

    def clean_foreign_name(self) -> str:
        text = self.cleaned_data["foreign_name"]
        if not text.strip():
            return ""
        name, problem = clean_name(text)
        if problem is None and any(is_han(c) for c in name):
            problem = gettext("外文姓名请用拉丁字母填写，与护照一致。")
        if problem:
            raise ValidationError(problem)
        return name

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        kind = values.get("identity_type")
        if kind == IdentityKind.PASSPORT:
            self._read_mrz(values.get("mrz", ""))
        if kind:
            self._read_number(IdentityKind(kind))
            self._read_validity(IdentityKind(kind))
            self._read_permit(IdentityKind(kind))
        self._read_sanction()
        return values

    def _read_number(self, kind: IdentityKind) -> None:
        values = self.cleaned_data
        if "identity_number" not in values:
            return
        reading = check_identity(kind, values["identity_number"], on=self.on)
        if reading.problem:
            self.add_error("identity_number", reading.problem)
            return
        if reading.hint:
            self.hints.append(reading.hint)
        values["identity_number"] = reading.number
        if kind is IdentityKind.PASSPORT:
            self._read_nationality()
        else:
            self._derived("nationality", reading.nationality or "")
        if kind is IdentityKind.RESIDENT_ID:
            self._derived("foreign_name", "")
        if reading.sex is not None:
            self._derived("sex", _SEXES[reading.sex])
        self.demand("sex", gettext("请选择性别，%(kind)s号码里没有性别。") % {"kind": KIND_NAMES[kind]})
        if reading.born_on is not None:
            self._derived("born_on", reading.born_on)
        elif values.get("born_on"):
            self._check_birth(values["born_on"])
        self.demand("born_on", gettext("请填写出生日期，%(kind)s号码里没有出生日期。") % {"kind": KIND_NAMES[kind]})

    def _read_mrz(self, text: str) -> None:
        """What the machine-readable line says fills what was left empty; what was typed otherwise is asked about."""
        if not text:
            return
        read = read_mrz(text, on=self.on)
        if read.problem:
            self.add_error("mrz", read.problem)
            return
        told = {
            "identity_number": read.number,
            "nationality": read.nationality,
            "born_on": read.born_on,
            "sex": _SEXES[read.sex] if read.sex else None,
            "identity_until": read.until,
        }
        for name, value in told.items():
            if value is None:
                continue
            typed = self.cleaned_data.get(name)
            if name in {"identity_number", "nationality"}:
                typed = plain_code(typed or "")
            if typed and typed != value:
                shown = day_words(value) if isinstance(value, date) else value
                self.add_error(
                    name, gettext("与护照最下面一行不一致，那一行是“%(value)s”。请对照护照检查。") % {"value": shown}
                )
            elif not typed and self._is_blank(name):
                self._derived(name, value)

    def _is_blank(self, name: str) -> bool:
        """Whether nothing stands in the box, or in any of the boxes of a date."""
        typed = self[name].data
        return not (any(typed) if isinstance(typed, list) else typed)

    def _read_nationality(self) -> None:
        self.demand("nationality", gettext("请填写国籍代码，它印在护照资料页上，是三个字母。"))
        typed = self.cleaned_data.get("nationality")
        if not typed:
            return
        code = nationality_of(typed)
        if code is None:
            self.add_error(
                "nationality", gettext("没有“%(code)s”这个国籍代码。请对照护照资料页，填三个字母。") % {"code": typed}
            )
        elif code == "CHN":
            self.add_error("nationality", gettext("中国公民请把证件类型改为“居民身份证”。"))
        elif code in {"HKG", "MAC", "TWN"}:
            self.add_error("nationality", gettext("港澳台居民请把证件类型改为居住证或通行证。"))
        else:
            self.cleaned_data["nationality"] = code

    def _read_validity(self, kind: IdentityKind) -> None:
        if kind not in DATED:
            self._derived("identity_until", None)
            return
        self.demand("identity_until", gettext("请填写%(kind)s的有效期，它印在证件上。") % {"kind": KIND_NAMES[kind]})
        until = self.cleaned_data.get("identity_until")
        if until and until < self.on:
            self.add_error(
                "identity_until",
                gettext("这份证件%(until)s已经到期。请填写换发后的证件。") % {"until": day_words(until)},
            )

    def _derived(self, name: str, value: Any) -> None:
        """What the number says takes the place of what was typed, wrong or right."""
        self.errors.pop(name, None)
        self.cleaned_data[name] = value

    def _check_birth(self, born: date) -> None:
        age = self.on.year - born.year - ((self.on.month, self.on.day) < (born.month, born.day))
        if born > self.on:
            self.add_error(
                "born_on", gettext("出生日期填的是%(born)s，还没有到。请对照证件检查。") % {"born": day_words(born)}
            )
        elif not YOUNGEST <= age <= OLDEST:
            self.add_error(
                "born_on",
                gettext("按出生日期%(born)s，年龄是%(age)s岁。请对照证件检查。")
                % {"born": day_words(born), "age": age},
            )

    def _read_permit(self, kind: IdentityKind) -> None:
        values = self.cleaned_data
        if GROUP_OF[kind] is not Identity.FOREIGN:
            # 一（二） asks permits of foreign nationals only.
            self._derived("permit", str(Permit.NONE))
            self._derived("permit_number", "")
            self._derived("permit_until", None)
            return
        if kind is IdentityKind.FOREIGN_PERMANENT_RESIDENCE:
            self._derived("permit", str(Permit.FOREIGN_PERMANENT_RESIDENCE))
            self._derived("permit_number", values.get("identity_number", ""))
        self.demand("permit", gettext("请选择您持有的证件；都没有的选“都没有”。"))
        if values.get("permit") in {None, "", str(Permit.NONE)}:
            return
        self.demand("permit_number", gettext("请填写工作或居留证件的号码。"))
        self.demand("permit_until", gettext("请填写工作或居留证件的有效期，它印在证件上。"))
        until = values.get("permit_until")
        if until and until < self.on:
            self.add_error(
                "permit_until", gettext("这份证件%(until)s已经到期。请填写换发后的证件。") % {"until": day_words(until)}
            )

    def _read_sanction(self) -> None:
        values = self.cleaned_data
        if "sanctioned" not in self.fields:
            return
        if values.get("sanctioned") is not True:
            self._derived("sanction_from", None)
            self._derived("sanction_until", None)
            return
        self.demand("sanction_from", gettext("请填写处分决定的日期。"))
        start, end = values.get("sanction_from"), values.get("sanction_until")
        if start and start > self.on:
            self.add_error(
                "sanction_from",
                gettext("处分决定的日期填的是%(start)s，还没有到。请核对。") % {"start": day_words(start)},
            )
        elif start and end and end <= start:
            self.add_error(
                "sanction_until",
                gettext("影响期结束的日期应晚于处分决定的日期（%(start)s）。请核对。") % {"start": day_words(start)},
            )

    def values(self) -> dict[str, Any]:
        """What `declare` saves."""
        kept = {name: self.cleaned_data[name] for name in self.fields if name != "mrz"}
        return kept | {"identity": str(GROUP_OF[IdentityKind(kept["identity_type"])])}


def initial_identity(application: Application) -> dict[str, Any]:
    """What the form shows of a saved file; the group that the self-check knows picks its only document."""
    kind = application.identity_type
    if not kind and application.identity == Identity.MAINLAND:
        kind = str(IdentityKind.RESIDENT_ID)
    names = (
        "full_name", "identity_number", "identity_until", "nationality", "foreign_name", "sex", "born_on", "permit", "permit_number", "permit_until",
        "sanction_from", "sanction_until",
    )  # fmt: skip
    answers = {name: said(getattr(application, name), stated=False) for name in BARRING}
    return {name: getattr(application, name) for name in names} | answers | {"identity_type": kind}
