"""What a notice names: the specialties it excludes, the permits it accepts; and whether facts keep to its names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from chuding.policy.conditions import Stated
from chuding.policy.facts import FactsError, Permit, shown
from chuding.policy.terms import CATEGORIES, NOTHING, PERMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chuding.policy.conditions import Condition
    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice

CODES: Final = get_args(Permit)


def examined(conditions: Iterable[Condition]) -> frozenset[str]:
    """The specialties that gates exclude by name (四(一)): accepted as a specialty, and answered with the clause."""
    return frozenset(
        name
        for condition in conditions
        if isinstance(condition, Stated) and condition.fact == "specialty" and condition.excluded
        for name in _listed(condition)
    )


def permits(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """The permits named: codes of the contract in its order, then those that only this notice knows, by their names."""
    fact, meanings = CATEGORIES[PERMITS]
    found = {value for condition in conditions for value in _named(condition, fact)} - {NOTHING}
    codes = [code for code in meanings.values() if code in found]
    return (*codes, *sorted(found.difference(codes)))


def _named(condition: Condition, fact: str) -> Iterator[str]:
    if isinstance(condition, Stated) and condition.fact == fact:
        yield from _listed(condition)
    for part in getattr(condition, "parts", ()):
        yield from _named(part, fact)


def _listed(condition: Stated) -> frozenset[str]:
    return condition.values if isinstance(condition.values, frozenset) else frozenset()


def permit_values(notice: Notice) -> tuple[str, ...]:
    """Every value that `permit` may have under a notice: the codes of the contract, then the notice's own."""
    return tuple(dict.fromkeys((*CODES, *notice.permits)))


def check_specialty(notice: Notice, path: str | None) -> None:
    """Refuse a specialty that is neither in the catalogue nor one of the examination series, saying what to do."""
    if path is None or notice.knows(path):
        return
    below = [choice for choice in notice.catalogue.choices() if choice.path.startswith(path + "/")]
    if below:
        raise FactsError("specialty", f"专业要选到最后一级，例如 {below[0].path}，不能只到{shown(path)}")
    similar = [choice.path for choice in notice.catalogue.search(path.rsplit("/", 1)[-1], limit=3)]
    hint = f"；是不是：{'、'.join(similar)}" if similar else ""
    raise FactsError("specialty", f"专业目录里没有{shown(path)}，请按 系列名称/大专业/小专业 填写{hint}")


def check_permit(notice: Notice, permit: str | None) -> None:
    """Refuse a permit that neither the contract nor the notice names."""
    if permit is not None and permit not in CODES and permit not in notice.permits:
        raise FactsError("permit", f"只能填 {'、'.join(permit_values(notice))}，不能是{shown(permit)}")


#: The facts whose words the notice itself knows, and what refuses the others.
CHECKED: Final[Mapping[str, Callable[[Notice, str | None], None]]] = {
    "specialty": check_specialty,
    "permit": check_permit,
}


def check_words(notice: Notice, facts: Facts) -> None:
    """Refuse facts in words that the notice does not know; raises `FactsError`."""
    for fact, check in CHECKED.items():
        check(notice, getattr(facts, fact))
