"""Who may be one person twice: the same document, or the same name and birth under another. A person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from chuding.accounts.identity import KIND_NAMES, IdentityKind
from chuding.applications.models import Application

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role

MOST = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another file that looks like the same person's, and why."""

    file: Application
    certain: bool

    @property
    def words(self) -> str:
        """Why, in a sentence."""
        kind = KIND_NAMES[IdentityKind(self.file.identity_type)]
        if self.certain:
            return f"同一个{kind}号码，由另一个账户申报。"
        return f"姓名和出生日期相同，证件是另一份{kind}。"


def alike(application: Application, *, person: Person, roles: Iterable[Role]) -> list[Likeness]:
    """Files of other accounts, or under other documents, that may be this person's: those that `person` may see.

    Looks at every round: a title that was conferred under another document is conferred.
    """
    if not application.identity_index:
        return []
    same = Q(identity_index=application.identity_index) & ~Q(applicant=application.applicant_id)
    likely = Q(full_name=application.full_name, born_on=application.born_on) & ~Q(
        identity_index=application.identity_index
    )
    asked = same | likely if application.born_on else same
    seen = Application.objects.visible_to(person, roles).filter(asked, submitted_at__isnull=False)
    files = seen.exclude(pk=application.pk).exclude(identity_index="").order_by("-submitted_at", "-id")[:MOST]
    return [Likeness(file, file.identity_index == application.identity_index) for file in files]
