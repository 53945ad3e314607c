"""Invented diplomas, degree certificates, schooling reports and employers' letters, as a scanner or a phone gives them.

`papers(count, seed, fonts)` yields the truth and the clean page; `spoil` makes a scan of it (turned, noisy, shaded) or a phone's
photo (perspective, a table around it, uneven light). The same seed gives the same pictures. Used by benchmarks/reading.py
and, a few dozen of them, by tests/paper/test_reading_scans.py.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pypdfium2
import typst

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
DPI = 150
AT = datetime(2024, 7, 1, 2, tzinfo=UTC)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭鲁韦马苗花方俞任袁柳史唐费薛雷贺倪汤罗郝安常于傅齐康伍余顾孟平黄"
GIVEN = ["嘉禾", "思源", "雨桐", "子墨", "明轩", "若水", "景行", "知微", "书瑶", "亦凡", "安澜", "怀瑾", "晓棠", "文渊", "望舒", "修远", "静姝", "云帆", "秋实", "春晓", "志强", "建国", "丽", "伟", "敏", "婷婷", "海涛", "永刚"]  # fmt: skip
RARE = [
    "王晓䶮",
    "李㛃",
    "陈玥",
    "张喆",
    "刘堃",
    "阿依古丽·买买提",
    "迪丽拜尔·艾合买提",
    "欧阳志远",
    "司马清和",
    "赵翀",
    "周燚",
    "吴昇",
]
SCHOOLS = ["江苏科技大学", "江苏大学", "南京理工大学", "镇江市高等专科学校", "常州大学", "南京工业大学", "苏州工业职业技术学院", "江苏农林职业技术学院", "中国矿业大学", "河海大学", "扬州大学", "盐城工学院", "无锡职业技术学院", "哈尔滨工程大学"]  # fmt: skip
MAJORS = ["机械设计制造及其自动化", "电气工程及其自动化", "材料成型及控制工程", "应用化学", "船舶与海洋工程", "自动化", "土木工程", "数控技术", "机电一体化技术", "环境工程", "计算机科学与技术", "食品质量与安全", "车辆工程", "给排水科学与工程"]  # fmt: skip
EMPLOYERS = ["江苏润江精密机械有限公司", "镇江象山精细化工有限公司", "镇江市西津渡产品检验中心", "镇江焦山船舶设备有限公司", "丹阳凤凰山纺织有限公司", "句容茅山电气工程有限公司", "镇江北固山生物医药有限公司", "扬中新坝电器集团股份有限公司"]  # fmt: skip
DEGREES = {"学士": ["工学学士", "理学学士", "管理学学士"], "硕士": ["工学硕士", "工程硕士专业"], "博士": ["工学博士"]}
_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Paper:
    """What stands on the page, and the page as a clean picture (BGR)."""

    kind: str
    truth: dict[str, Any]
    picture: np.ndarray
    pdf: bytes


def chinese_day(on: date, zero: str = "〇") -> str:
    """二〇一八年六月二十日."""

    def tens(n: int) -> str:
        return ("" if n < 20 else _DIGITS[n // 10]) + ("十" if n > 9 else "") + (_DIGITS[n % 10] if n % 10 else "")

    year = "".join(_DIGITS[int(c)] for c in str(on.year)).replace("〇", zero)
    return f"{year}年{tens(on.month)}月{tens(on.day)}日"


def _day(on: date, dice: random.Random) -> str:
    return chinese_day(on, dice.choice("〇〇〇○零")) if dice.random() < 0.6 else f"{on.year}年{on.month}月{on.day}日"


def _person(dice: random.Random) -> str:
    return dice.choice(RARE) if dice.random() < 0.12 else dice.choice(SURNAMES) + dice.choice(GIVEN)


def _schooling(dice: random.Random) -> dict[str, Any]:
    kind, years = dice.choice([("本科", 4), ("本科", 4), ("大专", 3), ("研究生", 3)])
    graduated = date(dice.randint(2009, 2023), dice.choice([6, 6, 6, 7, 1, 12]), dice.randint(1, 28))
    return {
        "full_name": _person(dice),
        "school": dice.choice(SCHOOLS),
        "major": dice.choice(MAJORS),
        "schooling": kind,
        "graduated_on": graduated,
        "enrolled_on": date(graduated.year - years, 9, 1),
        "schooling_number": f"{dice.randint(10200, 14300)}1{graduated.year}0{dice.choice('56')}{dice.randint(100000, 999999)}",
    }


def diploma(dice: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    truth = _schooling(dice)
    years = truth["graduated_on"].year - truth["enrolled_on"].year
    word = {"本科": "本科", "大专": dice.choice(["专科", "大专", "高职（专科）"]), "研究生": "硕士研究生"}[
        truth["schooling"]
    ]
    began, ended = (f"{d.year}年{d.month}月" for d in (truth["enrolled_on"], truth["graduated_on"]))
    if dice.random() < 0.5:
        began, ended = (
            chinese_day(d).rpartition("月")[0] + "月" for d in (truth["enrolled_on"], truth["graduated_on"])
        )
    born = _day(date(truth["enrolled_on"].year - 18, dice.randint(1, 12), dice.randint(1, 28)), dice)
    plan = "完成培养计划规定的课程和论文" if truth["schooling"] == "研究生" else "修完教学计划规定的全部课程"
    body = (
        f"学生 {truth['full_name']} 性别 {dice.choice('男女')}，{born}生，于{began}至{ended}在本校"
        f"{dice.choice([' ', ''])}{truth['major']}{dice.choice([' ', ''])}专业"
        f"{_DIGITS[years]}年制{word}学习，{plan}，成绩合格，准予毕业。"
    )
    if truth["schooling"] == "研究生":
        body = body.replace("学生 ", "研究生 ", 1)
    title = {"本科": "普通高等学校毕业证书", "大专": "普通高等学校毕业证书", "研究生": "硕士研究生毕业证书"}[
        truth["schooling"]
    ]
    number = truth["schooling_number"]
    values = {
        "title": title, "body": body, "number": f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}" if dice.random() < 0.4 else number,
        "signer_left": f"校　名：{truth['school']}", "signer_right": f"校（院）长：{_person(dice)}", "day": _day(truth["graduated_on"], dice),
    }  # fmt: skip
    return truth, values


def degree(dice: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    base = _schooling(dice)
    kind = dice.choice(["学士", "学士", "硕士", "博士"])
    named = dice.choice(DEGREES[kind])
    on = base["graduated_on"]
    truth = {
        "full_name": base["full_name"], "school": base["school"], "major": base["major"], "degree": kind, "degree_on": on,
        "degree_number": f"{dice.randint(10200, 14300)}{'4' if kind == '学士' else '3'}{on.year}{dice.randint(100000, 999999)}",
    }  # fmt: skip
    born = _day(date(on.year - 22, dice.randint(1, 12), dice.randint(1, 28)), dice)
    done = "本科学习计划，业已毕业" if kind == "学士" else f"{kind}学位课程，通过论文答辩"
    body = (
        f"{truth['full_name']}，{dice.choice('男女')}，{born}生。在{dice.choice([truth['school'], '本校'])}{truth['major']}专业完成了{done}，"
        f"经审核符合《中华人民共和国学位条例》的规定，授予{named}学位。"
    )
    values = {
        "title": f"{kind}学位证书", "body": body, "number": truth["degree_number"], "signer_left": f"{truth['school']}",
        "signer_right": f"学位评定委员会主席：{_person(dice)}", "day": _day(on, dice),
    }  # fmt: skip
    return truth, values


def schooling_report(dice: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    truth = _schooling(dice) | {"study_mode": "full_time"}
    code = "".join(dice.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(16))
    truth["verification_code"] = code

    def cn(d: date) -> str:
        return f"{d.year}年{d.month:02}月{d.day:02}日"

    level = {"本科": "本科", "大专": "专科", "研究生": "硕士研究生"}[truth["schooling"]]
    cells = [
        ("姓名", truth["full_name"], "性别", dice.choice("男女")),
        ("出生日期", cn(date(truth["enrolled_on"].year - 18, 5, 12)), "入学日期", cn(truth["enrolled_on"])),
        ("毕（结）业日期", cn(truth["graduated_on"]), "学校名称", truth["school"]),
        ("专业", truth["major"]),
        ("学历类别", "普通高等教育", "学制", f"{truth['graduated_on'].year - truth['enrolled_on'].year}年"),
        ("学习形式", dice.choice(["全日制", "普通全日制"]), "层次", level),
        ("毕（结）业", "毕业", "校（院）长姓名", _person(dice)),
        ("证书编号", truth["schooling_number"]),
    ]
    return truth, {
        "title": "教育部学历证书电子注册备案表",
        "cells": cells,
        "code": code,
        "updated": cn(date(2024, 5, 20)),
    }


def degree_report(dice: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    truth, _ = degree(dice)
    code = "".join(dice.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(16))
    on = truth["degree_on"]
    cells = [
        ("姓名", truth["full_name"], "性别", dice.choice("男女")),
        ("出生日期", f"{on.year - 22}年05月12日", "获学位日期", f"{on.year}年{on.month:02}月{on.day:02}日"),
        ("学位授予单位", truth["school"]),
        ("学位名称", dice.choice(DEGREES[truth["degree"]]).replace("专业", "")),
        ("学科/专业", truth["major"]),
        ("学位证书编号", truth["degree_number"]),
    ]
    truth["verification_code"] = code
    return truth, {"title": "教育部学位证书电子注册备案表", "cells": cells, "code": code, "updated": "2024年05月20日"}


def endorsement(dice: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    on = date(2024, dice.randint(4, 11), dice.randint(1, 28))
    truth = {"full_name": _person(dice), "employer_name": dice.choice(EMPLOYERS), "endorsed_on": on}
    field = dice.choice(MAJORS[:6])
    level = dice.choice(["助理级", "中级", "员级"])
    opening = dice.choice(
        [
            f"兹证明{truth['full_name']}同志系我单位在职人员，现任技术员，从事{field}专业技术工作，经考核合格。",
            f"{truth['full_name']}同志系我单位正式职工，在{field}岗位从事专业技术工作，见习期满，考核合格。",
            f"兹有我单位职工{truth['full_name']}，从事{field}工作，表现良好。",
        ]
    )
    lines = [opening, f"经研究，同意其申报{level}专业技术资格初定，所提交的材料真实、完整。", "特此证明。"]
    return truth, {
        "title": dice.choice(["单位同意申报证明", "同意申报证明", "证明"]), "office": "镇江市职工技术协会", "lines": lines,
        "employer": truth["employer_name"], "day": _day(on, dice),
    }  # fmt: skip


KINDS = {
    "diploma": diploma, "degree": degree, "schooling_report": schooling_report, "degree_report": degree_report,
    "endorsement": endorsement,
}  # fmt: skip
_SHARE = ("diploma", "diploma", "degree", "schooling_report", "degree_report", "endorsement", "endorsement")


def typeset(kind: str, values: dict[str, Any], fonts: Path) -> bytes:
    """A paper as a PDF with a text layer."""
    said = {"frame": "#8a6d3b", "font": "Noto Serif SC"} | values | {"kind": kind}
    pdf = _compiler(fonts).compile(
        sys_inputs={"data": json.dumps(said, ensure_ascii=False)}, format="pdf", timestamp=AT
    )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _compiler(fonts: Path) -> typst.Compiler:
    faces = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
    return typst.Compiler(str(HERE / "scans.typ"), root=str(HERE), font_paths=faces, ignore_system_fonts=True)


def paper(
    number: int, seed: int, fonts: Path, kinds: tuple[str, ...] = _SHARE, *, draw: bool = True
) -> tuple[Paper, random.Random]:
    """The paper of this number, with the dice that go on to spoil it; `draw` False leaves the picture out."""
    dice = random.Random(f"{seed}-{number}")
    kind = kinds[number % len(kinds)]
    truth, values = KINDS[kind](dice)
    values |= {"kind": kind, "frame": dice.choice(["#8a6d3b", "#2f6b4f", "#7a2e2e"]), "font": dice.choice(["Noto Serif SC", "Noto Serif SC", "Chuding Kai", "Noto Sans SC"])}  # fmt: skip
    if not draw:
        return Paper(kind, truth, np.zeros((1, 1, 3), np.uint8), b""), dice
    pdf = typeset(kind, values, fonts)
    with pypdfium2.PdfDocument(pdf) as document:
        picture = cv2.cvtColor(
            np.asarray(document[0].render(scale=DPI / 72).to_pil().convert("RGB")), cv2.COLOR_RGB2BGR
        )
    return Paper(kind, truth, picture, pdf), dice


def papers(
    count: int, seed: int, fonts: Path, kinds: tuple[str, ...] = _SHARE
) -> Iterator[tuple[Paper, random.Random]]:
    """Papers one after the other."""
    return (paper(number, seed, fonts, kinds) for number in range(count))


def stamped(picture: np.ndarray, dice: random.Random, at: tuple[float, float]) -> np.ndarray:
    """The page with a round red seal of 38 to 45 mm, its centre at a share of the page; ink as seals have it."""
    mm = DPI / 25.4
    size = int(dice.uniform(38, 45) * mm)
    layer = np.zeros((size, size), np.float32)
    middle, radius = size // 2, size // 2 - 3
    cv2.circle(layer, (middle, middle), radius, 1, max(3, int(1.1 * mm)), cv2.LINE_AA)
    star = [(middle + math.sin(k * math.pi * 4 / 5) * radius * 0.3, middle - math.cos(k * math.pi * 4 / 5) * radius * 0.3) for k in range(5)]  # fmt: skip
    cv2.fillPoly(layer, [np.array(star, np.int32)], 1, cv2.LINE_AA)
    for n in range(12):  # blocks in place of letters along the ring: nobody's real seal
        angle = math.pi * (0.75 + n * 1.5 / 11)
        x, y = middle + math.cos(angle) * radius * 0.76, middle + math.sin(angle) * radius * 0.76
        side = radius * 0.1
        cv2.rectangle(layer, (int(x - side), int(y - side)), (int(x + side), int(y + side)), 1, 2, cv2.LINE_AA)
    grain = cv2.GaussianBlur(
        np.random.default_rng(dice.randint(0, 1 << 30)).random((size, size), np.float32), (0, 0), 1.5
    )
    layer *= dice.uniform(0.45, 0.95) * np.clip(0.6 + (grain - grain.min()) / (np.ptp(grain) + 1e-6), 0, 1)
    turn = cv2.getRotationMatrix2D((middle, middle), dice.uniform(-40, 40), 1)
    layer = cv2.warpAffine(layer, turn, (size, size))[..., None]
    ink = np.array([dice.uniform(20, 70), dice.uniform(20, 60), dice.uniform(190, 230)], np.float32)
    height, width = picture.shape[:2]
    x, y = int(at[0] * width) - middle, int(at[1] * height) - middle
    x, y = max(0, min(x, width - size)), max(0, min(y, height - size))
    out = picture.copy()
    part = out[y : y + size, x : x + size].astype(np.float32)
    out[y : y + size, x : x + size] = np.clip(part * (1 - layer) + np.minimum(part, ink) * layer, 0, 255).astype(
        np.uint8
    )
    return out


def _light(picture: np.ndarray, dice: random.Random, depth: float) -> np.ndarray:
    """Uneven light with the soft shadow of a hand or a phone."""
    height, width = picture.shape[:2]
    angle = dice.uniform(0, 2 * math.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    field = 1 - depth * 0.5 * (1 + np.cos(angle) * x * 0.7 + np.sin(angle) * y * 0.7)
    if dice.random() < 0.5:
        edge = np.cos(angle + 1) * x + np.sin(angle + 1) * y - dice.uniform(0, 0.5)
        field *= 1 - depth * 0.6 / (1 + np.exp(-edge * 14))
    tint = np.array([dice.uniform(0.86, 1), dice.uniform(0.94, 1), 1], np.float32)
    return np.clip(picture * field[..., None] * tint, 0, 255).astype(np.uint8)


def _noise(picture: np.ndarray, dice: random.Random, strength: float) -> np.ndarray:
    grain = np.random.default_rng(dice.randint(0, 1 << 30)).normal(0, strength, picture.shape).astype(np.float32)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def _table(width: int, height: int, dice: random.Random) -> np.ndarray:
    """A desk top: a colour with a grain."""
    colour = dice.choice([(60, 90, 130), (70, 70, 75), (90, 110, 90), (40, 50, 70), (120, 140, 160)])
    grain = (
        np.random.default_rng(dice.randint(0, 1 << 30)).normal(0, 14, (height, width // 16 + 1, 1)).astype(np.float32)
    )
    grain = cv2.resize(grain, (width, height))[..., None]
    return np.clip(np.array(colour, np.float32) + grain, 0, 255).astype(np.uint8)


def photo(picture: np.ndarray, dice: random.Random) -> np.ndarray:
    """As a phone sees the sheet on a table: in perspective, turned a little, unevenly lit, not quite sharp."""
    height, width = picture.shape[:2]
    wide, tall = int(width * 1.3), int(height * 1.3)
    left, top = (wide - width) / 2, (tall - height) / 2
    reach = 0.055 * min(width, height)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    goal = corners + np.array([left, top], np.float32) + np.array([[dice.uniform(-reach, reach) for _ in "xy"] for _ in corners], np.float32)  # fmt: skip
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), dice.uniform(-7, 7), 1)
    goal = cv2.transform(goal[None], turn)[0]
    matrix = cv2.getPerspectiveTransform(corners, goal.astype(np.float32))
    sheet = cv2.warpPerspective(picture, matrix, (wide, tall))
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (wide, tall))[..., None] / 255.0
    out = (sheet * mask + _table(wide, tall, dice) * (1 - mask)).astype(np.uint8)
    out = _light(out, dice, dice.uniform(0.1, 0.45))
    return _noise(cv2.GaussianBlur(out, (0, 0), dice.uniform(0.4, 1.1)), dice, dice.uniform(2, 7))


def scan(picture: np.ndarray, dice: random.Random) -> np.ndarray:
    """As a flat-bed scanner gives it: a little askew, a grey paper, some noise."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), dice.uniform(-2.5, 2.5), 1)
    out = cv2.warpAffine(picture, turn, (width, height), borderValue=(250, 250, 250))
    out = _light(out, dice, dice.uniform(0, 0.12))
    return _noise(cv2.GaussianBlur(out, (0, 0), dice.uniform(0.3, 0.8)), dice, dice.uniform(1, 5))


def spoil(paper: Paper, dice: random.Random) -> tuple[np.ndarray, dict[str, Any]]:
    """The picture that somebody hands in, and how it came about: `way` scan or photo, `seal`, `turned` (quarters)."""
    picture = paper.picture
    sealed = dice.random() < 0.6
    if sealed and paper.kind in {"diploma", "degree", "endorsement"}:
        at = (dice.uniform(0.6, 0.76), dice.uniform(0.55, 0.68)) if paper.kind == "endorsement" else (0.72, 0.72)
        picture = stamped(picture, dice, at)
    else:
        sealed = False
    way = "photo" if dice.random() < 0.5 else "scan"
    out = (photo if way == "photo" else scan)(picture, dice)
    turned = dice.choice([0, 0, 0, 1, 2, 3]) if way == "photo" else dice.choice([0, 0, 0, 0, 2])
    out = np.ascontiguousarray(np.rot90(out, turned))
    quality = dice.randint(60, 90)
    out = cv2.imdecode(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return out, {"way": way, "seal": sealed, "turned": turned}
