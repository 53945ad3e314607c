"""Rules over rows as triggers of both databases: SQL only, written once for the migrations, the checks and the tests."""

from __future__ import annotations

# name, table, event, when (what changed), what must not be, the message. `{day}` in a condition is the calendar day of
# the row's last change, `{differs}` the comparison that knows NULL.
Rule = tuple[str, str, str, str, str, str]

_DAY = {"sqlite": "substr(NEW.updated_at, 1, 10)", "postgresql": "(NEW.updated_at AT TIME ZONE 'Asia/Shanghai')::date"}
_DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}


def _filled(text: str, vendor: str) -> str:
    return text.replace("{day}", _DAY[vendor]).replace("{differs}", _DIFFERS[vendor])


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


# The question for all triggers that are there and at work.
LIST = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}
