"""The triggers by which a published version stays what it is, on both databases: SQL only, for the migration and its tests."""

from __future__ import annotations

from typing import Final

TABLES: Final = ("notices_version", "notices_withdrawal")
_WORDS: Final = "a published notice is never changed"


def _sqlite(table: str) -> tuple[str, ...]:
    # REPLACE removes a row without asking the DELETE trigger, so an INSERT may not meet a row of its own key.
    return (
        f"""CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END""",
        f"""CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END""",
        f"""CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END""",  # noqa: S608 - the table's name is ours
    )


def _postgresql(table: str) -> tuple[str, ...]:
    return (
        f"""CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
        f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()""",
    )


_KINDS: Final = {"sqlite": ("no_update", "no_delete", "no_replace"), "postgresql": ("no_change", "no_truncate")}

CREATE: Final = {
    "sqlite": tuple(statement for table in TABLES for statement in _sqlite(table)),
    "postgresql": tuple(statement for table in TABLES for statement in _postgresql(table)),
}
DROP: Final = {
    "sqlite": tuple(f"DROP TRIGGER IF EXISTS {table}_{kind}" for table in TABLES for kind in _KINDS["sqlite"]),
    "postgresql": tuple(
        statement
        for table in TABLES
        for statement in (
            *(f"DROP TRIGGER IF EXISTS {table}_{kind} ON {table}" for kind in _KINDS["postgresql"]),
            f"DROP FUNCTION IF EXISTS {table}_refuse()",
        )
    ),
}
# What must stand in the database's own list of triggers; a check at start-up compares.
NAMES: Final = {
    vendor: frozenset(f"{table}_{kind}" for table in TABLES for kind in kinds) for vendor, kinds in _KINDS.items()
}
LIST: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'notices!_%' ESCAPE '!'",
    "postgresql": """SELECT tgname FROM pg_trigger
        WHERE tgrelid IN (to_regclass('notices_version'), to_regclass('notices_withdrawal'))
        AND NOT tgisinternal AND tgenabled IN ('O', 'A')""",
}
