"""Simulation: counts are those of the reports one by one, shards add up, files are read alike, bad ones are one line."""

import csv
import json
import os
import pickle
import pty
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import pytest
from click.testing import CliRunner, Result

from chuding.policy import columns_read
from chuding.policy.assess import assess
from chuding.policy.cells import boundary_people
from chuding.policy.columns import Columns
from chuding.policy.columns_read import PeopleError, read_people
from chuding.policy.commands import notice as command
from chuding.policy.facts import Facts
from chuding.policy.notice import FOLDER, Notice, load_notice, read_notice
from chuding.policy.simulate import ANSWERS, GAIN, LOSS, Tally, facts_asked, simulate
from chuding.policy.simulate_picture import NARROW, WIDE, Size, draw

ID = "zhenjiang-2024-1"
HEADER = (
    "id,filed_on,specialty,identity,permit,works_in_jurisdiction,engagement,civil_servant,retired_on,sanctions,"
    "sanction_1_from,sanction_1_until,credentials,credential_1_kind,credential_1_awarded_on,credential_1_field_matches,"
    "credential_2_kind,credential_2_awarded_on,credential_2_field_matches,work,work_1_from,work_1_to,work_2_from,work_2_to,"
    "assessed_fit"
)
GOOD = (
    "P1,2024-07-01,电力工程/电气工程/电气工程,mainland,none,true,employment_contract,否,never,0,,,1,本科,2021-06-20,是,,,,"
    "1,2021-07-01,,,,TRUE"
)
ALL_UNKNOWN = "P2" + "," * HEADER.count(",")
TWO = (
    "=P3,2024-07,会计,foreign,foreign_work_permit,true,freelance,false,2030-01-01,1,2020-01-01,2021-01-01,,大专,2018-06,"
    "false,硕士,2022-06-30,true,,2018-07-01,2020-01-01,2020-03,,true"
)
PEOPLE: list[dict[str, Any]] = [
    {
        "filed_on": "2024-07-01", "specialty": "电力工程/电气工程/电气工程", "identity": "mainland", "permit": "none",
        "works_in_jurisdiction": True, "engagement": "employment_contract", "civil_servant": False, "retired_on": "never",
        "sanctions": [], "credentials": [{"kind": "本科", "awarded_on": "2021-06-20", "field_matches": True}],
        "work": [{"from": "2021-07-01", "to": None}], "assessed_fit": True,
    },
    {},
    {
        "filed_on": "2024-07", "specialty": "会计", "identity": "foreign", "permit": "foreign_work_permit",
        "works_in_jurisdiction": True, "engagement": "freelance", "civil_servant": False, "retired_on": "2030-01-01",
        "sanctions": [{"from": "2020-01-01", "until": "2021-01-01"}],
        "credentials": [
            {"kind": "大专", "awarded_on": "2018-06", "field_matches": False},
            {"kind": "硕士", "awarded_on": "2022-06-30", "field_matches": True},
        ],
        "work": [{"from": "2018-07-01", "to": "2020-01-01"}, {"from": "2020-03", "to": None}], "assessed_fit": True,
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Notice:
    """Next year's notice: the cut-off a year later, and two years of probation in the first row."""
    folder = tmp_path_factory.mktemp("notices") / "next"
    shutil.copytree(FOLDER / ID, folder)
    text = (folder / "notice.yaml").read_text(encoding="utf-8")
    text = text.replace("2019-12-31", "2020-12-31").replace("见习: 1年", "见习: 2年", 1)
    (folder / "notice.yaml").write_text(text, encoding="utf-8")
    return read_notice(folder)


@pytest.fixture(scope="module")
def many(later: Notice) -> list[Facts]:
    return list(boundary_people(load_notice(ID), later)[::17])


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["simulate", *map(str, arguments)], catch_exceptions=False)


def write(folder: Path, *rows: str, name: str = "people.csv", header: str = HEADER) -> Path:
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_counts_are_those_of_the_reports(notice: Notice, later: Notice, many: list[Facts]) -> None:
    found = simulate(notice, later, Columns.of(many), block=100)
    clauses: Counter[Any] = Counter()
    flips: Counter[Any] = Counter()
    for facts in many:
        old, new = (assess(each, facts).levels for each in (notice, later))
        for side, levels in ((notice, old), (later, new)):
            for level, report in levels.items():
                clauses.update((side.id, level.value, label, report.answer) for label in report.clauses)
        flips.update((level.value, old[level].answer, new[level].answer) for level in old)
    assert found.tally.people == len(many)
    assert found.tally.clauses == clauses
    assert found.tally.flips == {key: count for key, count in flips.items() if key[1] != key[2]}
    for level in notice.levels:
        totals = [found.tally.total(notice.id, level.level.value, answer) for answer in ANSWERS]
        assert sum(totals) == len(many)
    assert {flip.kind for flip in found.flips} >= {GAIN, LOSS}
    for flip in found.flips:
        old, new = (assess(each, many[flip.index]).levels for each in (notice, later))
        level = next(level for level in old if level.value == flip.level)
        assert (flip.before, flip.clauses_before) == (old[level].answer, old[level].clauses)
        assert (flip.after, flip.clauses_after) == (new[level].answer, new[level].clauses)


def test_shards_add_up_and_travel(notice: Notice, later: Notice, many: list[Facts]) -> None:
    whole = simulate(notice, later, Columns.of(many)).tally
    parts = [simulate(notice, later, Columns.of(many[start::3])).tally for start in range(3)]
    assert sum(parts, Tally()) == whole
    assert pickle.loads(pickle.dumps(whole)) == whole


def test_a_level_that_is_no_longer_conferred_is_lost(notice: Notice, many: list[Facts]) -> None:
    nanjing = load_notice("nanjing-machinery-2022")
    tally = simulate(notice, nanjing, Columns.of(many)).tally
    lost = sum(count for (_, old, _), count in tally.flips.items() if old == "yes")
    assert lost == sum(tally.changes[key] for key in tally.changes if key[1] == "schooling" and key[3] == LOSS)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_every_format_reads_the_same_people(notice: Notice, tmp_path: Path, suffix: str) -> None:
    file = write(tmp_path, GOOD, ALL_UNKNOWN, TWO)
    if suffix == ".parquet":
        file = tmp_path / "people.parquet"
        duckdb.sql(f"COPY (SELECT * FROM read_csv('{tmp_path}/people.csv')) TO '{file}' (FORMAT parquet)")
    if suffix == ".jsonl":
        file = tmp_path / "people.jsonl"
        file.write_text("\n\n".join(json.dumps(person, ensure_ascii=False) for person in PEOPLE), encoding="utf-8")
    expected = simulate(notice, None, Columns.of([Facts.model_validate(person) for person in PEOPLE])).tally
    for size in (1, 2, 100):
        found = [simulate(notice, None, b.people).tally for b in read_people(file, [notice], facts_asked(notice), size)]
        assert sum(found, Tally()) == expected


def test_simulate_writes_counts_changes_and_a_picture(later: Notice, tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, ALL_UNKNOWN, TWO.replace("2022-06-30", "2020-06-30").replace("会计", ""))
    folder = Path(str(FOLDER / ID))
    nextyear = tmp_path / "next"
    shutil.copytree(folder, nextyear)
    text = (nextyear / "notice.yaml").read_text(encoding="utf-8").replace("2019-12-31", "2021-12-31")
    (nextyear / "notice.yaml").write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    result = run(ID, nextyear, "--people", file, "--json", "--out", out)
    assert result.exit_code == 0, result.stderr
    counts = json.loads(result.stdout)
    assert json.loads((out / "counts.json").read_text(encoding="utf-8")) == counts
    assert counts["people"] == 3
    assert counts["flips"] == {"中级": {"no→unknown": 1}}
    assert sorted(path.name for path in out.iterdir()) == [
        "changes.csv", "counts.csv", "counts.json", "flips.csv", "picture.svg",
    ]  # fmt: skip
    with (out / "flips.csv").open(encoding="utf-8-sig", newline="") as stream:
        flips = list(csv.DictReader(stream))
    # a cell that a spreadsheet would take for a formula is text
    assert [(f["record"], f["id"], f["level"], f["before"], f["after"]) for f in flips] == [
        ("people.csv:3", "'=P3", "中级", "no", "unknown")
    ]
    picture = ET.parse(out / "picture.svg").getroot()
    words = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "得到 0 人，失去 0 人，另有 1 人在不可以与不能确定之间变动" in words
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_simulate_for_people_and_one_notice(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, ALL_UNKNOWN, TWO)
    result = run(ID, "--people", file, "--people", file, "--out", tmp_path / "one")
    lines = result.stdout.splitlines()
    assert lines[0] == "共 6 人"
    assert "  助理级：可以 2，不可以 2，不能确定 2" in lines
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["counts.csv", "counts.json", "picture.svg"]
    assert result.stderr == ""  # nobody watches, so there is no bar


def test_simulate_shows_on_a_terminal_how_far_it_is(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, ALL_UNKNOWN)
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "chuding", "notice", "simulate", ID, "--people", str(file)],
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as running:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # the terminal's end
            while more := os.read(ours, 4096):
                shown += more
        assert running.stdout is not None
        assert running.stdout.read().decode().startswith("共 2 人")
    os.close(ours)
    assert "推算" in shown.decode()
    assert "100%" in shown.decode()


@pytest.mark.parametrize(("records", "group", "end"), [("work", "work", "to"), ("sanctions", "sanction", "until")])
def test_a_period_that_ends_before_it_begins_is_refused_as_of_one_person(
    records: str, group: str, end: str, tmp_path: Path
) -> None:
    row = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    row |= {records: "", f"{group}_1_from": "2020-06", f"{group}_1_{end}": "2001-01-01"}
    file = write(tmp_path, ALL_UNKNOWN, ",".join(row.values()))
    result = run(ID, "--people", file, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    said = f"起始日期 2020-06 晚于截止日期 2001-01-01，请核对 from 和 {end}"
    assert result.stderr.splitlines()[-1] == f"{file} 第 3 行，列 {group}_1_from：{said}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people.csv"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("2021-06-20", "2019-12-32"), " 第 3 行，列 credential_1_awarded_on：没有这一天：2019-12-32"),
        (
            ("2024-07-01", "２０２４-07-01"),
            " 第 3 行，列 filed_on：日期写成 YYYY-MM-DD（只知月份的写 YYYY-MM，半角数字），不能是'２０２４-07-01'",
        ),
        (
            ("mainland", "martian"),
            " 第 3 行，列 identity：只能填 mainland、hk_macau_taiwan、foreign，或者空着，不能是'martian'",
        ),
        (
            (",TRUE", ",maybe"),
            " 第 3 行，列 assessed_fit：只能填 true 或 false（是、否也可以），或者空着，不能是'maybe'",
        ),
        (
            ("电力工程/电气工程/电气工程", "电力工程"),
            " 第 3 行，列 specialty：专业要选到最后一级，例如 电力工程/动力工程/动力工程，不能只到'电力工程'",
        ),
        ((",1,本科", ",0,本科"), " 第 3 行，列 credentials：写着 0 项，后面却填到了 credential_1_…，请核对"),
        ((",1,本科", ",3,本科"), " 第 3 行，列 credentials：写着 3 项，表里只有 2 组 credential_… 列，请核对"),
        ((",1,本科", ",一,本科"), " 第 3 行，列 credentials：只能填整数（半角数字），或者空着，不能是'一'"),
        ((",TRUE", ""), " 第 3 行：有 24 格，列名有 25 个，请补齐"),
        ((",TRUE", ',"TRUE'), " 第 3 行：不是合格的 CSV：引号没有配对，到文件末尾还没有结束"),
    ],
)
def test_a_bad_cell_is_one_line_and_nothing_is_written(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    file = write(tmp_path, ALL_UNKNOWN, GOOD.replace(*change))
    result = run(ID, "--people", file, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"{file}{message}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people.csv"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("assessed_fit", "assesed_fit", "：不认识列 'assesed_fit'，是不是 assessed_fit"),
        ("credential_2_kind", "credential_2_kin", "：不认识列 'credential_2_kin'，是不是 credential_2_kind"),
        ("credential_2_", "credential_3_", "：缺少 credential_2_… 各列：编号要从 1 起，不能跳"),
        ("work_2_to", "id", "：列 'id' 有两个，请只留一个"),
        (
            "credential_1_field_matches,credential_2_kind,credential_2_awarded_on,credential_2_field_matches",
            "credential_2_kind,credential_2_awarded_on",
            "：缺少列 credential_1_field_matches（专业是否对口）；通知问到它，不知道的可以空着，列要有",
        ),
        (
            "civil_servant,",
            "",
            "：缺少列 civil_servant（是否公务员（含参公人员））；通知问到它，不知道的可以空着，列要有",
        ),
    ],
)
def test_a_column_that_does_not_fit_is_one_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, header=HEADER.replace(old, new))
    result = run(ID, "--people", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"{file}{message}"


def test_files_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    broken = [json.dumps({}) for _ in range(10_000)]
    broken[7_000] = '{"filed_on": "2019-12-32"}'
    contents: dict[str, tuple[bytes, str]] = {
        "a.xlsx": (b"", "：看不出格式，文件名要以 .csv、.parquet、.jsonl、.ndjson 之一结尾"),
        "empty.csv": (b"", "：是空的；第一行应当是列名"),
        "head.csv": (HEADER.encode(), "：只有列名，没有人"),
        "gbk.csv": ("申报".encode("gbk"), "：不是 UTF-8 编码，请另存为 UTF-8 再试"),
        "empty.jsonl": (b"\n\n", "：里面没有人；每行应当是一个 JSON 对象"),
        "many.jsonl": ("\n".join(broken).encode(), " 第 7001 行（第 7001 条记录）：filed_on：没有这一天：2019-12-32"),
        "bad.jsonl": (
            b'{"specialty": "x/qqq"}',
            " 第 1 行（第 1 条记录）：specialty：专业目录里没有'x/qqq'，请按 系列名称/大专业/小专业 填写",
        ),
    }
    for name, (content, message) in contents.items():
        file = tmp_path / name
        file.write_bytes(content)
        result = run(ID, "--people", file)
        assert (result.exit_code, result.stdout, result.stderr.splitlines()[-1]) == (2, "", f"{file}{message}")
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1 is not enough")
    last = run(ID, "--people", bad).stderr.splitlines()[-1]
    assert last.startswith(f"{bad}：不是能读的 Parquet 文件（")
    missing = tmp_path / "nobody.csv"
    assert run(ID, "--people", missing).stderr == f"{missing}：读不了这个文件（没有这个文件或者文件夹）\n"


def test_parquet_without_its_reader_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(columns_read.importlib, "import_module", absent)
    file = tmp_path / "people.parquet"
    file.write_bytes(b"PAR1")
    with pytest.raises(PeopleError) as caught:
        list(read_people(file, [load_notice(ID)], frozenset()))
    assert (
        str(caught.value)
        == f"{file}：读 Parquet 要装 duckdb（pip install -r requirements/parquet.txt），或者另存为 CSV"
    )


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    result = run(ID, "--people", file, "--out", tmp_path)
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path}：已经有东西，请换一个新的文件夹\n")
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]


def test_notices_are_named_by_id_or_folder(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    assert run("x", "--people", file).stderr.startswith("“x”既不是通知的编号，也不是文件夹；现有：")
    copy = tmp_path / ID
    shutil.copytree(FOLDER / ID, copy)
    assert run(ID, copy, "--people", file).stderr.startswith(f"两个通知同名（{ID}）")
    (copy / "notice.yaml").write_text("文件: x\n", encoding="utf-8")
    assert run(copy, "--people", file).stderr.startswith(f"{copy}/notice.yaml:1")


@pytest.mark.parametrize(("size", "two"), [(WIDE, True), (NARROW, True), (WIDE, False)])
def test_nothing_of_a_picture_stands_outside_it(notice: Notice, later: Notice, size: Size, two: bool) -> None:
    after = later if two else None
    tally = simulate(notice, after, Columns.of(boundary_people(notice, later))).tally
    for counted in (tally.changes, tally.schoolings, tally.clauses, tally.flips):
        for key in counted:
            counted[key] *= 1013  # numbers as wide as those of a city
    drawn = ET.fromstring(draw(tally, notice, after, size))
    space = "{http://www.w3.org/2000/svg}"
    assert len(drawn.findall(f"{space}rect")) > 10
    for element in drawn.iter(f"{space}text"):
        words, x = element.text or "", float(element.get("x", "nan"))
        width = float(element.get("font-size", "14")) * sum(1.0 if letter > "\u2e80" else 0.6 for letter in words)
        left, right = (x - width, x) if element.get("text-anchor") == "end" else (x, x + width)
        assert 0 <= left < right <= size.width, words
    for bar in drawn.findall(f"{space}rect"):
        left = float(bar.get("x", "0"))
        assert left >= size.labels or float(bar.get("width", "0")) in {17.0, size.width}
        assert left + float(bar.get("width", "0")) <= size.width
