"""People in whom several things come together, for the mutants that the cases and the boundary people leave alone.

Boundary people vary one thing at a time. Two records of one person, two conditions that fail at once, and periods that
come and go (work, sanctions, retirement, the window) can hide a change from them; here they are varied together, and
the records in `apart.two_records`.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.cells import boundary_values, holders
from chuding.policy.conditions import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chuding.policy.conditions import Condition
    from chuding.policy.notice import Notice

#: A full product of the facts of one condition is taken up to this size; beyond it, and across conditions, pairs.
FULL: Final = 20_000
_COMING_AND_GOING: Final = ("work", "sanctions", "retired_on", "filed_on")


def between(notice: Notice, changed: Notice) -> tuple[frozenset[str], tuple[Condition, ...]]:
    """What decides who could tell the two apart by two things at once: the facts asked by either, the conditions changed."""
    asked = frozenset(fact for each in (*notice.conditions, *changed.conditions) for fact in facts_of(each))
    return asked, tuple(_touched(notice, changed))


def varied_together(notice: Notice, asked: frozenset[str], touched: Sequence[Condition]) -> Iterator[dict[str, Any]]:
    """People in whom two things and more differ from somebody whom no gate stops, some twice; see `between`."""
    asked |= {"specialty", "filed_on", "work"}  # of the rows' floors, and of the window
    values = {fact: _few(fact, found, notice) for fact, found in boundary_values(notice).items() if fact in asked}
    everyone = holders(notice)
    for holder in everyone:
        for condition in touched:
            yield from _together(dict.fromkeys(facts_of(condition)), values, holder)
    for holder in everyone[:1] if touched else everyone:
        yield from _together(_COMING_AND_GOING, values, holder)
    for one, other in combinations(values, 2):
        yield from _together((one, other), values, everyone[0])


def _few(fact: str, values: Sequence[Any], notice: Notice) -> Sequence[Any]:
    """A specialty is in the catalogue, examined or unknown: one of each series stands for its leaves."""
    if fact != "specialty":
        return values
    series: dict[str, str] = {}
    for choice in notice.catalogue.choices():
        series.setdefault(choice.path.partition("/")[0], choice.path)
    return (None, *series.values(), *sorted(notice.examined)[:1])


def _touched(notice: Notice, changed: Notice) -> Iterator[Condition]:
    """The conditions of gates and materials that are not the same in both."""
    before, after = notice.conditions, changed.conditions
    yield from (each for each in before if each not in after)
    yield from (each for each in after if each not in before)


def _together(
    facts: Iterable[str], values: dict[str, Sequence[Any]], holder: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Every combination of the values of these facts, as far as there are not too many."""
    named = [fact for fact in facts if fact in values]
    size = 1
    for fact in named:
        size *= len(values[fact])
    if size <= FULL:
        for chosen in product(*(values[fact] for fact in named)):
            yield {**holder, **dict(zip(named, chosen, strict=True))}
