"""The invented people of the demonstration town: no name, number, employer or phone is anybody's.

Identity numbers have right check digits and the region 321100 with invented serials; every phone begins 199 0000.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from chuding.accounts.identity import check_digit, check_uscc
from chuding.applications.workflow import State
from chuding.storage.clock import SHANGHAI

SEED = 20240318
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident_number(born_on: date, sequence: int) -> str:
    """A resident identity number with a right check digit (GB 11643-1999); odd sequences are men's."""
    body = f"321102{born_on:%Y%m%d}{sequence:03d}"
    return body + check_digit(body)


def social_credit_code(serial: int) -> str:
    """A 统一社会信用代码 that passes its check (GB 32100-2015)."""
    body = f"91321100MA{serial:06d}"
    organisation = sum(w * int(c, 36) for w, c in zip((3, 7, 9, 10, 5, 8, 4, 2), body[8:16], strict=True))
    body += "0123456789X"[(11 - organisation % 11) % 11]
    return next(body + last for last in _USCC_LETTERS if check_uscc(body + last).problem is None)


@dataclass(frozen=True)
class Unit:
    """An invented employer. `clerk` is whether somebody endorses its people online."""

    key: str
    name: str
    kind: str
    clerk: bool
    serial: int

    @property
    def code(self) -> str:
        return social_credit_code(self.serial)


UNITS = (
    Unit("machine", "江苏润江精密机械有限公司", "enterprise", True, 100101),
    Unit("chemistry", "镇江象山精细化工有限公司", "enterprise", False, 100202),
    Unit("inspection", "镇江市西津渡产品检验中心", "public_institution", False, 100303),
    Unit("ship", "镇江焦山船舶设备有限公司", "enterprise", True, 100404),
    Unit("textile", "丹阳凤凰山纺织有限公司", "enterprise", False, 100505),
    Unit("power", "句容茅山电气工程有限公司", "enterprise", True, 100606),
    Unit("pharmacy", "镇江北固山生物医药有限公司", "enterprise", False, 100707),
    Unit("agency", "镇江金山湖人事代理服务中心", "agency", True, 100808),
)
UNIT = {unit.key: unit for unit in UNITS}


@dataclass(frozen=True)
class Officer:
    """Somebody with a duty; `role` is what make run prints."""

    name: str
    phone: str
    role: str
    office: str = ""
    duty: str = ""
    unit: str = ""


OFFICERS = (
    Officer("王小满", "19900000001", "申报人（还没有申报，可从自查开始）"),
    Officer("孙立夏", "19900000002", "用人单位经办人（江苏润江精密机械有限公司）", unit="machine"),
    Officer("李谷雨", "19900000003", "协会初审", "association", "reviewer"),
    Officer("周白露", "19900000004", "协会复核", "association", "rechecker"),
    Officer("吴霜降", "19900000005", "协会签发人（初级）", "association", "signer"),
    Officer("赵冬至", "19900000006", "市职称办签发人（中级）", "city", "signer"),
    Officer("郑小寒", "19900000007", "协会签发人（第二人，确认撤销）", "association", "signer"),
    Officer("冯大暑", "19900000008", "市职称办签发人（第二人，确认撤销）", "city", "signer"),
    Officer("韩小雪", "19900000013", "协会文书（拟稿、核稿）", "association", "drafter"),
    Officer("沈大雪", "19900000014", "市职称办文书（拟稿、核稿）", "city", "drafter"),
    Officer("朱芒种", "19900000015", "协会初审（第二人，审核规则不符合的）", "association", "reviewer"),
    Officer("秦夏至", "19900000016", "协会审核组长（再次退回由组长同意）", "association", "lead"),
    Officer("陈惊蛰", "19900000009", "用人单位经办人（镇江焦山船舶设备有限公司）", unit="ship"),
    Officer("卫清明", "19900000010", "用人单位经办人（句容茅山电气工程有限公司）", unit="power"),
    Officer("魏谷风", "19900000017", "人事代理机构经办人（镇江金山湖人事代理服务中心）", unit="agency"),
    Officer("褚立春", "19900000011", "管理员（起草、提请通知）", "association", "administrator"),
    Officer("蒋雨水", "19900000012", "管理员（第二人，核对、发布通知）", "city", "administrator"),
)


@dataclass(frozen=True)
class Character:
    """One applicant: what they declare, and the state in which the town finds them."""

    name: str
    phone: str
    goal: State
    level: str
    specialty: str
    unit: str
    starts: datetime
    identity: dict[str, Any]
    educations: list[dict[str, Any]]
    spells: list[dict[str, Any]]
    employer: dict[str, Any] = field(default_factory=dict)
    insured: bool | None = True
    # Refused, and does not leave it at that.
    appeals: bool = False


SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
GIVEN = [
    "嘉禾",
    "思源",
    "雨桐",
    "子墨",
    "明轩",
    "若水",
    "清和",
    "景行",
    "知微",
    "允中",
    "书瑶",
    "亦凡",
    "安澜",
    "怀瑾",
    "晓棠",
    "星野",
    "慕青",
    "一诺",
    "文渊",
    "望舒",
    "采薇",
    "予安",
    "修远",
    "静姝",
    "云帆",
    "秋实",
    "春晓",
    "长风",
    "承志",
    "如松",
    "月华",
    "海晏",
    "朝阳",
    "泽宇",
    "梦溪",
    "江帆",
    "丹枫",
    "立言",
    "乐天",
    "竹溪",
    "凌霄",
    "寻梅",
    "兰心",
    "逸飞",
    "初晴",
    "远山",
    "听雨",
    "晚舟",
    "千寻",
    "问渠",
    "观澜",
    "守拙",
    "尚德",
    "弘毅",
    "致远",
    "博文",
    "若谷",
    "霁月",
    "浩然",
    "舒窈",
]
RARE = {3: "䶮", 11: "𬱖"}

# How many people stand at each stage; together with the officers about eighty people.
STAGES: tuple[tuple[State, int], ...] = (
    (State.ISSUED, 12),
    (State.REVOKED, 1),
    (State.DRAFT, 6),
    (State.EMPLOYER, 6),
    (State.EMPLOYER_RETURNED, 1),
    (State.RECEIVED, 11),
    (State.REVIEWING, 4),
    (State.CORRECTION, 4),
    (State.RECHECK, 5),
    (State.SIGNING, 4),
    (State.CITY, 4),
    (State.APPROVED, 5),
    (State.REFUSED, 2),
    (State.WITHDRAWN, 1),
    (State.EXPIRED, 1),
    (State.SECOND, 2),
    (State.LEAD, 2),
    (State.APPEALED, 1),
)

# (level, schooling, degree, years of graduation, specialty, employer)
KINDS: tuple[tuple[str, str, str, tuple[int, int], str, str], ...] = (
    ("助理级", "本科", "学士", (2020, 2022), "机械工程/机械制造/智能制造", "machine"),
    ("员级", "大专", "", (2020, 2022), "机械工程/设备管理/设备维修", "machine"),
    ("助理级", "研究生", "硕士", (2021, 2023), "石油化工/精细化工/精细化工", "chemistry"),
    ("中级", "研究生", "硕士", (2016, 2019), "生物医药工程/生物制药/制药工程", "pharmacy"),
    ("助理级", "本科", "学士", (2019, 2022), "电力工程/电气工程/电气工程", "power"),
    ("中级", "研究生", "博士", (2021, 2023), "船舶与海洋工程/结构物设计与制造/结构物设计与制造", "ship"),
    ("助理级", "大专", "", (2017, 2019), "纺织工程/纺织/染整", "textile"),
    ("助理级", "本科", "", (2018, 2022), "轻工工程/轻工/食品检验与检测", "inspection"),
    ("员级", "中专", "", (2019, 2022), "冶金工程/金属制品/金属制品", "machine"),
    ("中级", "研究生", "硕士", (2015, 2018), "电力工程/动力工程/动力工程", "power"),
)
_SCHOOLS = ("润州工业大学", "京江理工学院", "丹徒职业技术学院", "扬中船舶职业学院")
_MAJORS = {
    "机械工程": "机械设计制造及其自动化",
    "石油化工": "应用化学",
    "生物医药工程": "制药工程",
    "电力工程": "电气工程及其自动化",
    "船舶与海洋工程": "船舶与海洋工程",
    "纺织工程": "纺织工程",
    "轻工工程": "食品质量与安全",
    "冶金工程": "金属材料工程",
}
# Whose probation is too short: the law engine says so, and people decide.
RED = frozenset({State.REFUSED, State.SECOND, State.APPEALED})
_INTERMEDIATE = {State.CITY: (3, 5, 9)}
_JUNIOR = {
    State.SIGNING: (0, 1, 2, 4, 6, 7, 8),
    State.EMPLOYER: (0, 1, 8),
    State.EMPLOYER_RETURNED: (0,),
    State.REVOKED: (0,),
}


def _education(schooling: str, degree: str, year: int, series: str, chance: random.Random) -> dict[str, Any]:
    graduated = date(year, 6, chance.randint(15, 30))
    digits = f"{chance.randint(10**16, 10**17 - 1)}"
    return {
        "schooling": schooling,
        "graduated_on": graduated,
        "degree": degree,
        "degree_on": graduated if degree else None,
        "school": chance.choice(_SCHOOLS),
        "major": _MAJORS[series],
        "study_mode": "full_time",
        "enrolled_on": date(year - (3 if schooling in {"研究生", "大专", "中专"} else 4), 9, 1),
        "schooling_number": digits,
        "degree_number": digits[::-1] if degree else "",
        "field_matches": True,
    }


def _character(number: int, goal: State, kind: int, starts: datetime, chance: random.Random) -> Character:
    level, schooling, degree, years, specialty, unit = KINDS[kind]
    year = chance.randint(*years)
    if level == "中级" and degree == "硕士":
        year = min(year, 2019)
    if kind == 0 and starts.month > 7 and goal not in RED:
        year = 2023  # just over the year of probation, so that a replay with a longer one has somebody who loses
    born = date(
        year - {"中专": 19, "大专": 21, "本科": 22, "研究生": 25}[schooling],
        chance.randint(1, 12),
        chance.randint(1, 28),
    )
    given = GIVEN[number % len(GIVEN)]
    name = SURNAMES[number % len(SURNAMES)] + (RARE.get(number) or given)
    number_of_identity = resident_number(born, 100 + number)
    began = date(year, 7, chance.randint(5, 25))
    series = specialty.split("/", 1)[0]
    employer: dict[str, Any] = {"works_in_jurisdiction": True, "engagement": "employment_contract", "post": "技术员"}
    if UNIT[unit].kind == "public_institution":
        employer |= {"established_post": True, "established_post_since": date(year, 9, 1)}
    if goal in RED:
        began = date(2024, 2, 20)
    return Character(
        name=name,
        phone=f"199{number + 100:08d}",
        goal=goal,
        level=level,
        specialty=specialty,
        unit=unit,
        starts=starts,
        identity={
            "full_name": name,
            "identity": "mainland",
            "identity_type": "resident_id",
            "identity_number": number_of_identity,
            "sex": "男" if int(number_of_identity[16]) % 2 else "女",
            "born_on": born,
            "permit": "none",
            "civil_servant": False,
            "retired": False,
            "sanctioned": False,
        },
        educations=[_education(schooling, degree, year, series, chance)],
        spells=[
            {
                "employer_name": UNIT[unit].name,
                "post": "技术员",
                "started_on": began,
                "ended_on": None,
                "in_specialty": True,
            }
        ],
        employer=employer,
        insured=None if number % 17 == 5 else number % 13 != 6,
    )


_HMT = "810000199704120031"
_NAMED: tuple[tuple[str, dict[str, Any], int, dict[str, Any]], ...] = (
    ("陈维港", {"identity": "hk_macau_taiwan", "identity_type": "hmt_residence_permit", "identity_number": _HMT[:17] + check_digit(_HMT[:17]), "identity_until": date(2027, 4, 11), "sex": "男", "born_on": date(1997, 4, 12), "permit": "jiangsu_overseas_talent", "permit_number": "JSOT2023000731", "permit_until": date(2026, 12, 31)}, 4, {}),
    ("DUPONT CLAIRE", {"identity": "foreign", "identity_type": "passport", "identity_number": "FRA09AB12345", "identity_until": date(2030, 2, 28), "nationality": "FRA", "foreign_name": "Claire Dupont", "sex": "女", "born_on": date(1994, 9, 3), "permit": "foreign_work_permit", "permit_number": "2023110032001", "permit_until": date(2025, 8, 31)}, 5, {}),
    ("古丽娜尔·买买提", {}, 2, {}),
    ("许闲云", {}, 0, {"engagement": "freelance"}),
)  # fmt: skip


def characters() -> list[Character]:
    """Everybody in town who applied or is about to, in the order in which they begin."""
    chance = random.Random(SEED)  # noqa: S311 - invented people, not secrets
    cast: list[Character] = []
    number = 0
    for goal, count in STAGES:
        for turn in range(count):
            kinds = _INTERMEDIATE.get(goal) or _JUNIOR.get(goal) or tuple(range(len(KINDS)))
            kind = kinds[turn % len(kinds)] if goal not in RED else (0, 1)[turn]
            early = goal in {State.ISSUED, State.REVOKED, State.WITHDRAWN, State.EXPIRED}
            first, days = (date(2024, 3, 21), 60) if early else (date(2024, 8, 5), 24)
            if goal == State.CORRECTION:  # so that the day to mend by is still ahead
                first, days = date(2024, 9, 4), 5
            if goal == State.EXPIRED:
                first, days = date(2024, 6, 3), 5
            day = first + timedelta(days=chance.randint(0, days))
            starts = datetime(
                day.year, day.month, day.day, chance.randint(8, 16), chance.randint(0, 59), tzinfo=SHANGHAI
            )
            # Numbered behind the others, who came to town earlier and keep their phones.
            late = len(_NAMED) if goal is State.APPEALED else 0
            who = _character(number + late, goal, kind, starts, chance)
            cast.append(replace(who, appeals=goal is State.APPEALED or (goal is State.REFUSED and turn == 1)))
            number += 1
    return cast + _others(number - dict(STAGES)[State.APPEALED])


def _others(number: int) -> list[Character]:
    """The people whom the notice names besides: Hong Kong, Taiwan, foreign, a freelancer, and a name with ·."""
    chance = random.Random(SEED + 1)  # noqa: S311
    starts = datetime(2024, 8, 12, 10, 20, tzinfo=SHANGHAI)
    cast = []
    for turn, (name, identity, kind, employer) in enumerate(_NAMED):
        base = _character(number + turn, State.RECEIVED, kind, starts + timedelta(days=turn, minutes=17 * turn), chance)
        facts = base.identity | {"full_name": name} | identity
        declared = base.employer | employer
        cast.append(
            Character(
                **{
                    **base.__dict__,
                    "name": name,
                    "identity": facts,
                    "employer": declared,
                    "unit": "agency" if employer else base.unit,
                }
            )
        )
    return cast
