"""Characters of a file that no font of ours draws: said early, to the person; and never printed as a box.

A Chinese character that is missing is somebody's name and no mistake of theirs: the file is handed in and reviewed as any
other, and before the document is signed the office adds a font (docs/names.md). Anything else that cannot be drawn is a
slip of the keyboard, which the person mends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.accounts.names import PLACEHOLDER, is_han
from chuding.applications.workflow import Declined
from chuding.paper.glyphs import MissingGlyph, missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.applications.models import Application


UNREAD = f"姓名里还有没有录入的字“{PLACEHOLDER}”。请对照申报人上传的写法录入。"


def slips(texts: Iterable[str]) -> list[str]:
    """What to retype, as sentences: characters that are no Chinese ones and that no font draws."""
    found = dict.fromkeys(character for text in texts for character in missing(text) if not is_han(character))
    return [f"请把“{character}”（U+{ord(character):04X}）改成文字，这个符号印不出来" for character in found]


def texts_of(application: Application, section: str) -> list[str]:
    """What a person typed in one section and what will be printed of it."""
    if section == "identity":
        return [application.full_name, application.permit_number]
    if section == "schooling":
        return [text for row in application.educations.all() for text in (row.school, row.major)]
    if section == "work":
        return [text for row in application.spells.all() for text in (row.employer_name, row.post)]
    return [application.employer_name, application.post] if section == "employer" else []


def undrawn(application: Application) -> list[MissingGlyph]:
    """The Chinese characters of a file that wait for a font, each once."""
    sections = ("identity", "schooling", "work", "employer")
    texts = "".join(text for section in sections for text in texts_of(application, section))
    return [MissingGlyph(character) for character in missing(texts) if is_han(character)]


def require_drawn(applications: Iterable[Application]) -> None:
    """Raise Declined, with name, character and code point, for the first file that could not be printed."""
    for application in applications:
        if PLACEHOLDER in application.full_name:
            raise Declined(f"{application.full_name}：{UNREAD}")
        for glyph in undrawn(application):
            raise Declined(f"{application.full_name}：{glyph}")
