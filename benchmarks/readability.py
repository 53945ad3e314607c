"""U21: how long the sentences of the applicant's pages are, and which words stand there that must not.

    .venv/bin/python benchmarks/readability.py

Reads the templates' own words, not the data in them. tests/test_readability.py holds the average and the words.
"""

from __future__ import annotations

import re
from pathlib import Path

import chuding

TEMPLATES = Path(chuding.__file__).parent / "templates"
FOLDERS = ("accounts", "applications/applicant", "applications/public", "messages", "partials")
BANNED = ("贵方", "该用户", "非法", "系统异常", "鉴于", "予以", "兹", "上述", "之规定")
LONGEST_AVERAGE = 30
_HAN = re.compile(r"[\u3400-\u9fff]")


def words_of(text: str) -> str:
    """The words of a template: comments and tags away, each variable one mark."""
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{% translate [\"'](.*?)[\"'].*?%\}", r"\1", text)
    text = re.sub(r"\{\{.*?\}\}", "〇", text)
    text = re.sub(r"<(?:q|blockquote)\b.*?</(?:q|blockquote)>", "", text, flags=re.DOTALL)  # the notice's own sentences
    text = re.sub(r"</?(?:span|strong|a|b|em)\b[^>]*>", "", text)
    return re.sub(r"<[^>]*>|\{%.*?%\}", "\n", text)


def sentences() -> list[tuple[str, str]]:
    """Every sentence of the applicant's pages with the template that it stands in."""
    found = []
    for folder in FOLDERS:
        for file in sorted((TEMPLATES / folder).glob("*.html")):
            for line in words_of(file.read_text(encoding="utf-8")).split("\n"):
                parts = (part.strip() for part in re.split(r"[。！？；]", line))
                found += [
                    (file.relative_to(TEMPLATES).as_posix(), part) for part in parts if len(_HAN.findall(part)) > 5
                ]
    return found


def average(found: list[tuple[str, str]]) -> float:
    """Characters a sentence."""
    return sum(len(text) for _, text in found) / len(found)


def banned(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sentences with a word that must not stand there."""
    return [(file, text) for file, text in found if any(word in text for word in BANNED)]


if __name__ == "__main__":
    every = sentences()
    print(f"{len(every)} sentences, {average(every):.1f} characters on average (at most {LONGEST_AVERAGE})")
    for name, text in sorted(every, key=lambda pair: -len(pair[1]))[:8]:
        print(f"  {len(text):3d}  {name}: {text}")
    for name, text in banned(every):
        print(f"  banned  {name}: {text}")
