"""One run side by side with OpenFisca-core, zen-engine, CEL and JSON Logic: the same notice, the same people.

The rules are emitted from the loaded notice, none is written by hand. The others are given what they have no words for:
the day on which the years of work after each credential are complete, and whether someone is in post or under sanction
on the day of filing; so they do no calendar work, and say yes or no where ours also says from when, at best and at worst,
and by which clause. People whose facts are all known, so that two values suffice. CPU time; medians of rounds; the rounds
of all engines alternate. Run by benchmarks/run.py in .venv-bench; alone: .venv-bench/bin/python benchmarks/engines.py
[PEOPLE [PEOPLE AT ONCE]], the second a multiple of 5,000
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import cel
import json_logic
import numpy as np
import zen
from bars import Bars, here
from invented import invent, people
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from chuding.policy.assess import assess
from chuding.policy.conditions import (
    By,
    Elapsed,
    MixedAll,
    MixedAny,
    MonotoneAll,
    MonotoneAny,
    Not,
    Some,
    Stated,
    Within,
    Worked,
    all_of,
    any_of,
)
from chuding.policy.facts import read_facts
from chuding.policy.notice import load_notice
from chuding.policy.person import One
from chuding.policy.population import Population

if TYPE_CHECKING:
    from collections.abc import Callable

    from chuding.policy.columns import Columns
    from chuding.policy.notice import Notice

NOTICE = "zhenjiang-2024-1"
PERIOD = "2024-07-01"
SINGLE, BATCH = (int(word) for word in (*sys.argv[1:3], *("1000", "100000")[len(sys.argv) - 1 :]))
ROUNDS, SLOTS = 7, 3
OURS, EXPLAINED, CEL, FISCA = (
    "ours: three answers, dates at best and at worst, clauses, materials",
    "ours: the same with the explanation",
    "CEL (Rust): yes or no",
    "OpenFisca-core: yes or no",
)


# ---- the notice as one expression a level: ("and" | "or", [..]), ("not", x), ("some", x), ("in", fact, values), ("le", fact, day) ----


def emit(condition: Any) -> tuple[Any, ...]:
    """Our tree as nested tuples that every engine has words for."""
    match condition:
        case MonotoneAll() | MixedAll():
            return ("and", [emit(part) for part in condition.parts])
        case MonotoneAny() | MixedAny():
            return ("or", [emit(part) for part in condition.parts])
        case Not():
            return ("not", emit(condition.part))
        case Some():
            return ("some", emit(condition.part))
        case Stated():
            listed = ("in", condition.fact, sorted(condition.values))
            return ("not", listed) if condition.excluded else listed
        case Elapsed(years=0):
            return ("le", condition.fact, "filed_on")
        case By():
            return ("le", condition.fact, condition.limit)
        case Worked():
            return ("le", f"worked_{condition.years}", "filed_on")
        case Within():
            return ("in", f"in_{condition.fact}", [True])
    raise TypeError(condition)


def rules(notice: Notice) -> dict[str, tuple[Any, ...]]:
    """Level → expression."""
    gates = [gate.condition for gate in notice.gates]
    return {
        rule.level.name.lower(): emit(
            all_of([*gates, any_of([r.rule.whole for r in notice.rows if r.level == rule.level])])
        )
        for rule in notice.levels
    }


def years_of(condition: Any) -> set[tuple[int, Any]]:
    if isinstance(condition, Worked):
        return {(condition.years, condition.counting)}
    parts = getattr(condition, "parts", None) or [p for p in [getattr(condition, "part", None)] if p is not None]
    return set().union(*map(years_of, parts))


def fed(notice: Notice, person: dict[str, Any]) -> dict[str, Any]:
    """A person as the others are given them: integer days, and what the calendar says of the work."""
    one = One(read_facts(person))
    filed = one.day("filed_on", True)
    wanted = set().union(*(years_of(row.rule.whole) for row in notice.rows))
    found = {
        key: value
        for key, value in person.items()
        if not isinstance(value, list) and key not in {"filed_on", "retired_on"}
    }
    found |= {
        "filed_on": filed,
        "retired_on": one.day("retired_on", True),
        "in_work": one.enter("work", filed, True) == filed,
        "in_sanctions": one.enter("sanctions", filed, True) == filed,
    }
    found["credentials"] = [
        {
            "kind": record.credential.kind,
            "awarded_on": record.day("awarded_on", True),
            "field_matches": record.credential.field_matches,
            "filed_on": filed,  # JSON Logic sees nothing but the record inside `some`
            **{f"worked_{years}": record.worked(years, counting, True) for years, counting in wanted},
        }
        for record in one.records
    ]
    return {key: value for key, value in found.items() if value is not None}


# ---- the same expression in four languages ----


def in_cel(rule: tuple[Any, ...], scope: str = "") -> str:
    match rule:
        case ("and" | "or" as word, parts):
            return "(" + (" && " if word == "and" else " || ").join(in_cel(part, scope) for part in parts) + ")"
        case ("not", part):
            return f"!{in_cel(part, scope)}"
        case ("some", part):
            return f"credentials.exists(c, {in_cel(part, 'c.')})"
        case ("in", fact, values):
            return f"({scope}{fact} in {json.dumps(values, ensure_ascii=False)})"
        case ("le", fact, limit):
            return f"({scope}{fact} <= {limit})"
    raise TypeError(rule)


def in_zen(rule: tuple[Any, ...], scope: str = "") -> str:
    match rule:
        case ("and" | "or" as word, parts):
            return "(" + f" {word} ".join(in_zen(part, scope) for part in parts) + ")"
        case ("not", part):
            return f"(not {in_zen(part, scope)})"
        case ("some", part):
            return f"some(credentials, {in_zen(part, '#.')})"
        case ("in", fact, [True]):
            return f"({scope}{fact} == true)"
        case ("in", fact, [False]):
            return f"({scope}{fact} == false)"
        case ("in", fact, values):
            return f"({scope}{fact} in {json.dumps(values, ensure_ascii=False)})"
        case ("le", fact, limit):
            return f"({scope}{fact} <= {limit})"
    raise TypeError(rule)


def in_json_logic(rule: tuple[Any, ...]) -> Any:
    match rule:
        case ("and" | "or" as word, parts):
            return {word: [in_json_logic(part) for part in parts]}
        case ("not", part):
            return {"!": [in_json_logic(part)]}
        case ("some", part):
            return {"some": [{"var": "credentials"}, in_json_logic(part)]}
        case ("in", fact, values):
            return {"in": [{"var": fact}, values]}
        case ("le", fact, limit):
            return {"<=": [{"var": fact}, {"var": limit} if isinstance(limit, str) else limit]}
    raise TypeError(rule)


class OpenFisca:
    """One variable a fact, three slots of credentials, one formula a level; words as integer codes, which is kinder."""

    def __init__(self, expressions: dict[str, tuple[Any, ...]], sample: list[dict[str, Any]]) -> None:
        self.codes: dict[str, int] = {"": 0}
        self.levels = tuple(expressions)
        entity = build_entity("person", "persons", "person", is_person=True)
        self.system = TaxBenefitSystem([entity])
        self.names = {name: type(value) for person in sample for name, value in person.items() if name != "credentials"}
        record = {name: type(value) for person in sample for c in person["credentials"] for name, value in c.items()}
        self.slots = {
            f"{name}__{slot}": kind for slot in range(SLOTS) for name, kind in record.items() if name != "filed_on"
        }
        for name, kind in {**self.names, **self.slots}.items():
            self.system.add_variable(self.variable(name, bool if kind is bool else int, entity))
        for level, rule in expressions.items():
            self.system.add_variable(self.variable(level, bool, entity, rule))

    def variable(self, name: str, kind: type, entity: Any, rule: tuple[Any, ...] | None = None) -> type[Variable]:
        body: dict[str, Any] = {"value_type": kind, "entity": entity, "definition_period": DateUnit.DAY, "label": name}
        if rule is not None:
            body["formula"] = lambda person, period: self.evaluate(rule, person, period, "")
        return type(name, (Variable,), body)

    def evaluate(self, rule: tuple[Any, ...], person: Any, period: Any, slot: str) -> Any:
        match rule:
            case ("and" | "or" as word, parts):
                found = [self.evaluate(part, person, period, slot) for part in parts]
                return (np.logical_and if word == "and" else np.logical_or).reduce(found)
            case ("not", part):
                return ~self.evaluate(part, person, period, slot)
            case ("some", part):
                return np.logical_or.reduce([self.evaluate(part, person, period, f"__{n}") for n in range(SLOTS)])
            case ("in", fact, values):
                column = person(fact + slot, period)
                return column if values == [True] else np.isin(column, [self.code(value) for value in values])
            case ("le", fact, limit):
                column = person(fact + slot, period)
                bound = person(limit, period) if isinstance(limit, str) else limit
                return (column <= bound) & (column > 0) if slot else column <= bound
        raise TypeError(rule)

    def code(self, value: Any) -> int:
        return int(value) if isinstance(value, bool | int) else self.codes.setdefault(value, len(self.codes))

    def inputs(self, given: list[dict[str, Any]]) -> dict[str, Any]:
        columns = {name: np.array([self.code(person.get(name, 0)) for person in given]) for name in self.names}
        for name in self.slots:
            field, slot = name.split("__")
            held = [person["credentials"][int(slot) : int(slot) + 1] for person in given]
            columns[name] = np.array([self.code(each[0].get(field, 0)) if each else 0 for each in held])
        kinds = {**self.names, **self.slots}
        return {name: column.astype(bool) if kinds[name] is bool else column for name, column in columns.items()}

    def run(self, inputs: dict[str, Any], size: int) -> list[Any]:
        simulation = SimulationBuilder().build_default_simulation(self.system, size)
        for name, column in inputs.items():
            simulation.set_input(name, PERIOD, column)
        return [simulation.calculate(level, PERIOD) for level in self.levels]


# ---- measuring ----


def per_item(items: list[Any], act: Callable[[Any], object]) -> float:
    """CPU time of one call, in µs; nothing is kept."""
    start = time.process_time_ns()
    for item in items:
        act(item)
    return (time.process_time_ns() - start) / 1000 / len(items)


def alternate(acts: dict[str, tuple[list[Any], Callable[[Any], object]]]) -> dict[str, float]:
    """Median µs an item of each, the rounds taken in turn so that a noisy neighbour hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in acts}
    gc.collect()
    gc.freeze()  # what was built for the benchmark is nobody's garbage
    for turn in range(ROUNDS + 1):
        for name, (items, act) in acts.items():
            taken = per_item(items, act)
            if turn:  # the first round warms up
                times[name].append(taken)
    return {name: statistics.median(found) for name, found in times.items()}


def singles(notice: Notice, drawn: Columns) -> dict[str, float]:
    persons = people(drawn)
    facts = [read_facts(person) for person in persons]
    given = [fed(notice, person) for person in persons]
    expressions = rules(notice)
    programs = [cel.compile(in_cel(rule)) for rule in expressions.values()]
    decision = zen.ZenEngine().create_decision(json.dumps(zen_graph(expressions)))
    logic = [in_json_logic(rule) for rule in expressions.values()]
    fisca = OpenFisca(expressions, given)
    ones = [fisca.inputs([person]) for person in given]
    answers = {
        "ours": [[level.answer == "yes" for level in assess(notice, each).levels.values()] for each in facts],
        "CEL": [[program.execute(each) for program in programs] for each in given],
        "zen": [[decision.evaluate(each)["result"][level] for level in expressions] for each in given],
        "JSON Logic": [[bool(json_logic.jsonLogic(rule, each)) for rule in logic] for each in given],
        "OpenFisca": [[bool(level[0]) for level in fisca.run(each, 1)] for each in ones],
    }
    for name, found in answers.items():
        assert found == answers["ours"], f"{name} disagrees"
    assert all(level.answer != "unknown" for each in facts for level in assess(notice, each).levels.values())
    granted = np.array(answers["ours"]).sum(axis=0).tolist()
    print(
        f"agreement: {len(persons)} people × {len(expressions)} levels × {len(answers)} engines, 0 mismatches; yes: {granted}"
    )
    few = ones[: len(ones) // 5]
    return alternate(
        {
            OURS: (facts, lambda f: assess(notice, f)),
            EXPLAINED: (facts, lambda f: explained(notice, f)),
            CEL: (given, lambda each: [p.execute(each) for p in programs]),
            "JSON Logic: yes or no": (given, lambda each: [json_logic.jsonLogic(r, each) for r in logic]),
            "zen-engine: yes or no": (given, decision.evaluate),
            FISCA: (few, lambda each: fisca.run(each, 1)),
        }
    )


def explained(notice: Notice, facts: Any) -> int:
    return sum(len(level.findings) for level in assess(notice, facts).levels.values())


def zen_graph(expressions: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    listed = [{"id": level, "key": level, "value": in_zen(rule)} for level, rule in expressions.items()]
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "content": {}},
            {"id": "rules", "name": "rules", "type": "expressionNode", "content": {"expressions": listed}},
            {"id": "out", "name": "out", "type": "outputNode", "content": {}},
        ],
        "edges": [
            {"id": "a", "type": "edge", "sourceId": "in", "targetId": "rules"},
            {"id": "b", "type": "edge", "sourceId": "rules", "targetId": "out"},
        ],
    }


def batches(notice: Notice, drawn: Columns) -> dict[str, float]:
    """A hundred thousand at once: our columns from raw histories, cold, against OpenFisca's from prepared ones."""
    sample = 5_000  # OpenFisca's columns are prepared through our scalar calendar, person by person; then repeated
    given = [fed(notice, person) for person in people(drawn.part(0, sample))]
    fisca = OpenFisca(rules(notice), given)
    inputs = {name: np.tile(column, BATCH // sample) for name, column in fisca.inputs(given).items()}
    ours = list(Population(drawn.part(0, sample)).assess(notice))
    found = [np.concatenate([block[level].yes for block in ours]) for level in ours[0]]
    assert all(np.array_equal(a, b[:sample]) for a, b in zip(found, fisca.run(inputs, BATCH), strict=True))
    kept = Population(drawn)
    found_in = alternate(
        {
            "ours, histories, blocks built anew: three answers and dates": (
                [drawn],
                lambda columns: [None for _ in Population(columns).assess(notice)],
            ),
            "ours, next scenario on kept blocks": ([kept], lambda people: [None for _ in people.assess(notice)]),
            "OpenFisca-core, prepared columns: yes or no": ([inputs], lambda columns: fisca.run(columns, BATCH)),
        }
    )
    return {name: value / BATCH for name, value in found_in.items()}


def table(title: str, found: dict[str, float]) -> None:
    ours = next(iter(found.values()))
    print(f"\n| {title} | µs a person | ratio |\n|---|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value:.3g} | {value / ours:.2g} |")


def main() -> int:
    notice = load_notice(NOTICE)
    alone = singles(notice, invent(notice, SINGLE))
    table(f"one person at a time ({SINGLE} people)", alone)
    table(f"{BATCH:,} people at once", batches(notice, invent(notice, BATCH)))
    print()
    bars = Bars()
    bars.head("what", "measured", "bar", "")
    bars.row(OURS, round(alone[OURS], 1), here(100), " µs")
    bars.row(EXPLAINED, round(alone[EXPLAINED], 1), here(200), " µs")
    # The bars were set where CEL took 37 µs for the same rules: beside it they are the same on every machine.
    bars.row("ours, in CEL's time", round(alone[OURS] / alone[CEL], 2), round(100 / 37, 2))
    bars.row("ours with the explanation, in CEL's time", round(alone[EXPLAINED] / alone[CEL], 2), round(200 / 37, 2))
    # at least 20 times slower than ours is at most a twentieth of its time for ours
    bars.row("ours, in parts of a hundred of OpenFisca-core's time", round(100 * alone[OURS] / alone[FISCA], 2), 5)
    return bars.end()


if __name__ == "__main__":
    sys.exit(main())
