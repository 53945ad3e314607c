"""Pictures read by the eye. The whole measurement is benchmarks/reading.py; here a few pages with a floor."""

from __future__ import annotations

import random
import sys
from datetime import date
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from chuding.paper.glyphs import fonts_folder
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


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    return fonts_folder(tmp_path_factory.mktemp("data"))


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
