"""Take a stranger's PDF apart; runs only inside the sandbox's child process.

Finds what a document sent in as evidence must not carry (security rules of the OWASP file upload sheet) and what may
annoy a reviewer. Answers in codes and numbers only: the sentences are made outside (`chuding.paper.intake`), so a
child that was taken over cannot choose its words.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pikepdf
import pikepdf.settings
import pypdfium2
from PIL import Image, ImageStat

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

from chuding.paper.draws import draws
from chuding.paper.intake import IntakeLimits
from chuding.paper.raster import CODECS, pixels_claimed
from chuding.paper.reading.quality import hints_of

MM_PER_POINT = 25.4 / 72
# Looked at small: enough to tell a blank page from a faint one.
_LOOK_SIDE = 280
_LEGIBILITY_SIDE, _LEGIBILITY_PAGES = 1170, 10
_ID_CARD_ASPECT = (1.53, 1.63)  # ISO/IEC 7810 ID-1 is 85.60 × 53.98 mm: 1.586
_LOW_DPI = 100
_IMAGE_OBJECT = 3  # FPDF_PAGEOBJ_IMAGE of fpdf_edit.h
_CHUNK = 1024 * 1024

_ACTIONS = {
    "/JavaScript": "script", "/Rendition": "media", "/Movie": "media", "/Sound": "media", "/RichMediaExecute": "media",
    "/Launch": "launch", "/SubmitForm": "submit", "/ImportData": "submit", "/GoToR": "outside", "/GoToE": "outside",
}  # fmt: skip
_KEYS = {
    "/JS": "script", "/JavaScript": "script", "/AA": "script", "/XFA": "form",
    "/EmbeddedFiles": "attachment", "/EF": "attachment", "/RichMediaContent": "media", "/RichMediaSettings": "media",
}  # fmt: skip
_TYPES = {"/EmbeddedFile": "attachment", "/Filespec": "outside"}
_SUBTYPES = {
    "/FileAttachment": "attachment", "/RichMedia": "media", "/Screen": "media", "/Movie": "media", "/Sound": "media",
    "/3D": "media",
}  # fmt: skip
_FLATE = ("/FlateDecode", "/Fl")
_EXPANDING = (*_FLATE, "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL")


class _Found(Exception):  # noqa: N818 - not an error: what the examination says
    """The file is refused; carries the code of the problem."""


def inspect(data: bytes, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[bytes]]:
    """The sandbox's task: `{"problems": [code], "hints": [[code, page]], "pages": n, "has_text": bool}`.

    `arguments` are the fields of `IntakeLimits`. Ends at the first problem that makes going on unsafe.
    """
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=arguments["stream_bytes"],
        run_length_max_memory=arguments["stream_bytes"],
        png_max_memory=arguments["stream_bytes"],
        tiff_max_memory=arguments["stream_bytes"],
        max_stream_filters=4,
        doc_max_warnings=1_000,  # a book whose every page lacks something is too long, not damaged
        parser_max_container_size=200_000,
    )
    report: dict[str, Any] = {"problems": [], "hints": [], "pages": 0, "has_text": False}
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as document:
            report["pages"] = _structure(document, arguments)
            problems = sorted(_substance(document, arguments))
            report["hints"] += _complaints(document)
            if problems:
                return report | {"problems": problems}, ()
        _look(data, report, arguments)
    except _Found as found:
        report["problems"] = [str(found)]
    except pikepdf.PasswordError:
        report["problems"] = ["password"]
    except (pikepdf.PdfError, pypdfium2.PdfiumError):
        report["problems"] = ["damaged"]
    except MemoryError:
        report["problems"] = ["bomb"]
    return report, ()


def warm_up() -> None:
    """Make the libraries load what they load on first use (ciphers, codecs), while files may still be opened."""
    limits = asdict(IntakeLimits())
    with pikepdf.new() as document:
        document.add_blank_page()
        encryptions = [
            None,
            pikepdf.Encryption(owner="o", user="", R=3, aes=False, metadata=False),  # RC4
            pikepdf.Encryption(owner="o", user="", R=4),  # AES-128
            pikepdf.Encryption(owner="o", user="", R=6),  # AES-256
        ]
        for encryption in encryptions:
            out = BytesIO()
            with contextlib.suppress(Exception):  # a cipher that this build cannot write is no reason not to start
                document.save(out, encryption=encryption)
            inspect(out.getvalue(), limits)
    # A scan: judging whether people can read it loads parts of numpy and of the renderer that a blank page does not.
    out = BytesIO()
    Image.effect_noise((620, 877), 60).save(out, "PDF", resolution=75)
    inspect(out.getvalue(), limits)


def _structure(document: pikepdf.Pdf, arguments: Mapping[str, Any]) -> int:
    """Whether the file hangs together as it claims; the number of pages."""
    if document.is_encrypted:
        raise _Found("encrypted")
    if len(document.objects) > arguments["objects"]:
        raise _Found("objects")
    pages = len(document.pages)
    declared = document.Root.Pages.get("/Count")
    if pages == 0 or declared != pages:
        raise _Found("damaged")
    if pages > arguments["pages"]:
        raise _Found("pages")
    return pages


def _complaints(document: pikepdf.Pdf) -> list[list[Any]]:
    """What the parser had to overlook: grounds for refusal, or a hint that the file was put right while reading."""
    if pikepdf.settings.qpdf_limit_errors():
        raise _Found("objects")
    said = " ".join(document.get_warnings())
    if "loop detected" in said:
        raise _Found("damaged")
    if "MediaBox is undefined" in said:
        raise _Found("page_size")
    return [["repaired", 1]] if "reconstruct cross-reference" in said else []


def _substance(document: pikepdf.Pdf, arguments: Mapping[str, Any]) -> set[str]:
    """Codes of everything forbidden in any object, referenced or not, and in any stream."""
    found: set[str] = set()
    inflated = 0
    nodes = 0
    for thing in document.objects:
        for node in _nodes(thing):
            nodes += 1
            if nodes > arguments["objects"] * 50:
                raise _Found("objects")
            if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
                found |= _forbidden(node)
        if isinstance(thing, pikepdf.Stream):
            inflated += _expanded(thing, arguments)
            if inflated > arguments["total_bytes"]:
                raise _Found("bomb")
    if [page for page in document.pages if not _page_is_ordinary(page, arguments)]:  # every page is looked at
        found.add("page_size")
    return found


def _page_is_ordinary(page: pikepdf.Page, arguments: Mapping[str, Any]) -> bool:
    """Whether a page's boxes have sides that paper has. Raises `_Found` for one that draws without end."""
    if draws(page, arguments["draws"]) > arguments["draws"]:
        raise _Found("objects")
    low, high = (side / MM_PER_POINT for side in arguments["side_mm"])
    unit = float(page.obj.get("/UserUnit", 1))
    for box in (page.mediabox, page.cropbox):
        left, bottom, right, top = (float(number) * unit for number in box)
        if not all(low <= side <= high for side in (abs(right - left), abs(top - bottom))):
            return False
    return True


def _nodes(thing: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The object and everything that stands directly inside it; references lead to objects of their own."""
    stack = [thing]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
            children = [node.get(key) for key in node.keys()]  # noqa: SIM118 - iterating a stream means its keys only so
        elif isinstance(node, pikepdf.Array):
            children = list(node)
        else:
            continue
        stack += [child for child in children if isinstance(child, pikepdf.Object) and not child.is_indirect]


def _forbidden(node: pikepdf.Object) -> set[str]:
    keys = set(node.keys())
    found = {_KEYS[key] for key in keys & _KEYS.keys()}
    if isinstance(node, pikepdf.Stream) and "/F" in keys:
        found.add("outside")  # its data would be read from another file
    for key, table in (("/S", _ACTIONS), ("/Type", _TYPES), ("/Subtype", _SUBTYPES)):
        value = node.get(key) if key in keys else None
        if isinstance(value, pikepdf.Name) and str(value) in table:
            found.add(table[str(value)])
    opening = node.get("/OpenAction") if "/OpenAction" in keys else None
    # What opens the file may turn to a page and do nothing else; without /S it is a destination (ISO 32000-1, 12.3.2 and 12.6).
    if isinstance(opening, pikepdf.Dictionary) and _does_more_than_turn(opening):
        found.add("script")
    if "attachment" in found:
        found.discard("outside")  # a file specification with the file inside
    return found


def _does_more_than_turn(action: pikepdf.Dictionary) -> bool:
    """Whether an action does anything beside going to a page; those of `_ACTIONS` are found by themselves."""
    kind = str(action.get("/S", "/GoTo"))
    return (kind != "/GoTo" and kind not in _ACTIONS) or "/Next" in action


def _expanded(stream: pikepdf.Stream, arguments: Mapping[str, Any]) -> int:
    """Bytes that a stream unpacks to, counted without keeping them. Raises `_Found` for a bomb."""
    image = stream.get("/Subtype") == "/Image"
    if image:
        width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
        if width * height > arguments["image_pixels"]:
            raise _Found("image_size")
    filters = stream.get("/Filter", pikepdf.Array())
    names = [str(filters)] if isinstance(filters, pikepdf.Name) else [str(name) for name in filters]
    if sum(name in _EXPANDING for name in names) > 1:
        raise _Found("bomb")
    if names and names[-1] in CODECS and _claimed(stream, names, arguments) > arguments["image_pixels"]:
        raise _Found("image_size")
    if not any(name in _EXPANDING for name in names):
        return 0
    if len(names) == 1 and names[0] in _FLATE:
        packed = stream.read_raw_bytes()
        size = _inflated_size(packed, arguments["stream_bytes"])
    else:
        packed = stream.read_raw_bytes()
        try:
            size = len(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
        except pikepdf.PdfError:
            size = 0  # not decodable as a whole, such as a JPEG inside: no larger than the file then
    if size > arguments["stream_bytes"]:
        raise _Found("bomb")
    # An even picture packs a thousandfold and is bounded by its pixels; nothing else in an honest file does so.
    if not image and size > arguments["ratio_from"] and size > len(packed) * arguments["ratio"]:
        raise _Found("bomb")
    return size


def _claimed(stream: pikepdf.Stream, names: Sequence[str], arguments: Mapping[str, Any]) -> int:
    """The pixels that a codec's own header claims, behind at most one other filter."""
    data = stream.read_raw_bytes()
    if len(names) > 1:
        if len(names) > 2 or names[0] not in _FLATE:
            raise _Found("damaged")  # nobody packs a picture so
        data = zlib.decompressobj().decompress(data, arguments["bytes"])
    return pixels_claimed(names[-1], data)


def _inflated_size(packed: bytes, limit: int) -> int:
    engine = zlib.decompressobj()
    size = 0
    try:
        while packed and not engine.eof and size <= limit:
            size += len(engine.decompress(packed, _CHUNK))
            packed = engine.unconsumed_tail
    except zlib.error:
        pass  # readers show what came out before the fault
    return size


def _look(data: bytes, report: dict[str, Any], arguments: Mapping[str, Any]) -> None:
    """The second parser's opinion: it must open the file, agree on the pages, and be able to draw each."""
    document = pypdfium2.PdfDocument(data)  # type: ignore[no-untyped-call]
    if len(document) != report["pages"]:
        raise _Found("damaged")
    low, high = (side / MM_PER_POINT for side in arguments["side_mm"])
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        if not all(low - 1 <= side <= high + 1 for side in (width, height)):
            raise _Found("page_size")
        text = page.get_textpage().get_text_bounded()
        report["has_text"] = report["has_text"] or bool(re.search(r"\S", text))
        grey = page.render(scale=_LOOK_SIDE / max(width, height), grayscale=True, may_draw_forms=False).to_pil()
        codes = list(_page_hints(page, ImageStat.Stat(grey), (width, height)))
        if not re.search(r"\S", text) and "blank" not in codes and number < _LEGIBILITY_PAGES:
            codes += _legibility(page, max(width, height))
        report["hints"] += [[code, number + 1] for code in codes]


def _legibility(page: pypdfium2.PdfPage, side: float) -> list[str]:
    """Whether people can read a scanned page; looked at four times as closely as for the rest. A drawing is none."""
    if next(iter(page.get_objects(filter=[_IMAGE_OBJECT], max_depth=3)), None) is None:  # type: ignore[no-untyped-call]
        return []
    drawn = page.render(scale=_LEGIBILITY_SIDE / side, grayscale=True, may_draw_forms=False)  # type: ignore[no-untyped-call]
    grey = drawn.to_numpy()
    return [code for code in hints_of(grey.reshape(grey.shape[:2])) if code != "blank"]


def _page_hints(page: pypdfium2.PdfPage, tones: ImageStat.Stat, size: tuple[float, float]) -> Iterator[str]:
    width, height = size
    if tones.stddev[0] < 1.5:
        yield "blank"
    pictures = list(page.get_objects(filter=[_IMAGE_OBJECT], max_depth=3))  # type: ignore[no-untyped-call]
    if len(pictures) == 1:
        left, bottom, right, top = pictures[0].get_bounds()
        wide, tall = max(right - left, 0.1), max(top - bottom, 0.1)
        pixels = max(pictures[0].get_px_size())
        covers = wide * tall > 0.5 * width * height
        if covers and pixels / (max(wide, tall) / 72) < _LOW_DPI:
            yield "low_resolution"
        low, high = _ID_CARD_ASPECT
        if low <= max(wide, tall) / min(wide, tall) <= high:
            yield "id_card"
    if width > height * 1.05:
        yield "landscape"
    short, long = sorted(side * MM_PER_POINT for side in size)
    if short < 140 or long > 440:
        yield "odd_size"
