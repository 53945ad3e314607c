"""The fonts: where they lie, and which characters each of them can draw.

The faces are vendored as `fonts/*.ttf.xz`, made by tools/make_fonts.py. What each face can draw was written down when it was
made (`coverage.json.xz`), so that a name is judged before anything is typeset and without reading a font. Whoever needs
more puts fonts into the folder that `CHUDING_EXTRA_FONTS` names (docs/names.md).
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import tempfile
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from fontTools.ttLib import TTFont

Face = Literal["serif", "serif-bold", "sans", "sans-bold", "kai", "fang", "rare", "latin"]

FAMILIES: dict[Face, str] = {
    "serif": "Noto Serif SC",
    "serif-bold": "Noto Serif SC",
    "sans": "Noto Sans SC",
    "sans-bold": "Noto Sans SC",
    "kai": "Chuding Kai",
    "fang": "FandolFang R",
    "rare": "Chuding Rare",
    "latin": "Noto Serif",
}
"""The family name under which the typesetter finds each face."""

_FONTS = Path(__file__).parent / "fonts"
_BREAKS = frozenset("\n\t")
# A private-use code point means something only inside the system that chose it; PDF/A forbids it without a replacement text.
_PRIVATE = ((0xE000, 0xF8FF), (0xF0000, 0x10FFFF))


class MissingGlyph(ValueError):  # noqa: N818 - named after what is missing; callers read `except MissingGlyph`
    """A character that none of our fonts can draw; `str()` is a sentence for people that says what to do."""

    def __init__(self, character: str) -> None:
        self.character = character
        self.code_point = ord(character)
        super().__init__(
            f"字库里没有“{character}”这个字（U+{self.code_point:04X}），无法排印。"
            "请核对该字是否录入正确；确认无误的，请联系经办人员换用含有该字的字库后再制作。"
        )


@dataclass(frozen=True)
class Coverage:
    """The code points of one face as sorted, closed ranges."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def __contains__(self, character: str) -> bool:
        point = ord(character)
        index = bisect_right(self.firsts, point) - 1
        return index >= 0 and point <= self.lasts[index]


@cache
def coverage() -> dict[Face, Coverage]:
    """What each face can draw."""
    table: dict[Face, str] = json.loads(lzma.decompress((_FONTS / "coverage.json.xz").read_bytes()))
    found: dict[Face, Coverage] = {}
    for face, text in table.items():
        pairs = [pair.split("-") for pair in text.split()]
        found[face] = Coverage(tuple(int(first, 16) for first, _ in pairs), tuple(int(last, 16) for _, last in pairs))
    return found


def extra_folder() -> Path | None:
    """Where this installation keeps fonts of its own for characters that ours lack: CHUDING_EXTRA_FONTS, or nowhere."""
    named = os.environ.get("CHUDING_EXTRA_FONTS")
    return Path(named) if named else None


@cache
def extra_fonts() -> dict[Path, frozenset[str]]:
    """The installation's own fonts, and what each can draw; read once a process.

    Raises RuntimeError, in words, for a folder that is not there or a file that is no font.
    """
    folder = extra_folder()
    if folder is None:
        return {}
    if not folder.is_dir():
        raise RuntimeError(
            f"CHUDING_EXTRA_FONTS 指的文件夹 {folder} 不存在。请建好文件夹、放入字体，或者去掉这项设置。"
        )
    found: dict[Path, frozenset[str]] = {}
    for file in sorted((*folder.rglob("*.ttf"), *folder.rglob("*.otf"))):
        try:
            found[file] = frozenset(map(chr, TTFont(io.BytesIO(file.read_bytes()), lazy=True).getBestCmap() or {}))
        except Exception as error:  # a broken font fails in many ways, and each means the same
            raise RuntimeError(
                f"CHUDING_EXTRA_FONTS 里的 {file.name} 不是能用的字体，请换成 TTF 或 OTF 文件。"
            ) from error
    return found


@dataclass(frozen=True)
class LicensedFace:
    """A face of the installation's own for official documents: the family's name in the font, and what it can draw."""

    family: str
    known: frozenset[str]

    def draws(self, text: str) -> bool:
        """Whether it draws every character of a text."""
        return all(character in self.known or character in _BREAKS for character in text)


_LICENSED = {"fang": "CHUDING_FANGSONG", "title": "CHUDING_XIAOBIAOSONG"}


def licensed_names() -> set[str]:
    """The files that this installation has a licence for, which says documents and nothing of pages."""
    return {name for variable in _LICENSED.values() if (name := os.environ.get(variable))}


@cache
def licensed(use: Literal["fang", "title"]) -> LicensedFace | None:
    """The 仿宋 of the body or the 小标宋 of heads that this installation has a licence for; None where it names none.

    CHUDING_FANGSONG and CHUDING_XIAOBIAOSONG name a file in the folder of CHUDING_EXTRA_FONTS. Read once a process; raises
    RuntimeError, in words, for a file that is not there or no font.
    """
    name = os.environ.get(_LICENSED[use])
    if not name:
        return None
    folder = extra_folder()
    file = folder / name if folder else None
    if file is None or not file.is_file():
        raise RuntimeError(
            f"{_LICENSED[use]} 指的字体 {name} 不在 CHUDING_EXTRA_FONTS 的文件夹里。请放入字体，或者去掉这项设置。"
        )
    try:
        font = TTFont(io.BytesIO(file.read_bytes()), lazy=True)
        family = font["name"].getBestFamilyName()
        known = frozenset(map(chr, font.getBestCmap() or {}))
    except Exception as error:  # a broken font fails in many ways, and each means the same
        raise RuntimeError(f"{_LICENSED[use]} 指的字体 {name} 不能用，请换成 TTF 或 OTF 文件。") from error
    return LicensedFace(str(family), known)


def covers(face: Face, text: str) -> bool:
    """Whether one face draws every character of a text. A line break or a tab needs no glyph."""
    known = coverage()[face]
    return all(character in known or character in _BREAKS for character in text)


def missing(text: str) -> list[str]:
    """The characters of a text that no face can draw, each once, in the order of the text.

    Control characters and private-use code points count as missing: they mean nothing on paper.
    """
    return [character for character in dict.fromkeys(text) if not _drawable(character)]


def require(text: str) -> None:
    """Raise MissingGlyph for the first character of a text that no face can draw."""
    for character in missing(text):
        raise MissingGlyph(character)


def family(text: str, preferred: Face) -> str:
    """The family in which to set a name: the preferred face if it draws all of it, else Noto Serif SC for the whole, else Noto
    Serif for a Latin one.

    One name in two styles looks like a mistake, so the fallback is never one character. What Noto Serif SC lacks, the
    typesetter takes from Chuding Rare, whose style is the same, or from the installation's own fonts.
    """
    faces: tuple[Face, ...] = (preferred, "serif", "latin")
    return FAMILIES[next((face for face in faces if covers(face, text)), "serif")]


def fonts_folder(data: Path) -> Path:
    """The folder of the unpacked fonts inside a data folder, made on first use (66 MB, about two seconds).

    Every face is compared with the digest recorded when it was made, at every call: a damaged file is unpacked again. Safe
    when several processes start at once, as each file appears whole or not at all. Call it once a process.
    """
    digests: dict[str, str] = json.loads((_FONTS / "digests.json").read_text(encoding="utf-8"))
    folder = data / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, digest in digests.items():
        path = folder / name
        if path.exists() and _digest(path.read_bytes()) == digest:
            continue
        content = lzma.decompress((_FONTS / f"{name}.xz").read_bytes())
        if _digest(content) != digest:
            raise RuntimeError(f"字体文件 {name}.xz 已损坏，请重新安装本系统。")
        _write_whole(path, content)
    return folder


def _drawable(character: str) -> bool:
    if character in _BREAKS:
        return True
    if any(first <= ord(character) <= last for first, last in _PRIVATE):
        return False
    return any(character in known for known in coverage().values()) or any(
        character in known for known in extra_fonts().values()
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write_whole(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unpacking-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
