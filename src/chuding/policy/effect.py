"""From when a title counts, where the notice lets it count from before the decision (生效)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.policy.dates import NEVER, day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chuding.policy.entries import EffectiveEntry
    from chuding.policy.notice import Row
    from chuding.policy.person import One, Record


def effective_from(rows: Sequence[Row], env: One, filed: int) -> date | None:
    """The earliest day from which some row that surely grants on the day of filing lets the title count.

    None: no such row, or the day is not known to the day; the title then counts from the decision.
    """
    days = [
        _day(row, row.entry.effective, record, env)
        for row in rows
        if row.entry.effective is not None and row.rule.whole.since(env, False) <= filed
        for record in (env.titles if row.rule.of_titles else env.records)
        if row.rule.some.part.since(record, False) <= filed and _covers(row.entry.effective, record)
    ]
    return day_of(min(days, default=NEVER))


def _covers(rule: EffectiveEntry, record: Record) -> bool:
    """Awarded surely within the days the rule speaks of."""
    awarded = record.credential.awarded_on
    return (
        awarded is not None
        and (rule.awarded_from is None or awarded.first >= rule.awarded_from.toordinal())
        and (rule.awarded_to is None or awarded.last <= rule.awarded_to.toordinal())
    )


def _day(row: Row, rule: EffectiveEntry, record: Record, env: One) -> int:
    """入职之日: the first day in the post on or after the award. 满足条件之日: the first day on which the row holds by this record.

    By this one and no other: an earlier record may be of days that the rule does not speak of.
    """
    if rule.take == "满足条件之日":
        rest = [part for part in (row.rule.also, row.rule.floor) if part is not None]
        favour, against = (
            max([row.rule.some.part.since(record, sure), *(part.since(env, sure) for part in rest)])
            for sure in (True, False)
        )
    else:
        favour = env.enter("work", record.day("awarded_on", True), True)
        against = env.enter("work", record.day("awarded_on", False), False)
    return favour if favour == against else NEVER
