"""The catalogue, whole: 8 series, 35 majors, 104 minors, 6 majors chosen themselves, 110 choices."""

import pytest

from chuding.policy.catalogue import _common_words, read_catalogue
from chuding.policy.notice import Notice
from chuding.policy.source import NoticeError


def test_catalogue_has_exactly_the_annexs_numbers(notice: Notice) -> None:
    catalogue = notice.catalogue
    majors = [(series, major) for series in catalogue.series() for major in catalogue.majors(series)]
    alone = [major for series, major in majors if not catalogue.minors(series, major)]
    minors = sum(len(catalogue.minors(series, major)) for series, major in majors)
    assert (len(catalogue.series()), len(majors), minors, len(alone), len(catalogue)) == (8, 35, 104, 6, 110)
    assert alone == ["标准化", "科技情报信息", "技术改造", "技术咨询", "产品质量管理", "营销与招投标技术支持"]


def test_series_stand_in_the_annexs_order_and_once(notice: Notice) -> None:
    assert notice.catalogue.series() == (
        "机械工程",
        "石油化工",
        "轻工工程",
        "冶金工程",
        "电力工程",
        "纺织工程",
        "船舶与海洋工程",
        "生物医药工程",
    )
    choices = [
        len([choice for choice in notice.catalogue.choices() if choice.series == series])
        for series in notice.catalogue.series()
    ]
    assert choices == [26, 5, 24, 9, 2, 16, 4, 24]


def test_lone_other_is_the_sixteenth_minor_of_textiles(notice: Notice) -> None:
    minors = notice.catalogue.minors("纺织工程", "纺织")
    assert (len(minors), minors[-1]) == (16, "其他")


def test_every_name_stands_in_the_issuers_annex(notice: Notice) -> None:
    annex = notice.clause("annex").text
    cells = {cell.strip() for line in annex.split("\n") for cell in line.split("\t")}
    for choice in notice.catalogue.choices():
        assert {choice.series, choice.major, choice.name} <= cells
    named = {name for choice in notice.catalogue.choices() for name in (choice.series, choice.major, choice.name)}
    assert cells - named == {"", "附件：", "系列名称", "大专业目录", "小专业目录"}


def test_paths_tell_repeated_names_apart(notice: Notice) -> None:
    electrical = [choice.path for choice in notice.catalogue.choices() if choice.name == "电气工程"]
    assert electrical == ["机械工程/机械制造/电气工程", "电力工程/电气工程/电气工程"]
    found = notice.catalogue.find("电力工程/电气工程/电气工程")
    assert found is not None
    assert found.label == "工程 › 电力工程 › 电气工程 › 电气工程"
    leaf = notice.catalogue.find("机械工程/标准化")
    assert leaf is not None
    assert (leaf.minor, leaf.label) == (None, "工程 › 机械工程 › 标准化")
    assert notice.catalogue.find("电气工程") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dqgc", ["机械工程/机械制造/电气工程", "电力工程/电气工程/电气工程"]),
        ("DQGC", ["机械工程/机械制造/电气工程", "电力工程/电气工程/电气工程"]),
        ("电气工程", ["机械工程/机械制造/电气工程", "电力工程/电气工程/电气工程"]),
        ("电力 电气", ["电力工程/电气工程/电气工程"]),
        ("焊接", ["机械工程/机械制造/焊接工程"]),
        ("3d", ["机械工程/机械制造/增材制造", "生物医药工程/生物技术服务/生物 3D 打印"]),
        ("钢铁（冶炼", ["冶金工程/钢铁(冶炼、加工)/钢铁(冶炼、加工)"]),
        (
            "技术管理",
            ["机械工程/机械制造/技术管理", "石油化工/技术管理/技术管理", "轻工工程/轻工/轻工科技信息及技术管理"],
        ),
        ("  ", []),
        ("会计", []),
    ],
)
def test_search_finds_every_homonym_with_its_path(notice: Notice, text: str, expected: list[str]) -> None:
    assert [choice.path for choice in notice.catalogue.search(text)] == expected


def test_search_keeps_to_its_limit(notice: Notice) -> None:
    assert len(notice.catalogue.search("工程")) == 20
    assert len(notice.catalogue.search("工程", limit=3)) == 3


def test_tree_lists_every_major(notice: Notice) -> None:
    tree = notice.catalogue.tree()
    assert tree["电力工程"] == {"动力工程": ["动力工程"], "电气工程": ["电气工程"]}
    assert tree["机械工程"]["标准化"] == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "第一行应当是 系列名称,大专业,小专业"),
        ("系列名称,大专业,小专业\n", 1, "目录是空的"),
        ("系列名称,大专业,小专业\n甲,乙,丙\n甲,乙,丙\n", 3, "“甲/乙/丙”写了两次"),
        ("系列名称,大专业,小专业\n甲,乙\n", 2, "应当有 3 列，这一行有 2 列"),
        ("系列名称,大专业,小专业\n甲,,丙\n", 2, "系列名称和大专业不能空"),
        ("系列名称,大专业,小专业\n甲,乙, 丙\n", 2, "名称前后不能有空格，里面不能有 /"),
        ("系列名称,大专业,小专业\n甲,乙,\n甲,乙,丙\n", 1, "“甲/乙”既有小专业，又自成一行"),
    ],
)
def test_broken_catalogue_names_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(NoticeError) as caught:
        read_catalogue(text, "工程")
    assert (caught.value.problems[0].line, caught.value.problems[0].message) == (line, message)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("PLC", "机械工程/机械制造/机电控制"),
        ("cad", "机械工程/机械设计/产品设计"),
        ("锅炉", "电力工程/动力工程/动力工程"),
    ],
)
def test_search_knows_what_people_call_a_specialty(notice: Notice, typed: str, first: str) -> None:
    assert notice.catalogue.search(typed)[0].path == first


def test_common_words_stand_for_choices_that_exist(notice: Notice) -> None:
    named = {choice.name for choice in notice.catalogue.choices()}
    ends = {"/".join(choice.path.split("/")[-2:]) for choice in notice.catalogue.choices()}
    assert {*_common_words()} - named - ends == set()


def test_homonyms_are_the_others_of_that_name(notice: Notice) -> None:
    one = notice.catalogue.find("电力工程/电气工程/电气工程")
    assert one is not None
    assert [other.path for other in notice.catalogue.homonyms(one)] == ["机械工程/机械制造/电气工程"]
