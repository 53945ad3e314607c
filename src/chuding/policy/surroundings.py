"""What stands beside notice.yaml among a notice's files: its text by clause, its catalogue, its words in other languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chuding.policy.catalogue import Catalogue, read_catalogue
from chuding.policy.reader_words import nearest
from chuding.policy.source import WORDS, Clause, Files, NoticeError, Problem, issuers_text, read_clauses, read_yaml
from chuding.policy.speech import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The languages in which a notice's words may be given; the notice itself is in the other one.
_GIVEN: Final = tuple(code for code, folder in LANGUAGES.items() if folder)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands beside notice.yaml; read once, also for many mutants of the rules.

    `words`: what the notice says (申报时在岗) → language (`en`) → the same in that language.
    """

    id: str
    digest: str
    clauses: tuple[Clause, ...]
    catalogue: Catalogue
    text: str
    words: Mapping[str, Mapping[str, str]]


def read_surroundings(files: Files, series: str) -> Surroundings:
    """Read them; `series` is the series above all (工程). Raises `NoticeError`."""
    marked = files.text("notice.md")
    catalogue = read_catalogue(files.text("catalogue.csv"), series)
    return Surroundings(
        files.id, files.digest, read_clauses(marked), catalogue, issuers_text(marked), read_words(files)
    )


def read_words(files: Files) -> dict[str, dict[str, str]]:
    """The notice's own words in other languages, as words/en.yaml and words/zh-hant.yaml give them.

    Raises `NoticeError` with file and line for a file of no language, and for what is not words by words.
    """
    words: dict[str, dict[str, str]] = {}
    for name in sorted(files.content):
        if not name.startswith(WORDS):
            continue
        code = name.removeprefix(WORDS).removesuffix(".yaml")
        if code not in _GIVEN:
            known = "、".join(f"{WORDS}{each}.yaml" for each in _GIVEN)
            raise NoticeError([Problem(name, 1, f"没有这种语言{nearest(code, _GIVEN)}；译文的文件有：{known}")])
        for text, translation in _pairs(files, name).items():
            words.setdefault(text, {})[code] = translation
    return words


def _pairs(files: Files, name: str) -> dict[str, str]:
    document = read_yaml(files.text(name), name)
    if not isinstance(document.data, dict):
        raise NoticeError([Problem(name, 1, "应当一行一句：通知里的话、冒号、空格、译文")])
    wrong = [
        Problem(name, document.line((text,)), f"“{text}”和它的译文都应当是文字，不能空着")
        for text, translation in document.data.items()
        if not (isinstance(text, str) and isinstance(translation, str) and translation.strip())
    ]
    if wrong:
        raise NoticeError(wrong)
    return document.data
