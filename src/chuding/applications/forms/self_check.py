"""The self-check: nine short questions, each of which may be left open. No account, no name, no number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from chuding.accounts.date_field import DatePartsField
from chuding.applications.forms.pieces import AnswerField
from chuding.applications.models import Degree, Engagement, Identity, Permit, Schooling

if TYPE_CHECKING:
    from datetime import date

    from chuding.policy.notice import Notice

UNSURE = ("", "不清楚，先不答")
STANDING = (
    ("none", "都不是"),
    ("civil_servant", "公务员，或列入参照公务员法管理的事业单位工作人员"),
    ("retired", "已经离休或退休"),
    UNSURE,
)
SANCTION = (("no", "没有，或影响期已满"), ("yes", "正在影响期内"), UNSURE)


def _radio(**options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(widget=forms.RadioSelect(), required=False, **options)


class SelfCheckForm(forms.Form):
    """What the notice asks of everyone (一、二), in nine questions at most. Unanswered is unknown, never no."""

    works_here = AnswerField(label="1　您在镇江市工作吗？", unknown=True, required=False)
    engagement = _radio(label="2　您和单位是什么关系？", choices=(*Engagement.choices, UNSURE))
    identity = _radio(label="3　您的身份是？", choices=(*Identity.choices, UNSURE))
    permit = _radio(label="您持有哪一种证件？", help_text="只有外籍人员需要回答。", choices=(*Permit.choices, UNSURE))
    standing = _radio(
        label="4　您是下面这些人员吗？", help_text="这些人员不能申报职称初定（通知一（三））。", choices=STANDING
    )
    sanction = _radio(label="5　您是否在党纪、政务、行政处分的影响期内？", choices=SANCTION)
    sanction_until = DatePartsField(
        label="影响期到哪一天满", help_text="正在影响期内的填写，例如 2025 3 31。", required=False
    )
    schooling = _radio(label="6　您的最高学历是？", choices=(*Schooling.choices, ("none", "没有以上学历"), UNSURE))
    graduated_on = DatePartsField(
        label="哪一天毕业", help_text="以毕业证书上的日期为准，例如 2023 6 20。", required=False
    )
    degree = _radio(label="您的最高学位是？", choices=(("none", "没有学位"), *Degree.choices, UNSURE))
    degree_on = DatePartsField(label="哪一天取得学位", help_text="与毕业同一天的可以不填。", required=False)
    field_matches = AnswerField(
        label="您的毕业专业和现在从事的专业对口吗？",
        help_text="2019年12月31日前毕业的，这一项有关系。",
        unknown=True,
        required=False,
    )
    started_on = DatePartsField(
        label="7　从哪一天起，一直在本专业技术岗位工作？",
        help_text="有几段工作的，先填现在这一段；申报时可以逐段填写。",
        required=False,
    )
    assessed_fit = AnswerField(label="8　单位对您考核合格了吗？", unknown=True, required=False)
    specialty = forms.ChoiceField(
        label="9　您准备申报哪个专业？",
        help_text="“船舶”（船舶技术人员）走全国统一考试；从事船舶设计制造的请选“船舶与海洋工程”。",
        required=False,
        widget=forms.Select(attrs={"class": "input-full"}),
    )

    def __init__(self, *args: Any, notice: Notice, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        groups = [
            (series, [(c.path, c.label.split(" › ", 1)[-1]) for c in notice.catalogue.choices() if c.series == series])
            for series in notice.catalogue.series()
        ]
        examined = ("国家统一考试的专业（考试合格即取得职称）", [(name, name) for name in sorted(notice.examined)])
        field = self.fields["specialty"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "还没想好"), *groups, examined]
        for name in self.fields:
            self.fields[name].conditional = True  # type: ignore[attr-defined] # every question may stay open; say so once, on top

    def clean(self) -> dict[str, Any]:
        until = self.cleaned_data.get("sanction_until")
        if self.cleaned_data.get("sanction") == "yes" and until and until <= self.today:
            self.add_error("sanction_until", "这个日期已经过了。影响期已满的，请在上一题改选“没有，或影响期已满”。")
        for name, words in (("graduated_on", "毕业"), ("degree_on", "取得学位"), ("started_on", "开始工作")):
            day = self.cleaned_data.get(name)
            if day and day > self.today:
                self.add_error(name, f"{words}的日期在今天之后，请核对。还没有发生的，先不填。")
        return self.cleaned_data

    def facts(self) -> dict[str, Any]:
        """The answers as the law engine reads them; what was left open is left out."""
        a = self.cleaned_data
        started = a.get("started_on")
        facts: dict[str, Any] = {
            "filed_on": self.today.isoformat(),
            "specialty": a.get("specialty") or None,
            "identity": a.get("identity") or None,
            "permit": a.get("permit") or ("none" if a.get("identity") == "mainland" else None),
            "works_in_jurisdiction": a.get("works_here"),
            "engagement": a.get("engagement") or None,
            "civil_servant": {"": None, "civil_servant": True}.get(a.get("standing", ""), False),
            "retired_on": {"": None, "retired": self.today.isoformat()}.get(a.get("standing", ""), "never"),
            "sanctions": self._sanctions(),
            "credentials": self._credentials(),
            "work": [{"from": started.isoformat(), "to": None}] if started else None,
            "assessed_fit": a.get("assessed_fit"),
        }
        return {key: value for key, value in facts.items() if value is not None}

    def _sanctions(self) -> list[dict[str, str]] | None:
        a = self.cleaned_data
        if a.get("sanction") == "no":
            return []
        until = a.get("sanction_until")
        if a.get("sanction") == "yes" and until and until > self.today:
            return [{"from": self.today.isoformat(), "until": until.isoformat()}]
        return None

    def _credentials(self) -> list[dict[str, Any]] | None:
        a = self.cleaned_data
        found = []
        graduated, degree_on = a.get("graduated_on"), a.get("degree_on") or a.get("graduated_on")
        for kind, day in ((a.get("schooling"), graduated), (a.get("degree"), degree_on)):
            if kind and kind != "none":
                found.append(
                    {
                        "kind": kind,
                        "awarded_on": day.isoformat() if day else None,
                        "field_matches": a.get("field_matches"),
                    }
                )
        # A question left open leaves the list open; "none" answered is an answer.
        return found if found or (a.get("schooling") == "none" and a.get("degree") == "none") else None

    def draft_values(self, level: str) -> dict[str, Any]:
        """What an application may take over, as JSON: fields of the file, and rows of schooling and work."""
        a = self.cleaned_data
        standing = a.get("standing", "")

        def day(name: str) -> str | None:
            return a[name].isoformat() if a.get(name) else None

        values: dict[str, Any] = {
            "works_in_jurisdiction": a.get("works_here"),
            "engagement": a.get("engagement") or None,
            "identity": a.get("identity") or None,
            "permit": a.get("permit") or None,
            "civil_servant": None if standing == "" else standing == "civil_servant",
            "retired": None if standing == "" else standing == "retired",
            "sanctioned": {"no": False, "yes": True}.get(a.get("sanction", "")),
            "sanction_until": day("sanction_until"),
            "assessed_fit": a.get("assessed_fit"),
            "level": level or None,
            "specialty": a.get("specialty") if "/" in (a.get("specialty") or "") else None,
        }
        values["educations"] = (
            [
                {
                    "schooling": a.get("schooling") if a.get("schooling") != "none" else "",
                    "graduated_on": day("graduated_on"),
                    "degree": a.get("degree") if a.get("degree") != "none" else "",
                    "degree_on": day("degree_on")
                    or (day("graduated_on") if a.get("degree") not in {"", "none"} else None),
                    "field_matches": a.get("field_matches"),
                }
            ]
            if a.get("schooling") or a.get("degree")
            else []
        )
        values["spells"] = [{"started_on": day("started_on"), "in_specialty": True}] if a.get("started_on") else []
        return {key: value for key, value in values.items() if value is not None}
