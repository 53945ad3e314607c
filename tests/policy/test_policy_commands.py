"""`chuding assess` and `chuding notice`: what they print, what they refuse, and with which exit code."""

import json
import shutil
from pathlib import Path
from typing import Any

import click
import papers
import pytest
from click.testing import CliRunner, Result

from chuding.cli import main
from chuding.policy.assess import assess as assess_facts
from chuding.policy.commands import assess, notice
from chuding.policy.facts import read_facts
from chuding.policy.notice import FOLDER, Notice, load_notice

ID = "zhenjiang-2024-1"
ALL = "hangzhou-2023、nanjing-machinery-2022、zhenjiang-2024-1"


def run(command: click.Command, *arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command, list(arguments), input=given, catch_exceptions=False)


def ask(given: str | bytes, *options: str) -> Result:
    return run(assess, "--notice", ID, *options, "-", given=given)


def expected(person: dict[str, Any]) -> Any:
    return assess_facts(load_notice(ID), read_facts(person)).to_json()


def test_assess_prints_the_contracts_object(person: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    for text in (json.dumps(person), json.dumps(person, indent=2, ensure_ascii=False), "\ufeff" + json.dumps(person)):
        path.write_text(text, encoding="utf-8")
        result = run(assess, "--notice", ID, "--json", str(path))
        assert (result.exit_code, result.stderr) == (0, "")
        assert [json.loads(line) for line in result.stdout.splitlines()] == [expected(person)]


def test_assess_keeps_the_order_of_json_lines(person: dict[str, Any]) -> None:
    people = [{**person, "filed_on": f"2024-07-{day:02}"} for day in range(1, 20)]
    result = ask("\n\n".join(map(json.dumps, people)) + "\n", "--json")
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [expected(each) for each in people]


def test_assess_reads_one_object_over_lines_that_look_like_objects(person: dict[str, Any]) -> None:
    text = '{\n"credentials": [\n{"kind": "博士", "awarded_on": "2024-01-01"}\n]\n}'
    assert json.loads(ask(text, "--json").stdout) == expected(json.loads(text))


def test_assess_prints_one_person_on_one_page(person: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CHUDING_DATA", papers._FOLDER.name)  # where the fonts lie unpacked

    def printed(given: str, file: Path, *options: str) -> Result:
        return run(main, "assess", "--notice", ID, "--json", "--pdf", str(file), *options, "-", given=given)

    chinese, english = tmp_path / "zh.pdf", tmp_path / "en.pdf"
    result = printed(json.dumps(person), chinese)
    assert (result.exit_code, json.loads(result.stdout)) == (0, expected(person))
    assert printed(json.dumps(person), english, "--language", "en").exit_code == 0
    assert [papers.page_count(file.read_bytes()) for file in (chinese, english)] == [1, 1]
    assert "助理级（助理工程师）可以申报" in papers.pdfium_text(chinese.read_bytes())
    assert "Assistantlevel(AssistantEngineer)Youcanapply" in papers.pdfium_text(english.read_bytes())
    before = chinese.read_bytes()
    for given, message in (
        (f"{json.dumps(person)}\n{json.dumps(person)}\n", "--pdf 一次只印一个人：请让输入里只有一条记录\n"),
        ('{"filed_on": "2019-12-32"}', "第 1 条记录（第 1 行）：filed_on：没有这一天：2019-12-32\n"),
    ):
        refused = printed(given, chinese)
        assert (refused.exit_code, refused.stdout, refused.stderr) == (2, "", message)
    nowhere = printed(json.dumps(person), tmp_path / "none" / "x.pdf")
    assert (nowhere.exit_code, nowhere.stdout) == (2, "")
    assert nowhere.stderr.endswith("写不了这个文件（没有这个文件或者文件夹）\n")
    assert (chinese.read_bytes(), sorted(file.name for file in tmp_path.iterdir())) == (before, ["en.pdf", "zh.pdf"])


def test_assess_prints_the_good_and_names_the_bad(person: dict[str, Any]) -> None:
    good = json.dumps(person)
    bad = json.dumps({**person, "filed_on": "2019-12-32"})
    result = ask(f"{good}\n{bad}\n\n{good}\n", "--json")
    assert result.exit_code == 2
    assert [json.loads(line) for line in result.stdout.splitlines()] == [expected(person)] * 2
    assert result.stderr == "第 2 条记录（第 2 行）：filed_on：没有这一天：2019-12-32\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "-：里面没有记录；应当是一个 JSON 对象，或者每行一个"),
        (" \n\n", "-：里面没有记录；应当是一个 JSON 对象，或者每行一个"),
        ("{", "第 1 条记录（第 1 行）：不是合格的 JSON（第 1 行第 2 列）"),
        ('{\n "filed_on": "2024-07-01",\n}', "第 1 条记录（第 1 行）：不是合格的 JSON（第 3 行第 1 列）"),
        ("oops", "第 1 条记录（第 1 行）：不是合格的 JSON（第 1 行第 1 列）"),
        ("[1, 2]", "第 1 条记录（第 1 行）：一条记录应当是一个 JSON 对象（花括号），不能是[1, 2]"),
        ("null", "第 1 条记录（第 1 行）：一条记录应当是一个 JSON 对象（花括号），不能是null"),
        ('{"fild_on": 1}', "第 1 条记录（第 1 行）：fild_on：没有这个字段，请核对字段名，是不是“filed_on”"),
        ('{"work": null, "work": []}', "第 1 条记录（第 1 行）：字段 'work' 写了两次"),
        ('{"civil_servant": NaN}', "第 1 条记录（第 1 行）：JSON 里没有 NaN"),
        ('{"filed_on": ' + "9" * 5000 + "}", "第 1 条记录（第 1 行）：不是合格的 JSON：数字太长"),
        ("[" * 100_000, "第 1 条记录（第 1 行）：不是合格的 JSON：嵌套太深"),
        (
            '{"filed_on": "２０２４-07-01"}',
            "第 1 条记录（第 1 行）：filed_on：日期写成 YYYY-MM-DD（只知月份的写 YYYY-MM，半角数字），不能是'２０２４-07-01'",
        ),
        (
            '{"specialty": "电力工程"}',
            "第 1 条记录（第 1 行）：specialty：专业要选到最后一级，例如 电力工程/动力工程/动力工程，不能只到'电力工程'",
        ),
        (
            '{"specialty": "\\ud800"}',
            "第 1 条记录（第 1 行）：specialty：专业目录里没有'\\ud800'，请按 系列名称/大专业/小专业 填写",
        ),
        (
            '{"work": [{"from": "2024-02-01", "to": "2024-01-01"}]}',
            "第 1 条记录（第 1 行）：work[0]：起始日期 2024-02-01 晚于截止日期 2024-01-01，请核对 from 和 to",
        ),
    ],
)
def test_bad_input_is_one_clear_line(text: str, message: str) -> None:
    result = ask(text, "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", message + "\n")


def test_broken_first_line_does_not_hide_the_second(person: dict[str, Any]) -> None:
    result = ask('{"filed_on": \n' + json.dumps(person) + "\n", "--json")
    assert (result.exit_code, result.stderr) == (2, "第 1 条记录（第 1 行）：不是合格的 JSON（第 1 行第 14 列）\n")
    assert json.loads(result.stdout) == expected(person)


def test_unreadable_files_are_one_clear_line(tmp_path: Path) -> None:
    result = ask("{}\n申".encode("gbk"))
    assert (result.exit_code, result.stderr) == (2, "-：不是 UTF-8 编码（第 2 行），请另存为 UTF-8 再试\n")
    missing = str(tmp_path / "nobody.json")
    result = run(assess, "--notice", ID, missing)
    assert (result.exit_code, result.stderr) == (2, f"{missing}：读不了这个文件（没有这个文件或者文件夹）\n")
    result = run(assess, "--notice", ID, str(tmp_path))
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path}：读不了这个文件（这是一个文件夹）\n")


def test_unknown_notice_names_those_at_hand() -> None:
    for command, arguments in ((assess, ["--notice", "x", "-"]), (notice, ["show", "x"])):
        result = run(command, *arguments, given="{}")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"没有通知“x”；现有：{ALL}\n"


def test_assess_for_people_says_what_and_why(person: dict[str, Any]) -> None:
    person |= {"credentials": [{"kind": "本科", "awarded_on": "2023-06-20"}], "work": [{"from": "2023-07-02"}]}
    lines = ask(json.dumps(person)).stdout.splitlines()
    assert lines[0] == "第1人  申报日期 2024年7月1日（受理期内）  依据 镇技协〔2024〕1号"
    assert "  助理级（助理工程师）：还不能申报，自2024年7月2日起可以  [二(二)]" in lines
    assert (
        "    二(二) 具有本科学历或者学士学位，在本专业技术岗位见习满1年：还不符合，满足这一条的日期是2024年7月2日。"
        in lines
    )


def test_notice_list_and_show(notice_: Notice) -> None:
    listed = json.loads(run(notice, "list", "--json").stdout)
    assert [(each["id"], each["number"], each["published"]) for each in listed] == [
        ("hangzhou-2023", "", None),
        ("nanjing-machinery-2022", "", None),
        (ID, "镇技协〔2024〕1号", "2024-03-18"),
    ]
    assert [each["digest"] for each in listed] == [load_notice(each["id"]).digest for each in listed]
    shown = json.loads(run(notice, "show", ID, "--json").stdout)
    assert shown["catalogue"] == notice_.catalogue.tree()
    assert shown["window"] == {"start": "2024-03-20", "end": "2024-12-10"}
    assert [level["title"] for level in shown["levels"]] == ["技术员", "助理工程师", "工程师"]
    assert shown["authorities"] == {"员级": "市职工技术协会", "助理级": "市职工技术协会", "中级": "市职称办"}
    assert shown["divisions"] == {"员级": "市本级", "助理级": "市本级", "中级": "所属地"}
    assert [material["code"] for material in shown["materials"]] == ["1", "2", "3", "4", "5", "6"]
    assert [clause["label"] for clause in shown["clauses"]] == [clause.label for clause in notice_.clauses]
    line = run(notice, "list").stdout.splitlines()[2]
    assert line.startswith(f"{ID}  镇技协〔2024〕1号  关于做好我市2024年度")
    assert line.endswith("受理 2024-03-20 至 2024-12-10")
    people = run(notice, "show", ID).stdout
    assert "电气工程：电气工程" in people
    assert "受理：2024-03-20 至 2024-12-10（含首尾两日）" in people


@pytest.fixture
def notice_() -> Notice:
    return load_notice(ID)


def test_notice_check_passes_by_id() -> None:
    result = run(notice, "check", "hangzhou-2023")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "合格：格式（1 项准入，6 行初定，1 个专业）"
    assert lines[-3] == "合格：139 个变异被工作例发现，31 个不合格式或者原文"
    assert lines[-2:] == ["合格：内容和已发布的一字不差", "全部合格"]
    assert len(lines) == 14


def test_notice_check_by_path_prints_file_and_line(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(FOLDER / ID, copy)
    text = (copy / "notice.yaml").read_text(encoding="utf-8").replace("见习: 1年", "见习: 2年", 1)
    (copy / "notice.yaml").write_text(text, encoding="utf-8")
    result = run(notice, "check", str(copy))
    assert result.exit_code == 1
    first = result.stderr.splitlines()[0]
    assert first.startswith("copy/cases.yaml:")
    assert "例“大专见习差一天”：员级应当自 2024-07-01 起满足，算出自 2025-07-01 起满足" in first


def test_notice_check_refuses_what_is_no_folder(tmp_path: Path) -> None:
    result = run(notice, "check", str(tmp_path / "nowhere"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"既不是通知的编号，也不是文件夹；现有：{ALL}\n")
    result = run(notice, "check", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == f"{tmp_path.name}/notice.md:1: 缺少这个文件"
