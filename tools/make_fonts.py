"""Make the vendored fonts of `src/chuding/paper/fonts` again, byte for byte.

    .venv/bin/python tools/make_fonts.py WORKDIR [FACE…]

With faces named (`serif`, `rare`, …) only those are made; the others stay as they lie there. Needs `npm`, `apt-get`, `dpkg-deb` and fontTools with brotli (`uv pip install fonttools==4.68.0 brotli==1.2.1`), a network,
and about five minutes. The sources are pinned by version and SHA-256; a source that changed stops the run. The result is
one `.ttf.xz` a face, the licences, `coverage.json.xz` (what each face can draw) and `SOURCES.md` (where all of it is from).

Why so: typst embeds the thinnest master of a variable font and cannot read woff2, and a CFF font is misread by one of our
validators, so every face is a static font with glyf outlines. Only Noto Serif SC Regular is kept whole: it is the face that
every other one falls back to. The others carry the 8,105 characters of 通用规范汉字表 and the symbols of the trade. Chuding
Rare carries the rest of GB 18030-2022's Chinese characters: extensions B to F, for the names that need one of them.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

FONTS = Path(__file__).resolve().parent.parent / "src" / "chuding" / "paper" / "fonts"


@dataclass(frozen=True)
class Source:
    """One package of a public registry, pinned by the digest of its archive."""

    kind: str
    package: str
    version: str
    archive: str
    sha256: str


SERIF = Source(
    "npm",
    "@expo-google-fonts/noto-serif-sc",
    "0.4.3",
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz",
    "ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
)
SANS = Source(
    "npm",
    "@expo-google-fonts/noto-sans-sc",
    "0.4.3",
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz",
    "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
)
KAI = Source(
    "npm",
    "@fontsource/lxgw-wenkai",
    "5.3.0",
    "fontsource-lxgw-wenkai-5.3.0.tgz",
    "e796ef6dd20f4eea37625222872095a7d049fa6bfdd6fe80a15dfa22fdf2c7ca",
)
FANDOL = Source(
    "Debian",
    "texlive-lang-chinese",
    "2022.20230122-1",
    "texlive-lang-chinese_2022.20230122-1_all.deb",
    "9cfa07bd44e7b9098e26f0ecac1b5ad210d2249d474c8074d53de92d650b0ec0",
)
HANAZONO = Source(
    "Debian",
    "fonts-hanazono",
    "20170904-2.1",
    "fonts-hanazono_20170904-2.1_all.deb",
    "a6943366b4f5a6cec34221f8b4eb22555a628f0ee6ef4e3d3401cabe9363aeae",
)
LATIN = Source(
    "npm",
    "@expo-google-fonts/noto-serif",
    "0.4.2",
    "expo-google-fonts-noto-serif-0.4.2.tgz",
    "78810a8143112a326def7ec976601ecb9855a9e79082c727246beec4f0531d0c",
)
UNIHAN = Source(
    "Debian",
    "unicode-data",
    "15.0.0-1",
    "unicode-data_15.0.0-1_all.deb",
    "5efef23bbb1c6a133ecbdd63a2cfa07159ccacf5466a49e2426101c5ecd691fc",
)
SOURCES = (SERIF, SANS, KAI, FANDOL, HANAZONO, LATIN, UNIHAN)


@dataclass(frozen=True)
class Face:
    """One face we ship: what typst calls it, and where its outlines come from. An empty `rename` keeps the family name.

    `cut` says which characters it keeps: `standard` (通用规范汉字表 and symbols), `whole`,
    `rare` (planes 2 and above) or `latin` (every Latin letter and mark).
    """

    file: str
    key: str
    source: Source
    member: str
    cut: str = "standard"
    rename: str = ""


FACES = (
    Face("NotoSerifSC-Regular", "serif", SERIF, "package/400Regular/NotoSerifSC_400Regular.ttf", cut="whole"),
    Face("NotoSerifSC-Bold", "serif-bold", SERIF, "package/700Bold/NotoSerifSC_700Bold.ttf"),
    Face("NotoSansSC-Regular", "sans", SANS, "package/400Regular/NotoSansSC_400Regular.ttf"),
    Face("NotoSansSC-Bold", "sans-bold", SANS, "package/700Bold/NotoSansSC_700Bold.ttf"),
    Face("ChudingKai-Regular", "kai", KAI, "package/files/lxgw-wenkai-latin-500-normal.woff2", rename="Chuding Kai"),
    Face(
        "FandolFang-Regular",
        "fang",
        FANDOL,
        "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf",
    ),
    Face(
        "ChudingRare-Regular",
        "rare",
        HANAZONO,
        "usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
        cut="rare",
        rename="Chuding Rare",
    ),
    Face("NotoSerif-Regular", "latin", LATIN, "package/400Regular/NotoSerif_400Regular.ttf", cut="latin"),
)

# Latin with the marks of pinyin and of European names, Greek, Cyrillic, punctuation, signs, Chinese punctuation and full width.
SYMBOLS = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0x218, 0x21B), (0x300, 0x304), (0x30C, 0x30C), (0x391, 0x3C9),
    (0x401, 0x401), (0x410, 0x451), (0x1E00, 0x1EF9), (0x2010, 0x2027), (0x2030, 0x203B), (0x20AC, 0x20AC),
    (0x2103, 0x2103), (0x2116, 0x2122), (0x2150, 0x217F), (0x2190, 0x2199), (0x2200, 0x22BF), (0x2460, 0x249B),
    (0x2500, 0x257F), (0x25A0, 0x25FF), (0x2605, 0x2612), (0x2713, 0x2717), (0x3000, 0x301F), (0x3220, 0x3229),
    (0xFE10, 0xFE4F), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE6),
)  # fmt: skip

# Every Latin letter with its marks, for passports of all the world; and what stands between the letters of a name.
LETTERS = (
    (0x20, 0x7E), (0xA0, 0x36F), (0x1AB0, 0x1ACE), (0x1D00, 0x1DFF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2C60, 0x2C7F),
    (0xA720, 0xA7FF), (0xAB30, 0xAB6F),
)  # fmt: skip

# Where plane 2 begins: extensions B and later.
RARE = 0x20000

# Limits of the TrueType instructions, of which we keep none.
LIMITS = (
    "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
    "maxSizeOfInstructions", "maxComponentElements",
)  # fmt: skip


def fetch(source: Source, work: Path) -> bytes:
    """The archive of a package, taken by its registry's own client unless it is already there, and checked."""
    path = work / source.archive
    if not path.exists():
        command = {
            "npm": ["npm", "pack", "--silent", f"{source.package}@{source.version}"],
            "Debian": ["apt-get", "download", "-q", f"{source.package}={source.version}"],
        }[source.kind]
        subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != source.sha256:
        raise SystemExit(f"{source.archive}: SHA-256 is {digest}, expected {source.sha256}; the package has changed.")
    return data


def members(source: Source, work: Path, names: list[str]) -> dict[str, bytes]:
    """Some files out of a package."""
    data = fetch(source, work)
    if source.kind == "Debian":
        data = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", "/dev/stdin"], input=data, check=True, capture_output=True
        ).stdout
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if name in names:
                stream = archive.extractfile(member)
                assert stream is not None, name
                found[name] = stream.read()
    assert sorted(found) == sorted(names), (source.package, sorted(set(names) - set(found)))
    return found


def standard_characters(work: Path) -> set[int]:
    """The 8,105 characters of 通用规范汉字表 (2013), from Unihan's kTGH."""
    name = "usr/share/unicode/Unihan_OtherMappings.txt.bz2"
    text = bz2.decompress(members(UNIHAN, work, [name])[name]).decode()
    found = {int(line.split("\t")[0].removeprefix("U+"), base=16) for line in text.splitlines() if "\tkTGH\t" in line}
    assert len(found) == 8105, len(found)
    return found


def to_glyf(font: TTFont) -> None:
    """Turn cubic CFF outlines into quadratic glyf ones, at most half a unit (1/2000 em) away."""
    glyphs = font.getGlyphSet()
    outlines = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, 0.5, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"] = newTable("loca")
    table = font["glyf"] = newTable("glyf")
    table.glyphOrder = font.getGlyphOrder()
    table.glyphs = outlines
    for outline in outlines.values():
        outline.recalcBounds(table)
    largest = font["maxp"] = newTable("maxp")
    largest.tableVersion = 0x00010000
    for field in LIMITS:
        setattr(largest, field, 0)
    largest.maxZones = 1
    largest.numGlyphs = len(outlines)
    del font["CFF "]
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"


def rename(font: TTFont, family: str) -> None:
    """Give a changed font its own name, so that it is never taken for the original."""
    names = font["name"]
    for record in list(names.names):
        if record.nameID in {1, 2, 3, 4, 6, 16, 17, 18, 21, 22}:
            names.names.remove(record)
    for number, text in (
        (1, family),
        (2, "Regular"),
        (3, f"{family} 1"),
        (4, family),
        (6, family.replace(" ", "") + "-Regular"),
    ):
        names.setName(text, number, 3, 1, 0x409)


def make(face: Face, raw: bytes, wanted: set[int]) -> tuple[bytes, list[int]]:
    """One face: subset, without hints, with its timestamp kept so that the bytes are the same next time."""
    options = subset.Options()
    options.hinting = False
    # Latin letters stay whole: taken apart (ccmp), some readers would tell each marked letter twice.
    options.layout_features = ["kern", *(("mark", "mkmk") if face.cut == "latin" else ("ccmp",))]
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "FFTM"]
    font = TTFont(io.BytesIO(raw), recalcTimestamp=False)
    if "CFF " in font:
        to_glyf(font)
    cutter = subset.Subsetter(options)
    known = set(font.getBestCmap())
    kept = {
        "standard": wanted & known,
        "whole": known,
        "rare": {point for point in known if point >= RARE},
        "latin": {point for first, last in LETTERS for point in range(first, last + 1)} & known,
    }[face.cut]
    cutter.populate(unicodes=sorted(kept))
    cutter.subset(font)
    if face.rename:
        rename(font, face.rename)
    font.flavor = None
    out = io.BytesIO()
    font.save(out, reorderTables=None)
    return out.getvalue(), sorted(font.getBestCmap())


def ranges(points: list[int]) -> str:
    """Sorted code points as `first-last` pairs in hexadecimal, separated by spaces."""
    pairs: list[list[int]] = []
    for point in points:
        if pairs and point == pairs[-1][1] + 1:
            pairs[-1][1] = point
        else:
            pairs.append([point, point])
    return " ".join(f"{first:X}-{last:X}" for first, last in pairs)


def pack(data: bytes) -> bytes:
    """The container of every vendored file: xz, strongest setting."""
    return lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)


HANAZONO_LICENCE = "usr/share/doc/fonts-hanazono/copyright"


def licences(work: Path) -> None:
    """The licence of each face, beside it."""
    serif = members(SERIF, work, ["package/LICENSE_FONT"])["package/LICENSE_FONT"]
    sans = members(SANS, work, ["package/LICENSE_FONT"])["package/LICENSE_FONT"]
    kai = members(KAI, work, ["package/LICENSE"])["package/LICENSE"]
    documents = "usr/share/doc/texlive-doc/fonts/fandol/"
    fandol = members(FANDOL, work, [documents + "COPYING.gz", documents + "README"])
    (FONTS / "OFL.noto-serif-sc.txt").write_bytes(serif)
    (FONTS / "OFL.noto-sans-sc.txt").write_bytes(sans)
    (FONTS / "OFL.chuding-kai.txt").write_bytes(kai)
    (FONTS / "COPYING.fandol").write_bytes(gzip.decompress(fandol[documents + "COPYING.gz"]))
    (FONTS / "README.fandol").write_bytes(fandol[documents + "README"])
    latin = members(LATIN, work, ["package/LICENSE_FONT"])["package/LICENSE_FONT"]
    (FONTS / "OFL.noto-serif.txt").write_bytes(latin)
    (FONTS / "COPYING.hanazono.txt").write_bytes(members(HANAZONO, work, [HANAZONO_LICENCE])[HANAZONO_LICENCE])


def sources(rows: list[tuple[Face, str, int]]) -> str:
    """SOURCES.md: each face with its package, version, licence and digests."""
    lines = [
        "# Where these fonts come from",
        "",
        "Made by `tools/make_fonts.py` (fontTools 4.68.0); run it again to get the same bytes.",
        "",
        "| file | package | version | file in the package | characters | SHA-256 of the TTF |",
        "|---|---|---|---|---|---|",
    ]
    for face, digest, count in rows:
        lines.append(
            f"| {face.file}.ttf.xz | {face.source.kind}: {face.source.package} | {face.source.version} "
            f"| {Path(face.member).name} | {count:,} | `{digest}` |"
        )
    lines += ["", "| package archive | SHA-256 |", "|---|---|"]
    lines += [f"| {source.archive} | `{source.sha256}` |" for source in SOURCES]
    lines += [
        "",
        "## Licences and what was changed",
        "",
        "- **Noto Serif SC, Noto Sans SC**: SIL Open Font License 1.1 (`OFL.noto-serif-sc.txt`, `OFL.noto-sans-sc.txt`).",
        "  Hints dropped. Serif Regular keeps every character; the others keep the 8,105 characters of 通用规范汉字表",
        "  (kTGH of Unihan 15.0) and symbols.",
        "- **Chuding Kai**: LXGW WenKai Medium, SIL Open Font License 1.1 (`OFL.chuding-kai.txt`). Cut to the same characters",
        "  and renamed, so that it cannot be taken for the original.",
        "- **FandolFang**: GNU GPL version 3 with the font exception (`README.fandol`, `COPYING.fandol`): a document that embeds",
        "  it is not covered by the GPL. Outlines converted from cubic to quadratic (half a unit) and cut to the same characters.",
        "  The source of the outlines is the Debian package named above.",
        "- **Noto Serif**: SIL Open Font License 1.1 (`OFL.noto-serif.txt`). Hints dropped; cut to Latin letters and marks.",
        "- **Chuding Rare**: HanaMinB of the GlyphWiki project, under the Hanazono Font License (unlimited permission to use, copy",
        "  and distribute, with or without modification; or SIL Open Font License 1.1; `COPYING.hanazono.txt`). Cut to planes 2",
        "  and above, hints dropped, renamed. Its shapes are Japanese where the countries differ.",
        "",
    ]
    return "\n".join(lines)


def made_before(face: Face, coverage: dict[str, str], digests: dict[str, str]) -> tuple[str, str, int]:
    """What lies there of a face that is not made now: its ranges, its digest, how many characters."""
    text = coverage[face.key]
    count = sum(int(last, 16) - int(first, 16) + 1 for first, last in (pair.split("-") for pair in text.split()))
    return text, digests[f"{face.file}.ttf"], count


def main() -> None:
    """Fetch, cut, pack, and write down what was done."""
    work, chosen = Path(sys.argv[1]).resolve(), set(sys.argv[2:]) or {face.key for face in FACES}
    work.mkdir(parents=True, exist_ok=True)
    FONTS.mkdir(parents=True, exist_ok=True)
    wanted = (
        standard_characters(work) | {point for first, last in SYMBOLS for point in range(first, last + 1)} | {0x3007}
    )
    whole = chosen == {face.key for face in FACES}
    old = {} if whole else json.loads(lzma.decompress((FONTS / "coverage.json.xz").read_bytes()))
    known = {} if whole else json.loads((FONTS / "digests.json").read_text())
    coverage, rows, digests = {}, [], {}
    for face in FACES:
        if face.key in chosen:
            ttf, points = make(face, members(face.source, work, [face.member])[face.member], wanted)
            packed = pack(ttf)
            (FONTS / f"{face.file}.ttf.xz").write_bytes(packed)
            text, digest, count = ranges(points), hashlib.sha256(ttf).hexdigest(), len(points)
            print(f"{face.file}: {count:,} characters, {len(ttf) / 1e6:.2f} MB, packed {len(packed) / 1e6:.2f} MB")
        else:
            text, digest, count = made_before(face, old, known)
        coverage[face.key], digests[f"{face.file}.ttf"] = text, digest
        rows.append((face, digest, count))
    (FONTS / "coverage.json.xz").write_bytes(pack(json.dumps(coverage, indent=0).encode()))
    (FONTS / "digests.json").write_text(json.dumps(digests, indent=2) + "\n")
    (FONTS / "SOURCES.md").write_text(sources(rows))
    if whole:
        licences(work)


if __name__ == "__main__":
    main()
