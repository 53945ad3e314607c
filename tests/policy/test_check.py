"""The check of a notice's folder: it passes what is right, and each invariant catches what breaks it."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path

import pytest

from chuding.policy.apart import Known, People, Suspect, comparable, two_records
from chuding.policy.assess import assess
from chuding.policy.cases import Case, read_cases, run_case
from chuding.policy.cells import each_boundary_person
from chuding.policy.check import check_files, check_folder
from chuding.policy.coverage import check_coverage, quotes_of
from chuding.policy.facts import Facts
from chuding.policy.mutants import mutants
from chuding.policy.notice import FOLDER, Notice, build_notice, list_notices, load_notice, read_entry
from chuding.policy.source import Files, NoticeError, read_files, read_text, read_yaml
from chuding.policy.surroundings import read_surroundings

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
        "hangzhou-2023": 42,
        "nanjing-machinery-2022": 36,
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


def test_mutant_that_no_case_notices_is_caught_with_a_witness(tmp_path: Path) -> None:
    copy = tmp_path / "bare"
    shutil.copytree(FOLDER / "hangzhou-2023", copy)
    cases = (copy / "cases.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    (copy / "cases.yaml").write_text("".join(line for line in cases if "例: 受理末日," not in line), encoding="utf-8")
    rules = (copy / "notice.yaml").read_text(encoding="utf-8")
    line = rules[: rules.index("至: 2023-12-31")].count("\n") + 1
    (found,) = [str(problem) for problem in check_folder(copy).problems]
    assert found.startswith(f"notice.yaml:{line}: 没有工作例发现“受理“至”提前一日”；可以加上这个人：")
    assert "'filed_on': '2023-" in found


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


def test_published_notice_that_was_touched_says_so(tmp_path: Path) -> None:
    copy = tmp_path / "hangzhou-2023"
    shutil.copytree(FOLDER / copy.name, copy)
    assert check_folder(copy).passed[-1] == "合格：内容和已发布的一字不差"
    readings = copy / "readings.md"
    readings.write_text(readings.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert [str(each) for each in check_folder(copy).problems if "已经发布" in str(each)]


#: What a city's sections say against one another: where, the text that stands there, what stands there instead, what is said.
CLASHES = [
    ("hangzhou-2023", "  怎么办: 请在从事本专业技术工作期间申报。\n", '  怎么办: 请在从事本专业技术工作期间申报。\n- {名称: 不在岗, 条件: 不在岗, 依据: 一(一), 原文: "从事本专业技术工作", 须: {非: 在本专业技术岗位}, 怎么办: 无}\n', "互相矛盾"),
    ("hangzhou-2023", "  怎么办: 请在从事本专业技术工作期间申报。\n", '  怎么办: 请在从事本专业技术工作期间申报。\n- {名称: 再问, 条件: 在岗, 依据: 一(一), 原文: "从事本专业技术工作", 须: 在本专业技术岗位, 怎么办: 无}\n', "同一个条件"),
    ("hangzhou-2023", "  怎么办: 请在从事本专业技术工作期间申报。\n", '  怎么办: 请在从事本专业技术工作期间申报。\n- {名称: 学时一, 条件: 学时, 依据: 一(一), 原文: "从事本专业技术工作", 须: {继续教育满: 72学时}, 怎么办: 无}\n- {名称: 学时二, 条件: 学时, 依据: 一(一), 原文: "从事本专业技术工作", 须: {继续教育满: 90学时}, 怎么办: 无}\n', "只能有一个数"),
    ("hangzhou-2023", "凭: [大专], 从业: 3年}", "凭: [大专], 从业: 3年, 毕业截至: 2030-12-31}", "没有作用"),
    ("hangzhou-2023", "系列: 工程\n", "发布: 2024-02-01\n系列: 工程\n", "来得及"),
    ("hangzhou-2023", "凭: [大专], 从业: 3年}", '凭: [大专], 从业: 3年}\n- {依据: 一(二), 原文: "大专毕业，从事本专业技术工作满3年，初定助理级", 授予: 助理级, 凭: [大专], 从业: 3年, 专业对口: 是}', "没有用处"),
    ("hangzhou-2023", "凭: [大专], 从业: 3年}", '凭: [大专], 从业: 3年}\n- {依据: 一(二), 原文: "大专毕业，从事本专业技术工作满3年，初定助理级", 授予: 助理级, 凭: [大专], 从业: 3年}', "没有用处"),
    ("hangzhou-2023", "资格名称: 工程师", "资格名称: 高级大师", "不是“高级大师”"),
    ("hangzhou-2023", "告知:\n", '公示: {依据: 三, 原文: "按季度公布结果", 结果: 5个工作日}\n\n告知:\n', "没有这个数"),
    ("nanjing-machinery-2022", "毕业自: 2020-01-01, 毕业至: 2021-12-31", "毕业自: 2050-01-01", "没有人适用"),
    ("zhenjiang-2024-1", "须: {任一: [{身份: [内地, 港澳台]}, {证件: [外国人来华工作许可证, 外国人永久居留身份证, 江苏省海外高层次人才居住证]}]}", "须: {任一: [{非: {身份: [外籍]}}, {全部: [{身份: [外籍]}, {证件: [外国人来华工作许可证, 外国人永久居留身份证, 江苏省海外高层次人才居住证]}]}]}", "在两处问“身份”"),
]  # fmt: skip


@pytest.mark.parametrize(("which", "before", "after", "said"), CLASHES)
def test_sections_that_contradict_one_another_are_named(
    tmp_path: Path, which: str, before: str, after: str, said: str
) -> None:
    copy = tmp_path / "clash"
    shutil.copytree(FOLDER / which, copy)
    text = (copy / "notice.yaml").read_text(encoding="utf-8")
    assert text.count(before) == 1
    (copy / "notice.yaml").write_text(text.replace(before, after), encoding="utf-8")
    found = [str(each) for each in check_files(read_files(copy), whole=False).problems]
    assert [each for each in found if said in each and each.startswith("notice.yaml:")], found


BINDING = "申报人须在南京缴纳社会保险满12个月，否则不予初定。"


@pytest.mark.parametrize(
    ("which", "anchor", "added"),
    [("nanjing-machinery-2022", "3", BINDING), ("hangzhou-2023", "2", "但须为全日制并经市人社局另行认定。")],
)
def test_sentence_that_binds_is_not_told_away(tmp_path: Path, which: str, anchor: str, added: str) -> None:
    """A clause that is only told, or counted as something, holds nothing that decides and that no rule quotes."""
    copy = tmp_path / "told"
    shutil.copytree(FOLDER / which, copy)
    text = (copy / "notice.md").read_text(encoding="utf-8")
    head, tail = text.split(f'<a id="{anchor}"></a>\n', 1)
    lines = tail.split("\n")
    last = max(n for n in range(len(lines)) if lines[n].strip() and not any("<a id" in line for line in lines[: n + 1]))
    lines[last] += added
    (copy / "notice.md").write_text(f'{head}<a id="{anchor}"></a>\n' + "\n".join(lines), encoding="utf-8")
    found = [str(each) for each in check_files(read_files(copy), whole=False).problems]
    assert [each for each in found if added.removesuffix("。").replace("，", "")[:12] in each.replace("，", "")], found


def test_case_expects_a_material_and_a_level_that_the_notice_lacks() -> None:
    case = CASES["nanjing-machinery-2022"][0]
    asked = case.expected.model_copy(update={"materials": {"1": "须交"}})
    said = run_case(load_notice("nanjing-machinery-2022"), replace(case, expected=asked))
    assert said == ["材料1应当须交，通知里没有这一项"]


# ---- who tells a changed notice from its own ----


def built(home: str, *changes: tuple[str, str]) -> Notice:
    files = read_files(FOLDER / home)
    text = files.text("notice.yaml")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    document = read_yaml(text, "notice.yaml")
    return build_notice(document, read_surroundings(files, read_entry(document).series))


#: One in so many boundary people, where a sample will do.
STEP = {"hangzhou-2023": 1201, "nanjing-machinery-2022": 53, "zhenjiang-2024-1": 71}
GATE = "  须: 在我市\n"
THREE = "  须: {任一: [在我市, 考核合格, {身份: [内地]}]}\n"
DOCTOR = "凭: [博士]"


@pytest.mark.parametrize(
    ("home", "before", "after", "alone"),
    [
        # Of three ways one is left out: only somebody without the two others tells.
        ("zhenjiang-2024-1", [(GATE, THREE)], [(GATE, THREE.replace("考核合格, ", ""))], False),
        ("hangzhou-2023", [], [("{级别: 员级, 层级: 初级", "{级别: 员级, 层级: 中级")], True),
        ("zhenjiang-2024-1", [(DOCTOR, f"{DOCTOR}\n  专业对口: 审核人判断")], [], True),
    ],
    ids=["two facts at once", "the tier", "what is left to the reviewer"],
)
def test_change_that_hides_has_a_witness(
    home: str, before: list[tuple[str, str]], after: list[tuple[str, str]], *, alone: bool
) -> None:
    notice, changed = built(home, *before), built(home, *after)
    ((witness, asked),) = People(notice).tell_apart(changed)
    assert witness is not None
    boundary = sum(1 for _ in each_boundary_person(notice))
    assert (asked <= boundary) is alone, "found among those who vary in one thing, or only among the combined"
    assert (assess(notice, witness).to_json() == assess(changed, witness).to_json()) is alone


@pytest.mark.parametrize("identifier", list_notices())
def test_rows_that_answer_alike_make_reports_that_are_alike(identifier: str) -> None:
    """The proof asks of most people only the rows that a change touches: wherever they agree, so do the whole reports."""
    files = read_files(FOLDER / identifier)
    document = read_yaml(files.text("notice.yaml"), "notice.yaml")
    surroundings = read_surroundings(files, read_entry(document).series)
    notice = build_notice(document, surroundings)
    changes = []
    for mutant in mutants(document.data):
        with suppress(NoticeError):
            changes.append(build_notice(replace(document, data=mutant.data), surroundings))
    suspects = [suspect for suspect in (Suspect(notice, each) for each in changes) if suspect.rows]
    counted: Counter[tuple[bool, bool]] = Counter()
    people = [
        *islice(each_boundary_person(notice), 0, None, STEP[identifier]),
        *(case.facts for case in CASES[identifier]),
    ]
    for number, facts in enumerate([*people, Facts()]):
        known = Known(notice, facts)
        for suspect in suspects[number % 7 :: 7]:
            alike = all(known.same_by(index, row) for index, row in suspect.rows or ())
            same = comparable(assess(suspect.changed, facts)) == known.answer
            counted[alike, same] += 1
    assert counted[True, False] == 0
    assert min(counted[True, True], counted[False, False]) > 50, counted


def test_combined_people_hold_any_two_records_that_a_row_tells_apart() -> None:
    notice = load_notice("nanjing-machinery-2022")
    held = {
        frozenset(record["kind"] for record in varied["credentials"])
        for varied in two_records(notice, [Suspect(notice, notice)])
    }
    asked = ("中专", "本科", "硕士", "博士")
    # 中专 and 大专, 研究生 and 硕士 are answered alike: one of each stands for both.
    alike = {"大专": "中专", "学士": "本科", "研究生": "硕士", "第二学士": "硕士"}
    seen = {frozenset(alike.get(kind, kind) for kind in pair if kind) for pair in held}
    assert {frozenset(pair) for pair in combinations(asked, 2)} <= seen


# ---- readings.md ----


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("| 含当日 | 行政", "| 不含当日 | 行政", "口径“截至日”取“不含当日”，notice.yaml 里取“含当日”"),
        ("| 截至日 | 二(一)注", "| 截止日 | 二(一)注", "notice.yaml 的“口径”里没有“截止日”"),
        ("| 题 | 通知原文 |", "| 名 | 通知原文 |", "没有读出口径的表"),
    ],
)
def test_reading_that_departs_from_the_rules_is_caught(
    changed: Callable[..., list[str]], before: str, after: str, sentence: str
) -> None:
    found = changed(("readings.md", before, after))
    assert found[0].startswith(f"readings.md:{line_of('readings.md', before) if '题' not in before else 1}: "), found
    assert sentence in found[0]
    if "截止日" in after:
        (missing,) = found[1:]
        assert "“截至日”没有写在 readings.md 的表里" in missing


@pytest.fixture
def edited() -> Callable[..., list[str]]:
    """What the check says of a notice's files, one of them rewritten; without the mutants."""

    def check(which: str, name: str, rewrite: Callable[[str], str]) -> list[str]:
        files = read_files(FOLDER / which)
        text = rewrite(files.text(name))
        assert text != files.text(name)
        changed = Files(files.id, {**files.content, name: text.encode()})
        return [str(each) for each in check_files(changed, whole=False).problems]

    return check


@pytest.mark.parametrize(
    ("dropped", "part"),
    [
        (("硕士合计差一天", "前后之间有间断", "学历未知"), "合计的年限"),
        (("硕士合计够而取得后差一天",), "取得后的年限"),
    ],
)
def test_years_after_and_years_together_each_need_a_case_of_their_own(
    edited: Callable[..., list[str]], dropped: tuple[str, ...], part: str
) -> None:
    def less(text: str) -> str:
        lines = text.splitlines(keepends=True)
        kept = [line for line in lines if not any(f"例: {name}," in line for name in dropped)]
        assert len(kept) == len(lines) - len(dropped)
        return "".join(kept)

    found = edited("hangzhou-2023", "cases.yaml", less)
    assert [each.partition(": ")[2] for each in found] == [f"一(五) 没有只差“{part}”一项的工作例"]


def test_material_that_nobody_in_the_cases_must_bring_is_named(edited: Callable[..., list[str]]) -> None:
    dropped = "- {例: 查不到社保, 查到社保缴费: 否, 期望: {助理级: 可}, 材料: {5: 须交}}\n"
    found = edited("zhenjiang-2024-1", "cases.yaml", lambda text: text.replace(dropped, ""))
    line = line_of("notice.yaml", "仅当: {非: 查到社保缴费}")
    assert found == [f"notice.yaml:{line}: 材料5没有“须交”的工作例（准入都符合的人）"]


def test_reading_covers_no_words_that_no_rule_quotes() -> None:
    """口径 says how words are understood; the words themselves are some rule's."""
    notice = load_notice("zhenjiang-2024-1")
    quotes = quotes_of(read_yaml(read_files(HOME).text("notice.yaml"), "notice.yaml").data)
    assert check_coverage(notice, quotes) == []
    place = next(at for at, quote in enumerate(quotes) if quote.path[0] == "初定" and quote.label == "二(四)")
    also = quotes[place]._replace(sentence="具备博士学位")  # the clause still decides
    moved = [*quotes[:place], also, quotes[place]._replace(path=("口径", 0)), *quotes[place + 1 :]]
    (problem,) = check_coverage(notice, moved)
    assert problem.message == "二(四) 里“经考核合格可初定中级职称”没有被任何规则引用"
