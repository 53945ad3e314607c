"""What the file page says, in plain words: the assessment clause by clause, the facts, the materials, the history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, CharField, F, FilteredRelation, Q
from django.template.defaultfilters import truncatechars
from django.utils.html import format_html_join

from chuding.accounts.identity import KIND_NAMES, IdentityKind
from chuding.accounts.masking import mask_identity
from chuding.accounts.models import Employer
from chuding.accounts.roles import ROLE_NAMES, Role
from chuding.applications.asked import HOURS, MONTHS, TITLES, asked_by_some, barring_asked
from chuding.applications.material_kinds import Kind, code_of, kind_of
from chuding.applications.models import Material, Verdict
from chuding.applications.sections import SECTION
from chuding.applications.templatetags.desk_parts import options
from chuding.applications.translate import notice_of
from chuding.applications.workflow import ACTION_LABELS, Action
from chuding.ledger.record import entries_about
from chuding.storage.prepared import Prepared, Slot

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

    from chuding.applications.models import Application, Correction, Education, WorkSpell
    from chuding.applications.readings.beside import ReadMaterial
    from chuding.ledger.models import Entry
    from chuding.policy.assess import MaterialFinding, Report
    from chuding.policy.notice import Notice

_CELL_PAGES, _CLAUSE_WORDS = 6, 36


# ---- the facts ----


def _education(row: Education) -> str:
    dates = f"{row.graduated_on:%Y-%m-%d} 毕业" if row.graduated_on else "毕业时间未填"
    parts = [row.school, row.major, row.get_study_mode_display(), row.schooling, dates]
    if row.degree:
        parts.append(f"{row.degree}学位 {row.degree_on:%Y-%m-%d}" if row.degree_on else f"{row.degree}学位")
    matches = {True: "专业对口", False: "专业不对口", None: "是否对口未填"}[row.field_matches]
    return "，".join(part for part in (*parts, matches) if part)


def _numbers(row: Education) -> str:
    pairs = (
        ("毕业证书", row.schooling_number),
        ("学位证书", row.degree_number),
        ("学信网验证码", row.verification_code),
    )
    return "；".join(f"{name} {value}" for name, value in pairs if value)


def _work(row: WorkSpell) -> str:
    until = f"{row.ended_on:%Y-%m-%d}" if row.ended_on else "至今"
    kind = "本专业" if row.in_specialty else "非本专业"
    return f"{row.started_on:%Y-%m-%d}—{until} {row.employer_name} {row.post}（{kind}）"


def _yes_no(value: bool | None, yes: str = "是", no: str = "否") -> str:
    return {True: yes, False: no, None: ""}[value]


_BARRING = {"civil_servant": "公务员", "retired": "离退休", "sanctioned": "处分"}
_INSURANCE = {
    "found": "已查到缴费记录，{proof}可以不交。",
    "not_found": "没有查到缴费记录，请核对{proof}。",
    "no_answer": "查询系统没有答复，不影响审核，请核对{proof}。",
    "not_asked": "尚未查询。",
}
_ALONE = {"found": "已查到缴费记录。", "not_found": "没有查到缴费记录。", "no_answer": "查询系统没有答复，不影响审核。"}


def _insurance(answer: str, notice: Notice) -> str:
    """What the look-up said, with the paper that it decides on where the notice has such a one."""
    code = code_of(notice, Kind.INSURANCE)
    words = _INSURANCE.get(answer, "") if code else _ALONE.get(answer, _INSURANCE.get(answer, ""))
    return words.format(proof=f"材料{code}")


def _established(application: Application) -> str:
    words = _yes_no(application.established_post, "在编", "不在编") or "不适用"
    since = application.established_post_since
    return f"{words}（{since:%Y-%m-%d} 起）" if application.established_post and since else words


def _document(application: Application) -> str:
    """The document that was given: what it is, its number masked, how long it is valid."""
    a = application
    kind = KIND_NAMES[IdentityKind(a.identity_type)] if a.identity_type else "证件号码"
    until = f"，有效期至 {a.identity_until:%Y-%m-%d}" if a.identity_until else ""
    return f"{kind} {mask_identity(a.identity_number or '')}{until}"


def _foreign(application: Application) -> str:
    """What only a passport says of somebody; empty where nothing of it was given."""
    parts = {"国籍": application.nationality, "外文姓名": application.foreign_name}
    return "，".join(f"{name} {text}" for name, text in parts.items() if text)


def facts_rows(application: Application) -> list[dict[str, Any]]:
    """What the person stated, for partials/summary_list.html; the identity number is masked."""
    a = application
    permit = f"{a.get_permit_display()} {a.permit_number}" if a.permit and a.permit_number else ""
    permit += f"，有效期至 {a.permit_until:%Y-%m-%d}" if permit and a.permit_until else ""
    born = f"{a.born_on.year}年{a.born_on.month}月{a.born_on.day}日" if a.born_on else ""
    identity = "，".join(part for part in (a.get_identity_display(), a.sex, born) if part)
    educations, asked = list(a.educations.all()), asked_by_some(notice_of(a))
    kind = dict(Employer.Kind.choices).get(a.employer_kind, "")
    return [
        {
            "key": "身份",
            "values_list": [line for line in (identity, _document(a), _foreign(a)) if line],
            "note": permit,
        },
        {
            "key": "学历学位",
            "values_list": [_education(row) for row in educations],
            "note": "　".join(filter(None, (_numbers(row) for row in educations))),
        },
        {"key": "工作经历", "values_list": [_work(row) for row in a.spells.all()]},
        {
            "key": "工作单位",
            "values_list": [f"{a.employer_name} {a.post}".strip(), a.employer_uscc],
            "note": "，".join(str(part) for part in (kind, a.get_engagement_display()) if part),
        },
        *([{"key": "人事代理机构", "values_list": [a.agency.name, a.agency.uscc]}] if a.agency else []),
        {"key": "事业单位在编", "value": _established(a)},
        {"key": "社会保险", "value": _insurance(a.social_insurance, notice_of(a))},
        {"key": "考核合格", "value": _yes_no(a.assessed_fit)},
        *_barring(a),
        {"key": "继续教育", "value": _hours(a, asked=HOURS in asked)},
        *_asked_rows(a, asked),
    ]


def _hours(a: Application, *, asked: bool) -> str:
    if a.continuing_education_hours is not None:
        return f"{a.continuing_education_hours} 学时"
    return "未填写" if asked else "未填写（不作硬性要求）"


def _barring(a: Application) -> list[dict[str, Any]]:
    """What may bar somebody, as far as the notice asks for it."""
    asked = barring_asked(notice_of(a))
    answers = [_yes_no(getattr(a, name)) or "未填" for name in asked]
    return [{"key": " / ".join(_BARRING[name] for name in asked), "value": " / ".join(answers)}] if asked else []


def _asked_rows(a: Application, asked: frozenset[str]) -> list[dict[str, Any]]:
    """What only some notices ask: months of social insurance, a title held."""
    months = "未填写" if a.social_insurance_months is None else f"{a.social_insurance_months} 个月"
    since = f"{a.held_title_since:%Y-%m-%d} 取得" if a.held_title_since else ""
    held = "，".join(part for part in (a.get_held_title_display(), since) if part) or "未填写"
    rows = ((MONTHS, {"key": "社会保险月数", "value": months}), (TITLES, {"key": "已取得的职称", "value": held}))
    return [row for fact, row in rows if fact in asked]


# ---- the materials ----


@dataclass(frozen=True)
class MaterialRow:
    """One item of the notice as the checklist shows it: its rule, the document given, and what may be said of it."""

    code: str
    kind: Kind
    name: str
    need: str
    clause: str
    current: Material | None
    earlier: tuple[Material, ...]
    fresh: bool
    chosen: bool = False
    reading: ReadMaterial | None = None

    @property
    def numbers(self) -> range:
        """The numbers of its pages."""
        return range(1, self.current.pages + 1) if self.current else range(0)

    @property
    def marks(self) -> str:
        """The boxes on it, as the page's script reads and sends them."""
        return json.dumps(self.current.marks) if self.current else "[]"

    @property
    def boxes(self) -> dict[int, list[list[int]]]:
        """The boxes on it by page: x, y, width, height."""
        found: dict[int, list[list[int]]] = {}
        for page, *box in self.current.marks if self.current else ():
            found.setdefault(page, []).append(box)
        return found

    @property
    def pages(self) -> list[tuple[int, list[list[int]], bool]]:
        """Each page with its boxes, and whether it was on this person's screen."""
        seen = getattr(self.current, "seen", None) or ()
        return [(n, self.boxes.get(n, []), n in seen) for n in self.numbers]

    @property
    def cells(self) -> list[tuple[int, str]]:
        """The first pages' numbers with the boxes to tick on them, for whoever marks places without a mouse."""
        return [(n, cells_of(n)) for n in self.numbers[:_CELL_PAGES]]

    @property
    def unseen(self) -> list[int]:
        """Pages that were not on this person's screen yet."""
        return [n for n, _, seen in self.pages if not seen]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        if self.current is None:
            return "bad" if self.need == "必交" else "neutral"
        return {Verdict.FIT: "good", Verdict.DEFECT: "bad"}.get(Verdict(self.current.verdict), "info")

    @property
    def word(self) -> str:
        """The word of its tag."""
        if self.current is None:
            return "缺" if self.need == "必交" else "未交"
        return str(Verdict(self.current.verdict).label)


@cache
def cells_of(page: int) -> str:
    """Twelve boxes to tick on one page: a page of the desk has a hundred of them, and they never change."""
    cells = [(page, row, column, row, column) for row in (1, 2, 3, 4) for column in (1, 2, 3)]
    return format_html_join(
        "",
        '<label class="cell"><input type="checkbox" name="cell" value="{}-{}-{}"><span>{}行{}列</span></label>',
        cells,
    )


def clause_options(notice: Notice, chosen: str) -> str:
    """The notice's clauses to choose from, each with its beginning."""
    return _clause_options(tuple((clause.label, clause.text) for clause in notice.clauses), chosen)


@lru_cache(maxsize=64)
def _clause_options(clauses: tuple[tuple[str, str], ...], chosen: str) -> str:
    return options(((label, f"{label}　{truncatechars(text, _CLAUSE_WORDS)}") for label, text in clauses), chosen)


def _need(finding: MaterialFinding) -> str:
    if finding.required is None:
        return "是否须交待定"
    if finding.required:
        return "必交"
    return "鼓励提供" if finding.rule.required is False else "本人不须交"


def given_materials(application: Application, person: int) -> list[Material]:
    """Every document that was ever given, with its reading and what this person has had on the screen: one question."""
    rows = _GIVEN(file=application.pk, person=person)
    for material in rows:
        material.application = application
    return rows


def _given() -> QuerySet[Material]:
    mine = FilteredRelation("viewings", condition=Q(viewings__person=Slot("person", BigIntegerField())))
    rows = Material.objects.filter(application=Slot("file", BigIntegerField())).select_related("reading")
    return rows.annotate(mine=mine, seen=F("mine__pages"), whole=F("mine__whole")).order_by("code", "id")


_GIVEN = Prepared(_given)


def material_rows(
    given: list[Material], report: Report, chosen: str, corrected_at: datetime | None
) -> list[MaterialRow]:
    """The items in the notice's order. `chosen` is a material's ref; else the first without a verdict, then the first defect.

    `fresh` marks what came after the last send-back, so that a second look goes there first.
    """
    current = {material.code: material for material in given if material.replaced_at is None}
    refs = {material.ref for material in current.values()}
    if chosen not in refs:
        order = [Verdict.PENDING, Verdict.DEFECT, Verdict.FIT]
        waiting = sorted(current.values(), key=lambda m: (order.index(Verdict(m.verdict)), m.code))
        chosen = waiting[0].ref if waiting else ""
    rows = []
    for finding in report.materials:
        code = finding.rule.code
        document = current.get(code)
        rows.append(
            MaterialRow(
                code=code,
                kind=kind_of(finding.rule),
                name=finding.instead or finding.rule.name,
                need=_need(finding),
                clause=finding.rule.clause.label,
                current=document,
                earlier=tuple(m for m in given if m.code == code and m.replaced_at is not None),
                fresh=bool(document and corrected_at and document.uploaded_at > corrected_at),
                chosen=bool(document and document.ref == chosen),
            )
        )
    return rows


# ---- the history ----

_OTHER_ACTS = {
    "judge_material": "判断材料",
    "ask_social_insurance": "查询社会保险",
    "settle_likeness": "判断是不是重复",
    "step_back": "声明回避",
    "name_writing.read": "录入姓名里的字",
}
_VERDICTS = {"fit": "合格", "defect": "有问题", "pending": "未判断"}


def _title(action: str, data: dict[str, Any]) -> str:
    if action == Action.RECOMMEND:
        return "初审完成：建议通过" if data.get("opinion") == "for" else "初审完成：不建议通过"
    return _OTHER_ACTS.get(action) or ACTION_LABELS[Action(action)]


def _step(entry: Entry, notice: Notice) -> dict[str, Any]:
    return {
        "title": _title(entry.action, entry.data),
        "state": "stopped" if entry.action in {Action.REFUSE, Action.CLOSE, Action.REVOKE} else "done",
        "at": entry.at,
        "who": f"{entry.by.display_name if entry.by else '系统'}（{_role_name(entry.role)}）",
        "detail": entry.reason or _insurance(str(entry.data.get("answer")), notice),
    }


def _judgements(entries: list[Entry], notice: Notice) -> dict[str, Any]:
    """One sitting of verdicts as one step: 材料1 合格、材料2 有问题."""
    words = [f"材料{e.data.get('code', '')} {_VERDICTS.get(str(e.data.get('verdict')), '')}" for e in entries]
    reasons = "　".join(f"材料{e.data.get('code', '')}：{e.reason}" for e in entries if e.reason)
    return _step(entries[-1], notice) | {"title": "、".join(words), "detail": reasons}


def history(application: Application) -> list[dict[str, Any]]:
    """What happened since the submission, newest first, for partials/timeline.html; verdicts in a row are one step."""
    steps, notice = [], notice_of(application)
    for (judging, _), run in groupby(
        _HAPPENED(ref=application.ref), key=lambda e: (e.action == "judge_material", e.by_id)
    ):
        sitting = list(run)
        steps += [_judgements(sitting, notice)] if judging else [_step(entry, notice) for entry in sitting]
    return steps[::-1]


def _happened() -> QuerySet[Entry]:
    ref: Any = Slot("ref", CharField())
    known = sorted({*_OTHER_ACTS, *(str(action) for action in Action)})
    entries = entries_about(("application", ref)).filter(action__in=known)
    return entries.select_related("by").defer("by__phone", "by__phone_index", "by__password", "previous", "hash")


_HAPPENED = Prepared(_happened)


def _role_name(role: str) -> str:
    return ROLE_NAMES.get(Role(role), role) if role in set(Role) else role


def correction_lines(correction: Correction) -> list[str]:
    """The items of a send-back as sentences."""
    lines = []
    for item in correction.items:
        kind, _, key = item["part"].partition(":")
        name = f"材料{key}" if kind == "material" else SECTION[key].title
        lines.append(f"{name}：{item['reason']}")
    return lines


def overdue(correction: Correction | None, day: date) -> bool:
    """Whether an open correction's term has passed."""
    return correction is not None and correction.mended_at is None and day > correction.due_on
