"""The rules that cannot be bent, as triggers of both databases: SQL only, used by the migration and by its tests.

They repeat what the services refuse in words, for the day on which somebody writes a service that forgets one. Each is
asked only when the person or the state changes, so that a tie declared afterwards freezes no file.
"""

from __future__ import annotations

FILES, MATERIALS, CORRECTIONS = "applications_application", "applications_material", "applications_correction"
APPEALS = "applications_appeal"
PARTS = ("reviewer", "second", "rechecker", "signer")
_PASSED_ON = "('recheck', 'second')"

# Whoever takes a part is not the applicant under another account, no colleague of the unit, and has declared no tie.
_TIED = """
    EXISTS (SELECT 1 FROM applications_application o WHERE o.applicant_id = NEW.{part}_id
            AND o.identity_index = NEW.identity_index AND NEW.identity_index <> '')
    OR EXISTS (SELECT 1 FROM accounts_employerclerk c JOIN accounts_employer e ON e.id = c.employer_id
               WHERE c.person_id = NEW.{part}_id AND e.uscc = NEW.employer_uscc AND NEW.employer_uscc <> '')
    OR EXISTS (SELECT 1 FROM applications_tie t WHERE t.person_id = NEW.{part}_id
               AND (t.until IS NULL OR t.until >= {day})
               AND ((t.kind = 'identity' AND t.value = NEW.identity_index)
                    OR (t.kind = 'uscc' AND t.value = NEW.employer_uscc)
                    OR (t.kind = 'employer' AND t.value = NEW.employer_name)
                    OR (t.kind = 'file' AND t.value = NEW.ref)))
"""
# Nobody passes a file on as good before its reviewer has had every page on the screen and a person has settled what it
# looks like.
_UNSEEN = """
    EXISTS (SELECT 1 FROM applications_material m WHERE m.application_id = NEW.id AND m.replaced_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM applications_viewing v
                            WHERE v.material_id = m.id AND v.person_id = NEW.reviewer_id AND v.whole))
"""
_UNSETTLED = """
    EXISTS (SELECT 1 FROM applications_likeness l
            WHERE l.application_id = NEW.id AND (l.same IS NULL OR l.same))
"""
# What goes back goes back once: no material without a verdict, and a second time only with the lead's word.
_UNJUDGED = """
    EXISTS (SELECT 1 FROM applications_material m
            WHERE m.application_id = NEW.application_id AND m.replaced_at IS NULL AND m.verdict = 'pending')
"""
_NOT_AGREED = """
    EXISTS (SELECT 1 FROM applications_correction c WHERE c.application_id = NEW.id AND c.mended_at IS NOT NULL)
    AND EXISTS (SELECT 1 FROM applications_correction c
                WHERE c.application_id = NEW.id AND c.mended_at IS NULL AND c.agreed_by_id IS NULL)
"""

# Whoever had a part in a file decides no appeal in it, and it leaves that stage only by a decision.
_HAD_A_PART = """
    EXISTS (SELECT 1 FROM applications_application a WHERE a.id = NEW.application_id
            AND NEW.decided_by_id IN (a.applicant_id, a.reviewer_id, a.second_id, a.rechecker_id, a.signer_id))
"""
_NOT_DECIDED = """
    NOT EXISTS (SELECT 1 FROM applications_appeal p WHERE p.application_id = NEW.id AND p.decided_by_id IS NOT NULL)
"""

_MOVED_ON = "NEW.state IN " + _PASSED_ON + " AND OLD.state = 'reviewing' AND NEW.opinion = 'for'"
Rule = tuple[str, str, str, str, str, str]
# name, table, event, when (what changed), what must not be, the message
RULES: tuple[Rule, ...] = (
    *(
        (
            f"recusal_of_the_{part}", FILES, f"UPDATE OF {part}_id",
            f"NEW.{part}_id IS NOT NULL AND NEW.{part}_id {{differs}} OLD.{part}_id", _TIED.replace("{part}", part),
            f"the {part} has a tie to this file",
        )
        for part in PARTS
    ),
    ("pass_needs_every_page_shown", FILES, "UPDATE OF state", _MOVED_ON, _UNSEEN, "a page was never on the reviewer's screen"),
    ("pass_needs_likenesses_settled", FILES, "UPDATE OF state", _MOVED_ON, _UNSETTLED, "a likeness is not settled"),
    ("second_return_needs_the_lead", FILES, "UPDATE OF state", "NEW.state = 'correction' AND OLD.state <> 'correction'",
     _NOT_AGREED, "a second return needs the lead"),
    ("return_needs_every_verdict", CORRECTIONS, "INSERT", "", _UNJUDGED, "a material has no verdict"),
)  # fmt: skip
# These came later than the others, with their table, and so in a migration of their own.
APPEAL_RULES: tuple[Rule, ...] = (
    ("appeal_by_another_than_before", APPEALS, "UPDATE OF decided_by_id", "NEW.decided_by_id IS NOT NULL", _HAD_A_PART,
     "the appeal is decided by somebody who had a part in the file"),
    ("appeal_ends_with_a_decision", FILES, "UPDATE OF state", "OLD.state = 'appealed' AND NEW.state <> 'appealed'",
     _NOT_DECIDED, "the appeal is not decided"),
)  # fmt: skip

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


def _dropped(rules: tuple[Rule, ...]) -> dict[str, tuple[str, ...]]:
    return {
        "sqlite": tuple(f"DROP TRIGGER IF EXISTS {name}" for name, *_ in rules),
        "postgresql": tuple(
            statement
            for name, table, *_ in rules
            for statement in (f"DROP TRIGGER IF EXISTS {name} ON {table}", f"DROP FUNCTION IF EXISTS {name}()")
        ),
    }


CREATE = {"sqlite": _sqlite(RULES), "postgresql": _postgresql(RULES)}
DROP = _dropped(RULES)
CREATE_FOR_APPEALS = {"sqlite": _sqlite(APPEAL_RULES), "postgresql": _postgresql(APPEAL_RULES)}
DROP_FOR_APPEALS = _dropped(APPEAL_RULES)
NAMES = frozenset(name for name, *_ in (*RULES, *APPEAL_RULES))
LIST = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}
