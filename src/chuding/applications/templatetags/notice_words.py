"""`{{ gate.words|said }}`: the notice's words and the law room's sayings in the language of the page; what stays Chinese
there says so, `{{ person.name|chinese }}`, that a voice reads it as Chinese and a browser takes the right characters.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeData
from django.utils.translation import get_language, trans_real

from chuding.applications.sentences import Typed, in_other_words
from chuding.applications.verdicts import speech_here
from chuding.notices.shelf import shipped
from chuding.policy.speech import Own, Saying, Series

register = template.Library()
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
# A day, a month or a year's round, whole. It begins with one digit, so that a page is gone through at the speed of its digits.
_DAY = re.compile(
    r"[0-9][0-9]{0,3}(?:年(?:度|[0-9]{1,2}月(?:[0-9]{1,2}日)?)|月[0-9]{1,2}日"
    r"| (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: [0-9]{4})?)"
)
# Where none is looked for, besides in tags: in elements that hold no sentence, and in the text right below elements that lay
# their parts out side by side, where every element would be a part of its own.
_KEPT = re.compile(r"<(script|style|svg|select|textarea)\b.*?</\1>", re.DOTALL)
_SIDE_BY_SIDE = re.compile(r"<(?:a|button|summary)\b")
# Where a heading may go on in a new line: 2024年度|综合工程专业|职称初定; 助理级|（助理工程师）; 待审核 6 件，|其中 3 件…
_PIECES = re.compile("(?<=年度)|(?=职称初定|職稱初定)|(?=（)|(?<=，)")
# From the first Chinese character of a run to its last, or to the bracket or mark that ends it; words in small Latin
# letters end it, too: 一(三); 生物 3D 打印; “中专, 职高”, but not the whole of “本科 or 大专”.
_RUN = re.compile(
    f"{_HAN.pattern}(?:[^a-z]*(?:{_HAN.pattern}|[。、；，：？！）》〕]))?(?:(?<=\\({_HAN.pattern})\\)\\d*)?"
)


@register.filter
def plainly(value: Any) -> Any:
    """What `said` says, without marks: for a title or an attribute, in which no element can stand."""
    speech = speech_here()
    value = str(value) if isinstance(value, Promise) else value
    if not isinstance(value, str):
        return speech.say(value) if isinstance(value, Saying | Series | Own | date) else value
    if speech.code == settings.LANGUAGE_CODE:
        return value
    for say in (speech.own_words, speech.word, _kept, lambda text: in_other_words(text, plainly)):
        text = say(value)
        if text != value:
            return text
    return value


def _kept(text: str) -> str:
    """A notice's words that were kept without it (in a message, on a certificate): as the installation's says them.

    No page asks the database for that: the words of a name would be looked up on every line.
    """
    speech = speech_here()
    if speech.code == settings.LANGUAGE_CODE or not _HAN.search(text):
        return text
    return speech.own_words(shipped().own(text))


@register.filter
def said(value: Any) -> Any:
    """A saying, a day, a level, or words of the notice; what has no translation stays as it is, and safe where it was."""
    language = _language()
    if isinstance(value, str) and language == settings.LANGUAGE_CODE:
        return value
    if isinstance(value, Typed):
        return chinese(value)
    text = plainly(value)
    if not isinstance(text, str) or isinstance(text, SafeData) or language == settings.LANGUAGE_CODE:
        return text
    return text if language != "en" and not _only_simplified(language).intersection(text) else _marked(text)


@register.filter
def chinese(value: Any) -> Any:
    """Words that are Chinese by their nature: names, what somebody wrote, the catalogue's paths. Marked, not translated."""
    if _language() == settings.LANGUAGE_CODE or not _HAN.search(text := str(value)):
        return value
    return format_html('<span lang="zh-Hans">{}</span>', value if isinstance(value, SafeData) else text)


@register.filter
def in_pieces(value: Any) -> Any:
    """A heading, broken on a narrow phone where a reader pauses, never inside 2024年度."""
    if isinstance(value, SafeData):
        return value
    pieces = [piece for piece in _PIECES.split(str(value)) if piece]
    return (
        format_html_join("", '<span class="piece">{}</span>', ((piece,) for piece in pieces)) if pieces[1:] else value
    )


@register.filter(is_safe=True)
def unbroken(value: Any) -> Any:
    """A page's elements, in which no line ends inside a date; what is not safe to show holds none, and stays as it is."""
    if not isinstance(value, SafeData):
        return value
    page, done = str(value), 0
    kept: list[tuple[int, int]] | None = None
    parts: list[str] = []
    for found in _DAY.finditer(page):
        at = found.start()
        tag, end = page.rfind("<", 0, at), page.rfind(">", 0, at)
        if tag > end or _SIDE_BY_SIDE.match(page, max(tag, 0)):
            continue
        if kept is None:
            kept = [one.span() for one in _KEPT.finditer(page)]
        if any(first < at < last for first, last in kept):
            continue
        parts += (page[done:at], f'<span class="nowrap">{found[0]}</span>')
        done = found.end()
    return "".join((*parts, page[done:])) if parts else value


@register.filter
def dial(telephone: str) -> str:
    """A telephone number that a tap on a phone calls."""
    return format_html('<a class="nowrap" href="tel:{}">{}</a>', telephone, telephone) if telephone else ""


@register.filter
def written(value: Any) -> Any:
    """What an office wrote, in its own words or in a sentence of ours, which has a translation."""
    return said(value) if plainly(value) != value else chinese(value)


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _marked(text: str) -> str:
    """The text with an element around each of its Chinese runs."""
    pieces, at = [], 0
    for found in _RUN.finditer(text):
        run = format_html('<span lang="zh-Hans">{}</span>', found[0])
        pieces += [(text[at : found.start()],), (run,)]
        at = found.end()
    return format_html_join("", "{}", [*pieces, (text[at:],)]) if pieces else text


@cache
def _only_simplified(language: str) -> frozenset[str]:
    """The characters that the catalogue's Chinese uses and its translations never do: a text with one is untranslated."""
    catalogue = trans_real.translation(language)._catalog  # type: ignore[attr-defined] # noqa: SLF001
    said_there = {letter for _, text in catalogue.items() for letter in text}
    asked = {letter for source, _ in catalogue.items() for letter in (source if isinstance(source, str) else source[0])}
    return frozenset(_HAN.findall("".join(asked - said_there)))
