"""The self-check: a few short questions, each of which may be left open. No account, no name, no number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuding.accounts.date_field import DatePartsField
from chuding.applications.asked import FULL_TIME, HOURS, MONTHS, TITLES, asked_by_some, permits_of, schoolings_of
from chuding.applications.education_choices import Degree, StudyMode, is_full_time
from chuding.applications.forms.pieces import WholeNumberField, insured_months_field
from chuding.applications.forms.specialty import SpecialtySelect
from chuding.applications.models import Engagement, HeldTitle, Identity, Permit
from chuding.applications.places import in_city
from chuding.applications.translate import titles_held

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from chuding.policy.notice import Notice

UNSURE = "unsure"
_UNSURE = (UNSURE, _("我不清楚"))
WORK_PLACE = (
    ("contract", _("在{place}，和单位签了劳动（聘用）合同")),
    ("freelance", _("在{place}，自由职业")),
    ("elsewhere", _("在{place}以外")),
    ("none", _("现在没有工作")),
)
STANDING = (
    ("none", _("都不是")),
    ("civil_servant", _("公务员，或列入参照公务员法管理的事业单位工作人员")),
    ("retired", _("已经离休或退休")),
    _UNSURE,
)
SANCTION = (("no", _("没有受过处分，或影响期已满")), ("yes", _("正在影响期内")), _UNSURE)
DOCUMENT = (
    ("resident_id", _("居民身份证")),
    ("hk_macau_taiwan", _("港澳台居民居住证或者来往内地（大陆）通行证")),
    ("foreign_permanent_residence", _("外国人永久居留身份证")),
    ("passport", _("护照（外籍人员）")),
    _UNSURE,
)
ANSWER = (("yes", _("是")), ("no", _("不是")), _UNSURE)
FIT = (("yes", _("合格")), ("no", _("还没有考核，或不合格")), _UNSURE)

# What one tap says of two facts: does somebody work here, and how.
_WORKS_HERE = {"contract": True, "freelance": True, "elsewhere": False}
_ENGAGED = {"contract": Engagement.EMPLOYMENT_CONTRACT, "freelance": Engagement.FREELANCE, "none": Engagement.NONE}
_IDENTITY = {
    "resident_id": Identity.MAINLAND,
    "hk_macau_taiwan": Identity.HK_MACAU_TAIWAN,
    "foreign_permanent_residence": Identity.FOREIGN,
    "passport": Identity.FOREIGN,
}
_SAID = {"yes": True, "no": False}
#: What only some notices ask, by field.
_OF_SOME = {
    "study_mode": FULL_TIME, "held_title": TITLES, "held_title_since": TITLES, HOURS: HOURS, MONTHS: MONTHS,
}  # fmt: skip


def _pick(choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect(), required=False, **options)


class RememberedDateField(DatePartsField):
    """A date whose day may be forgotten: `2022-06-20`, or `2022-06` as the law engine reads it; "" where left open."""

    def clean(self, value: list[str] | None) -> str:  # type: ignore[override]
        """The date in ISO form; ValidationError says what to type."""
        boxes = [*(value or []), "", "", ""][:3]
        if any(boxes[:2]) and not (boxes[2] or "").strip():
            first = super().clean([*boxes[:2], "1"])
            return f"{first:%Y-%m}" if first else ""
        whole = super().clean(boxes)
        return whole.isoformat() if whole else ""


class SelfCheckForm(forms.Form):
    """What the notice asks of everyone (一、二). `only` are the fields of one page; without it, all that was answered.

    Unanswered is unknown, never no.
    """

    use_required_attribute = False

    work_place = _pick(())  # the notice's city
    standing = _pick(STANDING)
    sanction = _pick(SANCTION)
    sanction_until = DatePartsField(label=_("期满的日期"), help_text=_("例如 2025 年 3 月 31 日。"), required=False)
    document = _pick(DOCUMENT)
    permit = _pick(())  # the notice's
    schooling = _pick((), label=_("最高学历"))  # the notice's
    degree = _pick((*Degree.choices, ("none", _("没有学位")), _UNSURE), label=_("最高学位"))
    graduated_on = RememberedDateField(
        label=_("毕业日期"),
        help_text=_("毕业证书上的日期，例如 2023 年 6 月 20 日。日记不清的，“日”可以空着。"),
        required=False,
    )
    degree_on = RememberedDateField(label=_("学位授予日期"), help_text=_("与毕业是同一天的不用填。"), required=False)
    started_on = RememberedDateField(
        label=_("开始的日期"),
        help_text=_("例如 2023 年 7 月 1 日。换过单位的，填现在这一段；正式申报时可以逐段填写。"),
        required=False,
    )
    field_matches = _pick(ANSWER)
    assessed_fit = _pick(FIT)
    study_mode = _pick((*StudyMode.choices, _UNSURE))
    held_title = _pick((*HeldTitle.choices, _UNSURE), label=_("已取得的职称"))
    held_title_since = RememberedDateField(
        label=_("职称取得日期"),
        help_text=_("没有职称的不用填。职称证书上的取得时间，例如 2020 年 6 月 30 日。"),
        required=False,
    )
    continuing_education_hours = WholeNumberField(
        label=_("本年度继续教育学时"),
        most=2000,
        required=False,
        help_text=_("通知对学时有要求，请填到申报当天的总数。"),
    )
    social_insurance_months = insured_months_field()
    specialty = forms.ChoiceField(label=_("专业"), required=False, widget=SpecialtySelect)

    def __init__(
        self, *args: Any, notice: Notice, today: date, only: Iterable[str] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.examined = notice.examined
        asked = asked_by_some(notice)
        if only is not None:
            kept = frozenset(only)
            self.fields = {name: field for name, field in self.fields.items() if name in kept}
        else:
            self.fields = {name: field for name, field in self.fields.items() if _OF_SOME.get(name) in {None, *asked}}
        self._offer("work_place", [(key, in_city(words, notice)) for key, words in WORK_PLACE])
        self._offer("schooling", (*schoolings_of(notice), ("none", _("没有以上学历"))))
        self._offer("permit", permits_of(notice))
        if "specialty" in self.fields:
            self._offer_specialties(notice)
        for field in self.fields.values():
            field.conditional = True  # type: ignore[attr-defined] # every question may stay open; a button says so

    def _offer(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """What the notice lets one choose, where this page asks for it."""
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = [*choices, _UNSURE]

    def _offer_specialties(self, notice: Notice) -> None:
        examined = (_("国家统一考试的专业（考试合格即取得职称）"), [(name, name) for name in sorted(notice.examined)])
        field = self.fields["specialty"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(field.widget, SpecialtySelect)
        field.choices = [("", _("请选择")), *field.widget.offer(notice.catalogue), examined]

    def clean(self) -> dict[str, Any]:
        until = self.cleaned_data.get("sanction_until")
        if until and until <= self.today:
            self.add_error("sanction_until", _("这个日期已经过了。影响期已满的，请返回上一题改选“影响期已满”。"))
        for name in ("graduated_on", "degree_on", "started_on", "held_title_since"):
            text = self.cleaned_data.get(name)
            if text and text > self.today.isoformat()[: len(text)]:
                self.add_error(name, _("这个日期在今天之后，请核对。还没有发生的，请选“我不清楚”。"))
        return self.cleaned_data

    # ---- what the answers say ----

    def _answered(self, name: str) -> str:
        value = self.cleaned_data.get(name) or ""
        return "" if value == UNSURE else str(value)

    @property
    def elsewhere(self) -> bool:
        """Whether somebody's place, duty or way is another one (一、四（一）): then the rest need not be asked."""
        standing = self._answered("standing")
        return (
            _WORKS_HERE.get(self._answered("work_place")) is False
            or standing in {"civil_servant", "retired"}
            or self.by_examination
        )

    @property
    def by_examination(self) -> bool:
        """Whether the title of this specialty is had by an examination (四（一）)."""
        return self._answered("specialty") in self.examined

    @property
    def highest(self) -> tuple[str, str]:
        """The schooling and the degree that somebody has; "" for none and for not known."""
        schooling, degree = self._answered("schooling"), self._answered("degree")
        return schooling.replace("none", ""), degree.replace("none", "")

    def _permit(self) -> str | None:
        document = self._answered("document")
        if document in {"resident_id", "hk_macau_taiwan"}:
            return str(Permit.NONE)
        if document == "foreign_permanent_residence":
            return str(Permit.FOREIGN_PERMANENT_RESIDENCE)
        return self._answered("permit") or None

    def facts(self) -> dict[str, Any]:
        """The answers as the law engine reads them; what was left open is left out."""
        place, standing = self._answered("work_place"), self._answered("standing")
        started = self._answered("started_on")
        facts: dict[str, Any] = {
            "filed_on": self.today.isoformat(),
            "specialty": self._answered("specialty") or None,
            "identity": _IDENTITY.get(self._answered("document")),
            "permit": self._permit(),
            "works_in_jurisdiction": _WORKS_HERE.get(place),
            "engagement": _ENGAGED.get(place),
            "civil_servant": {"": None, "civil_servant": True}.get(standing, False),
            "retired_on": {"": None, "retired": self.today.isoformat()}.get(standing, "never"),
            "sanctions": self._sanctions(),
            "credentials": self._credentials(),
            "work": [{"from": started, "to": None}] if started else None,
            "assessed_fit": _SAID.get(self._answered("assessed_fit")),
            "titles": titles_held(self._answered("held_title"), self._answered("held_title_since") or None),
            **{name: self.cleaned_data.get(name) for name in (HOURS, MONTHS)},
        }
        return {key: value for key, value in facts.items() if value is not None}

    def _sanctions(self) -> list[dict[str, str]] | None:
        sanction, until = self._answered("sanction"), self.cleaned_data.get("sanction_until")
        if sanction == "no":
            return []
        if sanction == "yes" and until and until > self.today:
            return [{"from": self.today.isoformat(), "until": until.isoformat()}]
        return None

    def _days(self) -> tuple[str, str]:
        graduated = self._answered("graduated_on")
        return graduated, self._answered("degree_on") or graduated

    def _credentials(self) -> list[dict[str, Any]] | None:
        matches = _SAID.get(self._answered("field_matches"))
        full_time = is_full_time(self._answered("study_mode"))
        found = [
            {"kind": kind, "awarded_on": day or None, "field_matches": matches, "full_time": full_time}
            for kind, day in zip(self.highest, self._days(), strict=True)
            if kind
        ]
        # A question left open leaves the list open; "none" answered is an answer.
        said_none = self._answered("schooling") == "none" and self._answered("degree") == "none"
        return found if found or said_none else None

    def draft_values(self, level: str) -> dict[str, Any]:
        """What an application may take over, as JSON: fields of the file, and rows of schooling and work."""
        place, standing = self._answered("work_place"), self._answered("standing")
        document, specialty = self._answered("document"), self._answered("specialty")
        until = self.cleaned_data.get("sanction_until")
        values: dict[str, Any] = {
            "works_in_jurisdiction": _WORKS_HERE.get(place),
            "engagement": _ENGAGED.get(place),
            "identity": _IDENTITY.get(document),
            "identity_type": document
            if document in {"resident_id", "foreign_permanent_residence", "passport"}
            else None,
            "permit": self._permit(),
            "civil_servant": None if standing == "" else standing == "civil_servant",
            "retired": None if standing == "" else standing == "retired",
            "sanctioned": _SAID.get(self._answered("sanction")),
            "sanction_until": until.isoformat() if until else None,
            "assessed_fit": _SAID.get(self._answered("assessed_fit")),
            **{name: self.cleaned_data.get(name) for name in (HOURS, MONTHS)},
            "held_title": self._answered("held_title") or None,
            "held_title_since": _whole_day(self._answered("held_title_since")),
            "level": level or None,
            "specialty": specialty if "/" in specialty else None,
            "educations": self._educations(),
            "spells": self._spells(),
        }
        return {key: value for key, value in values.items() if value is not None}

    def _educations(self) -> list[dict[str, Any]]:
        schooling, degree = self.highest
        graduated, degree_on = map(_whole_day, self._days())
        row = {
            "schooling": schooling,
            "graduated_on": graduated if schooling else None,
            "degree": degree,
            "degree_on": degree_on if degree else None,
            "field_matches": _SAID.get(self._answered("field_matches")),
        }
        if mode := self._answered("study_mode"):
            row["study_mode"] = mode
        return [row] if schooling or degree else []

    def _spells(self) -> list[dict[str, Any]]:
        started = _whole_day(self._answered("started_on"))
        return [{"started_on": started, "in_specialty": True}] if started else []


def _whole_day(text: str) -> str | None:
    """The date where its day is known; a month alone is not carried into a file."""
    return text if len(text) == len("2022-06-20") else None
