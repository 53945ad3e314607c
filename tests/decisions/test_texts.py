from __future__ import annotations

from datetime import date

from chuding.applications.workflow import State
from chuding.decisions.models import Roster
from chuding.decisions.texts import DAY as DAY_TOKEN
from chuding.decisions.texts import Change, Words, differences, disagreements, document_data, standard_words, title_of
from chuding.paper.typeset import RosterRow
from chuding.policy.notice import load_notice

DAY = date(2024, 9, 18)


class Named:
    def __init__(self, name):
        self.full_name = name


def test_title_counts_people_and_names_the_first():
    assert title_of([Named("王小明")], "city") == "关于认定王小明同志中级专业技术资格的通知"
    assert title_of([Named("王䶮"), Named("古丽娜尔·买买提")], "association") == (
        "关于认定王䶮等2名同志初级专业技术资格的通知"
    )


def test_document_cites_the_notice_and_the_authority_of_seven():
    rows = [
        RosterRow("王小明", "镇江示例机械有限公司", "机械工程／机械制造／智能制造", "助理工程师", DAY),
        RosterRow("李小红", "镇江示例机械有限公司", "机械工程／设备管理／设备维修", "技术员", DAY),
    ]
    title = title_of([Named(row.name) for row in rows], "association")
    roster = Roster(office="association", title=title)
    data = document_data(roster, rows=rows, number="镇技协〔2024〕2号", on=DAY, notice=load_notice("zhenjiang-2024-1"))
    assert data.title == "关于认定王小明等2名同志\n初级专业技术资格的通知"
    assert data.paragraphs == (
        (
            "根据《关于做好我市2024年度综合工程专业职称初定工作的通知》（镇技协〔2024〕1号）第二条规定的学历、资历条件，"
            "经个人申报、单位同意、协会初审和复核，按照第七条规定的审批权限，由市职工技术协会审批，"
            "认定王小明等2名同志具备初级专业技术资格（助理工程师1名、技术员1名），名单见附件。"
        ),
        (
            "以上人员专业技术资格的取得时间为2024年9月18日。电子证书同时生成，作为单位聘用的依据，"
            "可凭证书上的二维码或者证书编号核验。"
        ),
        "请各有关单位按照通知第六条，将《专业技术资格初定申报表》装订、签字、盖章后存入个人档案。",
    )
    assert (data.issuer, data.addressee, data.signed_on, data.roster) == (
        "镇江市职工技术协会",
        "各有关单位",
        DAY,
        tuple(rows),
    )


def test_document_under_a_notice_that_states_neither_number_nor_authority_cites_neither(settings):
    settings.OFFICE_NAMES = {"association": "某协会", "city": "某办公室"}
    rows = [RosterRow("王小明", "杭州示例机械有限公司", "", "助理工程师", DAY)]
    words = standard_words("association", rows=rows, notice=load_notice("hangzhou-2023"))
    assert words.paragraphs[0] == (
        "根据《杭州市2023年度职称初定》第一条规定的学历、资历条件，经个人申报、单位同意、协会初审和复核，由某协会审批，"
        "认定王小明同志具备初级专业技术资格（助理工程师1名），名单见附件。"
    )
    assert words.paragraphs[2] == "请各有关单位将《专业技术资格初定申报表》装订、签字、盖章后存入个人档案。"


def test_office_of_the_city_speaks_of_intermediate_only(stage):
    file = stage.file_at(State.ISSUED, "中级")
    roster = file.roster_entry.roster
    assert roster.title == f"关于认定{file.full_name}同志中级专业技术资格的通知"
    assert roster.document.number == "镇职称办〔2024〕1号"


def test_changes_are_told_character_by_character():
    assert differences("王小明等2名同志", "王小明等3名同志") == [
        Change("same", "王小明等"),
        Change("gone", "2"),
        Change("new", "3"),
        Change("same", "名同志"),
    ]


def test_words_are_compared_with_the_list():
    rows = [
        RosterRow("王小明", "甲公司", "机械", "助理工程师", DAY),
        RosterRow("李小红", "甲公司", "机械", "技术员", DAY),
    ]
    good = f"认定王小明等2名同志具备初级专业技术资格（助理工程师1名、技术员1名），取得时间为{DAY_TOKEN}。"
    words = Words("关于认定王小明等2名同志初级专业技术资格的通知", "各单位", (good,), "")
    assert disagreements(words, rows) == []
    wrong = Words("关于认定李小红等3名同志资格的通知", "各单位", ("助理工程师2名、技术员1名",), "")
    assert disagreements(wrong, rows) == [
        "文字写的是 3 名，名单是 2 名",
        "标题里没有名单的第一人王小明",
        "文字写的是助理工程师 2 名，名单是 1 名",
        f"正文没有写取得时间：请保留“{DAY_TOKEN}”，签发时自动换成日期",
    ]
