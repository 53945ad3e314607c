"""Every seeded error is located to its cell, in words that say what to do."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
from roster_sheets import GOOD, sheet, somebody

from chuding.applications.roster.checking import Known, WrongSheet, check_rows, people_of
from chuding.applications.roster.columns import COLUMNS, SHEET, Context
from chuding.applications.roster.prospects import prospect_of
from chuding.applications.roster.workbooks import marked, template
from chuding.paper.sheets import Cell, extract
from chuding.policy.notice import load_notice

NOTICE = load_notice("zhenjiang-2024-1")
ON = date(2024, 9, 18)


def cells(data):
    value, _ = extract(data, {"sheet": SHEET})
    return [[Cell(kind, text) for kind, text in row] for row in value["rows"]]


def check(people, *, known=None, notice=NOTICE, **options):
    lines = people_of(cells(sheet(people, **options)))
    return check_rows(lines, Context(notice, ON), known or Known(index_of=lambda number: number))


def said(people, **options):
    return [finding.sentence for row in check(people, **options) for finding in row.findings]


def test_a_good_row_says_nothing_and_is_understood():
    (row,) = check([GOOD])
    assert (row.findings, row.good, row.line) == ([], True, 4)
    assert row.values["graduated_on"] == date(2022, 6, 20)
    assert (row.values["degree_on"], row.values["assessed_fit"], row.values["study_mode"]) == (None, True, "full_time")


@pytest.mark.parametrize(
    "text", ["2022/6/20", "2022.06.20", "2022年6月20日", "20220620", "２０２２－６－２０", " 2022-06-20 "]
)
def test_a_day_in_any_usual_writing_is_understood(text):
    (row,) = check([GOOD | {"graduated_on": text}])
    assert (row.findings, row.values["graduated_on"]) == ([], date(2022, 6, 20))


WRONG = [
    ("graduated_on", "2023.7", "写成了 2023.7，请写 2023-07-01（日以证书或合同为准）"),
    ("graduated_on", "去年夏天", "写成了 去年夏天，请写 2023-07-01"),
    ("graduated_on", "2023-02-30", "写成了 2023-02-30，没有这一天，请核对后写成 2023-07-01 的样子"),
    ("graduated_on", "", "没有填写，请填写毕业日期，如 2023-07-01"),
    ("graduated_on", "2012-06-20", "2012-06-20 时本人不满14岁，请核对这个日期和证件号码"),
    ("started_on", "2025-01-01", "2025-01-01 还没有到，请核对；还没有发生的先不要导入"),
    ("started_on", "1022-07-11", "1022-07-11 太早了，请核对年份"),
    ("full_name", "何1秋", "姓名里不能有数字“1”。请按证件填写"),
    ("full_name", "", "没有填写，请填写"),
    ("phone", "1390000", "手机号应为11位，您输入了7位。港澳台号码请以 +852、+853 或 +886 开头"),
    ("schooling", "学士", "写成了 学士，请从下拉列表里选：中专、大专、本科、研究生、没有学历，只有学位"),
    ("assessed_fit", "", "没有填写，请从下拉列表里选择"),
    ("level", "高级", "写成了 高级，请从下拉列表里选：员级、助理级、中级"),
    ("post", "很" * 101, "有101个字，最多100个字，请写短一些"),
    ("specialty", "机械工程/机械制造/智能造", "专业目录里没有 机械工程/机械制造/智能造，请从下拉列表里选"),
    (
        "identity_number",
        GOOD["identity_number"][:-1] + ("0" if GOOD["identity_number"][-1] != "0" else "1"),
        "身份证号的最后一位（校验位）与前面对不上，可能有一位输错了。请对照证件逐位检查",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "sentence"), WRONG)
def test_each_error_is_located_to_its_cell(key, text, sentence):
    (row,) = check([GOOD | {key: text}], first=17)
    head = next(column.head for column in COLUMNS if column.key == key)
    assert [finding.sentence for finding in row.findings] == [f"第17行 {head}：{sentence}"]
    assert not row.good


def test_all_errors_of_a_row_are_told_at_once_in_the_order_of_the_columns():
    assert said([GOOD | {"phone": "1", "full_name": "", "started_on": "2023"}]) == [
        "第4行 姓名：没有填写，请填写",
        "第4行 手机号：手机号应为11位，您输入了1位。港澳台号码请以 +852、+853 或 +886 开头",
        "第4行 从事本专业起始日期：写成了 2023，请写 2023-07-01",
    ]


def test_a_number_that_lost_its_digits_and_a_formula_are_told():
    people = [GOOD, somebody(1)]
    write = {
        (4, "identity_number"): lambda page, y, x: page.write_number(y, x, 321102200005121256),
        (5, "started_on"): lambda page, y, x: page.write_formula(y, x, "=TODAY()", None, 45000),
    }
    assert said(people, write=write) == [
        "第4行 证件号码：被存成了数字，末尾几位已经丢失，请把这一格改成“文本”格式再重新填写",
        "第5行 从事本专业起始日期：是公式，请复制这一列，用“选择性粘贴—数值”粘贴回来",
    ]


def test_twins_in_the_sheet_are_told_at_the_second():
    twin = somebody(3, identity_number=GOOD["identity_number"])
    phone = somebody(5, phone=GOOD["phone"])
    assert said([GOOD, twin, phone]) == [
        "第5行 证件号码：与第4行的证件号码相同，请核对后只保留一行",
        "第6行 手机号：与第4行的手机号相同，请核对后只保留一行",
    ]


def test_what_the_employer_knows_already_is_said_and_blocks_only_a_refusal():
    number = GOOD["identity_number"]

    def known(**sets):
        return Known(index_of=lambda text: text, **sets)

    on_list = check([GOOD], known=known(on_roster=frozenset({number})))[0]
    claimed = check([GOOD], known=known(on_roster=frozenset({number}), claimed=frozenset({number})))[0]
    applied = check([GOOD], known=known(applied={number: "ZJCD2024000001"}))[0]
    refused = check([GOOD], known=known(on_roster=frozenset({number}), declined=frozenset({number})))[0]
    holds = known(holding={number: "助理级"}, applied={number: "ZJCD2023000001"})
    held = [check([GOOD | {"level": level}], known=holds)[0] for level in ("助理级", "员级", "中级", "")]
    assert [(row.good, row.findings[0].text) for row in held] == [
        (False, "本人已经取得助理级职称，不用再申报，请从表中删去这一行"),
        (False, "本人已经取得助理级职称，不用再申报，请从表中删去这一行"),
        (True, "本人已经提交申报（ZJCD2023000001），导入后不再邀请"),
        (True, "本人已经提交申报（ZJCD2023000001），导入后不再邀请"),
    ]
    assert [row.findings[0].text for row in (on_list, claimed, applied, refused)] == [
        "名单里已有这个人，导入后按这一行更新",
        "本人已经认领过，导入后不改本人填写的内容",
        "本人已经提交申报（ZJCD2024000001），导入后不再邀请",
        "本人已谢绝由单位代填，请从表中删去这一行，由本人自己申报",
    ]
    assert [row.good for row in (on_list, claimed, applied, refused)] == [True, True, True, False]


def test_the_template_is_read_back_and_holds_nobody_yet():
    with pytest.raises(WrongSheet, match="还没有人"):
        people_of(cells(template(NOTICE)))


def test_another_sheet_is_told_which_column_differs():
    with pytest.raises(WrongSheet, match="第2行表头与模板不同：第4列应是“手机号”"):
        people_of(cells(sheet([GOOD], heads={"phone": "电话"})))
    with pytest.raises(WrongSheet, match="没有表头"):
        people_of([])


def test_the_marked_workbook_carries_every_problem_and_is_checked_again_alike():
    people = [GOOD | {"phone": "1"}, somebody(1), somebody(2, graduated_on="2023.7")]
    rows = check(people)
    data = marked(NOTICE, rows)
    again = check_rows(people_of(cells(data)), Context(NOTICE, ON), Known(index_of=lambda number: number))
    assert [[finding.sentence for finding in row.findings] for row in again] == [
        [finding.sentence for finding in row.findings] for row in rows
    ]
    assert [row.good for row in again] == [False, True, False]


def offered(data, key):
    """What the drop-down of a column offers: the list on the hidden sheet that its rule names."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = book.read("xl/workbook.xml").decode()
    ((place, last),) = re.findall(rf'name="list_{key}">选项!\$([A-Z])\$1:\$\1\$(\d+)<', names)
    value, _ = extract(data, {"sheet": "选项"})
    return [row[ord(place) - ord("A")][1] for row in value["rows"][: int(last)]]


@pytest.mark.parametrize(
    ("notice", "more"),
    [
        ("zhenjiang-2024-1", []),
        ("nanjing-machinery-2022", []),
        ("hangzhou-2023", ["研究生班", "中级工班", "高级工班", "预备技师班", "技师班"]),
    ],
)
def test_schoolings_are_those_that_the_notice_knows(notice, more):
    found = load_notice(notice)
    named = ["中专", "大专", "本科", "研究生", *more]
    assert offered(template(found), "schooling") == [*named, "没有学历，只有学位"]
    people = [somebody(n, schooling=each, degree="没有学位", specialty="") for n, each in enumerate(named)]
    read = check(people, notice=found)
    assert [(row.good, row.values["schooling"]) for row in read] == [(True, each) for each in named]
    (other,) = check([GOOD | {"schooling": "高级技师班", "specialty": ""}], notice=found)
    assert [finding.text for finding in other.findings] == [
        f"写成了 高级技师班，请从下拉列表里选：{'、'.join(named)}、没有学历，只有学位"
    ]


def test_technician_school_on_a_roster_counts_where_the_notice_says_so():
    """What is imported is what the law engine reads: a 高级工班 of four years ago leads on in Hangzhou, and is none here."""
    hangzhou = load_notice("hangzhou-2023")
    person = somebody(1, schooling="高级工班", degree="没有学位", graduated_on="2020-06-20", started_on="2020-07-11")
    (row,) = check([person | {"specialty": ""}], notice=hangzhou)
    declared = {key: str(value) if isinstance(value, date) else value for key, value in row.values.items()}
    assert prospect_of(hangzhou, declared, ON).level == "助理级"
    (here,) = check([person])
    assert not here.good
