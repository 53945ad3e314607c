"""Two administrators and a draft in the making, for the tests of this room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings

from chuding.accounts.appointments import add_person, appoint
from chuding.accounts.consent import give_consent, purposes
from chuding.notices import shelf
from chuding.policy.notice import FILE
from chuding.policy.source import Files
from chuding.publishing.models import Draft, RunKind
from chuding.publishing.services import drafts, runs
from chuding.publishing.services.drafts import Edit, mark_of, place_of
from stage import NOW

BASE = "zhenjiang-2024-1"
NEW = "zhenjiang-2025-1"
LATER = NOW + timedelta(hours=1)


def administrator(name: str, phone: str, office: str = "association") -> Any:
    person = add_person(phone=phone, name=name, at=NOW)
    give_consent(person=person, keys=[p.key for p in purposes() if p.required], at=NOW)
    appoint(person=person, office=office, duty="administrator", at=NOW)
    return person


def two() -> tuple[Any, Any]:
    """Not the town's own two: where the town is founded after them, it would give them new passwords and sign them out."""
    return administrator("褚立春", "19911111121"), administrator("蒋雨水", "19911111122", "city")


def begun(by: Any, identifier: str = NEW) -> Draft:
    notice = shelf.current(NOW)
    assert notice.id == settings.NOTICE
    base = shelf.files_of(notice.id, notice.digest)
    return drafts.begin(base=base, files=Files(identifier, base.content), by=by, at=NOW)


def changed(draft: Draft, by: Any, path: tuple[str | int, ...], value: Any, file: str = FILE) -> Draft:
    edit = Edit(file=file, path=path, value=value, seen="", about="test")
    draft = Draft.objects.get(pk=draft.pk)
    seen = mark_of(place_of(draft.files.get(file, ""), edit))
    return drafts.change(
        ref=draft.ref, edit=Edit(file=file, path=path, value=value, seen=seen, about="test"), by=by, at=NOW
    )


def computed(draft: Draft, by: Any, *kinds: RunKind) -> Draft:
    for run in runs.ask(ref=draft.ref, kinds=kinds or tuple(RunKind), by=by, at=NOW):
        runs.compute(run_id=run.pk, at=NOW)
    return Draft.objects.get(pk=draft.pk)
