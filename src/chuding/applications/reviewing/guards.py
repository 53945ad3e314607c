"""The rules that cannot be bent, as triggers of both databases: SQL only, used by the migration and by its tests.

They repeat what the services refuse in words, for the day on which somebody writes a service that forgets one. Each is
asked only when the person or the state changes, so that a tie declared afterwards freezes no file.
"""

from __future__ import annotations

from chuding.applications.models import NO_UNIT
from chuding.applications.reviewing.parts import PART_ACTS
from chuding.storage import triggers

FILES, MATERIALS, CORRECTIONS = "applications_application", "applications_material", "applications_correction"
APPEALS, LOOKS = "applications_appeal", "applications_secondlook"
PARTS = ("reviewer", "second", "rechecker", "signer")
COLLEAGUE_YEARS = 3
# Where a file stands once its first review has ended.
_PASSED_ON = "('recheck', 'second', 'signing', 'city', 'approved', 'issued')"


def tied(file: str, person: str, at: str) -> str:
    """SQL: whether somebody has a tie to a file, as `ties.Ties.against` says it in words.

    `file`: the alias (or NEW) of a row of files, `person`: what holds their key, `at`: what holds the moment. They are
    the applicant, also under another account; they act for the unit or were in one unit with the applicant within
    `COLLEAGUE_YEARS`; or they have declared a tie. An own file says where they were on the day it was handed in; who
    works for themselves is in no unit (`NO_UNIT`), but those who act for the agency that speaks for them, or work in it,
    are tied. An account is known to be the applicant's own by its files, by what it declared, by the roster entry it
    claimed, and by a file of its own that looks like the same person's while nobody has found that they are two.
    """
    since, counts = f"{{years_ago:{COLLEAGUE_YEARS}:{at}}}", f"(t.until IS NULL OR t.until >= {{day:{at}}})"
    recent = f"{{day:COALESCE(o.submitted_at, o.updated_at)}} > {since}"
    names = f"""
               SELECT o.employer_name AS name FROM applications_application o WHERE o.applicant_id = {person} AND {recent}
               UNION SELECT w.employer_name FROM applications_workspell w
                     JOIN applications_application o ON o.id = w.application_id
                     WHERE o.applicant_id = {person} AND ((w.ended_on IS NULL AND {recent}) OR w.ended_on > {since})
               UNION SELECT t.value FROM applications_tie t
                     WHERE t.person_id = {person} AND t.kind = 'employer' AND {counts}"""  # noqa: S608 - the names are ours
    alike = "l.kind IN ('person', 'name') AND COALESCE(l.same, TRUE)"
    return f"""
    {person} = {file}.applicant_id
    OR EXISTS (SELECT 1 FROM applications_application o WHERE o.applicant_id = {person}
               AND ((o.identity_index = {file}.identity_index AND {file}.identity_index <> '')
                    OR (o.employer_uscc = {file}.employer_uscc AND {file}.employer_uscc <> '' AND {recent})))
    OR EXISTS (SELECT 1 FROM accounts_employerclerk c JOIN accounts_employer e ON e.id = c.employer_id
               WHERE c.person_id = {person} AND e.uscc = {file}.employer_uscc AND {file}.employer_uscc <> '')
    OR EXISTS (SELECT 1 FROM applications_tie t WHERE t.person_id = {person} AND {counts}
               AND ((t.kind = 'identity' AND t.value = {file}.identity_index)
                    OR (t.kind = 'uscc' AND t.value = {file}.employer_uscc)
                    OR (t.kind = 'file' AND t.value = {file}.ref)))
    OR EXISTS (SELECT 1 FROM applications_employerstaff s
               WHERE s.claimed_by_id = {person} AND s.identity_index = {file}.identity_index)
    OR EXISTS (SELECT 1 FROM applications_likeness l JOIN applications_application o ON o.id = l.other_id
               WHERE l.application_id = {file}.id AND o.applicant_id = {person} AND {alike})
    OR EXISTS (SELECT 1 FROM applications_likeness l JOIN applications_application o ON o.id = l.application_id
               WHERE l.other_id = {file}.id AND o.applicant_id = {person} AND {alike})
    OR EXISTS (SELECT 1 FROM accounts_employer g WHERE g.id = {file}.employer_id AND g.kind = 'agency'
               AND (EXISTS (SELECT 1 FROM accounts_employerclerk c WHERE c.person_id = {person} AND c.employer_id = g.id)
                    OR EXISTS (SELECT 1 FROM applications_application o
                               WHERE o.applicant_id = {person} AND o.employer_uscc = g.uscc AND {recent})
                    OR EXISTS (SELECT 1 FROM applications_tie t WHERE t.person_id = {person} AND t.kind = 'uscc'
                               AND t.value = g.uscc AND {counts})
                    OR g.name IN ({names})))
    OR EXISTS (SELECT 1 FROM ({names}) u
               WHERE u.name NOT IN ('', '{NO_UNIT}') AND (u.name = {file}.employer_name
                     OR EXISTS (SELECT 1 FROM applications_workspell w WHERE w.application_id = {file}.id
                                AND w.employer_name = u.name AND (w.ended_on IS NULL OR w.ended_on > {since}))))
    """  # noqa: S608 - the names are ours


def set_to(name: str, table: str, column: str, wrong: str, message: str) -> tuple[triggers.Rule, triggers.Rule]:
    """A rule on who stands in a column, whether the row is new or changed."""
    filled = f"NEW.{column} IS NOT NULL"
    return (
        (name, table, f"UPDATE OF {column}", f"{filled} AND NEW.{column} {{differs}} OLD.{column}", wrong, message),
        (f"{name}_new", table, "INSERT", filled, wrong, message),
    )


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
# What the law engine said last. A pass that it does not bear out has a second reviewer; an approval has none such.
_NOT_BORNE_OUT = """
    COALESCE((SELECT {word:s.report:levels:NEW.level:answer} FROM applications_assessment s
              WHERE s.application_id = NEW.id ORDER BY s.at DESC, s.id DESC LIMIT 1), '') <> 'yes'
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


def _had_a_part(person: str) -> str:
    return f"""
    EXISTS (SELECT 1 FROM applications_application a WHERE a.id = NEW.application_id
            AND ({person} IN (a.applicant_id, a.reviewer_id, a.second_id, a.rechecker_id, a.signer_id)
                 OR EXISTS (SELECT 1 FROM ledger_entry l WHERE l.subject_kind = 'application' AND l.subject_ref = a.ref
                            AND l.by_id = {person} AND l.action IN ({_PART_ACTS}))))
"""  # noqa: S608 - the acts are ours


def _tied_to_its_file(person: str, at: str) -> str:
    return f"""
    EXISTS (SELECT 1 FROM applications_application f WHERE f.id = NEW.application_id AND ({tied("f", person, at)}))
"""  # noqa: S608 - the names are ours


_NOT_DECIDED = """
    NOT EXISTS (SELECT 1 FROM applications_appeal p WHERE p.application_id = NEW.id AND p.decided_by_id IS NOT NULL)
"""

# A pass: the file leaves the first review, or what stood against it is turned round, or another is said to have reviewed.
_PASSES = f"""
    NEW.state IN {_PASSED_ON} AND NEW.opinion = 'for'
    AND (OLD.state NOT IN {_PASSED_ON} OR OLD.opinion <> 'for' OR NEW.reviewer_id {{differs}} OLD.reviewer_id)
"""
_WHEN_MOVED = "UPDATE OF state, opinion, reviewer_id"
# The same of a file without a second reviewer, and once the one it had is taken away.
_PASSES_ALONE = f"""
    NEW.state IN {_PASSED_ON} AND NEW.state <> 'second' AND NEW.opinion = 'for' AND NEW.second_id IS NULL
    AND (OLD.state NOT IN {_PASSED_ON} OR OLD.state = 'second' OR OLD.opinion <> 'for' OR OLD.second_id IS NOT NULL)
"""
RULES: tuple[triggers.Rule, ...] = (
    *(
        (
            f"recusal_of_the_{part}", FILES, f"UPDATE OF {part}_id",
            f"NEW.{part}_id IS NOT NULL AND NEW.{part}_id {{differs}} OLD.{part}_id",
            tied("NEW", f"NEW.{part}_id", "NEW.updated_at"), f"the {part} has a tie to this file",
        )
        for part in PARTS
    ),
    ("pass_needs_every_page_shown", FILES, _WHEN_MOVED, _PASSES, _UNSEEN, "a page was never on the reviewer's screen"),
    ("pass_needs_likenesses_settled", FILES, _WHEN_MOVED, _PASSES, _UNSETTLED, "a likeness is not settled"),
    ("second_return_needs_the_lead", FILES, "UPDATE OF state", "NEW.state = 'correction' AND OLD.state <> 'correction'",
     _NOT_AGREED, "a second return needs the lead"),
    ("return_needs_every_verdict", CORRECTIONS, "INSERT", "", _UNJUDGED, "a material has no verdict"),
)  # fmt: skip
# These came later than the others, with their table, and so in a migration of their own.
APPEAL_RULES: tuple[triggers.Rule, ...] = (
    ("appeal_by_another_than_before", APPEALS, "UPDATE OF decided_by_id", "NEW.decided_by_id IS NOT NULL",
     _had_a_part("NEW.decided_by_id"),
     "the appeal is decided by somebody who had a part in the file"),
    ("appeal_ends_with_a_decision", FILES, "UPDATE OF state", "OLD.state = 'appealed' AND NEW.state <> 'appealed'",
     _NOT_DECIDED, "the appeal is not decided"),
)  # fmt: skip

# And these with the migration that made the rules above hold on every way to a pass.
LATER_RULES: tuple[triggers.Rule, ...] = (
    ("end_of_review_has_an_opinion", FILES, "UPDATE OF state",
     f"NEW.state IN {_PASSED_ON} AND OLD.state NOT IN {_PASSED_ON}", "NEW.opinion NOT IN ('for', 'against')",
     "the first review has no opinion"),
    ("pass_against_the_rules_needs_a_second", FILES, "UPDATE OF state, opinion, second_id",
     _PASSES_ALONE, _NOT_BORNE_OUT, "a pass against the rules needs a second reviewer"),
    ("approval_needs_the_rules", FILES, "UPDATE OF state",
     "NEW.state IN ('approved', 'issued') AND OLD.state NOT IN ('approved', 'issued')", _NOT_BORNE_OUT,
     "no clause grants this level"),
    *set_to("second_return_by_two", CORRECTIONS, "agreed_by_id", "NEW.agreed_by_id = NEW.asked_by_id",
            "who asks for a second return does not agree to it"),
    *set_to("recusal_of_the_lead", CORRECTIONS, "agreed_by_id", _tied_to_its_file("NEW.agreed_by_id", "NEW.asked_at"),
            "the lead has a tie to this file"),
    *set_to("second_look_by_another", LOOKS, "by_id", _had_a_part("NEW.by_id"), "who looks again had a part in the file"),
    *set_to("recusal_of_the_second_look", LOOKS, "by_id", _tied_to_its_file("NEW.by_id", "NEW.at"),
            "who looks again has a tie to this file"),
    *set_to("recusal_of_the_appeal", APPEALS, "decided_by_id", _tied_to_its_file("NEW.decided_by_id", "NEW.decided_at"),
            "who decides the appeal has a tie to this file"),
)  # fmt: skip

# Whoever gave a verdict that stands has reviewed, whoever's name stands on the file; and nobody calls fit what was not
# on their own screen as a whole.
_JUDGED = """
    EXISTS (SELECT 1 FROM applications_material m
            WHERE m.application_id = NEW.id AND m.replaced_at IS NULL AND m.verdict_by_id = NEW.{part}_id)
"""
_NOT_SHOWN = """
    NOT EXISTS (SELECT 1 FROM applications_viewing v
                WHERE v.material_id = NEW.id AND v.person_id = NEW.verdict_by_id AND v.whole)
"""
VERDICT_RULES: tuple[triggers.Rule, ...] = (
    *(
        (
            f"no_verdict_by_the_{part}", FILES, f"UPDATE OF {part}_id",
            f"NEW.{part}_id IS NOT NULL AND NEW.{part}_id {{differs}} OLD.{part}_id",
            _JUDGED.format(part=part), f"the {part} has judged a material of this file",
        )
        for part in PARTS if part != "reviewer"
    ),
    ("fit_needs_every_page_shown", MATERIALS, "UPDATE OF verdict, verdict_by_id",
     "NEW.verdict = 'fit' AND (OLD.verdict <> 'fit' OR NEW.verdict_by_id {differs} OLD.verdict_by_id)", _NOT_SHOWN,
     "a page was never on the screen of whoever calls it fit"),
)  # fmt: skip

# Every act that stands against somebody says what and why, and a send-back says everything that was found (一次性告知).
_LEAVES_A_DEFECT_OUT = """
    EXISTS (SELECT 1 FROM applications_material m
            WHERE m.application_id = NEW.application_id AND m.replaced_at IS NULL AND m.verdict = 'defect'
            AND replace(CAST(NEW.items AS TEXT), '"material:' || m.code || '"', '') = CAST(NEW.items AS TEXT))
"""
_SECOND_WITHOUT_WHY = """
    NEW.missed = '' AND EXISTS (SELECT 1 FROM applications_correction c
                                WHERE c.application_id = NEW.application_id AND c.mended_at IS NOT NULL)
"""
_NOTHING_TOLD = """
    NOT EXISTS (SELECT 1 FROM applications_correction c WHERE c.application_id = NEW.id AND c.mended_at IS NULL)
"""
WORD_RULES: tuple[triggers.Rule, ...] = (
    ("return_says_what", CORRECTIONS, "INSERT", "", "NEW.items = '[]'", "a return names nothing to mend"),
    ("return_names_every_defect", CORRECTIONS, "INSERT", "", _LEAVES_A_DEFECT_OUT, "a return leaves a defect out"),
    ("second_return_says_why", CORRECTIONS, "INSERT", "", _SECOND_WITHOUT_WHY,
     "a second return does not say why it was missed"),
    # A file that was closed by mistake goes back to the list that it had.
    ("sent_back_with_a_list", FILES, "UPDATE OF state",
     "NEW.state = 'correction' AND OLD.state NOT IN ('correction', 'expired')", _NOTHING_TOLD,
     "a file is sent back without saying what to mend"),
    ("defect_says_what", MATERIALS, "UPDATE OF verdict, verdict_reason, verdict_by_id", "NEW.verdict = 'defect'",
     "NEW.verdict_reason = '' OR NEW.verdict_by_id IS NULL", "a defect has no reason or nobody who found it"),
    ("second_says_why", FILES, "UPDATE OF second_id, second_text", "NEW.second_id IS NOT NULL", "NEW.second_text = ''",
     "the second reviewer gives no reason"),
    ("opinion_says_why", FILES, "UPDATE OF state",
     f"NEW.state IN {_PASSED_ON} AND OLD.state NOT IN {_PASSED_ON} AND NEW.opinion_text = ''",
     f"NEW.opinion = 'against' OR ({_NOT_BORNE_OUT})", "an opinion against the person or the rules gives no reason"),
)  # fmt: skip

CREATE, DROP = triggers.create(RULES), triggers.drop(RULES)
CREATE_FOR_APPEALS, DROP_FOR_APPEALS = triggers.create(APPEAL_RULES), triggers.drop(APPEAL_RULES)
CREATE_LATER, DROP_LATER = triggers.create(LATER_RULES), triggers.drop(LATER_RULES)
CREATE_FOR_VERDICTS, DROP_FOR_VERDICTS = triggers.create(VERDICT_RULES), triggers.drop(VERDICT_RULES)
CREATE_FOR_WORDS, DROP_FOR_WORDS = triggers.create(WORD_RULES), triggers.drop(WORD_RULES)
NAMES = frozenset(name for name, *_ in (*RULES, *APPEAL_RULES, *LATER_RULES, *VERDICT_RULES, *WORD_RULES))
