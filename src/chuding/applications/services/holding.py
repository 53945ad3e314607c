"""Which files have a paper of a kind: one condition over files of several notices, each of which numbers its materials itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from chuding.applications.material_kinds import code_of
from chuding.applications.models import Material
from chuding.notices.shelf import versions

if TYPE_CHECKING:
    from chuding.applications.material_kinds import Kind


def holding(kind: Kind) -> Exists:
    """True of a file that has a current material under the item of its own notice that asks for this kind."""
    numbered: dict[str, list[str]] = {}
    for notice in versions():
        if code := code_of(notice, kind):
            numbered.setdefault(code, []).append(notice.digest)
    asked = Q(pk__in=[])
    for code, digests in numbered.items():
        asked |= Q(code=code, application__notice_digest__in=digests)
    return Exists(Material.objects.filter(asked, application=OuterRef("pk"), replaced_at__isnull=True))
