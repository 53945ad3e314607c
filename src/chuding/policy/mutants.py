"""Small changes to a notice's rules, each of which some worked case must notice or the enumeration prove harmless."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.entries import AS_OF
from chuding.policy.facts import BASIC_KINDS
from chuding.policy.schema import READINGS
from chuding.policy.terms import CATEGORIES, ESTABLISHED_FOR, HELD_NAMES, TOTALS, Level, Tier, read_total, read_years

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chuding.policy.source import Path_

_DELETED: Final = object()
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed copy of notice.yaml's data; `path` is where, `words` says what."""

    path: Path_
    words: str
    data: dict[str, Any]


def _changed(data: dict[str, Any], path: Path_, value: Any) -> dict[str, Any]:
    """A copy with another value at a path (or without it); only what leads there is copied."""
    result = dict(data)
    node: Any = result
    for step in path[:-1]:
        node[step] = copy.copy(node[step])
        node = node[step]
    if value is _DELETED:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return result


def mutants(data: dict[str, Any]) -> Iterator[Mutant]:
    """Every row field, gate, list item, reading, date, authority and material deleted, shifted or flipped."""
    yield from _rows(data)
    yield from _equivalences(data)
    yield from _gates(data)
    yield from _readings(data)
    yield from _window(data)
    yield from _materials(data)
    yield from _offices(data)
    yield from _levels(data)
    yield from _publicity(data)


def _mutant(data: dict[str, Any], path: Path_, words: str, value: Any = _DELETED) -> Mutant:
    return Mutant(path, words, _changed(data, path, value))


def _rows(data: dict[str, Any]) -> Iterator[Mutant]:
    for index, row in enumerate(data["初定"]):
        at: Path_ = ("初定", index)
        name = f"初定 {row['依据']}"
        if len(data["初定"]) > 1:
            yield _mutant(data, at, f"删去 {name}")
        for level in Level:
            if level.value != row["授予"]:
                yield _mutant(data, (*at, "授予"), f"{name} 改授{level.value}", level.value)
        yield from _row_kinds(data, row["凭"], (*at, "凭"), name)
        if "另持" in row:
            yield _mutant(data, (*at, "另持"), f"{name} 删去另持")
            yield from _row_kinds(data, row["另持"], (*at, "另持"), name)
        yield from _row_details(data, row, at, name)


def _row_kinds(data: dict[str, Any], kinds: list[str], path: Path_, name: str) -> Iterator[Mutant]:
    for position, kind in enumerate(kinds):
        if len(kinds) > 1:
            yield _mutant(data, (*path, position), f"{name} 的凭删去{kind}")
    for kind in kinds_of(data):
        if kind not in kinds:
            yield _mutant(data, path, f"{name} 的{path[-1]}加上{kind}", [*kinds, kind])


def kinds_of(data: dict[str, Any]) -> list[str]:
    """The kinds that tell this notice from a changed one: those every notice knows, and those this one speaks of."""
    spoken = [entry["学历"] for entry in data.get("等同", [])]
    for row in data["初定"]:
        spoken += [*row["凭"], *row.get("另持", [])]
    return list(dict.fromkeys([*BASIC_KINDS, *spoken]))


def _row_details(data: dict[str, Any], row: dict[str, Any], at: Path_, name: str) -> Iterator[Mutant]:
    asked = [key for key in ("见习", "从业") if key in row]
    for key in asked:
        if isinstance(row[key], dict):
            for part in row[key]:
                yield from _shifted_years(data, (*at, key, part), f"{name} 的{part}")
        else:
            yield from _shifted_years(data, (*at, key), f"{name} 的{key}")
    yield from _row_variations(data, row, at, name)
    if not asked:
        yield _mutant(data, (*at, "从业"), f"{name} 加上从业1年", "1年")
    if "毕业截至" in row:
        limit: date = row["毕业截至"]
        yield _mutant(data, (*at, "毕业截至"), f"{name} 删去毕业截至")
        yield _mutant(data, (*at, "毕业截至"), f"{name} 的毕业截至提前一日", limit - _DAY)
        yield _mutant(data, (*at, "毕业截至"), f"{name} 的毕业截至推后一日", limit + _DAY)
    if row.get("专业对口", "否") != "否":
        yield _mutant(data, (*at, "专业对口"), f"{name} 删去专业对口")
    if isinstance(row.get("专业对口"), dict):
        added = read_years(row["专业对口"]["不对口"].removeprefix("加"))
        for years in sorted({added - 1, added + 1} - {0}):
            changed = {"不对口": f"加{years}年"}
            yield _mutant(data, (*at, "专业对口"), f"{name} 的不对口改为加{years}年", changed)
    if row.get("专业对口") != "是":
        yield _mutant(data, (*at, "专业对口"), f"{name} 加上专业对口", "是")


def _row_variations(data: dict[str, Any], row: dict[str, Any], at: Path_, name: str) -> Iterator[Mutant]:
    """累计, 计算至, 全日制 and 生效 deleted, flipped and shifted."""
    for key, choices in (("累计", ("停钟", "连续")), ("计算至", AS_OF), ("全日制", ("是", "否"))):
        for other in choices if key in row else ():
            if other != row[key]:
                yield _mutant(data, (*at, key), f"{name} 的{key}改为{other}", other)
    if "全日制" not in row and not set(row["凭"]) & set(HELD_NAMES):
        yield _mutant(data, (*at, "全日制"), f"{name} 加上全日制", "是")
    if "生效" in row:
        yield from _effective(data, row["生效"], (*at, "生效"), f"{name} 的生效")


def _effective(data: dict[str, Any], rule: dict[str, Any], at: Path_, name: str) -> Iterator[Mutant]:
    yield _mutant(data, at, f"{name}删去")
    for key in ("毕业自", "毕业至"):
        if key in rule:
            yield _mutant(data, (*at, key), f"{name}删去{key}")
            for shift, word in ((-_DAY, "提前"), (_DAY, "推后")):
                yield _mutant(data, (*at, key), f"{name}“{key}”{word}一日", rule[key] + shift)
    for other in ("入职之日", "满足条件之日"):
        if other != rule["取"]:
            yield _mutant(data, (*at, "取"), f"{name}改为{other}", other)


def _equivalences(data: dict[str, Any]) -> Iterator[Mutant]:
    for index, entry in enumerate(data.get("等同", [])):
        at: Path_ = ("等同", index)
        yield _mutant(data, at, f"等同删去{entry['学历']}")
        for kind in BASIC_KINDS:
            if kind != entry["同"]:
                yield _mutant(data, (*at, "同"), f"{entry['学历']}改为同{kind}", kind)
    for index, floor in enumerate(data.get("起点", [])):
        yield _mutant(data, ("起点", index), f"删去{floor['系列']}的起点")
        for level in Level:
            if level.value != floor["最低"]:
                yield _mutant(data, ("起点", index, "最低"), f"{floor['系列']}的起点改为{level.value}", level.value)


def _shifted_years(data: dict[str, Any], path: Path_, name: str, *, deletable: bool = True) -> Iterator[Mutant]:
    value: Any = data
    for step in path:
        value = value[step]
    years = read_years(value)
    if deletable:
        yield _mutant(data, path, f"{name} 删去")
    for shifted in (years - 1, years + 1):
        if shifted:
            yield _mutant(data, path, f"{name} 改为{shifted}年", f"{shifted}年")


def _gates(data: dict[str, Any]) -> Iterator[Mutant]:
    for index, gate in enumerate(data["准入"]):
        at: Path_ = ("准入", index)
        name = f"准入“{gate['名称']}”"
        if len(data["准入"]) > 1:
            yield _mutant(data, at, f"删去 {name}")
        yield _mutant(data, (*at, "须"), f"{name} 反过来", {"非": gate["须"]})
        yield from _condition(data, gate["须"], (*at, "须"), name)


def _condition(data: dict[str, Any], words: Any, path: Path_, name: str) -> Iterator[Mutant]:
    """List items of a condition deleted and added, years shifted, however deep."""
    if not isinstance(words, dict):
        return
    ((key, value),) = words.items()
    inner: Path_ = (*path, key)
    if key == "非":
        yield from _condition(data, value, inner, name)
    elif key == ESTABLISHED_FOR:
        yield from _shifted_years(data, inner, f"{name} 的{key}", deletable=False)
    elif key in TOTALS:
        yield from _shifted_total(data, inner, name)
    elif isinstance(value, list):
        yield from _condition_list(data, value, inner, name)


def _condition_list(data: dict[str, Any], value: list[Any], path: Path_, name: str) -> Iterator[Mutant]:
    key = str(path[-1])
    for position, item in enumerate(value):
        if len(value) > 1:
            yield _mutant(data, (*path, position), f"{name} 的“{key}”删去第{position + 1}项")
        yield from _condition(data, item, (*path, position), name)
    for word in CATEGORIES.get(key, ("", {}))[1]:
        if word not in value:
            yield _mutant(data, path, f"{name} 的“{key}”加上{word}", [*value, word])
    if key in ("全部", "任一"):
        other = "任一" if key == "全部" else "全部"
        yield _mutant(data, path[:-1], f"{name} 的“{key}”换成“{other}”", {other: value})


def _shifted_total(data: dict[str, Any], path: Path_, name: str) -> Iterator[Mutant]:
    node: Any = data
    for step in path:
        node = node[step]
    key = str(path[-1])
    total, unit = read_total(key, node), TOTALS[key][1]
    for shifted in sorted({total - 1, total + 1} - {0}):
        yield _mutant(data, path, f"{name} 的{key}改为{shifted}{unit}", f"{shifted}{unit}")


def _readings(data: dict[str, Any]) -> Iterator[Mutant]:
    for index, reading in enumerate(data.get("口径", [])):
        for other in READINGS[reading["题"]]:
            if other != reading["取"]:
                yield _mutant(data, ("口径", index, "取"), f"口径“{reading['题']}”改取{other}", other)


def _window(data: dict[str, Any]) -> Iterator[Mutant]:
    several = isinstance(data["受理"], list)
    for index, window in enumerate(data["受理"] if several else [data["受理"]]):
        at: Path_ = ("受理", index) if several else ("受理",)
        name = f"受理第{index + 1}段" if several else "受理"
        for key in ("自", "至"):
            for shift, word in ((-_DAY, "提前"), (_DAY, "推后")):
                yield _mutant(data, (*at, key), f"{name}“{key}”{word}一日", window[key] + shift)
        if several and len(data["受理"]) > 1:
            yield _mutant(data, at, f"删去{name}")
        if "级别" in window:
            yield _mutant(data, (*at, "级别"), f"{name}不分级别")
            for position, level in enumerate(window["级别"]):
                if len(window["级别"]) > 1:
                    yield _mutant(data, (*at, "级别", position), f"{name}删去{level}")
            for entry in data["级别"]["档次"]:
                if entry["级别"] not in window["级别"]:
                    words = f"{name}加上{entry['级别']}"
                    yield _mutant(data, (*at, "级别"), words, [*window["级别"], entry["级别"]])


def _materials(data: dict[str, Any]) -> Iterator[Mutant]:
    for index, material in enumerate(data.get("材料", [])):
        at: Path_ = ("材料", index)
        name = f"材料 {material['号']}"
        yield _mutant(data, at, f"删去{name}")
        if "须交" in material:
            flipped = "否" if material["须交"] == "是" else "是"
            yield _mutant(data, (*at, "须交"), f"{name} 改为须交：{flipped}", flipped)
        else:
            yield _mutant(data, (*at, "仅当"), f"{name} 的仅当反过来", {"非": material["仅当"]})
            yield from _condition(data, material["仅当"], (*at, "仅当"), name)
        if "替代" in material:
            yield _mutant(data, (*at, "替代"), f"{name} 删去替代")
            yield from _condition(data, material["替代"]["仅当"], (*at, "替代", "仅当"), f"{name} 的替代")


def _offices(data: dict[str, Any]) -> Iterator[Mutant]:
    for section, key in (("审批", "机关"), ("区划", "选")):
        names = [entry[key] for entry in data.get(section, [])]
        for index, entry in enumerate(data.get(section, [])):
            yield _mutant(data, (section, index), f"删去{section} {entry['层级']}")
            for other in names:
                if other != entry[key]:
                    words = f"{section} {entry['层级']} 改为{other}"
                    yield _mutant(data, (section, index, key), words, other)


def _levels(data: dict[str, Any]) -> Iterator[Mutant]:
    for index, entry in enumerate(data["级别"]["档次"]):
        at: Path_ = ("级别", "档次", index)
        for other in (tier.value for tier in Tier):
            if other != entry["层级"]:
                yield _mutant(data, (*at, "层级"), f"{entry['级别']}改为{other}", other)
        for other in dict.fromkeys(each["资格名称"] for each in data["级别"]["档次"]):
            if other != entry["资格名称"]:
                yield _mutant(data, (*at, "资格名称"), f"{entry['级别']}的资格名称改为{other}", other)


def _publicity(data: dict[str, Any]) -> Iterator[Mutant]:
    for key in ("单位", "结果"):
        days = data.get("公示", {}).get(key)
        for other in (days - 1, days + 1) if days else ():
            if other:
                yield _mutant(data, ("公示", key), f"公示“{key}”改为{other}个工作日", other)
