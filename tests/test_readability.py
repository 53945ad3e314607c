"""U21: short sentences, and none of the words that offices use against people (benchmarks/readability.py prints them)."""

from __future__ import annotations

import runpy
from pathlib import Path

RUN = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "readability.py"))


def test_sentences_of_the_applicants_pages_are_short_on_average() -> None:
    found = RUN["sentences"]()
    assert len(found) > 200
    assert RUN["average"](found) <= RUN["LONGEST_AVERAGE"]


def test_no_sentence_speaks_like_an_office_against_people() -> None:
    assert RUN["banned"](RUN["sentences"]()) == []


def test_words_of_a_template_leave_out_what_is_not_said() -> None:
    text = '{% comment %}英文{% endcomment %}<p>您好，{{ name }}。<q>通知原文</q></p>{% translate "请登录" %}'
    assert RUN["words_of"](text).split() == ["您好，〇。", "请登录"]
