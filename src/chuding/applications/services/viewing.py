"""Which pages were on whose screen: a pass stands on it, and the applicant may ask who looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.applications.models import Material
from chuding.applications.reviewing.models import Viewing
from chuding.applications.workflow import Declined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application


@transaction.atomic
def note_pages(*, application: Application, pages: Mapping[str, Iterable[int]], by: Person, at: datetime) -> int:
    """Note that these pages were displayed: {material's ref: page numbers}. What does not exist is passed over.

    Answers how many pages are new.
    """
    materials = {m.ref: m for m in Material.objects.filter(application=application, ref__in=list(pages))}
    held = {
        v.material_id: v for v in Viewing.objects.select_for_update().filter(material__in=materials.values(), person=by)
    }
    fresh = 0
    for ref, material in materials.items():
        real = {n for n in pages[ref] if 1 <= n <= material.pages}
        row = held.get(material.pk) or Viewing(material=material, person=by, first_at=at)
        new = real - set(row.pages)
        if not new:
            continue
        fresh += len(new)
        row.pages = sorted({*row.pages, *new})
        row.whole = len(row.pages) == material.pages
        row.last_at = at
        row.save()
    return fresh


def shown_to(person: Person, materials: Iterable[Material]) -> dict[int, list[int]]:
    """By material, the pages that were on this person's screen."""
    rows = Viewing.objects.filter(person=person, material__in=list(materials))
    return dict(rows.values_list("material_id", "pages"))


def require_shown(by: Person, materials: Iterable[Material]) -> None:
    """Decline while a page of these was never on this person's screen, naming each."""
    materials = list(materials)
    seen = shown_to(by, materials)
    missing = [
        f"材料{m.code}第{'、'.join(map(str, left))}页"
        for m in materials
        if (left := [n for n in range(1, m.pages + 1) if n not in seen.get(m.pk, ())])
    ]
    if missing:
        raise Declined(f"还有页面没有打开看过：{'；'.join(missing)}。看过每一页，才能判为合格。")
