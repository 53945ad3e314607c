"""What no approval may pass over, as triggers of both databases: SQL only, for the migration, the start-up check and the tests."""

from __future__ import annotations

from chuding.storage import triggers

_DRAWN = """
    EXISTS (SELECT 1 FROM decisions_spotcheck d WHERE d.application_id = NEW.id AND d.done_at IS NULL)
"""
RULES: tuple[triggers.Rule, ...] = (
    ("approval_waits_for_the_spot_check", "applications_application", "UPDATE OF state",
     "NEW.state = 'approved' AND OLD.state <> 'approved'", _DRAWN, "the spot check of this file is not done"),
)  # fmt: skip
CREATE, DROP = triggers.create(RULES), triggers.drop(RULES)
NAMES = frozenset(name for name, *_ in RULES)
