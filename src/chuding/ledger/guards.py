"""The triggers that make the ledger append-only, on both databases: SQL only, used by the migration and by its tests.

SQLite's REPLACE removes a row without asking the DELETE trigger, so an INSERT must also be the next in line.
"""

from __future__ import annotations

SQLITE_CREATE = (
    """CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER ledger_entry_in_order BEFORE INSERT ON ledger_entry
    WHEN NEW.id IS NOT (SELECT COALESCE(MAX(id), 0) + 1 FROM ledger_entry)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
)
SQLITE_DROP = tuple(
    f"DROP TRIGGER IF EXISTS {name}"
    for name in ("ledger_entry_no_update", "ledger_entry_no_delete", "ledger_entry_in_order")
)

POSTGRESQL_CREATE = (
    """CREATE FUNCTION ledger_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE FUNCTION ledger_entry_next() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF NEW.id IS DISTINCT FROM (SELECT COALESCE(MAX(id), 0) + 1 FROM ledger_entry) THEN
            RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_refuse()""",
    """CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_refuse()""",
    """CREATE TRIGGER ledger_entry_in_order BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_next()""",
)
POSTGRESQL_DROP = (
    "DROP TRIGGER IF EXISTS ledger_entry_in_order ON ledger_entry",
    "DROP TRIGGER IF EXISTS ledger_entry_no_truncate ON ledger_entry",
    "DROP TRIGGER IF EXISTS ledger_entry_no_change ON ledger_entry",
    "DROP FUNCTION IF EXISTS ledger_entry_next()",
    "DROP FUNCTION IF EXISTS ledger_entry_refuse()",
)

CREATE = {"sqlite": SQLITE_CREATE, "postgresql": POSTGRESQL_CREATE}
DROP = {"sqlite": SQLITE_DROP, "postgresql": POSTGRESQL_DROP}
# What must stand in the database's own list of triggers; a check at start-up compares.
NAMES = {
    "sqlite": frozenset({"ledger_entry_no_update", "ledger_entry_no_delete", "ledger_entry_in_order"}),
    "postgresql": frozenset({"ledger_entry_no_change", "ledger_entry_no_truncate", "ledger_entry_in_order"}),
}
LIST = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entry'",
    "postgresql": """SELECT tgname FROM pg_trigger
        WHERE tgrelid = to_regclass('ledger_entry') AND NOT tgisinternal AND tgenabled IN ('O', 'A')""",
}
