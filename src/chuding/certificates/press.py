"""The printing press of this installation: one typesetter and one signer an office, made when first needed.

Typesetting happens in the worker only: a process that has typeset must not fork (docs/architecture.md).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from chuding.paper.glyphs import fonts_folder
from chuding.paper.keys import load_signer
from chuding.paper.sign import sign_pdf
from chuding.paper.typeset import Typesetter

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.paper.keys import Signer


@cache
def typesetter() -> Typesetter:
    """The typesetter, with the fonts unpacked into the data folder."""
    return Typesetter(fonts_folder(settings.DATA_FOLDER))


@cache
def signer(office: str) -> Signer:
    """The signer of one office, its key read once."""
    return load_signer(settings.SIGNING_FOLDER, office)


def seal(pdf: bytes, *, office: str, at: datetime, reason: str) -> bytes:
    """The PDF with the office's PAdES signature; nothing may touch its bytes afterwards."""
    return sign_pdf(pdf, signer(office), at=at, reason=reason)
