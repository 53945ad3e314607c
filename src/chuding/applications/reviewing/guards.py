"""The rules that cannot be bent, as triggers of both databases: SQL only, used by the migration and by its tests.

They repeat what the services refuse in words, for the day on which somebody writes a service that forgets one. Each is
asked only when the person or the state changes, so that a tie declared afterwards freezes no file.
"""

from __future__ import annotations

from chuding.applications.reviewing.parts import PART_ACTS
from chuding.storage import triggers

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
_PART_ACTS = ", ".join(f"'{act}'" for act in sorted(PART_ACTS))
_HAD_A_PART = f"""
    EXISTS (SELECT 1 FROM applications_application a WHERE a.id = NEW.application_id
            AND (NEW.decided_by_id IN (a.applicant_id, a.reviewer_id, a.second_id, a.rechecker_id, a.signer_id)
                 OR EXISTS (SELECT 1 FROM ledger_entry l WHERE l.subject_kind = 'application' AND l.subject_ref = a.ref
                            AND l.by_id = NEW.decided_by_id AND l.action IN ({_PART_ACTS}))))
"""  # noqa: S608 - the acts are ours
_NOT_DECIDED = """
    NOT EXISTS (SELECT 1 FROM applications_appeal p WHERE p.application_id = NEW.id AND p.decided_by_id IS NOT NULL)
"""

_MOVED_ON = "NEW.state IN " + _PASSED_ON + " AND OLD.state = 'reviewing' AND NEW.opinion = 'for'"
RULES: tuple[triggers.Rule, ...] = (
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
APPEAL_RULES: tuple[triggers.Rule, ...] = (
    ("appeal_by_another_than_before", APPEALS, "UPDATE OF decided_by_id", "NEW.decided_by_id IS NOT NULL", _HAD_A_PART,
     "the appeal is decided by somebody who had a part in the file"),
    ("appeal_ends_with_a_decision", FILES, "UPDATE OF state", "OLD.state = 'appealed' AND NEW.state <> 'appealed'",
     _NOT_DECIDED, "the appeal is not decided"),
)  # fmt: skip

CREATE, DROP = triggers.create(RULES), triggers.drop(RULES)
CREATE_FOR_APPEALS, DROP_FOR_APPEALS = triggers.create(APPEAL_RULES), triggers.drop(APPEAL_RULES)
NAMES = frozenset(name for name, *_ in (*RULES, *APPEAL_RULES))
