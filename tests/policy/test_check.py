"""The check of a notice's folder: it passes what is right, and each invariant catches what breaks it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chuding.policy.cases import Case, read_cases, run_case
from chuding.policy.check import check_folder
from chuding.policy.notice import FOLDER, list_notices, load_notice
from chuding.policy.source import read_text, read_yaml

HOME = FOLDER / "zhenjiang-2024-1"
CASES = {each: read_cases(read_yaml(read_text(FOLDER / each, "cases.yaml"), "cases.yaml")) for each in list_notices()}


@pytest.mark.parametrize(
    ("identifier", "case"),
    [pytest.param(each, case, id=f"{each} {case.name}") for each, cases in CASES.items() for case in cases],
)
def test_worked_case_holds(identifier: str, case: Case) -> None:
    assert run_case(load_notice(identifier), case) == []


@pytest.mark.parametrize("identifier", list_notices())
def test_every_notice_passes_the_whole_check(identifier: str) -> None:
    assert [str(problem) for problem in check_folder(FOLDER / identifier).problems] == []


def test_cases_are_many_and_named_once() -> None:
    assert {each: len(cases) for each, cases in CASES.items()} == {
        "hangzhou-2023": 41,
        "nanjing-machinery-2022": 35,
        "zhenjiang-2024-1": 102,
    }
    assert all(len({case.name for case in cases}) == len(cases) for cases in CASES.values())


Change = tuple[str, str, str]


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., list[str]]:
    def problems(*changes: Change) -> list[str]:
        copy = tmp_path / "changed"
        shutil.copytree(HOME, copy)
        for name, before, after in changes:
            text = (copy / name).read_text(encoding="utf-8")
            assert before in text
            (copy / name).write_text(text.replace(before, after, 1), encoding="utf-8")
        return [str(problem) for problem in check_folder(copy).problems]

    return problems


def line_of(name: str, part: str) -> int:
    text = (HOME / name).read_text(encoding="utf-8")
    return text[: text.index(part)].count("\n") + 1


def test_a_text_without_anchors_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    copy = tmp_path / "bare"
    shutil.copytree(HOME, copy)
    text = (copy / "notice.md").read_text(encoding="utf-8")
    for bare in (re.sub(r"<a id=[^>]*></a>\n?", "", text), ""):
        (copy / "notice.md").write_text(bare, encoding="utf-8")
        (found,) = check_folder(copy).problems
        assert str(found).startswith("notice.md:1: 一个锚点也没有")
        assert "标出条款" in found.message


@pytest.mark.parametrize("written", ["2024", "2024-03-20", "yes"])
def test_a_passage_without_quotation_marks_is_told_to_take_some(
    changed: Callable[..., list[str]], written: str
) -> None:
    whole = next(line for line in (HOME / "notice.yaml").read_text(encoding="utf-8").splitlines() if "原文: " in line)
    (found,) = changed(("notice.yaml", whole, whole.partition("原文: ")[0] + f"原文: {written}"))
    assert found.startswith(f"notice.yaml:{line_of('notice.yaml', whole)}: 受理.原文：原文要加引号"), found


def test_a_mistake_in_what_all_cases_share_is_one_line_at_its_own_place(changed: Callable[..., list[str]]) -> None:
    (found,) = changed(("cases.yaml", "  申报: ", "  申服: "))
    assert found.startswith(f"cases.yaml:{line_of('cases.yaml', '  申报: ')}: “基准”读不了：不认识“申服”，是不是“申报”")


def test_a_case_says_what_differs_in_plain_words(changed: Callable[..., list[str]]) -> None:
    found = changed(("notice.yaml", "凭: [博士]", "凭: [硕士]"))
    assert any("应当依据“" in each for each in found)
    assert not [each for each in found if "['" in each or "（无）" in each]


def test_quote_with_other_punctuation_is_caught(changed: Callable[..., list[str]]) -> None:
    part = '原文: "具备博士学位，从事本专业技术工作'
    found = changed(("notice.yaml", part, part.replace("，", ",")))
    assert found[0].startswith(f"notice.yaml:{line_of('notice.yaml', part)}: 原文“具备博士学位,从事本专业技术工作")
    assert found[0].endswith("不是逐字见于二(四)，请核对标点和全角半角")


def test_words_of_a_deciding_clause_that_no_rule_quotes_are_caught(changed: Callable[..., list[str]]) -> None:
    found = changed(
        ("notice.md", "(四) 具备博士学位，", "(四) 在本市取得户籍，具备博士学位，"),
    )
    line = line_of("notice.md", "(四) 具备博士学位")
    assert found == [f"notice.md:{line}: 二(四) 里“在本市取得户籍”没有被任何规则引用"]


def test_clause_that_no_rule_mentions_is_caught(changed: Callable[..., list[str]]) -> None:
    found = changed(("notice.yaml", "- {依据: 五(二), 事项: 从系列到具体专业逐级选择}\n", ""))
    assert found == [
        f"notice.md:{line_of('notice.md', '##### （二）选择申报专业')}: 没有规则提到五(二)；不作判断的条款请写进“告知”"
    ]


def test_catalogue_that_departs_from_the_annex_is_caught(changed: Callable[..., list[str]]) -> None:
    found = changed(("catalogue.csv", "机械工程,机械制造,焊接工程\n", "机械工程,机械制造,焊接\n"))
    assert found == [
        f"catalogue.csv:{line_of('catalogue.csv', '机械工程,机械制造,焊接工程')}: “焊接”不见于附件",
        f"notice.md:{line_of('notice.md', '附件：' + chr(10))}: 附件里的“焊接工程”不在 catalogue.csv 里",
    ]


def test_strange_anchor_is_caught_not_crashed_on(changed: Callable[..., list[str]]) -> None:
    found = changed(("notice.md", '<a id="2-5"></a>', '<a id="two"></a>'))
    line = line_of("notice.md", '<a id="2-5"></a>')
    assert found == [f"notice.md:{line}: 锚点“two”不是条款的编号（例如 2-1、5-3-4、2-1-note）"]


def test_wrong_case_is_caught_with_its_line(changed: Callable[..., list[str]]) -> None:
    part = "{例: 考核不合格, 考核合格: 否, 期望: {助理级: {答: 否"
    found = changed(("cases.yaml", part, part.replace("答: 否", "答: 可")))
    assert found[0] == (f"cases.yaml:{line_of('cases.yaml', part)}: 例“考核不合格”：助理级应当“可”，算出“否”")


def test_case_that_cannot_be_read_is_caught_with_its_line(changed: Callable[..., list[str]]) -> None:
    part = "例: 考核不合格, 考核合格: 否"
    found = changed(("cases.yaml", part, part.replace("合格: 否", "合格: 不")))
    line = line_of("cases.yaml", part)
    assert found == [f"cases.yaml:{line}: 这个例子读不了：只能填“是”“否”或“未知”，不能是'不'"]


def test_condition_that_no_case_isolates_is_caught(changed: Callable[..., list[str]]) -> None:
    lines = (HOME / "cases.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    case = next(line for line in lines if "例: 公务员, " in line)
    unknown = next(line for line in lines if "例: 申报日期未知" in line)
    found = changed(("cases.yaml", case, ""), ("cases.yaml", unknown, ""))
    line = line_of("notice.yaml", "名称: 不是公务员")
    assert found == [f"notice.yaml:{line}: 没有只差“不是公务员”一项的工作例"]


def test_mutant_that_no_case_notices_is_caught_with_a_witness(changed: Callable[..., list[str]]) -> None:
    lines = (HOME / "cases.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    found = changed(("cases.yaml", next(line for line in lines if "例: 受理末日," in line), ""))
    assert len(found) == 1
    assert found[0].startswith(
        f"notice.yaml:{line_of('notice.yaml', '至: 2024-12-10')}: 没有工作例发现“受理“至”提前一日”；可以加上这个人："
    )
    assert "'filed_on': '2024-12-10'" in found[0]


def test_level_that_no_row_grants_is_caught_not_crashed_on(changed: Callable[..., list[str]]) -> None:
    text = (HOME / "notice.yaml").read_text(encoding="utf-8")
    row = text[text.index("- 依据: 二(四)\n") : text.index("让位:")]
    note = text[text.index("- 依据: 二(三)注\n") : text.index("- 依据: 二(四)\n")]
    found = changed(("notice.yaml", note, ""), ("notice.yaml", row, ""))
    assert any("没有一行授予中级" in problem for problem in found)


def test_reading_can_be_switched(changed: Callable[..., list[str]]) -> None:
    """The other reading of 截至日 moves the boundary by a day, and the cases say so."""
    found = changed(("notice.yaml", "题: 截至日, 取: 含当日", "题: 截至日, 取: 不含当日"))
    assert [problem.split("：")[0] for problem in found if "当日毕业" in problem] == [
        f"cases.yaml:{line_of('cases.yaml', '例: 大专截至当日毕业')}: 例“大专截至当日毕业满三年”",
        *[f"cases.yaml:{line_of('cases.yaml', '例: 硕士截至当日毕业')}: 例“硕士截至当日毕业满三年”"],
    ]
