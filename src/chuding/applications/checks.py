"""Start-up checks: the triggers that hold the rules of the desk are there; numbers of files begin as they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from chuding.applications.numbering import LETTERS
from chuding.applications.reviewing import guards
from chuding.storage import triggers
from chuding.storage.checks import Guards, missing_guards

if TYPE_CHECKING:
    from collections.abc import Sequence

_GUARDS = Guards(
    tables={"applications_viewing", "applications_appeal"},
    listed=triggers.LIST,
    names=dict.fromkeys(triggers.LIST, guards.NAMES),
    said="The rules of the desk on `{alias}` are not guarded: missing {missing}.",
    hint="Create the triggers again with the statements of applications/reviewing/guards.py.",
    number="chuding.E003",
)


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a rule of the desk could be bent (chuding.E003)."""
    return missing_guards(databases, _GUARDS)


def check_number_letters(*, app_configs: object, **_: Any) -> list[CheckMessage]:
    """Refuse to start where numbers of files would begin with anything but four letters (chuding.E008)."""
    del app_configs
    if LETTERS.fullmatch(settings.NUMBER_LETTERS):
        return []
    said = f"Numbers of files would begin with {settings.NUMBER_LETTERS!r}."
    return [Error(said, hint="CHUDING_NUMBER_LETTERS takes four letters from A to Z.", id="chuding.E008")]
