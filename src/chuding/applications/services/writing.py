"""A character of a name that nobody can type: the person hands in how it is written, an officer puts the character in.

Until then PLACEHOLDER stands in its place: the file can be handed in and reviewed as any other, and is neither recommended
nor signed with it (`characters.require_drawn`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.names import PLACEHOLDER, clean_name, is_han
from chuding.accounts.roles import Role
from chuding.applications.photos.models import NameWriting
from chuding.applications.services.drafting import open_for_identity
from chuding.applications.services.moves import lock, roles_on, subject_of
from chuding.applications.services.photos import let_go
from chuding.applications.services.review import require_held
from chuding.applications.services.searching import index_for_search
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import record
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application
    from chuding.paper.photos import PhotoPage


def writing_of(application: Application) -> NameWriting | None:
    """The picture that came with a file, if there is one."""
    return NameWriting.objects.filter(application=application).first()


@transaction.atomic
def keep_writing(*, ref: str, page: PhotoPage, by: Person, at: datetime) -> NameWriting:
    """Keep the picture of how a character is written; a new one takes the place of the old. Declined where the identity is closed."""
    application = open_for_identity(ref=ref, by=by)
    old = writing_of(application)
    values = {"file": store().put(page.jpeg), "width": page.width, "height": page.height, "added_at": at}
    values |= {"characters": "", "read_by": None, "read_at": None}
    kept, _ = NameWriting.objects.update_or_create(application=application, defaults=values)
    if old is not None:
        let_go([old.file])
    record(
        action="name_writing.kept",
        subject=subject_of(application),
        by=by,
        role=Role.APPLICANT,
        at=at,
        data={"file": kept.file},
    )
    return kept


@transaction.atomic
def read_writing(*, ref: str, text: str, by: Person, at: datetime) -> Application:
    """Put the character in the place of the first PLACEHOLDER, also in the signature under the commitment.

    By the reviewer who holds the file; `text` is the character or its code (U+4DAE). Raises Declined.
    """
    application = lock(ref)
    if application.life is not State.REVIEWING or Role.REVIEWER not in roles_on(application, by, at):
        raise Declined(f"当前状态是“{application.life.label}”，不能录入姓名。请先领取此件。")
    require_held(application, by=by, at=at)
    writing = writing_of(application)
    if writing is None or PLACEHOLDER not in application.full_name:
        raise Declined("姓名里没有等待录入的字。")
    character = _character(text)
    before = application.full_name
    application.full_name = before.replace(PLACEHOLDER, character, 1)
    if application.commitment_name == before:
        application.commitment_name = application.full_name
    application.version += 1
    application.updated_at = at
    application.save(update_fields=["full_name", "commitment_name", "version", "updated_at", "lease_until"])
    index_for_search(application)
    writing.characters += character
    writing.read_by, writing.read_at = by, at
    writing.save(update_fields=["characters", "read_by", "read_at"])
    record(
        action="name_writing.read",
        subject=subject_of(application),
        by=by,
        role=Role.REVIEWER,
        at=at,
        data={"code_point": f"U+{ord(character):04X}", "file": writing.file},
    )
    return application


def _character(text: str) -> str:
    """The one Chinese character that was typed, by itself or by its code. Raises Declined."""
    character, _ = clean_name(text)
    if len(character) != 1 or not is_han(character):
        raise Declined("请输入一个汉字，或者它的编码，例如 U+4DAE。")
    return character
