"""What a notice says, read from its YAML without the engine: one person all of whose facts are known, day by day.

Days are integers (`date.toordinal`); whole years are dateutil's. A person here is a dictionary like the facts of the
contract, with integer days in place of texts.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from collections.abc import Iterator

AGO, FAR = date(1900, 1, 1).toordinal(), date(2200, 1, 1).toordinal()
HORIZON = 250
KINDS = ("中专", "大专", "本科", "学士", "第二学士", "研究生", "硕士", "博士")
SCHOOLS = ("研究生班", "中级工班", "高级工班", "预备技师班", "技师班")

Spells = tuple[tuple[int, int | None], ...]


def years(word: str | None) -> int:
    """3年 → 3."""
    return int(word.removesuffix("年")) if word else 0


def inside(day: int, spells: Spells) -> bool:
    return any(first <= day and (end is None or day < end) for first, end in spells)


def later(day: int, count: int) -> int:
    return (date.fromordinal(day) + relativedelta(years=count)).toordinal()


@lru_cache(maxsize=100_000)
def completed(spells: Spells, since: int, count: int, restart: bool) -> int | None:
    """The day on which so many years of work are complete: walk from day to day, with a clock that a gap stops or clears."""
    starts = [max(first, since) for first, end in spells if end is None or end > max(first, since)]
    if not starts:
        return None
    bounds = [bound for spell in spells for bound in spell if bound is not None]
    day, target = min(starts), None
    while True:
        if target == day:
            return day
        if inside(day, spells):
            target = target or later(day, count)
            if day > max(bounds):
                return target  # nothing changes any more
        else:
            if day > max(bounds):
                return None
            if target is not None:
                target = None if restart else target + 1
        day += 1


def counted_to(day: int, as_of: str) -> int:
    """Filing on that day, the last day up to which years count (计算至)."""
    on = date.fromordinal(day)
    if as_of == "季末":
        quarter = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
        return (quarter + relativedelta(months=3, days=-1)).toordinal()
    if as_of == "年末":
        return date(on.year, 12, 31).toordinal()
    return date(on.year - 1, 12, 31).toordinal() if as_of == "上年末" else day


class Law:
    """The rules of one notice as its YAML has them."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.chosen = {each["题"]: each["取"] for each in data.get("口径", [])}
        self.equal = {each["学历"]: each["同"] for each in data.get("等同", [])}
        self.levels = [each["级别"] for each in data["级别"]["档次"]]

    def gate(self, words: Any, person: dict[str, Any], day: int) -> bool:
        if isinstance(words, dict):
            ((key, value),) = words.items()
            assert key == "非"
            return not self.gate(value, person, day)
        return {
            "在本专业技术岗位": inside(day, person["work"]),
            "处分影响期内": inside(day, person["sanctions"]),
            "考核合格": person["assessed_fit"],
            "离退休": person["retired_on"] <= day,
        }[words]

    def holders(self, row: dict[str, Any], person: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The credentials or titles of the kinds that a row names, or that count as one of them."""
        titles = [{"kind": each["level"], "awarded_on": each["held_since"]} for each in person["titles"]]
        for record in person["credentials"] + titles:
            if record["kind"] in row["凭"] or self.equal.get(record["kind"]) in row["凭"]:
                yield record

    def enough(self, row: dict[str, Any], record: dict[str, Any], person: dict[str, Any], day: int) -> bool:
        """So many years of work, counted as the row or else the notice says."""
        asked = row.get("从业") or row.get("见习")
        if asked is None:
            return True
        restart = row.get("累计", self.chosen.get("累计")) == "连续"
        last = counted_to(day, row.get("计算至", self.chosen.get("计算至", "申报日")))
        last -= self.chosen.get("满年") == "次日"
        matching = row.get("专业对口")
        more = years(matching["不对口"].removeprefix("加")) if isinstance(matching, dict) else 0
        more = 0 if record.get("field_matches") else more

        def full(since: int, count: int) -> bool:
            found = completed(person["work"], since, count, restart)
            return found is not None and found <= last

        if isinstance(asked, str):
            return full(record["awarded_on"], years(asked) + more)
        total, taken = years(asked["合计"]) + more, years(asked.get("取得前扣减"))
        together = full(AGO, total + taken) or (taken > 0 and full(record["awarded_on"], total))
        return together and ("取得后" not in asked or full(record["awarded_on"], years(asked["取得后"])))

    def fulfils(self, row: dict[str, Any], record: dict[str, Any], person: dict[str, Any], day: int) -> bool:
        """A row on one credential or title, on one day."""
        limit = row.get("毕业截至")
        strict = self.chosen.get("截至日") == "不含当日"
        return (
            record["awarded_on"] <= day
            and (limit is None or record["awarded_on"] <= limit.toordinal() - strict)
            and (row.get("专业对口") != "是" or record["field_matches"])
            and (row.get("全日制") != "是" or record["full_time"])
            and (
                "另持" not in row
                or any(
                    each["kind"] in row["另持"] or self.equal.get(each["kind"]) in row["另持"]
                    for each in person["credentials"]
                    if each["awarded_on"] <= day
                )
            )
            and self.enough(row, record, person, day)
        )

    def rows(self, level: str) -> list[dict[str, Any]]:
        return [row for row in self.data["初定"] if self.chosen.get(row["授予"], row["授予"]) == level]

    def first_days(self, person: dict[str, Any]) -> dict[str, int | None]:
        """For each level the first day from filing, within the horizon, on which gates and some row hold."""
        found: dict[str, int | None] = dict.fromkeys(self.levels)
        paths = {
            level: [(row, record) for row in self.rows(level) for record in self.holders(row, person)]
            for level in self.levels
        }
        for day in range(person["filed_on"], person["filed_on"] + HORIZON):
            if not all(self.gate(gate["须"], person, day) for gate in self.data["准入"]):
                continue
            for level in self.levels:
                if found[level] is None and any(self.fulfils(*path, person, day) for path in paths[level]):
                    found[level] = day
        return found

    def effective_from(self, level: str, person: dict[str, Any]) -> int | None:
        """生效: the earliest day from which a row that grants on the day of filing lets the title count; None: none does."""
        days = []
        for row in self.rows(level):
            rule = row.get("生效")
            for record in self.holders(row, person) if rule else ():
                after = rule.get("毕业自", date.min).toordinal() <= record["awarded_on"]
                before = record["awarded_on"] <= rule.get("毕业至", date.max).toordinal()
                if after and before and self.fulfils(row, record, person, person["filed_on"]):
                    days += self._took(rule["取"], row, record, person)
        return min(days, default=None)

    def _took(self, rule: str, row: dict[str, Any], record: dict[str, Any], person: dict[str, Any]) -> list[int]:
        for day in range(record["awarded_on"], person["filed_on"] + 4000):
            if inside(day, person["work"]) if rule == "入职之日" else self.fulfils(row, record, person, day):
                return [day]
        return []


# ---- what is missing, told in every way that matters ----

RECORDS = [{"kind": kind, "awarded_on": AGO, "field_matches": True, "full_time": True} for kind in KINDS]
WHOLE: dict[str, list[Any]] = {
    "work": [(), ((AGO, None),)],
    "sanctions": [(), ((AGO, FAR),)],
    "credentials": [[], *([each] for each in RECORDS)],
    "titles": [[], *([{"level": level, "held_since": AGO}] for level in ("员级", "助理级"))],
    "assessed_fit": [True, False],
    "retired_on": [FAR, AGO],
}
PARTS: dict[str, list[Any]] = {
    "kind": list(KINDS + SCHOOLS),
    "level": ["员级", "助理级", "中级"],
    "awarded_on": [AGO, FAR],
    "held_since": [AGO, FAR],
    "field_matches": [True, False],
    "full_time": [True, False],
}


def month(value: Any) -> list[int]:
    """A day, or the first and the last day of a month (year, month)."""
    if not isinstance(value, tuple):
        return [value]
    first = date(*value, 1)
    return [first.toordinal(), (first + relativedelta(months=1, days=-1)).toordinal()]


def told(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A credential or title whose missing parts have every value that matters."""
    choices = [PARTS[name] if value is None else month(value) for name, value in record.items()]
    return [dict(zip(record, chosen, strict=True)) for chosen in product(*choices)]


def worked(spells: Any) -> list[Spells]:
    """Spells whose starts are known to the month, or not at all, at either end."""
    choices = []
    for first, end in spells:
        starts = [AGO, FAR if end is None else end] if first is None else month(first)
        choices.append([(start, end) for start in starts if end is None or start <= end])
    return list(product(*choices))


def completions(person: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The person with all facts known, in every way that matters."""
    lists = {"credentials", "titles"}
    choices: dict[str, list[Any]] = {}
    for name, value in person.items():
        if value is None:
            choices[name] = WHOLE[name]
        elif name in lists:
            choices[name] = [list(each) for each in product(*(told(record) for record in value))]
        else:
            choices[name] = worked(value) if name == "work" else [value]
    for chosen in product(*choices.values()):
        yield dict(zip(choices, chosen, strict=True))
