"""Pictures read by the eye. The whole measurement is benchmarks/reading.py; here a few pages with a floor."""

from __future__ import annotations

import random
import sys
from datetime import date
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from chuding.paper.reading import optics, quality, seals
from chuding.paper.reading.papers import understand
from chuding.paper.reading.reader import read_paper
from chuding.paper.reading.text import plain

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import scans

PAGES = (
    (0, "diploma", "scan", 0),
    (1, "degree", "photo", 1),
    (2, "schooling_report", "photo", 0),
    (3, "endorsement", "scan", 2),
)


def as_pdf(picture, path):
    out = BytesIO()
    Image.fromarray(picture[:, :, ::-1]).save(out, "PDF", resolution=scans.DPI, quality=85)
    path.write_bytes(out.getvalue())
    return path


def spoilt(picture, way, turns, dice):
    return np.ascontiguousarray(np.rot90((scans.photo if way == "photo" else scans.scan)(picture, dice), turns))


def value(truth):
    return truth.isoformat() if isinstance(truth, date) else str(truth)


def test_scans_and_photos_are_read(fonts, tmp_path):
    wanted = right = wrong = 0
    for number, kind, way, turns in PAGES:
        paper, dice = scans.paper(number, 31, fonts, (kind,))
        picture = scans.stamped(paper.picture, dice, (0.7, 0.62)) if kind == "endorsement" else paper.picture
        pages = read_paper(as_pdf(spoilt(picture, way, turns, dice), tmp_path / "scan.pdf"), seal=kind == "endorsement")
        assert (pages[0].source, pages[0].turn) == ("ocr", -turns % 4)
        assert pages[0].seal == ("found" if kind == "endorsement" else "")
        (read,) = understand(pages)
        assert read.kind == kind
        for name, truth in paper.truth.items():
            if name == "study_mode":
                continue
            wanted += 1
            found = read.fields.get(name)
            right += found is not None and plain(found.value) in plain(value(truth)) and found.value != ""
            wrong += found is not None and plain(found.value) not in plain(value(truth))
    assert right / wanted >= 0.9
    assert wrong / wanted <= 0.05


def with_picture(pdf, picture, path, place, *, unseen=False):
    """The PDF with a picture drawn over its page at `place`, shares of the page: left, bottom, width, height.

    `unseen` turns its own text into invisible ink, as the programs of scanners write it.
    """
    out = BytesIO()
    Image.fromarray(picture[:, :, ::-1]).save(out, "JPEG", quality=88)
    with pikepdf.open(BytesIO(pdf)) as document:
        page = document.pages[0]
        height, width = picture.shape[:2]
        image = document.make_stream(
            out.getvalue(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=width,
            Height=height,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        name = page.add_resource(image, pikepdf.Name.XObject)
        wide, tall = (float(side) for side in page.mediabox[2:])
        left, bottom, across, up = (share * side for share, side in zip(place, (wide, tall, wide, tall), strict=True))
        own = page.Contents.read_bytes()
        assert b"BT 0 Tr" in own
        own = own.replace(b"BT 0 Tr", b"BT 3 Tr") if unseen else own
        page.Contents = document.make_stream(b"q " + own + b" Q")
        page.contents_add(f"q {across} 0 0 {up} {left} {bottom} cm {name} Do Q".encode())
        document.save(path)
    return path


@pytest.mark.parametrize("unseen", [False, True], ids=["text under the scan", "invisible text"])
def test_scan_with_a_text_of_its_scanners_is_read_anew_and_its_seal_found(fonts, tmp_path, unseen):
    """A "searchable PDF": the text in it says another name, as a program of a scanner misreads one."""
    seen, dice = scans.paper(0, 31, fonts, ("endorsement",))
    written, _ = scans.paper(1, 31, fonts, ("endorsement",))
    assert seen.truth["full_name"] != written.truth["full_name"]
    picture = scans.scan(scans.stamped(seen.picture, dice, (0.7, 0.62)), dice)
    path = with_picture(written.pdf, picture, tmp_path / "scan.pdf", (0, 0, 1, 1), unseen=unseen)
    (page,) = read_paper(path, seal=True)
    assert (page.source, page.seal) == ("ocr", "found")
    (read,) = understand([page])
    assert read.fields["full_name"].value == seen.truth["full_name"]


def test_invisible_text_is_no_text(fonts, tmp_path):
    paper, _dice = scans.paper(0, 31, fonts, ("endorsement",))
    stamp = np.full((60, 60, 3), 255, np.uint8)
    (page,) = read_paper(with_picture(paper.pdf, stamp, tmp_path / "blank.pdf", (0.1, 0.1, 0.1, 0.1), unseen=True))
    assert (page.source, page.lines) == ("ocr", ())


def test_seal_on_a_page_with_a_text_layer_is_found(fonts, tmp_path):
    paper, dice = scans.paper(0, 31, fonts, ("endorsement",))
    side = round(scans.DPI / 25.4 * 45) + 10
    seal = scans.stamped(np.full((side, side, 3), 255, np.uint8), dice, (0.5, 0.5))
    height, width = paper.picture.shape[:2]
    place = (0.6, 0.2, side / width, side / height)
    (page,) = read_paper(with_picture(paper.pdf, seal, tmp_path / "letter.pdf", place), seal=True)
    assert (page.source, page.seal) == ("text", "found")
    assert page.seal_box.left == pytest.approx(0.6, abs=0.03)
    assert page.seal_box.bottom == pytest.approx(0.8, abs=0.03)
    (read,) = understand([page])
    assert read.fields["full_name"].value == paper.truth["full_name"]
    path = tmp_path / "bare.pdf"
    path.write_bytes(paper.pdf)
    assert read_paper(path, seal=True)[0].seal == "none"


@pytest.fixture
def letter(fonts):
    return scans.paper(0, 33, fonts, ("endorsement",))[0].picture


def seal_states(pictures):
    return [seals.find_seal(picture, 210).state for picture in pictures]


def test_seals_are_found_in_any_light(letter):
    stamped = [scans.stamped(letter, random.Random(seed), (0.7, 0.62)) for seed in range(8)]
    assert seal_states(scans.scan(p, random.Random(seed)) for seed, p in enumerate(stamped)) == ["found"] * 8


def test_what_is_no_seal_is_none(letter):
    def drawn(draw):
        picture = letter.copy()
        draw(picture)
        return picture

    red = (40, 40, 210)
    pictures = [
        letter,
        drawn(lambda p: cv2.putText(p, "RED TITLE OF A LETTER", (200, 300), 0, 2, red, 6)),
        drawn(lambda p: cv2.rectangle(p, (800, 1050), (1040, 1290), red, 6)),
        drawn(lambda p: cv2.circle(p, (900, 1150), 120, red, -1)),  # a full disc
        drawn(lambda p: cv2.circle(p, (900, 1150), 120, (60, 60, 60), 6)),  # copied in black and white
        drawn(lambda p: cv2.circle(p, (900, 1150), 40, red, 4)),  # a small one
    ]
    assert set(seal_states(pictures)) <= {"none", "maybe"}
    assert seal_states(pictures)[:1] == ["none"]


def test_sheet_is_cut_out_of_a_photo_and_not_out_of_a_scan(letter):
    dice = random.Random(4)
    photo, scan = scans.photo(letter, dice), scans.scan(letter, dice)
    cut = optics.flatten(photo)
    assert (cut.cut, optics.flatten(scan).cut) == (True, False)
    height, width = cut.picture.shape[:2]
    assert height / width == pytest.approx(297 / 210, rel=0.06)


def test_shadow_is_no_edge_of_a_sheet(letter):
    shaded = letter.astype(np.float32)
    shaded[:, : letter.shape[1] // 3] *= np.linspace(0.45, 1, letter.shape[1] // 3)[None, :, None]
    assert optics.flatten(shaded.astype(np.uint8)).cut is False


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda p: p, []),
        (lambda p: cv2.GaussianBlur(p, (0, 0), 0.8), []),
        (lambda p: cv2.GaussianBlur(p, (0, 0), 4), ["blurred"]),
        (lambda p: (p * 0.2).astype(np.uint8), ["dark"]),
        (lambda p: np.full_like(p, 250), ["blank"]),
    ],
)
def test_page_that_nobody_can_read_is_said_so(letter, spoil, expected):
    small = cv2.resize(letter, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA)
    assert quality.hints_of(cv2.cvtColor(spoil(small), cv2.COLOR_BGR2GRAY)) == expected
