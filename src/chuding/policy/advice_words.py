"""The words of advice: the values that help, the papers that mend a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chuding.policy.conditions import AtLeast, Stated
from chuding.policy.facts import read_when
from chuding.policy.named import permits
from chuding.policy.speech import AnyOf, Kinds, Named, Paths, Saying, phrase
from chuding.policy.terms import CATEGORIES, NOTHING, TOTALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chuding.policy.conditions import Condition
    from chuding.policy.facts import Facts

#: The words of the codes, fact by fact: permit → foreign_work_permit → 外国人来华工作许可证.
_WORDS: Final = {fact: {code: word for word, code in meanings.items()} for fact, meanings in CATEGORIES.values()}
_CODES: Final = {code: word for words in _WORDS.values() for code, word in words.items()}
#: Of these the person brings a value; who somebody is (identity) is none.
_TO_BRING: Final = ("permit", "engagement")
_ENGAGED: Final = {
    "employment_contract": phrase("与用人单位签订劳动（聘用）合同"),
    "freelance": phrase("以自由职业者的身份从业，提供证明"),
}


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


def offers_for(fact: str, condition: Condition, facts: Facts) -> Iterator[Any]:
    """The values of a fact that lie with the person and the employer, each still to be tried; a place, a status: none."""
    if fact == "work":
        if facts.filed_on is not None:
            yield [*(facts.to_json()["work"] or []), {"from": str(facts.filed_on), "to": None}]
    elif fact in ("assessed_fit", "social_insurance_found"):
        yield True
    elif fact in _TO_BRING:
        own = permits([condition]) if fact == "permit" else ()
        yield from (code for code in dict.fromkeys((*_WORDS[fact], *own)) if code != NOTHING)
    elif number := _asked(condition, fact):
        yield number


def brought(fact: str, values: Sequence[Any]) -> Saying:
    """The words for bringing one of the values, each of which helps."""
    if fact == "permit":
        return phrase("取得{papers}", papers=AnyOf(tuple(_WORDS[fact].get(value, value) for value in values)))
    if fact == "engagement":
        return _ENGAGED[values[0]]
    if fact == "work":
        return phrase("重新在本专业技术岗位工作，提供在岗证明")
    if fact == "assessed_fit":
        return phrase("提供用人单位考核合格的证明")
    if fact == "social_insurance_found":
        return phrase("缴纳社会保险，使缴费记录能够查到")
    unit = next(unit for name, unit in TOTALS.values() if name == fact)
    return phrase("{fact}补足到{number}{unit}，并提供证明", fact=Paths((fact,)), number=values[0], unit=Named(unit))


def _asked(condition: Condition, fact: str) -> int:
    """The number that a condition asks of a total."""
    if isinstance(condition, Stated) and condition.fact == fact and isinstance(condition.values, AtLeast):
        return condition.values.number
    return max((_asked(part, fact) for part in getattr(condition, "parts", ())), default=0)
