"""Rules over rows as triggers of both databases: SQL only, written once for the migrations, the checks and the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


# name, table, event, when (what changed), what must not be, the message. In a condition
#   {differs}             is the comparison that knows NULL,
#   {day:MOMENT}          the calendar day in Shanghai of a moment,
#   {years_ago:N:MOMENT}  the same day N years before (29 February becomes the 28th),
#   {word:DOCUMENT:A:B:C} a word in a JSON document: A and C are keys as they stand, B is the column that holds the key.
Rule = tuple[str, str, str, str, str, str]

_DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}
_PLACES = {
    "sqlite": (
        # China has had one time, without summer time, since 1992; stored moments are UTC.
        (r"\{day:([^:}]+)\}", r"date(\1, '+8 hours')"),
        (
            r"\{years_ago:(\d+):([^:}]+)\}",
            (
                r"date(\2, '+8 hours', CASE strftime('%m-%d', \2, '+8 hours') WHEN '02-29' THEN '-1 day' ELSE '+0 days' END,"
                r" '-\1 years')"
            ),
        ),
        (r"\{word:([^:}]+):(\w+):([^:}]+):(\w+)\}", r"""json_extract(\1, '$.\2."' || \3 || '".\4')"""),
    ),
    "postgresql": (
        (r"\{day:([^:}]+)\}", r"(\1 AT TIME ZONE 'Asia/Shanghai')::date"),
        (
            r"\{years_ago:(\d+):([^:}]+)\}",
            r"((\2 AT TIME ZONE 'Asia/Shanghai')::date - INTERVAL '\1 years')::date",
        ),
        (r"\{word:([^:}]+):(\w+):([^:}]+):(\w+)\}", r"(\1 -> '\2' -> \3 ->> '\4')"),
    ),
}


def _filled(text: str, vendor: str) -> str:
    text = text.replace("{differs}", _DIFFERS[vendor])
    for place, what in _PLACES[vendor]:
        text = re.sub(place, what, text)
    return text


def _sqlite(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    made = []
    for name, table, event, changed, wrong, message in rules:
        condition = " AND ".join(f"({_filled(part, 'sqlite')})" for part in (changed, wrong) if part)
        text = message.replace("'", "''")
        made.append(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{text}'); END"
        )
    return tuple(made)


def _postgresql(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    made = []
    for name, table, event, changed, wrong, message in rules:
        text = message.replace("'", "''")
        body = f"""IF {_filled(wrong, "postgresql")} THEN
            RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW;"""
        when = f"WHEN ({_filled(changed, 'postgresql')})" if changed else ""
        made += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()",
        ]
    return tuple(made)


def create(rules: tuple[Rule, ...]) -> dict[str, tuple[str, ...]]:
    """The statements that make these triggers, by the database's vendor."""
    return {"sqlite": _sqlite(rules), "postgresql": _postgresql(rules)}


def drop(rules: tuple[Rule, ...]) -> dict[str, tuple[str, ...]]:
    """The statements that remove them, whether they are there or not, by the database's vendor."""
    return {
        "sqlite": tuple(f"DROP TRIGGER IF EXISTS {name}" for name, *_ in rules),
        "postgresql": tuple(
            statement
            for name, table, *_ in rules
            for statement in (f"DROP TRIGGER IF EXISTS {name} ON {table}", f"DROP FUNCTION IF EXISTS {name}()")
        ),
    }


def operation(
    *statements: Mapping[str, tuple[str, ...]], undo: Mapping[str, tuple[str, ...]] | None = None
) -> migrations.RunPython:
    """A migration's step that runs statements (by vendor) one after the other, and `undo` or nothing on the way back."""
    return migrations.RunPython(_runs(statements), migrations.RunPython.noop if undo is None else _runs((undo,)))


def _runs(held: Sequence[Mapping[str, tuple[str, ...]]]) -> Callable[[Any, Any], None]:
    def run(_: Any, schema_editor: Any) -> None:
        for statements in held:
            for statement in statements[schema_editor.connection.vendor]:
                schema_editor.execute(statement)

    return run


# The question for all triggers that are there and at work.
LIST = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}
