"""Certificates, forms and a document with its roster: ours beside ReportLab and WeasyPrint, the same data in one run.

    .venv-bench/bin/python benchmarks/typesetting.py [--rounds 9] [--batch 1000] [--names 5000]

Cold is a process of its own that makes one paper and ends: its CPU, start included. Warm are medians of different papers in one
process, as the typesetter keeps what it has seen. The batch is what an office issues at once: the second code, the page, the
signature of B-LT with a time stamp of the demonstration's own authority. Other engines are left out where they are not
installed. Bars: documents.md A and C; a figure that misses its bar ends it with 1.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from bars import Bars, here

from chuding.connectors.timestamp import DemonstrationTimeStamping
from chuding.paper import gallery, typeset
from chuding.paper.glyphs import fonts_folder
from chuding.paper.keys import load_signer, make_demonstration_keys
from chuding.paper.sign import sign_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from chuding.paper.keys import Signer

AT = datetime(2024, 6, 28, 18, 0, tzinfo=timezone(timedelta(hours=8)))
# CPU ms: a certificate, a form, a process of its own, one of a batch signed; a roster of 5,000 in seconds and bytes.
CERTIFICATE, FORM, COLD, BATCHED, NAMES, MEGABYTES = 14.5, 23.7, 440.0, 14.9, 1.8, 0.62
# How many times ours another engine takes, at least: certificate and form.
SLOWER = {"WeasyPrint, PDF/A-2b": (12.1, 26.3)}


def certificate_data(number: int) -> typeset.CertificateData:
    """The usual certificate of the gallery, each for another number."""
    return typeset.CertificateData(
        holder_name="王晓䶮",
        sex="女",
        birth_on=date(1996, 5, 12),
        identity_type="居民身份证",
        identity_number="321102199605120047",
        employer_name="镇江市恒远精密机械制造有限公司",
        level="助理级",
        qualification="助理工程师",
        series="机械工程",
        major="机械制造",
        minor="机械设计",
        qualified_on=date(2024, 6, 28),
        approved_on=date(2024, 6, 28),
        document_number="镇技协〔2024〕3号",
        certificate_number=f"ZJX20242{number:08d}",
        issuer="镇江市职工技术协会",
        verify_url=f"https://chuding.example.cn/v/7KQ2M9XD4TB6abc{number:07d}",
        sample=True,
        notice_number="镇技协〔2024〕1号",
        clause="二（二）",
    )


DECLARATION = replace(dict(gallery._declarations())["long"], sample=True)
DOCUMENT = gallery._document


def declaration_data(number: int) -> typeset.DeclarationData:
    return replace(DECLARATION, application_number=f"ZJ2024-{number:06d}", phone=f"1380000{number:04d}")


# ---- measuring ----


def ours(fonts: Path) -> tuple[Callable, Callable, Callable]:
    """What draws a certificate, a form and a document."""
    maker = typeset.Typesetter(fonts)
    works = (maker.certificate, maker.declaration, maker.document)
    return tuple(lambda data, work=work: work(data, AT) for work in works)


DATA = (certificate_data, declaration_data, lambda number: DOCUMENT(500 + number))


def cost(work: Callable[[object], object], data: object) -> float:
    start = time.process_time()
    work(data)
    return (time.process_time() - start) * 1000


def median(work: Callable[[object], object], make: Callable[[int], object], rounds: int) -> float:
    return statistics.median(cost(work, make(number)) for number in range(1, rounds + 1))


def warm(bars: Bars, fonts: Path, rounds: int) -> None:
    """Every engine that is here, in one run."""
    engines = {"ours (typst), PDF/A-2a and UA-1": ours(fonts)}
    try:
        from typesetting_others import makers

        engines |= makers(fonts)
    except ImportError as missing:
        print(f"left out, not installed: {missing.name}", file=sys.stderr)
    bars.head(
        "CPU ms, medians",
        "first",
        "certificate (a second)",
        "ratio",
        "form (a second)",
        "ratio",
        "500 names",
        "ratio",
        "",
    )
    base: tuple[float, ...] = ()
    for engine, works in engines.items():
        first = cost(works[0], certificate_data(0))
        works[1](declaration_data(0))
        turns = (rounds, max(1, rounds // 2), max(1, rounds // 4))
        figures = tuple(median(work, make, turn) for work, make, turn in zip(works, DATA, turns, strict=True))
        base = base or figures
        (one, a), (form, b), (names, c) = ((ms, ms / mine) for ms, mine in zip(figures, base, strict=True))
        if engine in SLOWER:
            held = "; ".join(
                bars.least(engine, round(got, 1), bar) for got, bar in zip((a, b), SLOWER[engine], strict=True)
            )
        else:
            limits = (here(CERTIFICATE), here(FORM)) if figures is base else (None, None)
            held = bars.held(engine, (round(one, 1), limits[0]), (round(form, 1), limits[1]))
        print(
            f"| {engine} | {first:.0f} | {one:.1f} ({1000 / one:.0f}) | {a:.1f} | {form:.1f} ({1000 / form:.0f}) | {b:.1f} | {names:.0f} | {c:.1f} | {held} |",
            flush=True,
        )


# What a cold process does, and imports: the data come over its standard input.
ONE = """
import pickle, sys
from pathlib import Path
from chuding.paper.typeset import Typesetter
what, data, at = pickle.load(sys.stdin.buffer)
getattr(Typesetter(Path(sys.argv[1])), what)(data, at)
"""


def cold(bars: Bars, fonts: Path, rounds: int) -> None:
    """A process that makes one paper; start, fonts and the template's first compilation are in it."""
    bars.head("a process of its own", "CPU ms", "bar", "")
    for what, data in (("certificate", certificate_data(1)), ("declaration", declaration_data(1))):
        order, times = pickle.dumps((what, data, AT)), []
        for _ in range(rounds):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", ONE, fonts], input=order, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
        bars.row(f"one {what}", round(statistics.median(times)), here(COLD), " ms")


def issued(number: int, draw: Callable[[object], bytes], signer: Signer, stamper: DemonstrationTimeStamping) -> bytes:
    """A certificate as an office issues it: second code, page, signature with its time stamp."""
    data = certificate_data(number)
    page = draw(replace(data, offline_url=gallery.second_code(data, signer)))
    return sign_pdf(page, signer, at=AT, reason="演示签发", time_stamper=stamper)


def batch(bars: Bars, fonts: Path, keys: Path, count: int, names: int) -> None:
    """What an office makes at once, and the document that goes with it."""
    make_demonstration_keys(keys, AT)
    signer, stamper = load_signer(keys, "association"), DemonstrationTimeStamping(str(keys))
    draw, form, document = ours(fonts)
    bars.head("what", "measured", "bar", "")
    issued(0, draw, signer, stamper)
    began = time.process_time()
    for number in range(1, count + 1):
        issued(number, draw, signer, stamper)
    each = (time.process_time() - began) * 1000 / count
    bars.row(
        f"certificates, {count:,} in one process, second code and B-LT: each, CPU", round(each, 1), here(BATCHED), " ms"
    )
    print(f"| the same, a second and core | {1000 / each:.0f} | | |")
    signed = median(
        lambda data: sign_pdf(form(data), signer, at=AT, reason="演示签发", time_stamper=stamper), declaration_data, 7
    )
    print(f"| the longest form, typeset and signed B-LT, CPU | {signed:.1f} ms ({1000 / signed:.0f} a second) | | |")
    for what, data, most in (("usual", usual(names), MEGABYTES * names / 5000), ("the longest", DOCUMENT(names), None)):
        began = time.process_time()
        made = document(data)
        taken = time.process_time() - began
        bars.row(
            f"document with {names:,} names, {what} rows, CPU",
            round(taken, 2),
            here(NAMES * names / 5000) if most else None,
            " s",
        )
        # A short roster is mostly its fonts, which do not grow with it.
        bars.row(
            f"document with {names:,} names, {what} rows, size",
            round(len(made) / 1e6, 2),
            most if names >= 5000 else None,
            " MB",
        )


# Of these a town's roster is made: names, units and specialties that differ from row to row, each on the lines that it usually takes.
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶"
_GIVEN = [
    "嘉禾",
    "思源",
    "雨桐",
    "子墨",
    "明轩",
    "若水",
    "景行",
    "知微",
    "书瑶",
    "亦凡",
    "安澜",
    "怀瑾",
    "晓棠",
    "文渊",
    "望舒",
    "修远",
    "静姝",
    "云帆",
    "秋实",
    "志强",
    "建国",
    "丽",
    "伟",
    "敏",
]
_PLACES, _UNITS = (
    ["镇江市", "丹阳市", "句容市", "扬中市"],
    ["恒远", "润江", "象山", "西津渡", "焦山", "凤凰山", "茅山", "北固山", "新坝", "大港"],
)
_TRADES = ["精密机械制造有限公司", "精细化工有限公司", "电气工程有限公司", "生物医药科技有限公司"]
_FIELDS = [
    "机械工程／机械制造／机械设计",
    "电力工程／电气工程",
    "化学工程／精细化工",
    "生物医药／药物制剂",
    "轻工／食品工程",
]


def usual(names: int) -> typeset.DocumentData:
    """A roster without the gallery's extremes and without a sample's mark. No two neighbours are alike, as no two people are."""
    data, dice = DOCUMENT(names), random.Random(5)
    rows = (
        replace(
            data.roster[0],
            name=dice.choice(_FAMILY) + dice.choice(_GIVEN),
            employer=dice.choice(_PLACES) + dice.choice(_UNITS) + dice.choice(_TRADES),
            field=dice.choice(_FIELDS),
        )
        for _ in range(names)
    )
    return replace(data, sample=False, roster=tuple(rows))


def measure(rounds: int, count: int, names: int) -> Bars:
    bars = Bars()
    with tempfile.TemporaryDirectory() as name:
        fonts = fonts_folder(Path(os.environ.get("CHUDING_DATA") or name))
        cold(bars, fonts, max(1, rounds // 3))
        print()
        warm(bars, fonts, rounds)
        print()
        batch(bars, fonts, Path(name) / "keys", count, names)
    return bars


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=9)
    words.add_argument("--batch", type=int, default=1000)
    words.add_argument("--names", type=int, default=5000)
    options = words.parse_args()
    return measure(options.rounds, options.batch, options.names).end()


if __name__ == "__main__":
    sys.exit(main())
