"""The difference of two notices: by clause, by rule, and a witness for every verdict that differs."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from chuding.policy.assess import assess
from chuding.policy.commands import notice as command
from chuding.policy.diff import difference
from chuding.policy.notice import FOLDER, Notice, load_notice, read_notice

HOME = FOLDER / "zhenjiang-2024-1"
NOTE = "- 依据: 二(一)注\n"


@pytest.fixture
def next_year(tmp_path: Path) -> Notice:
    """The notice of next year: 二(一)注 gone, 第二学士 no longer in 二(三), the cut-off of 二(三)注 a year later."""
    copy = tmp_path / "zhenjiang-2025-1"
    shutil.copytree(HOME, copy)
    text = (copy / "notice.yaml").read_text(encoding="utf-8")
    row = text[text.index(NOTE) : text.index("- 依据: 二(二)\n")]
    text = text.replace(row, "").replace("凭: [研究生, 硕士, 第二学士]", "凭: [研究生, 硕士]")
    text = text.replace("毕业截至: 2019-12-31", "毕业截至: 2020-12-31")
    (copy / "notice.yaml").write_text(text, encoding="utf-8")
    marked = (copy / "notice.md").read_text(encoding="utf-8")
    (copy / "notice.md").write_text(marked.replace("具备博士学位，从事", "具备博士学位并从事"), encoding="utf-8")
    return read_notice(copy)


def test_notice_does_not_differ_from_itself(notice: Notice) -> None:
    found = difference(notice, notice)
    assert (found.clauses, found.rules, found.flips) == ((), (), ())
    assert found.people > 5000


def test_clauses_and_rules_that_differ_are_named(notice: Notice, next_year: Notice) -> None:
    found = difference(notice, next_year)
    assert [str(change) for change in found.clauses] == [
        "~ 二(四)：“(四) 具备博士学位[，]从事本专业技术工作，经考”→“(四) 具备博士学位[并]从事本专业技术工作，经考”"
    ]
    assert [(change.where, change.before is None, change.after is None) for change in found.rules] == [
        ("初定 二(一)注 第1行 授予", False, True),
        ("初定 二(一)注 第1行 凭", False, True),
        ("初定 二(一)注 第1行 条件", False, True),
        ("初定 二(三) 第1行 凭", False, False),
        ("初定 二(三) 第1行 条件", False, False),
        ("初定 二(三)注 第1行 条件", False, False),
    ]


def test_every_changed_verdict_has_a_witness(notice: Notice, next_year: Notice) -> None:
    found = difference(notice, next_year)
    definite = [
        (flip.kind, flip.level, flip.before, flip.after)
        for flip in found.flips
        if "unknown" not in (flip.before, flip.after)
    ]
    assert definite == [
        ("大专学历", "助理级", "yes", "no"),
        ("第二学士学位", "助理级", "yes", "no"),
        ("研究生学历", "中级", "no", "yes"),
        ("硕士学位", "中级", "no", "yes"),
    ]
    for flip in found.flips:
        for each, answer in ((notice, flip.before), (next_year, flip.after)):
            assert assess(each, flip.witness).levels[flip.level].answer == answer


def test_cities_with_other_catalogues_are_compared(notice: Notice) -> None:
    found = difference(load_notice("nanjing-machinery-2022"), notice)
    assert ("博士学位", "中级", "yes", "no") in [
        (flip.kind, flip.level, flip.before, flip.after) for flip in found.flips
    ]
    assert "+ 专业 电力工程/电气工程/电气工程：在目录内" in [str(change) for change in found.rules]


def test_diff_command_takes_ids_and_folders(next_year: Notice, tmp_path: Path) -> None:
    del next_year
    folder = str(tmp_path / "zhenjiang-2025-1")
    shown = CliRunner().invoke(command, ["diff", "zhenjiang-2024-1", folder], catch_exceptions=False)
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0] == "zhenjiang-2024-1 → zhenjiang-2025-1"
    assert "规则：6 处不同" in lines
    as_json = CliRunner().invoke(command, ["diff", "--json", "zhenjiang-2024-1", folder], catch_exceptions=False)
    assert {"clauses", "rules", "verdicts", "people"} == set(json.loads(as_json.stdout))
    nowhere = CliRunner().invoke(command, ["diff", "nowhere", folder], catch_exceptions=False)
    assert (nowhere.exit_code, nowhere.stdout) == (2, "")
    assert nowhere.stderr.startswith("“nowhere”既不是通知的编号，也不是文件夹")


def test_new_folder_has_the_shape_and_the_check_says_what_is_missing(tmp_path: Path) -> None:
    made = CliRunner().invoke(command, ["new", "suzhou-2025-1", "--into", str(tmp_path)], catch_exceptions=False)
    assert made.exit_code == 0
    assert read_notice(tmp_path / "suzhou-2025-1").window.start.year == 2025
    checked = CliRunner().invoke(command, ["check", str(tmp_path / "suzhou-2025-1")], catch_exceptions=False)
    assert checked.exit_code == 1
    assert checked.stdout.splitlines()[0].startswith("合格：格式")
    assert checked.stderr.splitlines()[0] == (
        "suzhou-2025-1/notice.yaml:9: 原文“请摘受理期的原文”不是逐字见于一，请核对标点和全角半角"
    )
    again = CliRunner().invoke(command, ["new", "suzhou-2025-1", "--into", str(tmp_path)], catch_exceptions=False)
    assert (again.exit_code, "已经有了" in again.stderr) == (2, True)


@pytest.mark.parametrize("strange", ["", "..", "A", "a/b", "苏州", "a--b", "-a"])
def test_new_refuses_strange_ids(tmp_path: Path, strange: str) -> None:
    made = CliRunner().invoke(command, ["new", "--into", str(tmp_path), "--", strange], catch_exceptions=False)
    assert (made.exit_code, made.stdout) == (2, "")
    assert "只能用小写字母、数字和短横线" in made.stderr
    assert list(tmp_path.iterdir()) == []
