"""Check an uploaded file on arrival: is it a PDF that a reviewer can safely read, and if not, what to do about it.

What needs no parser is decided here from the bytes; everything else in the sandbox's child. A problem refuses the
upload, with one sentence that says what is wrong and how to help oneself; a hint never does.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from chuding.paper import sandbox

if TYPE_CHECKING:
    from pathlib import Path

_MIB = 1024 * 1024


@dataclass(frozen=True)
class IntakeLimits:
    """The bounds of one upload; sizes in bytes, sides of a page in millimetres, processor time in seconds."""

    bytes: int = 10 * _MIB
    pages: int = 30
    objects: int = 20_000
    draws: int = 20_000  # of one page, forms inside forms multiplied
    stream_bytes: int = 200 * _MIB
    total_bytes: int = 300 * _MIB
    ratio: int = 200
    ratio_from: int = 5 * _MIB
    side_mm: tuple[int, int] = (50, 2000)
    image_pixels: int = 40_000_000
    seconds: int = 20


@dataclass(frozen=True)
class Problem:
    """Why a file is refused, or (as a hint) what to look at again: a code for programs, a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True)
class IntakeReport:
    """What is known of an upload. `sha256` is `None` where the file was too large to read."""

    pages: int
    bytes: int
    sha256: str | None
    problems: tuple[Problem, ...] = ()
    hints: tuple[Problem, ...] = ()
    has_text: bool = False

    @property
    def ok(self) -> bool:
        """Whether the file may be kept."""
        return not self.problems


_REDO = "请用“打印为 PDF”或扫描软件重新导出一份再上传。"
_SENTENCES = {
    "empty": "文件是空的，可能没有保存好，请重新导出后再上传。",
    "too_large": "文件有 {megabytes} MB，超过了 {limit_megabytes} MB，请降低扫描分辨率或分开上传。",
    "image": "这是一张图片（{kind}）。手机照片请用“拍照上传”，系统会合成 PDF；其他图片请先转成 PDF 再上传。",
    "word": "这是 Word 文档，请在 Word 或 WPS 里“另存为 PDF”再上传。",
    "sheet": "这是 Excel 表格，请“另存为 PDF”再上传。",
    "slides": "这是演示文稿，请“另存为 PDF”再上传。",
    "ofd": "这是 OFD 文件，请用 OFD 阅读器“导出为 PDF”再上传。",
    "archive": "这是压缩包（{kind}），请解压后把里面的 PDF 一个一个上传。",
    "web": "这是网页文件，不是 PDF，请在浏览器里“打印为 PDF”再上传。",
    "not_pdf": "这不是 PDF 文件（只改扩展名不行），请导出成 PDF 再上传。",
    "leading": f"文件开头混有别的内容，不是规范的 PDF。{_REDO}",
    "trailing": f"文件末尾混有别的内容，不是规范的 PDF。{_REDO}",
    "incomplete": "文件不完整，可能没有传完或没有保存好，请重新导出后再上传。",
    "damaged": f"文件损坏，打不开或页面对不上。{_REDO}",
    "password": "文件设了密码，请先去掉密码再上传。",
    "encrypted": f"文件设了权限限制（限制打印或复制），请去掉限制再上传；去不掉的，{_REDO[1:]}",
    "script": f"文件里带有脚本或自动动作，不能接收。{_REDO}",
    "launch": f"文件里带有打开其他程序的指令，不能接收。{_REDO}",
    "attachment": "文件里夹带了附件，不能接收；请把附件取出，另存为 PDF 分别上传。",
    "media": f"文件里带有音频、视频或三维内容，不能接收。{_REDO}",
    "form": f"文件是动态表单（XFA），不能接收。{_REDO}",
    "submit": f"文件里带有自动提交或导入数据的按钮，不能接收。{_REDO}",
    "outside": f"文件引用了外部文件，不能接收。{_REDO}",
    "pages": "文件超过 {limit_pages} 页，请只保留需要的页再上传。",
    "objects": f"文件内部过于复杂，不能接收。{_REDO}",
    "bomb": f"文件解开后大得异常，不能接收。{_REDO}",
    "page_size": "页面尺寸不正常（每边应在 {low} 到 {high} 毫米之间），请按 A4 纸重新导出后再上传。",
    "image_size": "文件里的图片太大（超过 {megapixels} 百万像素），请降低扫描分辨率后再上传。",
    "unreadable": "文件无法读取，请重新导出或拍照转成 PDF 后再上传。",
    "unavailable": "系统暂时不能检查文件，请稍后再上传一次；多次不行，请与受理窗口联系。",
}
_BRIEFLY = {"too_large": "文件太大", "unreadable": "读不出来", "virus": "查出病毒", "unscanned": "没能检查病毒"}


def briefly(code: str) -> str:
    """A problem's code in a few words, for statistics: the first clause of its sentence."""
    return _BRIEFLY.get(code) or _SENTENCES.get(code, code).split("，")[0].split("（")[0].split("。")[0]


HINTS = {
    "repaired": "文件结构有小毛病，已经读出来了；请看看下面的页面图像是否完整，不完整的请重新导出再上传。",
    "blank": "第{page}页好像是空白页，请看看是否扫描漏了。",
    "dark": "第{page}页太暗，看不清文字，建议在亮处重拍。",
    "blurred": "第{page}页太模糊，看不清文字，建议重拍。",
    "low_resolution": "第{page}页分辨率低（不到 100 dpi），请看看字是否清楚；看不清的请重新扫描。",
    "landscape": "第{page}页是横向的，请看看方向是否正确。",
    "odd_size": "第{page}页不是常见的纸张大小，请看看是否扫描完整。",
    "id_card": "第{page}页像是身份证件的照片。这里不需要身份证件，请确认没有传错。",
}
# Offset, magic number, code, name of the format.
_FORMATS = (
    (0, b"\xff\xd8\xff", "image", "JPG"), (0, b"\x89PNG", "image", "PNG"), (0, b"GIF8", "image", "GIF"),
    (0, b"BM", "image", "BMP"), (0, b"II*\0", "image", "TIFF"), (0, b"MM\0*", "image", "TIFF"),
    (8, b"WEBP", "image", "WebP"), (4, b"ftyphei", "image", "HEIC"), (4, b"ftypmif1", "image", "HEIC"),
    (4, b"ftyphev", "image", "HEIC"), (4, b"ftypmsf1", "image", "HEIC"), (4, b"ftypavif", "image", "AVIF"),
    (0, b"\xd0\xcf\x11\xe0", "word", ""), (0, b"{\\rtf", "word", ""),
    (0, b"Rar!", "archive", "RAR"), (0, b"7z\xbc\xaf", "archive", "7Z"), (0, b"\x1f\x8b", "archive", "GZ"),
)  # fmt: skip
_INSIDE_ZIP = {b"word/": "word", b"xl/": "sheet", b"ppt/": "slides", b"OFD.xml": "ofd"}
_WEB = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|script|\?xml)", re.IGNORECASE)
_PDF_SPACE = b"\0\t\n\f\r "


def inspect_upload(path: Path, limits: IntakeLimits | None = None) -> IntakeReport:
    """Check one file. Never raises for what is in it; raises `OSError` if `path` itself cannot be read.

    Safe to call from any thread; takes 10 ms to a second, and at most twice `limits.seconds`.
    """
    limits = limits or IntakeLimits()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > limits.bytes:
            return IntakeReport(0, size, None, (_problem("too_large", limits, size=size),))
        data = file.read(limits.bytes + 1)
        report = IntakeReport(0, len(data), hashlib.sha256(data).hexdigest())
        problem = _at_first_sight(data, limits)
        if problem is not None:
            return replace(report, problems=(problem,))
        try:
            bounds = sandbox.Limits(cpu_seconds=limits.seconds, wall_seconds=limits.seconds * 2)
            answer = sandbox.run("inspect", file.fileno(), asdict(limits), bounds)
            return _read_answer(answer.value, report, limits)
        except sandbox.SandboxError as error:
            code = "unavailable" if error.kind == "unavailable" else "unreadable"
            return replace(report, problems=(_problem(code, limits),))


def _at_first_sight(data: bytes, limits: IntakeLimits) -> Problem | None:
    """What the first and last bytes give away, without a parser."""
    if not data:
        return _problem("empty", limits)
    if not data.startswith(b"%PDF-"):
        return _other_format(data, limits)
    end = data.rfind(b"%%EOF")
    if end < 0:
        return _problem("incomplete", limits)
    if data[end + len(b"%%EOF") :].strip(_PDF_SPACE):
        return _problem("trailing", limits)
    return None


def _other_format(data: bytes, limits: IntakeLimits) -> Problem:
    for offset, magic, code, kind in _FORMATS:
        if data.startswith(magic, offset):
            return _problem(code, limits, kind=kind)
    if data.startswith(b"PK"):
        code = next((code for name, code in _INSIDE_ZIP.items() if name in data), "archive")
        return _problem(code, limits, kind="ZIP")
    if _WEB.match(data):
        return _problem("web", limits)
    return _problem("leading" if b"%PDF-" in data[:2048] else "not_pdf", limits)


def _read_answer(value: Any, report: IntakeReport, limits: IntakeLimits) -> IntakeReport:
    """Turn the child's codes into sentences; an answer that is not of the expected shape counts as unreadable."""
    try:
        codes = [code if code in _SENTENCES else "unreadable" for code in value["problems"]]
        pages, has_text = int(value["pages"]), value["has_text"] is True
        hints = {str(code): int(page) for code, page in reversed(value["hints"]) if code in HINTS}
    except (TypeError, ValueError, KeyError):
        return replace(report, problems=(_problem("unreadable", limits),))
    return replace(
        report,
        pages=pages,
        problems=tuple(_problem(code, limits) for code in codes),
        # One hint of a kind, naming its first page: a file of thirty scans does not need thirty reminders.
        hints=tuple(Problem(code, HINTS[code].format(page=page)) for code, page in sorted(hints.items())),
        has_text=has_text,
    )


def _problem(code: str, limits: IntakeLimits, *, size: int = 0, kind: str = "") -> Problem:
    low, high = limits.side_mm
    return Problem(
        code,
        _SENTENCES[code].format(
            kind=kind,
            megabytes=f"{size / _MIB:.1f}",
            limit_megabytes=limits.bytes // _MIB,
            limit_pages=limits.pages,
            low=low,
            high=high,
            megapixels=limits.image_pixels // 1_000_000,
        ),
    )
