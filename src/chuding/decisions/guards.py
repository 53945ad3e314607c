"""What no approval may pass over and who may not decide, as triggers of both databases.

SQL only, for the migrations, the start-up check and the tests. The services say the same in words.
"""

from __future__ import annotations

from chuding.applications.reviewing.guards import set_to, tied
from chuding.storage import triggers

_DRAWN = """
    EXISTS (SELECT 1 FROM decisions_spotcheck d WHERE d.application_id = NEW.id AND d.done_at IS NULL)
"""
RULES: tuple[triggers.Rule, ...] = (
    ("approval_waits_for_the_spot_check", "applications_application", "UPDATE OF state",
     "NEW.state = 'approved' AND OLD.state <> 'approved'", _DRAWN, "the spot check of this file is not done"),
)  # fmt: skip
# Whoever decides something of a file, or of a list with it, has no tie to it and had no part in its review (回避).
_REVIEWED = "{person} IN (f.reviewer_id, f.second_id, f.rechecker_id)"


def _apart(files: str, person: str, at: str, *, reviewed: bool = True) -> str:
    """SQL: whether one of the files, `f` in `files`, stands against this person."""
    also = f"OR {_REVIEWED.format(person=person)}" if reviewed else ""
    return f"EXISTS (SELECT 1 FROM {files} AND ({tied('f', person, at)} {also}))"  # noqa: S608 - the names are ours


_ITS_FILE = "applications_application f WHERE f.id = NEW.application_id"
_ON_THE_ROSTER = """applications_application f JOIN decisions_rosterentry e ON e.application_id = f.id
    WHERE e.roster_id = NEW.id"""
_OBJECTED_TO = """applications_application f JOIN decisions_publicityentry e ON e.application_id = f.id
    WHERE e.id = NEW.entry_id"""
_PUBLISHED_BY = "(SELECT p.opened_by_id FROM decisions_publicity p WHERE p.id = NEW.publicity_id)"
_PUBLISHED_AT = "(SELECT p.opened_at FROM decisions_publicity p WHERE p.id = NEW.publicity_id)"
LATER_RULES: tuple[triggers.Rule, ...] = (
    *set_to("recusal_of_the_spot_check", "decisions_spotcheck", "done_by_id",
            _apart(_ITS_FILE, "NEW.done_by_id", "NEW.done_at"), "who makes the spot check has to step back"),
    *set_to("recusal_of_the_objection", "decisions_objection", "decided_by_id",
            _apart(_OBJECTED_TO, "NEW.decided_by_id", "NEW.decided_at", reviewed=False),
            "who decides the objection has to step back"),
    *set_to("recusal_of_the_verifier", "decisions_roster", "verified_by_id",
            _apart(_ON_THE_ROSTER, "NEW.verified_by_id", "NEW.verified_at"), "who verifies the list has to step back"),
    *set_to("recusal_of_the_lists_signer", "decisions_roster", "signed_by_id",
            _apart(_ON_THE_ROSTER, "NEW.signed_by_id", "NEW.signed_at"), "who signs the list has to step back"),
    ("recusal_of_the_publisher", "decisions_publicityentry", "INSERT", "",
     _apart(_ITS_FILE, _PUBLISHED_BY, _PUBLISHED_AT), "who publishes the list has to step back"),
)  # fmt: skip
# A certificate's end or its correction is decided by the same rule. Its file names the newest one.
_ITS_CERTIFICATE = """applications_application f JOIN certificates_certificate k
    ON k.holder_id = f.applicant_id AND k.number = f.certificate_number
    WHERE k.id = NEW.certificate_id"""
REVOCATION_RULES: tuple[triggers.Rule, ...] = (
    *set_to("recusal_of_who_proposes_an_end", "decisions_revocation", "proposed_by_id",
            _apart(_ITS_CERTIFICATE, "NEW.proposed_by_id", "NEW.proposed_at", reviewed=False),
            "who proposes the end of a certificate has to step back"),
    *set_to("recusal_of_who_confirms_an_end", "decisions_revocation", "confirmed_by_id",
            _apart(_ITS_CERTIFICATE, "NEW.confirmed_by_id", "NEW.confirmed_at", reviewed=False),
            "who confirms the end of a certificate has to step back"),
)  # fmt: skip
CREATE, DROP = triggers.create(RULES), triggers.drop(RULES)
CREATE_LATER, DROP_LATER = triggers.create(LATER_RULES), triggers.drop(LATER_RULES)
CREATE_FOR_REVOCATIONS, DROP_FOR_REVOCATIONS = triggers.create(REVOCATION_RULES), triggers.drop(REVOCATION_RULES)
NAMES = frozenset(name for name, *_ in (*RULES, *LATER_RULES, *REVOCATION_RULES))
