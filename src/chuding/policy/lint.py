"""What a notice's sections say against one another, or against the words they quote: faults that no single line shows."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.cells import base_person, boundary_values
from chuding.policy.conditions import all_of, facts_of
from chuding.policy.facts import Facts
from chuding.policy.notice import FILE
from chuding.policy.person import One
from chuding.policy.source import Problem
from chuding.policy.speech import CHINESE
from chuding.policy.terms import TITLES, TOTALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.policy.conditions import Condition
    from chuding.policy.notice import Notice
    from chuding.policy.schema import NoticeEntry, RowEntry
    from chuding.policy.source import Document, Path_

_DIGITS: Final = "零一二三四五六七八九"


def contradictions(notice: Notice, document: Document) -> list[Problem]:
    """Where two parts of notice.yaml contradict one another, or one leaves the other without any use."""
    found = [
        *_gates(document.data),
        *_rows(notice.entry),
        *_days(notice),
        *_specialties(notice),
        *_two_ways(notice),
    ]
    return [Problem(FILE, document.line(path), sentence) for path, sentence in found]


def misquotations(notice: Notice, document: Document) -> list[Problem]:
    """Numbers and titles that are not those of the words they rest on: 公示's days, 资格名称."""
    found = [*_publicity(notice), *_titles(notice)]
    return [Problem(FILE, document.line(path), sentence) for path, sentence in found]


def _gates(data: dict[str, Any]) -> Iterator[tuple[Path_, str]]:
    gates = data["准入"]
    for (_, first), (second_at, second) in combinations(enumerate(gates), 2):
        one, other = first["须"], second["须"]
        names = f"准入“{first['名称']}”和“{second['名称']}”"
        if one == other:
            yield ("准入", second_at), f"{names}问的是同一个条件；请合并成一条，另一处原文写进“另见”"
        elif _negated(one) == other or _negated(other) == one:
            yield ("准入", second_at), f"{names}互相矛盾，没有人能都符合"
        elif isinstance(one, dict) and isinstance(other, dict) and (key := _total(one)) and key == _total(other):
            yield ("准入", second_at), f"{names}都规定了{key}，只能有一个数"


def _negated(words: Any) -> Any:
    return words["非"] if isinstance(words, dict) and set(words) == {"非"} else {"非": words}


def _total(words: dict[str, Any]) -> str | None:
    return next((key for key in words if key in TOTALS), None)


def _rows(entry: NoticeEntry) -> Iterator[tuple[Path_, str]]:
    for (first_at, first), (second_at, second) in combinations(enumerate(entry.rows), 2):
        if first.grants != second.grants:
            continue
        if _covers(first, second):
            yield ("初定", second_at), _useless(second_at, second, first_at, first)
        elif _covers(second, first):
            yield ("初定", first_at), _useless(first_at, first, second_at, second)


def _useless(at: int, row: RowEntry, other_at: int, other: RowEntry) -> str:
    return (
        f"初定第{at + 1}行（{row.clause}）没有用处：符合它的人都符合第{other_at + 1}行（{other.clause}），"
        f"授予的也是{row.grants}；请核对哪一行写错了，或者删去一行"
    )


def _covers(wide: RowEntry, narrow: RowEntry) -> bool:
    """Whether everybody on whom `narrow` confers the level has it from `wide` too. Cautious: no where it is not plain."""
    if (wide.accumulation, wide.as_of, wide.effective) != (narrow.accumulation, narrow.as_of, narrow.effective):
        return False
    asks = (wide.probation or 0, wide.practice.after if wide.practice else 0, wide.years)
    asked = (narrow.probation or 0, narrow.practice.after if narrow.practice else 0, narrow.years)
    deducted = any(row.practice is not None and row.practice.deducted for row in (wide, narrow))
    return (
        set(narrow.kinds) <= set(wide.kinds)
        and set(wide.also_held) <= set(narrow.also_held)
        and (asks == asked or (not deducted and not any(asks)))
        and (wide.practice == narrow.practice or not any(asks))
        and (wide.awarded_by is None or (narrow.awarded_by is not None and narrow.awarded_by <= wide.awarded_by))
        and (wide.matching == narrow.matching or wide.matching == type(wide.matching)())
        and (narrow.full_time or not wide.full_time)
    )


def _days(notice: Notice) -> Iterator[tuple[Path_, str]]:
    last = notice.window.end
    if notice.entry.published is not None and notice.entry.published > last:
        yield ("发布",), f"发布日期 {notice.entry.published} 在受理期最后一日 {last} 以后，没有人来得及申报"
    for index, row in enumerate(notice.entry.rows):
        if row.awarded_by is not None and row.awarded_by > last:
            yield (
                ("初定", index, "毕业截至"),
                f"“毕业截至”{row.awarded_by} 在受理期最后一日 {last} 以后，没有作用；请核对年份，或者删去",
            )
        since = row.effective.awarded_from if row.effective else None
        if since is not None and since > last:
            yield ("初定", index, "生效"), f"“毕业自”{since} 在受理期最后一日 {last} 以后，没有人适用；请核对年份"


def _specialties(notice: Notice) -> Iterator[tuple[Path_, str]]:
    names = {name for choice in notice.catalogue.choices() for name in (choice.series, choice.major, choice.minor)}
    both = sorted(name for name in names & notice.examined if name)
    for index, gate in enumerate(notice.gates):
        if both and _excludes(notice, index):
            yield (
                ("准入", index),
                f"“{'、'.join(both)}”既在专业目录里，又被准入“{gate.name}”排除；请从一处删去",
            )


def _excludes(notice: Notice, index: int) -> bool:
    must = notice.entry.gates[index].must
    return isinstance(must, dict) and isinstance(must.get("非"), dict) and "专业" in must["非"]


def _publicity(notice: Notice) -> Iterator[tuple[Path_, str]]:
    shown = notice.publicity
    if shown is None:
        return
    for key, days in (("单位", shown.at_unit), ("结果", shown.of_result)):
        if days is not None and not _says_days(shown.sentence, days):
            yield ("公示", key), f"公示“{key}”写的是{days}个工作日，原文“{shown.sentence}”里没有这个数"


def _says_days(sentence: str, days: int) -> bool:
    spoken = "".join(sentence.split())
    return bool(re.search(rf"(?<!\d){days}(?:个)?(?:工作日|天|日)", spoken)) or any(
        f"{_numeral(days)}{unit}" in spoken for unit in ("个工作日", "工作日", "天", "日")
    )


def _numeral(number: int) -> str:
    """A number of days below a hundred, as Chinese writes it."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens % 10]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def _titles(notice: Notice) -> Iterator[tuple[Path_, str]]:
    known = TITLES.get(notice.series, {})
    for index, rule in enumerate(notice.levels):
        standard = known.get(rule.level)
        if standard is not None and rule.title != standard:
            yield (
                ("级别", "档次", index, "资格名称"),
                f"{notice.series}系列{rule.level.value}的资格名称是“{standard}”，不是“{rule.title}”",
            )


def _two_ways(notice: Notice) -> Iterator[tuple[Path_, str]]:
    """Conditions that ask one fact in two places, so that it seems to decide where it does not.

    A missing fact is once against and once for the person, at each place where it is asked. Asked in two opposite ways it
    leaves an answer open that is the same whatever the fact is (policy.md §0.3: no is no, yes is yes).
    """
    gates = [(("准入", index), f"准入“{gate.name}”", gate.condition) for index, gate in enumerate(notice.gates)]
    asked: list[tuple[Path_, str, Condition]] = [*gates]
    for (_, first, one), (at, second, other) in combinations(gates, 2):
        if set(facts_of(one)) & set(facts_of(other)):
            asked.append((at, f"{first}和{second.removeprefix('准入')}", all_of([one, other])))
    for index, rule in enumerate(notice.materials):
        for key, when in (("仅当", rule.when), ("替代", rule.instead_when)):
            if when is not None:
                asked.append((("材料", index, key), f"材料{rule.code}的“{key}”", when))
    for path, name, condition in asked:
        for fact in _seeming(notice, condition):
            word = CHINESE.fact(fact).partition("（")[0]  # the name without its values
            yield path, f"{name}在两处问“{word}”：不知道{word}时会答“缺”，其实不论怎样都是同一个结论；请改写成只问一处"


def _seeming(notice: Notice, condition: Condition) -> Iterator[str]:
    """The facts without which a condition is open although every value of theirs gives the same answer."""
    counted = Counter(facts_of(condition))
    values = boundary_values(notice)
    twice = [fact for fact, times in counted.items() if times > 1 and fact in values]
    others = {fact: [value for value in values[fact] if value is not None] for fact in counted if fact in values}
    base = base_person(notice)
    for fact in twice:
        rest = [each for each in others if each != fact]
        for chosen in product(*(others[each] for each in rest)):
            stated = {**base, **dict(zip(rest, chosen, strict=True))}
            if _answer(condition, {**stated, fact: None}) is None:
                known = {_answer(condition, {**stated, fact: value}) for value in others[fact]}
                if len(known) == 1 and None not in known:
                    yield fact
                    break


def _answer(condition: Condition, stated: dict[str, Any]) -> bool | None:
    """Whether a condition holds on the day of filing; None: a missing fact decides."""
    facts = Facts.model_validate(stated)
    env, day = One(facts), stated["filed_on"].toordinal()
    if condition.nt(day, env, False) == day:
        return True
    return None if condition.nt(day, env, True) == day else False
