"""Sentences with values in them, in the language of the page.

A room that refuses somebody in words writes a whole Chinese sentence (`f"手机号应为11位，您输入了{n}位。"`), and it is said in
another language where it is shown. `make messages` gathers such sentences as patterns with {1}, {2} for their values; here
the pattern is found again by what stands around the values, and the translation gets them, each said in its turn.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import get_language, trans_real

if TYPE_CHECKING:
    from collections.abc import Callable

_SLOT = re.compile(r"\{\{?(\w+)\}?\}")
_HAN = re.compile("[\u4e00-\u9fff]")
# Fewer characters around the values could be somebody's own words.
LEAST = 4


class Typed(str):
    """What somebody typed, or a name: shown as it is in every language, and never looked up in a catalogue."""

    __slots__ = ()


@cache
def patterns(language: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    """Each sentence with values that the catalogue knows, the longest first: how to find it, its values, its translation."""
    found = []
    for source, text in trans_real.translation(language)._catalog.items():  # type: ignore[attr-defined] # noqa: SLF001
        if not isinstance(source, str) or not isinstance(text, str) or not text:
            continue
        names, around = tuple(_SLOT.findall(source)), _SLOT.sub("", source)
        if names and len(_HAN.findall(around)) >= LEAST:
            literal = [re.escape(part) for part in re.split(r"\{\{?\w+\}?\}", source)]
            found.append((len(around), re.compile("(.+?)".join(literal), re.DOTALL), names, text))
    return tuple(entry[1:] for entry in sorted(found, key=lambda entry: -entry[0]))


def in_other_words(text: str, say: Callable[[str], str]) -> str:
    """The sentence in the language of the page; as it is where no pattern fits. `say` says a value."""
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE or not _HAN.search(text):
        return text
    for pattern, names, translation in patterns(language):
        if match := pattern.fullmatch(text):
            return _filled(translation, dict(zip(names, map(say, match.groups()), strict=True)))
    return text


def _filled(translation: str, values: dict[str, str]) -> str:
    return _SLOT.sub(lambda slot: values.get(slot[1], slot[0]), translation)
