"""How advice names facts, values and papers, in Chinese and in English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.conditions import AtLeast, Stated
from chuding.policy.terms import CATEGORIES, TOTALS, name_of_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chuding.policy.conditions import Condition
    from chuding.policy.facts import Facts

KINDS_IN_ENGLISH: Final[dict[str, str]] = {
    "中专": "a secondary vocational diploma",
    "大专": "a junior college diploma",
    "本科": "an undergraduate diploma",
    "学士": "a bachelor's degree",
    "第二学士": "a second bachelor's degree",
    "研究生": "a graduate diploma",
    "硕士": "a master's degree",
    "博士": "a doctoral degree",
    "研究生班": "a graduate class certificate",
    "中级工班": "an intermediate class of a technician school",
    "高级工班": "an advanced class of a technician school",
    "预备技师班": "a preparatory technician class",
    "技师班": "a technician class",
    "员级": "a technician-level title",
    "助理级": "an assistant-level title",
    "中级": "an intermediate-level title",
}
FACTS_IN_ENGLISH: Final[dict[str, str]] = {
    "filed_on": "the day of filing",
    "specialty": "the specialty applied for",
    "identity": "mainland, Hong Kong, Macau or Taiwan, or foreign",
    "permit": "the permit held by a foreigner",
    "works_in_jurisdiction": "whether the work is in this city",
    "engagement": "the form of engagement",
    "civil_servant": "whether a civil servant",
    "retired_on": "whether retired",
    "sanctions": "whether sanctioned, and until when",
    "credentials": "the schooling and degrees",
    "work": "the work in posts of the specialty",
    "assessed_fit": "whether the employer's appraisal was passed",
    "titles": "the titles held already",
    "continuing_education_hours": "the hours of continuing education",
    "social_insurance_months": "the months of social insurance",
    "kind": "the kind",
    "level": "the level",
    "awarded_on": "the day of award",
    "held_since": "the day of award",
    "field_matches": "whether the field matches",
    "full_time": "whether full-time",
    "from": "the first day",
    "to": "the last day",
    "until": "the day the sanction ends",
}
_LISTS_IN_ENGLISH: Final = {
    "credentials": "credential",
    "work": "spell of work",
    "sanctions": "sanction",
    "titles": "title",
}
_ELEMENT: Final = re.compile(r"([a-z_]+)\[(\d+)\]\.([a-z_]+)")
_CODES: Final = {code: word for _, meanings in CATEGORIES.values() for word, code in meanings.items()}


def name_in_english(path: str) -> str:
    """`credentials[0].awarded_on` is "the day of award of credential 1"."""
    element = _ELEMENT.fullmatch(path)
    if element is None:
        return FACTS_IN_ENGLISH.get(path, path.replace("_", " "))
    listed, index, field = element.groups()
    return f"{FACTS_IN_ENGLISH.get(field, field)} of {_LISTS_IN_ENGLISH.get(listed, listed)} {int(index) + 1}"


def names_in_english(kinds: Sequence[str]) -> str:
    """Kinds as English knows them: "a graduate diploma or a master's degree"."""
    return " or ".join(KINDS_IN_ENGLISH[kind] for kind in kinds)


def value_in_chinese(path: str, value: Any) -> str:
    """The value that helps: 须为“是”, or an example of one: 例如 2019-06-30."""
    if isinstance(value, bool):
        return "须为“是”" if value else "须为“否”"
    if value in ("never", []):
        return "须为“没有”"
    if isinstance(value, list):
        return f"例如 {_record_words(value[0])}"
    if path.endswith((".kind", ".level")):
        return f"例如 {name_of_kinds([value])}"
    if isinstance(value, int):
        return f"不少于 {value}"
    return f"例如 {_CODES.get(value, value)}"


def _record_words(record: dict[str, Any]) -> str:
    kind = record.get("kind") or record.get("level")
    if kind is None:
        return f"自 {record['from']} 起在岗"
    return f"{record.get('awarded_on') or record.get('held_since')} 取得{name_of_kinds([kind])}"


def value_in_english(path: str, value: Any) -> str:
    """The value that helps, or an example of one, in English."""
    if isinstance(value, bool):
        return "must be yes" if value else "must be no"
    if value in ("never", []):
        return "must be none"
    if isinstance(value, list):
        record = value[0]
        kind = record.get("kind") or record.get("level")
        if kind is None:
            return f"for example in post since {record['from']}"
        return f"for example {KINDS_IN_ENGLISH[kind]} of {record.get('awarded_on') or record.get('held_since')}"
    if path.endswith((".kind", ".level")):
        return f"for example {KINDS_IN_ENGLISH[value]}"
    return f"at least {value}" if isinstance(value, int) else f"for example {str(value).replace('_', ' ')}"


def paper_for(fact: str, condition: Condition, facts: Facts) -> tuple[Any, str, str] | None:
    """What a person may bring so that a gate on the fact holds: the value then, in Chinese, in English; None: nothing.

    Only what lies with the person and the employer: a status (civil servant, retired) or a place is no paper.
    """
    if fact == "engagement":
        return "employment_contract", "与用人单位签订劳动（聘用）合同", "sign a contract of employment"
    if fact == "permit":
        return (
            "foreign_work_permit",
            "取得外国人来华工作许可证或者通知所列的其他证件",
            "obtain a work permit for foreigners",
        )
    if fact == "assessed_fit":
        return True, "提供用人单位考核合格的证明", "bring the employer's statement that the appraisal was passed"
    if fact == "work" and facts.filed_on is not None:
        spells = facts.to_json()["work"] or []
        spell = {"from": str(facts.filed_on), "to": None}
        return (
            [*spells, spell],
            "重新在本专业技术岗位工作，提供在岗证明",
            "return to a post of the specialty and bring proof",
        )
    for word, (name, unit) in TOTALS.items():
        number = _asked(condition, name) if name == fact else 0
        if number:
            subject = {"继续教育满": "继续教育证明", "社保满": "社会保险缴费证明"}[word]
            return (
                number,
                f"补足到{number}{unit}，提供{subject}",
                f"reach {number} and bring proof of {name_in_english(fact)}",
            )
    return None


def _asked(condition: Condition, fact: str) -> int:
    """The number that a condition asks of a total."""
    if isinstance(condition, Stated) and condition.fact == fact and isinstance(condition.values, AtLeast):
        return condition.values.number
    return max((_asked(part, fact) for part in getattr(condition, "parts", ())), default=0)
