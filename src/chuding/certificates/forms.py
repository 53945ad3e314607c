"""Papers that the offices issued beside certificates: the 申报表 and the 发文. Both are signed, forms since 2026-11-27.

The files are kept by rooms above this one, so a room that keeps such papers registers here when the site starts; the public page
asks by digest. What is not known by its very bytes is not ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

from chuding.certificates.models import Certificate, Standing
from chuding.storage.clock import SHANGHAI

if TYPE_CHECKING:
    from datetime import date


class Finder(Protocol):
    """Knows papers by digest; answers what one is called and its number: a form has that of the certificate it belongs to."""

    def __call__(self, digest: str) -> tuple[str, str] | None:
        """`digest` is the SHA-256 of the file in hexadecimal."""


@dataclass(frozen=True)
class FormAnswer:
    """A form as it was issued: what it is, by whom and when, and whether the certificate of the same application still counts."""

    name: str
    issuer: str
    issued_on: date
    standing: str
    sample: bool


_registered: list[Finder] = []
_documents: list[Finder] = []


def register(finder: Finder) -> None:
    """Let this finder be asked from now on."""
    if finder not in _registered:
        _registered.append(finder)


def register_document(finder: Finder) -> None:
    """Let this finder of official documents be asked from now on; its second answer is the document's own number."""
    if finder not in _documents:
        _documents.append(finder)


def document_of(digest: str) -> tuple[str, str] | None:
    """What the official document with these bytes is called, and its number; None for anything else."""
    return next((known for finder in _documents if (known := finder(digest))), None)


def form_of(digest: str) -> FormAnswer | None:
    """What the form with these bytes is; None for anything else."""
    found = next((known for finder in _registered if (known := finder(digest))), None)
    if found is None:
        return None
    name, number = found
    current = first = Certificate.objects.get(number=number)
    # The form went out with the first; a correction since then made no new one.
    while earlier := Certificate.objects.filter(replaced_by=first).first():
        first = earlier
    standing = first.standing if current.standing == Standing.VALID else current.standing
    day = first.issued_at.astimezone(SHANGHAI).date()
    return FormAnswer(name, json.loads(first.award)["issuer"], day, standing, settings.DEMONSTRATION)
