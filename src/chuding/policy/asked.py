"""A gate or a row asked of one person once, at best and at worst; the verdict and its explanation share the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.policy.conditions import Monotone
from chuding.policy.dates import ALWAYS, NEVER

if TYPE_CHECKING:
    from chuding.policy.conditions import Condition
    from chuding.policy.notice import Gate, Row
    from chuding.policy.person import One


def holds_kind(row: Row, env: One) -> bool:
    """Whether the person has a record of the kind that a row asks for, whenever it was awarded."""
    records = env.titles if row.rule.of_titles else env.records
    return any(row.rule.parts.kind.since(record, True) == ALWAYS for record in records)


class Asked:
    """The first day from filing (`t`) on which a rule surely holds, and the first on which it may; NEVER if none."""

    __slots__ = ("_opened", "best", "condition", "label", "rule", "since", "steady", "sure")

    def __init__(self, rule: Gate | Row, condition: Condition, label: str, env: One, t: int) -> None:
        self.rule = rule
        self.condition = condition
        self.label = label
        self.steady = condition.monotone
        # The day since when it surely holds, before filing too; of what comes and goes nobody asks that.
        self.since = condition.since(env, False) if isinstance(condition, Monotone) else NEVER
        self.sure = max(t, self.since) if self.steady else condition.nt(t, env, False)
        self.best = t if self.sure == t else condition.nt(t, env, True)  # best never comes after sure
        self._opened: tuple[int, list[str]] | None = None

    def open_facts(self, day: int, env: One) -> list[str]:
        """Facts that keep open whether it holds on a day, not before filing; empty where it surely does or cannot."""
        if self.sure == self.best and self.steady:
            return []
        if self._opened is None or self._opened[0] != day:
            self._opened = (day, self._find(day, env))
        return self._opened[1]

    def _find(self, day: int, env: One) -> list[str]:
        if not self.steady:
            return self.condition.open_facts(day, env)
        return self.condition.deciding(day, env) if self.best <= day < self.sure else []
