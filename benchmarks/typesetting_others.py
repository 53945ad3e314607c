"""The papers of benchmarks/typesetting.py drawn by ReportLab and WeasyPrint: the same words in the same fonts, simpler than ours.

ReportLab draws no ornament and no tags, neither of them PDF/A with tags, no fallback of fonts. Both live in .venv-bench.
"""

from __future__ import annotations

import html
import io
import sys
from pathlib import Path

import segno
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from chuding.paper import typeset

try:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
except OSError as missing:  # Debian's libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0 are not there
    print(f"WeasyPrint is left out: {missing}", file=sys.stderr)
    weasyprint = None

ORNAMENT = Path(typeset.__file__).parent / "templates" / "guilloche.svg"


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


def table_of(data: typeset.DocumentData) -> list[list[str]]:
    head = ["序号", "姓名", "工作单位", "专业", "资格名称", "取得时间"]
    return [head] + [
        [str(n), r.name, r.employer, r.field, r.qualification, typeset.chinese_date(r.qualified_on)]
        for n, r in enumerate(data.roster, 1)
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


def reportlab_tables(parts: list[tuple[str, list[list[str]]]], widths: tuple[int, ...] | None = None) -> bytes:
    """The parts as tables. `widths` in mm: left to itself the longest name of a unit leaves a number no room at all."""
    out, story = io.BytesIO(), []
    for title, rows in parts:
        story.append(Paragraph(title, STYLE))
        cells = [[Paragraph(html.escape(text), STYLE) for text in row] for row in rows]
        if cells:
            columns = widths and [width * mm for width in widths]
            grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
            story.append(Table(cells, colWidths=columns, repeatRows=0, style=grid))
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


# ---- both ----


def makers(fonts: Path) -> dict[str, tuple]:
    """By engine: what draws a certificate, a form and a document from our own data."""
    pdfmetrics.registerFont(TTFont("Serif", str(fonts / "NotoSerifSC-Regular.ttf")))
    found = {
        "ReportLab, no PDF/A": (
            reportlab_certificate,
            lambda data: reportlab_tables(sections(data)),
            lambda data: reportlab_tables([("名单", table_of(data))], widths=(12, 22, 50, 38, 20, 20)),
        )
    }
    if weasyprint:
        weasy = Weasy(fonts)
        found["WeasyPrint, PDF/A-2b"] = (
            weasy.certificate,
            lambda data: weasy.tables(sections(data)),
            lambda data: weasy.tables([("名单", table_of(data))]),
        )
    return found
