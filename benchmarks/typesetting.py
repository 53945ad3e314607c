"""Certificates, forms and a document with its roster: ours beside ReportLab and WeasyPrint, the same data in one run.

The others draw the same words in the same fonts on as many pages, simpler than ours: ReportLab no ornament and no tags,
neither of them PDF/A with tags, no fallback of fonts. CPU time, medians. Run by benchmarks/run.py in .venv-bench; alone:
.venv-bench/bin/python benchmarks/typesetting.py
"""

from __future__ import annotations

import html
import io
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import segno
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from chuding.paper import gallery, typeset
from chuding.paper.glyphs import fonts_folder
from chuding.paper.keys import load_signer, make_demonstration_keys
from chuding.paper.sign import sign_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
except OSError as missing:  # Debian's libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0 are not there
    print(f"WeasyPrint is left out: {missing}", file=sys.stderr)
    weasyprint = None

AT = datetime(2024, 6, 28, 18, 0, tzinfo=timezone(timedelta(hours=8)))
ORNAMENT = Path(typeset.__file__).parent / "templates" / "guilloche.svg"
ROUNDS, BATCH = (9, 5, 2), 1000


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


def lines_of(data: typeset.CertificateData) -> list[tuple[float, float, str]]:
    """The words of a certificate: height from the bottom in millimetres, size, text."""
    who = f"{data.sex}　{typeset.chinese_date(data.birth_on)}出生　{data.identity_type} {data.identity_number}"
    return [
        (165, 38, "专业技术资格证书"),
        (155, 11, "CERTIFICATE OF PROFESSIONAL AND TECHNICAL QUALIFICATION"),
        (138, 42, data.holder_name),
        (125, 11.5, who),
        (113, 14, f"依据{data.notice_number}文件{data.clause}的规定，经审核批准，初定"),
        (100, 27, data.qualification),
        (90, 14, f"（{data.level}）专业技术资格，特发此证。"),
        (78, 11, f"工作单位 {data.employer_name}　　取得时间 {typeset.chinese_date(data.qualified_on)}"),
        (70, 11, f"专业名称 {data.series}／{data.major}／{data.minor}　　批准文号 {data.document_number}"),
        (40, 16, data.issuer),
        (33, 12, typeset.chinese_date(data.approved_on)),
        (28, 8.6, data.verify_url),
    ]


def sections(data: typeset.DeclarationData) -> list[tuple[str, list[list[str]]]]:
    """A form as titled tables of words."""
    shown = [
        [name, str(getattr(data, name) or "未填写")]
        for name in (
            "holder_name", "sex", "birth_on", "identity_type", "identity_number", "phone", "employer_name",
            "level", "qualification", "series", "major", "minor", "clause", "commitment",
        )
    ]  # fmt: skip
    schools = [
        [r.school, r.specialty, r.schooling, r.degree, str(r.graduated_on), r.certificate_number]
        for r in data.schoolings
    ]
    works = [[str(r.started_on), r.employer, r.post, r.specialty, r.witness or ""] for r in data.works]
    return [
        ("基本信息", shown),
        ("学历学位", schools),
        ("工作经历", works),
        ("小结", [[text] for text in data.summary]),
    ]


def roster(count: int) -> list[list[str]]:
    head = ["序号", "姓名", "工作单位", "专业", "资格名称", "取得时间"]
    rows = DOCUMENT(count).roster
    return [head] + [
        [str(n), r.name, r.employer, r.field, r.qualification, typeset.chinese_date(r.qualified_on)]
        for n, r in enumerate(rows, 1)
    ]


# ---- ReportLab ----

STYLE = ParagraphStyle("cell", fontName="Serif", fontSize=9, leading=12, wordWrap="CJK")


def reportlab_certificate(data: typeset.CertificateData) -> bytes:
    out = io.BytesIO()
    page = Canvas(out, pagesize=landscape(A4))
    page.rect(8 * mm, 8 * mm, 281 * mm, 194 * mm)
    for height, size, text in lines_of(data):
        page.setFont("Serif", size)
        page.drawCentredString(148.5 * mm, height * mm, text)
    matrix = segno.make(data.verify_url, error="m", mask=3, boost_error=False).matrix
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                page.rect((30 + x) * mm, (60 - y) * mm, mm, mm, stroke=0, fill=1)
    page.save()
    return out.getvalue()


def reportlab_tables(parts: list[tuple[str, list[list[str]]]]) -> bytes:
    out, story = io.BytesIO(), []
    for title, rows in parts:
        story.append(Paragraph(title, STYLE))
        cells = [[Paragraph(html.escape(text), STYLE) for text in row] for row in rows]
        if cells:
            story.append(Table(cells, repeatRows=0, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
        story.append(Spacer(1, 4 * mm))
    SimpleDocTemplate(out, pagesize=A4, leftMargin=27 * mm, rightMargin=17 * mm).build(story)
    return out.getvalue()


# ---- WeasyPrint ----


def style(fonts: Path) -> str:
    return f"""@font-face {{font-family: Serif; src: url(file://{fonts}/NotoSerifSC-Regular.ttf)}}
    body {{font: 9pt Serif; margin: 0}} table {{border-collapse: collapse; width: 100%}} td {{border: .5pt solid; padding: 1mm}}
    @page {{size: A4; margin: 20mm 17mm 20mm 27mm}} @page wide {{size: A4 landscape; margin: 8mm}}
    .wide {{page: wide; text-align: center}} .wide img {{width: 281mm}} p {{margin: 1mm}} .qr {{width: 36mm !important}}"""


class Weasy:
    def __init__(self, fonts: Path) -> None:
        self.fonts = FontConfiguration()
        self.css = weasyprint.CSS(string=style(fonts), font_config=self.fonts)

    def pdf(self, body: str) -> bytes:
        made = weasyprint.HTML(string=f"<html lang=zh><title>x</title><body>{body}").write_pdf(
            stylesheets=[self.css], font_config=self.fonts, pdf_variant="pdf/a-2b"
        )
        assert made is not None
        return made

    def certificate(self, data: typeset.CertificateData) -> bytes:
        lines = "".join(f'<p style="font-size:{size}pt">{html.escape(t)}</p>' for _, size, t in lines_of(data))
        code = segno.make(data.verify_url, error="m", mask=3, boost_error=False).svg_data_uri()
        return self.pdf(
            f'<div class=wide><img src="file://{ORNAMENT}" style="position:absolute;left:0;top:0">{lines}<img class=qr src="{code}"></div>'
        )

    def tables(self, parts: list[tuple[str, list[list[str]]]]) -> bytes:
        body = []
        for title, rows in parts:
            cells = "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows)
            body.append(f"<h2>{title}</h2><table>{cells}</table>")
        return self.pdf("".join(body))


# ---- measuring ----


def cost(work: Callable[[int], object], number: int) -> float:
    start = time.process_time()
    work(number)
    return (time.process_time() - start) * 1000


def median(work: Callable[[int], object], rounds: int) -> float:
    """Of as many different papers: the typesetter keeps what it has seen, so the same one again would cost it less."""
    return statistics.median(cost(work, number) for number in range(1, rounds + 1))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        fonts = fonts_folder(Path(os.environ.get("CHUDING_DATA") or name))
        started = time.process_time()
        pdfmetrics.registerFont(TTFont("Serif", str(fonts / "NotoSerifSC-Regular.ttf")))
        registering = (time.process_time() - started) * 1000
        maker = typeset.Typesetter(fonts)
        makers = {
            "ours (typst), PDF/A-2a and UA-1": (
                lambda n: maker.certificate(certificate_data(n), AT),
                lambda n: maker.declaration(declaration_data(n), AT),
                lambda n: maker.document(DOCUMENT(500 + n), AT),
            ),
            "ReportLab, no PDF/A": (
                lambda n: reportlab_certificate(certificate_data(n)),
                lambda n: reportlab_tables(sections(declaration_data(n))),
                lambda n: reportlab_tables([("名单", roster(500 + n))]),
            ),
        }
        if weasyprint:
            weasy = Weasy(fonts)
            makers["WeasyPrint, PDF/A-2b"] = (
                lambda n: weasy.certificate(certificate_data(n)),
                lambda n: weasy.tables(sections(declaration_data(n))),
                lambda n: weasy.tables([("名单", roster(500 + n))]),
            )
        print(
            f"{'CPU ms, medians':<36}{'first':>8}{'certificate':>12}{'ratio':>7}{'form':>8}{'ratio':>7}{'500 names':>11}{'ratio':>7}"
        )
        base: tuple[float, ...] = ()
        for engine, works in makers.items():
            first = cost(works[0], 0) + (registering if engine.startswith("ReportLab") else 0)
            works[1](0)
            figures = tuple(median(work, rounds) for work, rounds in zip(works, ROUNDS, strict=True))
            base = base or figures
            (one, a), (form, b), (names, c) = ((ms, ms / ours) for ms, ours in zip(figures, base, strict=True))
            print(
                f"{engine:<36}{first:>8.0f}{one:>12.1f}{a:>7.1f}{form:>8.1f}{b:>7.1f}{names:>11.0f}{c:>7.1f}",
                flush=True,
            )
        signed(maker, Path(name) / "keys")


def signed(maker: typeset.Typesetter, keys: Path) -> None:
    """The batch that an office makes at once, and the document that goes with it."""
    make_demonstration_keys(keys, AT)
    signer = load_signer(keys, "association")

    def batch(start: int) -> None:
        for number in range(start, start + BATCH):
            sign_pdf(maker.certificate(certificate_data(number), AT), signer, at=AT, reason="演示签发")

    each = cost(batch, 1000) / BATCH
    print(
        f"\n{BATCH:,} certificates in one process, typeset and signed: {each:.1f} ms each, {1000 / each:.0f} a second a core"
    )
    each = median(lambda n: sign_pdf(maker.declaration(declaration_data(n), AT), signer, at=AT, reason="演示签发"), 7)
    print(f"the longest form, typeset and signed: {each:.1f} ms, {1000 / each:.0f} a second a core")
    started, made = time.process_time(), maker.document(DOCUMENT(5000), AT)
    print(f"document with 5,000 names: {time.process_time() - started:.2f} s, {len(made) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
