"""The notice zhenjiang-2024-1: the issuer's text verbatim, its clauses, its data, and how it is refused when broken."""

import hashlib
import shutil
from datetime import date
from pathlib import Path

import pytest

from chuding.policy.notice import FOLDER, Notice, list_notices, load_notice, read_notice
from chuding.policy.pinned import published
from chuding.policy.source import NoticeError, issuers_text
from chuding.policy.terms import Level

#: SHA-256 of the issuer's text as it was published to us.
ISSUED = "a24dd549a8358672712e04730b93979335194ff9b176500c018f9dd49dab6075"
#: Digests of the published notices.
HOME = FOLDER / "zhenjiang-2024-1"


def test_text_is_the_issuers_to_the_last_byte(notice: Notice) -> None:
    assert hashlib.sha256(notice.text.encode()).hexdigest() == ISSUED
    marked = (HOME / "notice.md").read_bytes().decode()
    assert hashlib.sha256(issuers_text(marked).encode()).hexdigest() == ISSUED


def test_clauses_are_anchored_in_order(notice: Notice) -> None:
    assert [clause.label for clause in notice.clauses] == [
        *("发文机关", "文号", "标题", "前言"),
        *("一", "一(一)", "一(二)", "一(三)"),
        *("二", "二(一)", "二(一)注", "二(二)", "二(三)", "二(三)注", "二(四)", "二(五)"),
        *("三", "四", "四(一)", "四(二)"),
        *("五", "五(一)", "五(二)", "五(三)", "五(三)1", "五(三)2", "五(三)3", "五(三)4", "五(三)5", "五(三)6"),
        *("六", "七", "八", "九", "附件说明", "落款", "版记", "附件"),
    ]
    issued = "\n".join(
        line.removeprefix("- ")
        for line in notice.text.split("\n")
        if line.strip() not in ("", "---") and not line.startswith("#")
    )
    assert [clause.label for clause in notice.clauses if clause.text not in issued] == []
    assert sum(len(clause.text.split("\n")) > 1 for clause in notice.clauses) == 7


def test_clause_is_found_by_anchor_and_by_citation(notice: Notice) -> None:
    clause = notice.clause("2-2")
    assert (clause.label, clause.anchor) == ("二(二)", "#2-2")
    assert clause.text == (
        "(二) 具备大学本科学历或学士学位，在本专业技术岗位见习1年期满，经考核合格，可初定助理级职称。"
    )
    assert notice.clause("二(二)") is clause
    assert notice.clause("2-1-note").text == (
        "2019年12月31日前毕业且专业对口，取得大专学历后从事专业技术工作满3年初定初级职称"
    )
    assert notice.clause("2").heading == "二、专业技术资格初定级别和条件"
    with pytest.raises(KeyError):
        notice.clause("十")


def test_heading_data_is_the_notices(notice: Notice) -> None:
    assert (notice.id, notice.number, notice.issuer) == ("zhenjiang-2024-1", "镇技协〔2024〕1号", "镇江市职工技术协会")
    assert notice.title == "关于做好我市2024年度综合工程专业职称初定工作的通知"
    assert (notice.window.start, notice.window.end) == (date(2024, 3, 20), date(2024, 12, 10))
    assert (notice.contact.name, notice.contact.telephone, notice.contact.wechat) == (
        "王元辰",
        "0511-83320260",
        "镇江技协",
    )
    assert [notice.title_of(level) for level in Level] == ["技术员", "助理工程师", "工程师"]
    assert [rule.tier for rule in notice.levels] == ["初级", "初级", "中级"]


def test_every_quote_of_gates_rows_and_materials_stands_in_its_clause(notice: Notice) -> None:
    for rule in (*notice.rows, *notice.materials):
        assert rule.sentence in rule.clause.text
    for gate in notice.gates:
        below = [clause.text for clause in notice.clauses if clause.label.startswith(gate.clause.label)]
        assert any(gate.sentence in text for text in below)
    assert (len(notice.gates), len(notice.rows), len(notice.materials)) == (10, 6, 6)


def test_digest_is_over_every_file(tmp_path: Path, notice: Notice) -> None:
    copy = tmp_path / "zhenjiang-2024-1"
    shutil.copytree(HOME, copy)
    assert read_notice(copy).digest == notice.digest
    for name in ("notice.md", "readings.md", "cases.yaml"):
        path = copy / name
        path.write_bytes(path.read_bytes() + b"\n")
        assert read_notice(copy).digest != notice.digest
        path.write_bytes(path.read_bytes()[:-1])
    assert read_notice(copy).digest == notice.digest


def test_published_notice_is_frozen(notice: Notice) -> None:
    """Verdicts are stored with this digest; whoever changes a file of the folder says so here and in CHANGELOG.md."""
    assert notice.id == "zhenjiang-2024-1"
    assert {each: load_notice(each).digest for each in list_notices()} == published()


def test_load_is_cached_and_knows_only_its_notices(notice: Notice) -> None:
    assert load_notice("zhenjiang-2024-1") is notice
    assert list_notices() == ("hangzhou-2023", "nanjing-machinery-2022", "zhenjiang-2024-1")
    for strange in ("", "..", "../notices/zhenjiang-2024-1", "nowhere"):
        with pytest.raises(KeyError):
            load_notice(strange)


def test_notice_is_frozen(notice: Notice) -> None:
    with pytest.raises(AttributeError):
        notice.title = "x"  # type: ignore[misc]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("授予: 员级", "授予: 元级", "初定第1项.授予：只能填 员级、助理级、中级，不能是'元级'"),
        ("见习: 1年", "见习: 一年", "初定第1项.见习：年数写成“1年”“3年”（半角数字），不能是'一年'"),
        ("授予: 员级", "授于: 员级", "初定第1项.授于：没有这个字段，请核对字段名，是不是“授予”"),
        ("见习: 1年", "实习: 1年", "初定第1项.实习：没有这个字段，请核对字段名，是不是“见习”"),
        ("毕业截至: 2019-12-31", "毕业截至: 2019-12-32", "不是合格的 YAML：没有这个日期：2019-12-32"),
        (
            "专业对口: 是",
            "专业对口: yes",
            "初定第2项.专业对口：只能填“是”“否”“审核人判断”，或者 {不对口: 加1年}，不能是true",
        ),
        (
            "凭: [博士]",
            "凭: [博士后]",
            (
                "初定第6项.凭第1项：只能填 中专、大专、本科、学士、第二学士、研究生、硕士、博士、研究生班、中级工班、高级工班、"
                "预备技师班、技师班、员级、助理级、中级，不能是'博士后'"
            ),
        ),
        ("授予: 员级", "授予：员级", "不是合格的 YAML：冒号“：”是全角的，请改成半角冒号，后面空一格：授予: 员级"),
        ("系列: 工程", "系列: {不对口: 加1年", "不是合格的 YAML：花括号没有配对，或者少了逗号"),
        ("系列: 工程", f"系列: {'9' * 5000}", "不是合格的 YAML：数字太长"),
        (
            "须: 在我市",
            "须: {飞: 1年}",
            "不认识条件“飞”；后面可以带内容的词有：非、全部、任一、身份、证件、用工、专业、在编满、继续教育满、社保满",
        ),
        ("凭: [博士]", "凭: []", "初定第6项.凭：至少要有一项"),
        (
            "须: 在我市",
            "须: 在本市",
            (
                "不认识条件“在本市”，是不是“在我市”；可用的词有：在我市、公务员或参公、考核合格、事业单位在编、查到社保缴费、"
                "处分影响期内、在本专业技术岗位、离退休、专业在目录内"
            ),
        ),
        ("取: 停钟", "取: 暂停", "口径第2项：口径“累计”只能取：停钟、连续，不能取“暂停”"),
        ("依据: 二(四)", "依据: 二(九)", "notice.md 里没有条款“二(九)”"),
        ("文件: 镇技协〔2024〕1号", "文件: 镇技协〔2024〕1号\n文件: 再来一次", "不是合格的 YAML：“文件”写了两次"),
        ("审批:", "批准:", "批准：没有这个字段，请核对字段名，是不是“审批”"),
        ("系列: 工程", "系列: &a 工程\n别名: *a", "不是合格的 YAML：不能用别名（* 和 &），请把内容写全"),
        (
            "系列: 工程",
            "系列: !!python/name:os.system 工程",
            "不是合格的 YAML：不能用感叹号开头的标记；内容以感叹号开头的要加引号",
        ),
        ("系列: 工程", "系列: [工程", "不是合格的 YAML：方括号没有配对，或者少了逗号"),
    ],
)
def test_broken_data_is_refused_with_its_line(tmp_path: Path, before: str, after: str, message: str) -> None:
    copy = tmp_path / "broken"
    shutil.copytree(HOME, copy)
    text = (HOME / "notice.yaml").read_text(encoding="utf-8")
    assert before in text
    broken = text.replace(before, after, 1)
    (copy / "notice.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(NoticeError) as caught:
        read_notice(copy)
    (problem,) = caught.value.problems
    assert problem.file == "notice.yaml"
    assert problem.message == message
    # a section is named where its first entry stands, an alias where its anchor does
    below = {"批准:": 1, "系列: &a 工程\n别名: *a": -1}.get(after, 0)
    assert problem.line == line_of(broken, after.splitlines()[-1]) + below


def test_missing_or_foreign_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoticeError, match=r"notice\.yaml:1: 文件不存在或者读不了"):
        read_notice(tmp_path)
    (tmp_path / "notice.yaml").write_bytes("文件: x".encode("gbk"))
    with pytest.raises(NoticeError, match=r"notice\.yaml:1: 不是 UTF-8 编码"):
        read_notice(tmp_path)
    (tmp_path / "notice.yaml").write_bytes(b"")
    with pytest.raises(NoticeError, match="文件是空的"):
        read_notice(tmp_path)
