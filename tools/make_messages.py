"""`make messages`: what the interface says, gathered for translation, and the catalogues that the site reads.

    .venv/bin/python tools/make_messages.py            gather, bring the .po files up to date, compile the .mo files
    .venv/bin/python tools/make_messages.py --missing  only say what still has no English

Chinese is the source. English is written by hand into `locale/en/LC_MESSAGES/*.po`. Traditional characters are made by
OpenCC after the list `locale/terms-zh-Hant.csv`: correct a word there, never in the .po, which is written anew.
Everything here is for making; the site itself reads the .mo files with what Python and Django bring.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize
from opencc import OpenCC

from chuding.accounts.identity import KIND_NAMES
from chuding.accounts.roles import ROLE_NAMES
from chuding.applications.sentences import LEAST
from chuding.applications.workflow import State
from chuding.policy import terms
from chuding.policy.notice import FOLDER, list_notices, load_notice

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "chuding"
LOCALE = PACKAGE / "locale"
LANGUAGES = ("en", "zh_Hant")
# `phrase` marks words in rooms that know no Django; they are translated where they are shown.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None, "phrase": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
# What a service refuses an applicant with is said where it is shown; the desks' own refusals stay Chinese.
REFUSALS = {"Declined": None, "SignInProblem": None, "ConsentMissingError": None}
REFUSING = (
    "accounts/",
    "applications/services/drafting",
    "applications/services/submission",
    "applications/services/appealing",
    "applications/services/invit",
)
# Where whole sentences are written that are said in another language only where they are shown (applications.sentences):
# a value inside one becomes {1}, {2}.
SENTENCES = (
    "accounts/factors", "accounts/names", "accounts/passwords", "accounts/phone", "accounts/services", "accounts/visits",
    "accounts/step_up", "accounts/limits", "accounts/handover", "accounts/forms", "accounts/middleware",
    "accounts/identity", "accounts/views/factors", "applications/forms/pieces", "applications/forms/rows",
    "applications/forms/schooling", "applications/education_choices", "applications/services/my_data", "applications/services/drafting",
    "applications/services/submission", "applications/services/appealing", "applications/services/papers",
    "applications/services/photos", "applications/services/aftercare", "applications/views/applicant",
    "applications/sections", "applications/guide", "applications/characters", "applications/models", "applications/readings/beside",
    "applications/workflow", "certificates/copies", "certificates/models", "storage/files", "paper/photos", "paper/intake",
)  # fmt: skip
_HAN = re.compile("[\u4e00-\u9fff]")
# Not sentences: patterns, formats and what an English help text quotes.
_NO_SENTENCE = re.compile(r"[\\^\[]|\.pdf|\.jwt|[a-zA-Z]{3,} [a-z]{2,}")
# Words that stand in data: file, and the keys whose text is shown.
DATA = (
    ("accounts/consents.yaml", ("label", "text")),
    ("messages/templates.yaml", ("title", "body")),
    ("applications/guide.yaml", ("who", "copies", "looks")),
    ("applications/reasons.yaml", ("理由",)),
    ("applications/places.yaml", ("here", "example")),
    ("applications/privacy/fields.yaml", ("zh",)),
    ("applications/privacy/notice.yaml", ("what", "why", "who", "changed")),
)
TABLES = (
    (
        "policy/terms.py",
        [
            *(
                word
                for table in (terms.FACT_NAMES, terms.KIND_NAMES, terms.HELD_NAMES, terms.LIST_NAMES)
                for word in table.values()
            ),
            *terms.Level,
            *terms.Tier,
            *(unit for _, unit in terms.TOTALS.values()),
            *(word for _, meanings in terms.CATEGORIES.values() for word in meanings),
            "、",
            "，",
            "；",
            "{first}或者{last}",
        ],
    ),
    ("applications/workflow.py", [state.label for state in State]),
    ("accounts/identity.py", list(KIND_NAMES.values())),
    ("accounts/roles.py", list(ROLE_NAMES.values())),
    (
        "applications/sections.py",
        [
            "核对身份信息",
            "填写学历学位",
            "填写工作经历和考核",
            "选择工作单位",
            "选择级别和专业",
            "上传材料",
            "阅读并签署承诺",
        ],
    ),
    ("accounts/date_field.py", ["年", "月", "日"]),
)


def sources(domain: str) -> Iterator[tuple[str, str, bytes]]:
    """The files in which words stand: their place, Babel's way of reading them, and their text."""
    if domain == "djangojs":
        for file in sorted((PACKAGE / "static").glob("*.js")):
            if not file.name.startswith("words."):
                yield file.relative_to(PACKAGE).as_posix(), "javascript", file.read_bytes()
        return
    for file in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in file.parts:
            yield file.relative_to(PACKAGE).as_posix(), "python", file.read_bytes()
    for file in sorted((PACKAGE / "templates").rglob("*.html")):
        place = file.relative_to(PACKAGE).as_posix()
        # Django turns a template into calls of gettext amid nonsense; its lines need no indentation of Python's.
        calls = templatize(file.read_text(encoding="utf-8"), origin=place)
        yield place, "python", "\n".join(line.strip() for line in calls.splitlines()).encode()


def gathered(domain: str) -> Catalog:
    """Every message of the source, in the order of its files."""
    catalog = Catalog()
    for place, method, text in sources(domain):
        keywords = KEYWORDS | (REFUSALS if place.startswith(REFUSING) else {})
        for line, words, comments, context in extract(
            method, io.BytesIO(text), keywords, ["语言："], {"encoding": "utf-8"}
        ):
            if not words:
                continue
            catalog.add(words, locations=[(place, line)], auto_comments=comments, context=context)
    if domain == "django":
        for file in sorted(PACKAGE.rglob("*.py")):
            place = file.relative_to(PACKAGE).as_posix()
            if place.removesuffix(".py").startswith(SENTENCES) and "migrations" not in file.parts:
                for text, line in sentences(ast.parse(file.read_text(encoding="utf-8"))):
                    catalog.add(text, locations=[(place, line)])
        for name, words in TABLES:
            for text in words:
                catalog.add(text, locations=[(name, 1)])
        for name, keys in DATA:
            for text in data_words(name, keys):
                catalog.add(text, locations=[(name, 1)])
    return catalog


def sentences(tree: ast.Module) -> list[tuple[str, int]]:
    """The Chinese sentences of a module that no gettext marks, with their lines; docstrings are none."""
    found, passed = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in KEYWORDS:
            passed |= set(ast.walk(node))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(node.value)
        if isinstance(node, ast.JoinedStr):
            passed |= {part for part in node.values if isinstance(part, ast.Constant)}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr) and node not in passed:
            slots = count(1)
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else f"{{{next(slots)}}}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed:
            text = node.value
        least = LEAST if "{" in text else 1
        if len(_HAN.findall(text)) >= least and not _NO_SENTENCE.search(text):
            found.append((text, node.lineno))
    return found


def data_words(name: str, keys: tuple[str, ...]) -> list[str]:
    """The texts under these keys of a YAML file, as they are read."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            found.extend(node[key] for key in keys if isinstance(node.get(key), str))
            node = list(node.values())
        if isinstance(node, list):
            for each in node:
                walk(each)

    walk(yaml.safe_load((PACKAGE / name).read_text(encoding="utf-8")))
    return found


class Traditional:
    """Simplified to traditional characters: the project's terms first, the rest by OpenCC."""

    def __init__(self) -> None:
        with (LOCALE / "terms-zh-Hant.csv").open(encoding="utf-8") as file:
            self.terms = {row["简体"]: row["繁體"] for row in csv.DictReader(file)}
        self._by_term = re.compile("|".join(sorted(map(re.escape, self.terms), key=len, reverse=True)))
        self._opencc = OpenCC("s2hk")

    def of(self, text: str) -> str:
        """The text in traditional characters; placeholders and markup are Latin and stay."""
        parts, at = [], 0
        for found in self._by_term.finditer(text):
            parts += [self._opencc.convert(text[at : found.start()]), self.terms[found[0]]]
            at = found.end()
        return "".join([*parts, self._opencc.convert(text[at:])])


def po_file(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def updated(language: str, domain: str, source: Catalog, traditional: Traditional) -> Catalog:
    """The language's catalogue with the messages of today, and the translations that it had."""
    old = Catalog()
    if po_file(language, domain).exists():
        with po_file(language, domain).open("rb") as file:
            old = read_po(file, locale=language)
    catalog = Catalog(locale=language, domain=domain, header_comment=HEADER[language], fuzzy=False)
    catalog.mime_headers = []  # Babel would write the hour and its own version: no fact of ours
    for message in source:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        text: str | tuple[str, ...] = known.string if known else ""
        if language == "zh_Hant":
            ids = (message.id,) if isinstance(message.id, str) else message.id
            text = traditional.of(ids[0]) if isinstance(message.id, str) else (traditional.of(ids[0]),)
        catalog.add(
            message.id, text, locations=message.locations, flags=message.flags, auto_comments=message.auto_comments,
            context=message.context,
        )  # fmt: skip
    return catalog


HEADER = {
    "en": "# English, by hand. `make messages` keeps the list of messages; the Chinese is the text that counts.",
    "zh_Hant": "# Made by `make messages` from the Chinese and terms-zh-Hant.csv. Correct the list, not this file.",
}


def po_text(catalog: Catalog) -> bytes:
    """The .po as it is kept: by file, without line numbers, so that a change shows only what changed."""
    out = io.BytesIO()
    write_po(out, catalog, include_lineno=False, sort_by_file=True, width=120, omit_header=True)
    plural = f'"Plural-Forms: {catalog.plural_forms}\\n"\n'
    head = f'{catalog.header_comment}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return f'{head}"Language: {catalog.locale_identifier}\\n"\n{plural}\n'.encode() + out.getvalue()


def mo_text(po: bytes, language: str) -> bytes:
    """The .mo that belongs to a .po: the same bytes from the same words."""
    catalog = read_po(io.BytesIO(po), locale=language)
    # The header is a message with an empty id. Babel's would hold the hour and its own version; ours does not.
    head = Message("", f"Content-Type: text/plain; charset=utf-8\nPlural-Forms: {catalog.plural_forms}\n")
    out = io.BytesIO()
    write_mo(out, _Messages(head, [message for message in catalog if message.id and has_text(message)]))
    return out.getvalue()


class _Messages(list[Message]):
    """What `write_mo` wants of a catalogue: its letters' code, and its messages, the header first."""

    charset = "utf-8"

    def __init__(self, head: Message, rest: list[Message]) -> None:
        super().__init__([head, *rest])


def has_text(message: Message) -> bool:
    """Whether a message is translated in every one of its forms."""
    texts = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return bool(texts) and all(texts)


def script_words(po: bytes, language: str) -> str:
    """The words of the small scripts, as a script that loads before them."""
    catalog = read_po(io.BytesIO(po), locale=language)
    words = {str(m.id): str(m.string) for m in catalog if m.id and has_text(m)}
    return f"window.chudingWords = {json.dumps(words, ensure_ascii=False, indent=0)};\n"


def notice_words(name: str, traditional: Traditional, *, keep: bool) -> list[str]:
    """Write a notice's own words in traditional characters; answers which of them have no English."""
    folder = FOLDER / name / "words"
    own = load_notice(name).shown_words
    if keep:
        folder.mkdir(exist_ok=True)
        words = traditional_words([str(text) for text in own], traditional)
        (folder / "zh-hant.yaml").write_text(words, encoding="utf-8")
    return [f"{name}, en: {text!r}" for text in own if "en" not in text.said]


def traditional_words(own: list[str], traditional: Traditional) -> str:
    """The file of those words in traditional characters."""
    words = {text: traditional.of(text) for text in own}
    return HEADER["zh_Hant"] + "\n" + yaml.safe_dump(words, allow_unicode=True, sort_keys=False, width=1000)


def main(words: list[str]) -> int:
    traditional = Traditional()
    missing: list[str] = []
    for domain in ("django", "djangojs"):
        source = gathered(domain)
        for language in LANGUAGES:
            catalog = updated(language, domain, source, traditional)
            missing += [f"{language}: {message.id!r}" for message in catalog if message.id and not has_text(message)]
            if "--missing" in words:
                continue
            po = po_text(catalog)
            file = po_file(language, domain)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(po)
            if domain == "django":
                file.with_suffix(".mo").write_bytes(mo_text(po, language))
            else:
                name = f"words.{language.replace('_', '-').lower()}.js"
                (PACKAGE / "static" / name).write_text(script_words(po, language), encoding="utf-8")
    for name in list_notices():
        missing += notice_words(name, traditional, keep="--missing" not in words)
    for each in missing:
        print(f"not translated: {each}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
