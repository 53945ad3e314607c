"""The verdict on one page: one page whatever there is to say, every word of it, archivable, tagged, in its language."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import page
import papers
import pikepdf
import pytest
from papers import AT, typesetter

from chuding.paper.letters import VerdictData
from chuding.policy.assess import assess
from chuding.policy.cells import boundary_people
from chuding.policy.facts import read_facts
from chuding.policy.notice import list_notices, load_notice
from chuding.policy.sheet import sheet_of
from chuding.policy.speech import LANGUAGES, speech_of

USUAL: dict[str, Any] = {
    "filed_on": "2024-07-01", "specialty": "电力工程/电气工程/电气工程", "identity": "mainland", "permit": "none",
    "works_in_jurisdiction": True, "engagement": "employment_contract", "civil_servant": False, "retired_on": "never",
    "sanctions": [], "credentials": [{"kind": "本科", "awarded_on": "2023-06-20", "field_matches": True}],
    "work": [{"from": "2023-09-01", "to": None}], "assessed_fit": True, "established_post": False,
}  # fmt: skip
NOTHING: dict[str, Any] = {}
#: Everything wrong that can be, and a life of many records.
WORST = USUAL | {
    "works_in_jurisdiction": False, "engagement": "none", "civil_servant": True, "retired_on": "2024-01-01",
    "specialty": "会计", "identity": "foreign", "assessed_fit": False,
    "sanctions": [{"from": f"20{year}-01-01", "until": None} for year in range(18, 24)],
    "credentials": [{"kind": kind, "awarded_on": "2021-06"} for kind in ("中专", "大专", "本科", "学士", "硕士", "博士")],
    "work": [{"from": f"20{year}-02-01", "to": f"20{year}-11-30"} for year in range(10, 24)],
}  # fmt: skip
PEOPLE = {"usual": USUAL, "nothing": NOTHING, "worst": WORST}


def sheet(facts: dict[str, Any], language: str, identifier: str = "zhenjiang-2024-1") -> dict[str, Any]:
    """The words of the page as the worker gets them: through JSON."""
    report = assess(load_notice(identifier), read_facts(facts))
    return json.loads(json.dumps(sheet_of(report, speech_of(language)), ensure_ascii=False))


def pdf_of(words: dict[str, Any], *, sample: bool = True) -> bytes:
    return typesetter().verdict(VerdictData.read(words, sample=sample), AT)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [text for part in parts for text in texts(part)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", PEOPLE)
def test_page_says_every_word_on_one_sheet(who: str, language: str) -> None:
    words = sheet(PEOPLE[who], language)
    pdf = pdf_of(words)
    assert papers.page_count(pdf) == 1
    printed = papers.pdfium_text(pdf)
    # Where there is very much to say, the notice's sentences go; their clauses stay.
    whole = {key: words[key] for key in words if key not in {"language", "quote_title"}}
    lines = [
        line
        for group in ([whole["common"]], (level["lines"] for level in whole["levels"]))
        for rows in group
        for line in rows
    ]
    quotes = {quote for line in lines if len(quote := line.pop("quote")) > 12}  # a short one stands in other words too
    if not whole["given"]:
        del whole["given_title"]
    for line in [*lines, *whole["levels"]]:
        assert line.pop("answer") in {"yes", "no", "unknown"}
    assert [text for text in texts(whole) if papers.bare(text) not in printed] == []
    shown = [quote for quote in quotes if papers.bare(quote) in printed]
    assert len(shown) in {0, len(quotes)}
    assert len(shown) > 0 or who != "usual"
    assert "None" not in printed or language == "en"  # where it is a word


@pytest.mark.parametrize("identifier", list_notices())
def test_page_is_one_for_people_at_every_boundary(identifier: str) -> None:
    notice = load_notice(identifier)
    people = boundary_people(notice, every={"hangzhou-2023": 20011}.get(identifier, 1511))
    found = {}
    for facts in people:
        words = sheet_of(assess(notice, facts), speech_of("en"))
        found[str(facts)] = papers.page_count(pdf_of(words))
    assert len(found) >= 2
    assert set(found.values()) == {1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_archivable_and_accessible_in_its_language(language: str) -> None:
    words = sheet(USUAL, language)
    pdf = pdf_of(words)
    assert papers.violations(pdf, page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1) == []
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.Root.Lang).lower() == {"zh-hans": "zh-cn", "zh-hant": "zh-hk", "en": "en-gb"}[language]
        assert str(document.docinfo.get("/Title", words["title"])) == words["title"]
    assert pdf == pdf_of(words)


def test_page_is_a_sample_only_where_it_is() -> None:
    words = sheet(USUAL, "zh-hans")
    assert ["样张" in papers.pdfium_text(pdf_of(words, sample=sample)) for sample in (True, False)] == [True, False]


def test_page_prints_markup_as_it_is() -> None:
    words = sheet(USUAL, "zh-hans")
    words["notes"].append('#read("/etc/passwd") $x$ *b* <a>')
    assert papers.bare(words["notes"][-1]) in papers.pdfium_text(pdf_of(words))
