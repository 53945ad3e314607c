"""What a file is found by: the words it is indexed under, and the words that a question asks for. Pure.

Each term is one letter for its kind and the hex of its UTF-8 bytes. Hex sorts alike in every database and locale, and a
beginning stays a beginning, so a range of an ordinary index answers "begins with" on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import TYPE_CHECKING, Final

from pypinyin import Style, lazy_pinyin, pinyin

from chuding.accounts.names import DOT, clean_name, is_han

if TYPE_CHECKING:
    from collections.abc import Callable

NAME: Final = "n"
SPELLING: Final = "p"  # full pinyin without tones, or a name in Latin letters; no spaces
INITIALS: Final = "i"
NUMBER_TAIL: Final = "t"
IDENTITY_TAIL: Final = "d"  # a blind index: the digits themselves are nowhere in clear
TAIL: Final = 4
#: Characters of a name that are indexed; four bytes each and the kind still fit the column.
LONGEST: Final = 32
COLUMN: Final = 1 + LONGEST * 4 * 2
_TAIL: Final = re.compile(r"[0-9]{3}[0-9X]")
_READINGS: Final = 4


def term(kind: str, text: str) -> str:
    """A term as it is stored."""
    return kind + text[:LONGEST].encode().hex()


def terms_of(*, name: str, number: str, identity_number: str, blind: Callable[[str], str]) -> frozenset[str]:
    """Every term of one file; `blind` turns the end of an identity number into its blind index."""
    found: set[str] = set()
    if any(is_han(character) for character in name):
        found |= {term(NAME, part) for part in _parts(name)}
        found |= {term(SPELLING, said) for said in _spellings(name)}
        found |= {term(INITIALS, said) for said in _initials(name)}
    else:
        found |= {term(SPELLING, _letters(part)) for part in _parts(name)}
    if number:
        found.add(term(NUMBER_TAIL, number[-TAIL:].upper()))
    if identity_number:
        found.add(term(IDENTITY_TAIL, blind(identity_number[-TAIL:].upper())))
    return frozenset(found)


def asked_for(text: str, *, blind: Callable[[str], str]) -> list[tuple[str, bool]]:
    """The terms that a question looks for, the likeliest first: (term, whether it is only a beginning)."""
    folded = _folded(text)
    tail = folded.upper()
    if _TAIL.fullmatch(tail):
        return [(term(NUMBER_TAIL, tail), False), (term(IDENTITY_TAIL, blind(tail)), False)]
    if folded and not any(is_han(character) for character in folded):
        letters = _letters(folded)
        return [(term(kind, letters), True) for kind in (SPELLING, INITIALS)] if letters else []
    return [(term(NAME, folded), True)] if folded else []


def _letters(text: str) -> str:
    """A Latin name or a spelling as its letters alone, without accents: Müller is found as muller."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalpha())


def _folded(text: str) -> str:
    """A question or a name in the form that is compared: cleaned as names are, letters small, full width narrow."""
    narrow = "".join(unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" else c for c in text)
    return clean_name(narrow)[0].casefold()


def _parts(name: str) -> list[str]:
    """The name and what it may be looked for by besides: without the surname, and each further part of a longer name."""
    folded = _folded(name)
    if not any(is_han(character) for character in folded):
        words = folded.split()
        return [" ".join(words[n:]) for n in range(len(words))] or [folded]
    if DOT in folded:
        pieces = folded.split(DOT)
        return [DOT.join(pieces[n:]) for n in range(len(pieces))]
    return [folded[n:] for n in range(min(len(folded), 3)) if folded[n:]]


def _spellings(name: str) -> list[str]:
    """Full pinyin; a surname that is read in more than one way is found by each (单: shan, dan)."""
    plain = "".join(c for c in name if is_han(c))
    rest = "".join(lazy_pinyin(plain[1:], errors="ignore"))
    readings = pinyin(plain[:1], style=Style.NORMAL, heteronym=True, errors="ignore") or [[""]]
    return [first.replace("ü", "v") + rest.replace("ü", "v") for first in readings[0][:_READINGS] if first or rest]


def _initials(name: str) -> list[str]:
    plain = "".join(c for c in name if is_han(c))
    rest = "".join(lazy_pinyin(plain[1:], style=Style.FIRST_LETTER, errors="ignore"))
    readings = pinyin(plain[:1], style=Style.FIRST_LETTER, heteronym=True, errors="ignore") or [[""]]
    return ["".join(each) for each in product(readings[0][:_READINGS], [rest]) if "".join(each)]
