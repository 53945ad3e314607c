"""The words of advice: the values that help, the papers that mend a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chuding.policy.conditions import AtLeast, Stated
from chuding.policy.facts import read_when
from chuding.policy.speech import Kinds, Named, Paths, Saying, phrase
from chuding.policy.terms import CATEGORIES, TOTALS

if TYPE_CHECKING:
    from chuding.policy.conditions import Condition
    from chuding.policy.facts import Facts

_CODES: Final = {code: word for _, meanings in CATEGORIES.values() for word, code in meanings.items()}


def value_said(path: str, value: Any) -> Saying:
    """The value that helps: 须为“是”, or an example of one: 例如2019年6月30日."""
    if isinstance(value, bool):
        return phrase("须为“是”") if value else phrase("须为“否”")
    if value in ("never", []):
        return phrase("须为“没有”")
    if isinstance(value, int):
        return phrase("不少于{number}", number=value)
    return phrase("例如{example}", example=_example(path, value))


def _example(path: str, value: Any) -> Any:
    """A value as an example: a list of records by its first, a kind, a code, a day; else the text itself."""
    if isinstance(value, list):
        return _record_said(value[0])
    if path.endswith((".kind", ".level")):
        return Kinds((value,))
    return code_said(value)


def code_said(value: str) -> Any:
    """A value of the contract in its word: employment_contract by 劳动（聘用）合同, a day as a day; else the text itself."""
    if value in _CODES:
        return Named(_CODES[value])
    try:
        return read_when(value)
    except ValueError:
        return value


def _record_said(record: dict[str, Any]) -> Saying:
    kind = record.get("kind") or record.get("level")
    if kind is None:
        return phrase("自{day}起在岗", day=read_when(record["from"]))
    day = read_when(record.get("awarded_on") or record.get("held_since"))
    return phrase("{day}取得{kind}", day=day, kind=Kinds((kind,)))


def paper_for(fact: str, condition: Condition, facts: Facts) -> tuple[Any, Saying] | None:
    """What a person may bring so that a gate on the fact holds: the value then, and the words; None: nothing.

    Only what lies with the person and the employer: a status (civil servant, retired) or a place is no paper.
    """
    if fact == "engagement":
        return "employment_contract", phrase("与用人单位签订劳动（聘用）合同")
    if fact == "permit":
        return "foreign_work_permit", phrase("取得外国人来华工作许可证或者通知所列的其他证件")
    if fact == "assessed_fit":
        return True, phrase("提供用人单位考核合格的证明")
    if fact == "work" and facts.filed_on is not None:
        spells = facts.to_json()["work"] or []
        spell = {"from": str(facts.filed_on), "to": None}
        return [*spells, spell], phrase("重新在本专业技术岗位工作，提供在岗证明")
    for name, unit in TOTALS.values():
        number = _asked(condition, name) if name == fact else 0
        if number:
            said = phrase(
                "{fact}补足到{number}{unit}，并提供证明", fact=Paths((name,)), number=number, unit=Named(unit)
            )
            return number, said
    return None


def _asked(condition: Condition, fact: str) -> int:
    """The number that a condition asks of a total."""
    if isinstance(condition, Stated) and condition.fact == fact and isinstance(condition.values, AtLeast):
        return condition.values.number
    return max((_asked(part, fact) for part in getattr(condition, "parts", ())), default=0)
