"""How the law room says things: patterns in Chinese, which is their source, said in any language of the catalogues.

A `Saying` keeps its pattern and its values apart until somebody reads it, so that days, facts and kinds are named in
the reader's language. Pure: the catalogues are read by Python's own gettext.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from chuding.policy.facts import When
from chuding.policy.terms import FACT_NAMES, HELD_NAMES, KIND_NAMES, LIST_NAMES, element_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


LOCALE: Final = Path(__file__).parent.parent / "locale"
#: The languages of the interface, by the codes of the site, and where their catalogues stand.
LANGUAGES: Final = {"zh-hans": "", "zh-hant": "zh_Hant", "en": "en"}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Saying(NamedTuple):
    """A pattern in Chinese with `{name}` for its values. See `phrase`."""

    pattern: str
    values: tuple[tuple[str, Any], ...] = ()


class Named(NamedTuple):
    """A word of the vocabulary (员级, 本科学历, 学时): translated where it is said."""

    word: str


class Paths(NamedTuple):
    """Facts by their paths (`credentials[0].awarded_on`): named where they are said."""

    paths: tuple[str, ...]


class Kinds(NamedTuple):
    """Kinds of credential or title, of which one suffices: 大专学历或者中专学历."""

    kinds: tuple[str, ...]


class AnyOf(NamedTuple):
    """Words of the vocabulary, of which one suffices: 外国人来华工作许可证或者外国人永久居留身份证."""

    words: tuple[str, ...]


class Series(NamedTuple):
    """Several sayings, one after the other: by comma where they describe one thing, else by semicolon."""

    sayings: tuple[Saying, ...]
    comma: bool = False


class Own(str):
    """Words of a notice itself, with what its files give for them in other languages: code (`en`) → translation.

    They are a text like any other, which keeps its translations wherever it goes; so no notice speaks for another.
    """

    __slots__ = ("said",)
    said: Mapping[str, str]

    def __new__(cls, text: str, said: Mapping[str, str] | None = None) -> Self:
        own = super().__new__(cls, text)
        own.said = said or {}
        return own


def phrase(pattern: str, **values: Any) -> Saying:
    """A saying; `make messages` gathers the pattern, so that it must stand here as it is."""
    return Saying(pattern, tuple(values.items()))


class _Count(int):
    """A number that says its noun's ending where a translation asks for it: `{years} year{years:s}`."""

    def __format__(self, spec: str) -> str:
        if spec == "s":
            return "" if self == 1 else "s"
        return super().__format__(spec)


#: What stands on every page that says the notice in another language.
NOTE: Final = phrase("通知原文是中文，译文仅供参考，以中文为准。")


@dataclass(frozen=True)
class Speech:
    """A language."""

    code: str
    catalogue: gettext.NullTranslations = field(default_factory=gettext.NullTranslations, repr=False)

    @property
    def is_chinese(self) -> bool:
        """Whether sentences are joined and days are written the Chinese way."""
        return self.code != "en"

    def word(self, text: str) -> str:
        """A word or a pattern of the vocabulary in this language."""
        return self.catalogue.gettext(text) if text else ""

    def say(self, value: Any) -> str:
        """A sentence of its own: `text`, which begins with a capital where the language has such letters."""
        said = self.text(value)
        return said if self.is_chinese else said[:1].upper() + said[1:]

    def text(self, value: Any) -> str:
        """A saying, a list of sayings, a day, a fact, a kind, a word: each in this language, as a part of a sentence."""
        said = next((say for kind, say in self._says if isinstance(value, kind)), str)
        return said(value)

    def _saying(self, saying: Saying) -> str:
        if not saying.values:
            return self.word(saying.pattern)
        values = {name: _Count(value) if isinstance(value, int) else self.text(value) for name, value in saying.values}
        return self.word(saying.pattern).format(**values)

    @cached_property
    def _says(self) -> tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...]:
        return (
            (Saying, self._saying),
            ((date, When), self.day),
            (Named, lambda value: self.word(value.word)),
            (Paths, lambda value: self.word("、").join(dict.fromkeys(map(self.fact, value.paths)))),
            (Kinds, lambda value: self.kinds(value.kinds)),
            (AnyOf, lambda value: self._any_of(value.words)),
            (Series, lambda value: self.together(value.sayings, comma=value.comma)),
            (Own, self.own_words),
        )

    def own_words(self, text: str) -> str:
        """A notice's own words, in Chinese where its files say nothing else; so is every other text."""
        return text.said.get(self.code, str(text)) if isinstance(text, Own) else text

    def day(self, day: date | When) -> str:
        """2024年7月1日 or 1 July 2024; a month where no day is known."""
        exact = not isinstance(day, When) or day.exact
        on = date.fromordinal(day.first) if isinstance(day, When) else day
        if self.is_chinese:
            return f"{on.year}年{on.month}月{on.day}日" if exact else f"{on.year}年{on.month}月"
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}" if exact else f"{_MONTHS[on.month - 1]} {on.year}"

    def fact(self, path: str) -> str:
        """第1项学历学位的取得日期; date of award of education 1."""
        found = element_of(path)
        if found is None:
            return self.word(FACT_NAMES.get(path, path))
        listed, number, part = found
        whole = phrase("第{number}项{list}", number=number, list=Named(LIST_NAMES.get(listed, listed)))
        if not part:
            return self.text(whole)
        return self.text(phrase("{whole}的{part}", whole=whole, part=Named(FACT_NAMES.get(part, part))))

    def kinds(self, kinds: Sequence[str]) -> str:
        """大专学历或者中专（中等职业学校）学历; a level names the title held."""
        return self._any_of([HELD_NAMES.get(kind) or KIND_NAMES[kind] for kind in kinds])

    def _any_of(self, words: Sequence[str]) -> str:
        names = [self.own_words(word) if isinstance(word, Own) else self.word(word) for word in words]
        if len(names) == 1:
            return names[0]
        return self.word("{first}或者{last}").format(first=self.word("、").join(names[:-1]), last=names[-1])

    def together(self, sayings: Sequence[Saying], *, comma: bool = False) -> str:
        """Several sayings as one, without the full stops inside it."""
        parts = [self.text(each).rstrip("。.") for each in sayings]
        return self.word("，" if comma else "；").join(parts)


CHINESE: Final = Speech("zh-hans")


@lru_cache(maxsize=8)
def _catalogue(folder: str) -> gettext.NullTranslations:
    return gettext.translation("django", LOCALE, [folder], fallback=True) if folder else gettext.NullTranslations()


@lru_cache(maxsize=8)
def speech_of(code: str) -> Speech:
    """A language by its code; an unknown code is Chinese."""
    return Speech(code, _catalogue(LANGUAGES[code])) if LANGUAGES.get(code) else CHINESE
