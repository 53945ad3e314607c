"""Every kind of finding and advice, said in each language: whole, in that language, and nothing lost between them."""

from __future__ import annotations

import ast
import re
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from varied import BACHELOR, MASTER, varied

from chuding import policy
from chuding.policy.assess import assess
from chuding.policy.cases import read_cases
from chuding.policy.cells import boundary_people
from chuding.policy.facts import Facts, read_facts, read_when
from chuding.policy.notice import FOLDER, list_notices, load_notice, read_notice
from chuding.policy.sheet import sheet_of
from chuding.policy.source import NoticeError, read_text, read_yaml
from chuding.policy.speech import (
    CHINESE,
    LANGUAGES,
    Kinds,
    Named,
    Own,
    Paths,
    Saying,
    Series,
    phrase,
    speech_of,
)
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.policy.explain import Finding
    from chuding.policy.notice import Notice

HAN = re.compile(r"[一-鿿]+")
ENGLISH, TRADITIONAL = speech_of("en"), speech_of("zh-hant")
#: The modules whose sayings reach people with a verdict, and how few places are left for a sentence to hide in.
SPEAKING = ("explain", "advice", "advice_words", "assess", "vocabulary", "entries")
KNOWN: dict[str, Any] = {
    "filed_on": "2024-07-01", "specialty": "电力工程/电气工程/电气工程", "identity": "mainland", "permit": "none",
    "works_in_jurisdiction": True, "engagement": "employment_contract", "civil_servant": False, "retired_on": "never",
    "sanctions": [], "credentials": [{"kind": "本科", "awarded_on": "2020-06-20", "field_matches": True, "full_time": True}],
    "work": [{"from": "2020-07-01", "to": None}], "assessed_fit": True, "continuing_education_hours": 72, "titles": [],
}  # fmt: skip
#: Said only to order other words.
EMPTY = {"{words}", "{steps}。"}


def patterns(module: str) -> set[str]:
    """The patterns that stand in a module, by its own syntax."""
    tree = ast.parse((Path(policy.__path__[0]) / f"{module}.py").read_text(encoding="utf-8"))
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "phrase"
        and isinstance(node.args[0], ast.Constant)
    }


@pytest.fixture(scope="module")
def every_way(tmp_path_factory: pytest.TempPathFactory) -> Notice:
    """A notice that writes as other cities do, so that what is said only there is said here."""
    title = '- {依据: 二(一)注, 原文: "x", 授予: 助理级, 凭: [员级], 另持: [大专], 从业: 2年}\n'
    total = "- {名称: 满, 条件: 满, 依据: 四(二), 原文: x, 须: {继续教育满: 72学时}, 怎么办: 请补足。}\n"
    either = "{任一: [{全部: [查到社保缴费, {用工: [劳动（聘用）合同]}]}, {用工: [自由职业]}]}"
    total += f"- {{名称: 缴费, 条件: 缴费, 依据: 四(二), 原文: x, 须: {either}, 怎么办: 请缴费。}}\n"
    after, before = "从业: {取得后: 1年, 合计: 3年}", "从业: {合计: 3年, 取得前扣减: 1年}"
    return varied(
        tmp_path_factory.mktemp("speech"),
        (BACHELOR, BACHELOR + "  专业对口: {不对口: 加1年}\n  全日制: 是\n  累计: 连续\n  计算至: 年末\n"),
        (
            MASTER,
            MASTER.replace("从业: 3年", after).replace("专业对口: 是", "专业对口: 审核人判断") + "  计算至: 季末\n",
        ),
        ("  凭: [大专, 中专]\n  见习: 1年\n", f"  凭: [大专, 中专]\n  {before}\n  计算至: 上年末\n"),
        ("- 依据: 二(二)\n", title + "- 依据: 二(二)\n"),
        ("- 名称: 考核合格\n", total + "- 名称: 考核合格\n"),
        ("准入:  ", "起点:\n- {系列: 电力工程, 最低: 助理级, 依据: 三, 原文: x}\n准入:  "),
    )


def people_of(notice: Notice, every: int) -> Iterator[Facts]:
    yield Facts()
    known = KNOWN | {"specialty": KNOWN["specialty"] if notice.catalogue.find(KNOWN["specialty"]) else None}
    # some whom the boundaries of a single row do not make: short of hours, uninsured, in a series that begins higher
    yield Facts.model_validate(known | {"continuing_education_hours": 12})
    for engagement in ("employment_contract", "none"):
        yield Facts.model_validate(known | {"social_insurance_found": False, "engagement": engagement})
    yield Facts.model_validate(known | {"credentials": [{"kind": "中专", "awarded_on": "2020-06-20"}]})
    if (FOLDER / notice.id).is_dir():
        yield from (
            case.facts for case in read_cases(read_yaml(read_text(FOLDER / notice.id, "cases.yaml"), "cases.yaml"))
        )
    yield from boundary_people(notice, every=every)


@pytest.fixture(scope="module")
def said(every_way: Notice) -> dict[str, Saying | Series | Own]:
    """Each kind of finding and advice once, by its patterns: what the boundary people of every notice are told."""
    found: dict[str, Saying | Series | Own] = {}
    every = {"hangzhou-2023": 1997, "nanjing-machinery-2022": 37, "varied": 2999}
    for notice in (*map(load_notice, list_notices()), every_way):
        for facts in people_of(notice, every.get(notice.id, 41)):
            report = assess(notice, facts)
            sayings: list[Any] = list(report.left_out)
            for finding in (*report.gates, *(path for level in report.levels.values() for path in level.paths)):
                sayings += _of_finding(finding)
            sayings += [advice.said for level in report.levels for advice in report.advice(level)]
            for saying in sayings:
                found.setdefault(" ".join(inside(saying)), saying)
    return found


def _of_finding(finding: Finding) -> list[Any]:
    return [finding.wanted, finding.said, *(said for part in finding.parts for said in _of_finding(part))]


def inside(saying: Any) -> list[str]:
    """Every pattern in a saying."""
    if isinstance(saying, Saying):
        return [saying.pattern, *(pattern for _, value in saying.values for pattern in inside(value))]
    if isinstance(saying, Series):
        return [pattern for each in saying.sayings for pattern in inside(each)]
    return []


def test_boundary_people_are_told_everything_that_can_be_said(said: dict[str, Any]) -> None:
    written = set().union(*map(patterns, SPEAKING))
    told = {pattern for key in said.values() for pattern in inside(key)}
    assert len(written) > 60
    assert written - told == set()
    assert len(said) > 100


@pytest.mark.parametrize("module", sorted({*SPEAKING, "sheet", "commands"}))
def test_every_pattern_is_in_the_catalogues(module: str) -> None:
    written = patterns(module) - EMPTY
    assert [text for text in written if ENGLISH.word(text) == text and HAN.search(text)] == []
    assert [text for text in written if HAN.search(re.sub(r"\(.*?\)", "", ENGLISH.word(text)))] == []


def _allowed(text: str, notice_words: list[str]) -> str:
    """The text without what stays Chinese in English: clauses, specialties, words in brackets behind their translation."""
    for word in sorted(notice_words, key=len, reverse=True):
        text = text.replace(word, "")
    return re.sub(r"\([一-鿿]+\)|“[^”]*”", "", text)


def test_english_has_no_chinese_but_names(said: dict[str, Any], every_way: Notice) -> None:
    notices = [*map(load_notice, list_notices()), every_way]
    names = [clause.label for notice in notices for clause in notice.clauses]
    names += [choice.path for notice in notices for choice in notice.catalogue.choices()]
    left = {}
    for saying in said.values():
        text = ENGLISH.say(saying)
        assert text.isprintable()
        assert text[:1] == text[:1].upper()
        rest = _allowed(text, names)
        if HAN.search(rest):
            left[text] = rest
    assert left == {}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "zh-hans"])
@pytest.mark.parametrize("identifier", list_notices())
def test_every_word_of_a_shipped_notice_is_given(identifier: str, language: str) -> None:
    notice, speech = load_notice(identifier), speech_of(language)
    assert len(notice.shown_words) > 6
    assert [text for text in notice.shown_words if language not in text.said] == []
    if language == "en":
        said = {text: speech.own_words(text) for text in notice.shown_words}
        assert {text: english for text, english in said.items() if HAN.search(_allowed(english, []))} == {}


def test_two_notices_say_the_same_words_each_its_own_way(tmp_path: Path) -> None:
    """The title 工程师 is one thing here and another there: neither notice speaks for the other."""
    other = varied(tmp_path)
    written = (tmp_path / "varied" / "words" / "en.yaml").read_text(encoding="utf-8")
    (tmp_path / "varied" / "words" / "en.yaml").write_text(
        written.replace("\n工程师: Engineer\n", "\n工程师: Chartered Engineer\n"), encoding="utf-8"
    )
    changed, here = read_notice(tmp_path / "varied"), load_notice("zhenjiang-2024-1")
    titles = [ENGLISH.text(each.title_of(Level.INTERMEDIATE)) for each in (changed, here, other)]
    assert titles == ["Chartered Engineer", "Engineer", "Engineer"]
    assert ENGLISH.text(changed.own("工程师")) == "Chartered Engineer"
    assert ENGLISH.text("工程师") == "工程师"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "fr.yaml",
            "工程师: Ingénieur\n",
            "words/fr.yaml:1: 没有这种语言；译文的文件有：words/zh-hant.yaml、words/en.yaml",
        ),
        ("en.yaml", "- 工程师\n", "words/en.yaml:1: 应当一行一句：通知里的话、冒号、空格、译文"),
        ("en.yaml", "工程师: Engineer\n技术员:\n", "words/en.yaml:2: “技术员”和它的译文都应当是文字，不能空着"),
        ("en.yaml", "工程师: a\n工程师: b\n", "words/en.yaml:2: 不是合格的 YAML：“工程师”写了两次"),
    ],
)
def test_words_that_cannot_be_read_are_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    varied(tmp_path)
    (tmp_path / "varied" / "words" / name).write_text(text, encoding="utf-8")
    with pytest.raises(NoticeError) as refused:
        read_notice(tmp_path / "varied")
    assert list(map(str, refused.value.problems)) == [message]


def test_translation_is_no_law(tmp_path: Path) -> None:
    """The digest of a notice, to which verdicts are pinned, is the same whatever its translations, or without any."""
    varied(tmp_path)
    folder = tmp_path / "varied"
    before = read_notice(folder)
    (folder / "words" / "en.yaml").write_text("工程师: Chartered Engineer\n", encoding="utf-8")
    changed = read_notice(folder)
    shutil.rmtree(folder / "words")
    assert [each.digest for each in (changed, read_notice(folder))] == [before.digest] * 2
    assert before.digest == load_notice("zhenjiang-2024-1").digest
    (folder / "readings.md").write_text("另一种口径\n", encoding="utf-8")
    assert read_notice(folder).digest != before.digest


def test_chinese_and_traditional_say_the_same_thing(said: dict[str, Any]) -> None:
    """As long as each other within a character or two of a term, with the same numbers; traditional is no simplified."""
    wrong, changed = [], 0
    for saying in said.values():
        simple, traditional = CHINESE.say(saying), TRADITIONAL.say(saying)
        changed += simple != traditional
        if re.findall(r"\d+", simple) != re.findall(r"\d+", traditional) or abs(len(simple) - len(traditional)) > 8:
            wrong.append((simple, traditional))
    assert wrong == []
    assert changed > len(said) * 0.9


def test_numbers_and_days_survive_translation(said: dict[str, Any]) -> None:
    for saying in said.values():
        chinese, english = CHINESE.text(saying), ENGLISH.text(saying)
        years = re.findall(r"\d{4}", re.sub(r"[/\w]+/[/\w]+", "", chinese))
        assert sorted(re.findall(r"\d{4}", english)) == sorted(years), (chinese, english)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("identifier", list_notices())
def test_page_of_a_verdict_is_said_whole(identifier: str, language: str) -> None:
    """No placeholder and no gap; and English ones speak English outside names and quotations."""
    notice, speech = load_notice(identifier), speech_of(language)
    for facts in (Facts(), *boundary_people(notice, every=4001)):
        sheet = sheet_of(assess(notice, facts), speech)
        for text in texts(sheet):
            assert not re.search(r"\{|\}|  ", text), text
        assert [level["answer"] for level in sheet["levels"]] != []
        if language == "en":
            assert (
                HAN.search(sheet["title"] + sheet["common_title"] + sheet["filed"] + "".join(sheet["notes"][-2:]))
                is None
            )


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)


@pytest.mark.parametrize(
    ("value", "chinese", "traditional", "english"),
    [
        (date(2024, 7, 1), "2024年7月1日", "2024年7月1日", "1 July 2024"),
        (read_when("2024-07"), "2024年7月", "2024年7月", "July 2024"),
        (Named("员级"), "员级", "員級", "Technician level"),
        (Kinds(("大专", "中专")), "大专学历或者中专（中等职业学校）学历", None, None),
        (Paths(("work[1].to",)), "第2项工作经历的截止日期", None, None),
        (Own("没有这句话"), "没有这句话", "没有这句话", "没有这句话"),
        (
            phrase("满{years}年的日期是{day}。", years=1, day=date(2024, 2, 29)),
            None,
            None,
            "1 year complete on 29 February 2024.",
        ),
        (
            phrase("满{years}年的日期是{day}。", years=3, day=date(2024, 2, 29)),
            None,
            None,
            "3 years complete on 29 February 2024.",
        ),
    ],
)
def test_each_kind_of_value_is_said(
    value: Any, chinese: str | None, traditional: str | None, english: str | None
) -> None:
    found = {"zh-hans": CHINESE.text(value), "zh-hant": TRADITIONAL.text(value), "en": ENGLISH.text(value)}
    wanted = {"zh-hans": chinese, "zh-hant": traditional, "en": english}
    assert {code: text for code, text in found.items() if wanted[code] is not None} == {
        code: text for code, text in wanted.items() if text is not None
    }
    assert all(found.values())


def test_unknown_language_is_chinese() -> None:
    assert [speech_of(code) for code in ("", "fr", "zh-cn", "../en")] == [CHINESE] * 4


def test_advice_of_every_kind_holds_whatever_the_language(every_way: Notice, person: dict[str, Any]) -> None:
    """What is said in three languages is one advice, whose change was made and assessed again."""
    changes: list[dict[str, Any]] = [
        {"credentials": [{"kind": "大专", "awarded_on": "2023-06-20", "field_matches": None}]},
        {"assessed_fit": None},
        {"continuing_education_hours": 12, "engagement": "none"},
        {"civil_servant": True},
        KNOWN | {"work": [{"from": "2024-03-01", "to": None}]},
    ]
    kinds = set()
    for change in changes:
        report = assess(every_way, read_facts({**person, **change}))
        for level in report.levels:
            for advice in report.advice(level):
                kinds |= {step.kind for step in advice.steps}
                spoken = {speech_of(code).say(advice.said) for code in LANGUAGES}
                assert len(spoken) == len(LANGUAGES)
                if advice.facts is not None:
                    assert assess(every_way, advice.facts).levels[level].answer == "yes"
    assert kinds == {"wait", "state", "bring", "nothing"}
