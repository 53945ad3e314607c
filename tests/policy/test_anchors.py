"""Anchors set by reading the numbering are those that a person set; no word of the text is changed."""

from __future__ import annotations

import pytest

from chuding.policy.anchors import anchored, numeral
from chuding.policy.notice import FOLDER
from chuding.policy.source import issuers_text, read_clauses, read_files


def test_anchors_of_the_zhenjiang_notice_are_found_again():
    marked = read_files(FOLDER / "zhenjiang-2024-1").text("notice.md")
    bare = issuers_text(marked)
    again = anchored(bare)
    assert issuers_text(again).strip("\n") == bare.strip("\n")
    wanted = {clause.id for clause in read_clauses(marked)}
    found = {clause.id for clause in read_clauses(again)}
    # Notes have no number, and the signature begins a line above its date.
    assert (wanted - found, found - wanted) == ({"2-1-note", "2-3-note"}, set())


def test_anchors_that_are_there_are_left_alone():
    text = '<a id="1"></a>\n一、范围\n二、条件\n'
    assert anchored(text) == text


@pytest.mark.parametrize(
    ("words", "number"), [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("九十九", 99), ("零", 0), ("一二", 0)]
)
def test_numerals_are_read(words, number):
    assert numeral(words) == number


def test_anchor_is_set_once_and_only_below_a_chapter():
    text = "（一）不在章里\n一、范围\n（一）甲\n1.乙\n（一）又一次\n100.不是条款\n"
    assert [line for line in anchored(text).splitlines() if line.startswith("<a")] == [
        '<a id="issuer"></a>', '<a id="1"></a>', '<a id="1-1"></a>', '<a id="1-1-1"></a>',
    ]  # fmt: skip
