"""A change writes its own place and nothing else, and reads back as what was asked for."""

from __future__ import annotations

from datetime import date

import pytest

from chuding.policy.notice import FOLDER, list_notices
from chuding.policy.source import NoticeError, read_files
from chuding.publishing.sections import SECTIONS, entries_of
from chuding.publishing.yaml_text import GONE, at, data_of, flow_of, move, put, value_of

SHIPPED = list_notices()
RULES = read_files(FOLDER / "zhenjiang-2024-1").text("notice.yaml")
CASES = read_files(FOLDER / "zhenjiang-2024-1").text("cases.yaml")


@pytest.mark.parametrize("identifier", SHIPPED)
def test_put_of_what_stands_there_changes_no_byte(identifier):
    text = read_files(FOLDER / identifier).text("notice.yaml")
    data = data_of(text, "notice.yaml")
    for section in SECTIONS.values():
        held = at(data, section.path)
        if section.path and held is not None:
            count = len(entries_of(section, data)) if isinstance(held, list) else 0
            # The first, one in the middle and the last of a list: each is read and written by parsing the whole file.
            for index in sorted({0, count // 2, count - 1} & set(range(count))) if isinstance(held, list) else [None]:
                path = section.path if index is None else (*section.path, index)
                assert put(text, "notice.yaml", path, at(data, path)) == text, path


def test_put_keeps_comments_and_the_layout_of_the_rest():
    changed = put(RULES, "notice.yaml", ("受理", "至"), date(2025, 11, 30))
    old, new = RULES.splitlines(), changed.splitlines()
    differing = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert differing == [("  至: 2024-12-10        # 含当日", "  至: 2025-11-30        # 含当日")]


def test_put_adds_a_row_in_the_layout_of_its_neighbours():
    data = data_of(RULES, "notice.yaml")
    row = {"依据": "二(一)", "原文": "见习1年期满", "授予": "员级", "凭": ["中专"], "见习": "1年"}
    changed = put(RULES, "notice.yaml", ("初定", len(data["初定"])), row)
    assert data_of(changed, "notice.yaml")["初定"][-1] == row
    added = [line for line in changed.splitlines() if line not in RULES.splitlines()]
    assert added == ['  原文: "见习1年期满"', "  凭: [中专]"]


def test_put_takes_away_a_key_and_an_entry():
    without = put(RULES, "notice.yaml", ("初定", 1, "专业对口"), GONE)
    assert "专业对口" not in data_of(without, "notice.yaml")["初定"][1]
    fewer = put(RULES, "notice.yaml", ("材料", 5), GONE)
    assert [each["号"] for each in data_of(fewer, "notice.yaml")["材料"]] == [1, 2, 3, 4, 5]


def test_move_changes_the_order_only():
    changed = move(RULES, "notice.yaml", ("初定",), [1, 0, 2, 3, 4, 5])
    rows = data_of(RULES, "notice.yaml")["初定"]
    assert data_of(changed, "notice.yaml")["初定"] == [rows[1], rows[0], *rows[2:]]


@pytest.mark.parametrize(
    "words",
    ["yes", "12:30", "0x1f", "1_000", "null", "~", "a: b", "#x", "- x", "“引”", "é\u3000", "{a}", "x, y", "'", '"'],
)
def test_text_that_yaml_would_read_as_something_else_is_quoted(words):
    changed = put(RULES, "notice.yaml", ("联系", "联系人"), words)
    assert data_of(changed, "notice.yaml")["联系"]["联系人"] == words
    again = put(CASES, "cases.yaml", ("例", 0, "例"), words)
    assert data_of(again, "cases.yaml")["例"][0]["例"] == words
    assert value_of(f"[{flow_of(words)}]") == [words]


@pytest.mark.parametrize("path", [("没有", "这里"), ("初定", 99), ("标题", "下面"), ("初定", "x")])
def test_put_where_nothing_can_stand_is_refused_in_words(path):
    with pytest.raises(NoticeError, match="写不进文件"):
        put(RULES, "notice.yaml", path, "x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2\n", "写了两次"),
        ("a: &x [1]\nb: *x\n", "别名"),
        ("a: 2019-02-30\n", "没有这个日期"),
        ("a: [1\n", "不是合格的 YAML"),
        ("!!python/object/apply:os.system [x]\n", "不是合格的 YAML"),
        ("", "空的"),
    ],
)
def test_data_refuses_hostile_yaml_with_its_line(text, words):
    with pytest.raises(NoticeError, match=words):
        data_of(text, "notice.yaml")


def test_values_in_a_line_read_back():
    gates = data_of(RULES, "notice.yaml")["准入"]
    assert [value_of(flow_of(gate["须"])) for gate in gates] == [gate["须"] for gate in gates]
    cases = data_of(CASES, "cases.yaml")["例"]
    assert [value_of(flow_of(case)) for case in cases] == cases
