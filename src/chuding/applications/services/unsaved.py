"""What was typed and is not saved yet: kept encrypted, shown again to its owner, gone with the next save.

No ledger entry stands for it: nothing is declared by it, and a line every few seconds would bury what happened.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import transaction

from chuding.applications.aside.models import UnsavedPage
from chuding.applications.models import Application
from chuding.applications.services.drafting import may_change
from chuding.applications.services.moves import lock
from chuding.applications.workflow import EDITABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chuding.accounts.models import Person

# The sections that are typed; the others are a choice, a file or a signature, each sent at once.
TYPED = frozenset({"identity", "schooling", "work", "employer"})
LONGEST = 32 * 1024
KEPT = timedelta(days=30)
# What a page sends besides its boxes.
_ASIDE = ("csrfmiddlewaretoken", "version", "save", "add", "remove", "search")


@transaction.atomic
def keep_page(*, ref: str, section: str, typed: Mapping[str, Sequence[str]], by: Person, at: datetime) -> bool:
    """Keep what stands on one's own open section; answers whether it was kept. Never an error: it is no act."""
    if section not in TYPED or not Application.objects.filter(ref=ref, applicant=by).exists():
        return False
    application = lock(ref)
    text = urlencode([(name, each) for name, given in typed.items() if name not in _ASIDE for each in given])
    if not may_change(application, section) or len(text) > LONGEST:
        return False
    UnsavedPage.objects.update_or_create(
        application=application, section=section, defaults={"typed": text, "kept_at": at}
    )
    return True


def forget_page(*, ref: str, section: str, by: Person) -> None:
    """Leave aside what was typed and not saved."""
    UnsavedPage.objects.filter(application__ref=ref, application__applicant=by, section=section).delete()


def unsaved_page(application: Application, section: str) -> UnsavedPage | None:
    """What was typed in this section and not saved."""
    return UnsavedPage.objects.filter(application=application, section=section).first()


def keep_sent_page(
    *, person: Person, name: str, places: Mapping[str, str], typed: Mapping[str, Sequence[str]], at: datetime
) -> bool:
    """Keep a page that was sent after its session had ended (see `accounts.keeping`)."""
    if name != "application_section":
        return False
    return keep_page(ref=places["ref"], section=places["section"], typed=typed, by=person, at=at)


def forget_unsaved(*, at: datetime) -> int:
    """Delete what is a month old and what belongs to a file that cannot be changed any more."""
    old, _ = UnsavedPage.objects.filter(kept_at__lt=at - KEPT).delete()
    closed, _ = UnsavedPage.objects.exclude(application__state__in=EDITABLE).delete()
    return old + closed
