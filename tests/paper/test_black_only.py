"""A printer with black ink only: every character of every paper stays legible, and no colour says what no word says.

Each page is drawn at 400 dpi, less than any office printer has, and every point made black or white. A character that was too pale is all white then, one on too
dark a ground all black.
"""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest
import typst
from test_gallery import SHOWN, made

SCALE = 400 / 72


def lost(pdf):
    """Characters that are neither dark on light nor light on dark in black alone, with their page."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number in sorted({*range(min(3, len(document))), len(document) - 1}):
            sheet = document[number]
            ink = sheet.render(scale=SCALE, grayscale=True).to_numpy() < 128
            ink, text, height = ink.reshape(ink.shape[:2]), sheet.get_textpage(), sheet.get_height()
            for place in range(text.count_chars()):
                sign = chr(pypdfium2.raw.FPDFText_GetUnicode(text, place))
                left, bottom, right, top = text.get_charbox(place)
                # What runs askew is the watermark of a copy; the page says the same words upright.
                askew = pypdfium2.raw.FPDFText_GetCharAngle(text, place) % 1.5707 > 0.01
                if sign.isspace() or askew or right <= left or top <= bottom:
                    continue
                box = ink[
                    max(0, int((height - top) * SCALE) - 2) : int((height - bottom) * SCALE) + 3,
                    max(0, int(left * SCALE) - 2) : int(right * SCALE) + 3,
                ]
                share = float(np.mean(box)) if box.size else 0.0
                if not 0.03 < share < 0.97:
                    found.append((number + 1, sign, round(share, 3)))
    return found


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_every_character_is_legible_in_black_alone(name):
    """Of a long paper the first three pages and the last."""
    assert lost(made(name)) == []


def test_pale_text_would_be_found(tmp_path):
    source = tmp_path / "pale.typ"
    source.write_text(
        '#set text(fill: rgb("#dddddd"))\nab\n#block(fill: black, inset: 4pt, text(fill: rgb("#222222"))[cd])'
    )
    assert [sign for _, sign, _ in lost(typst.compile(str(source)))] == ["a", "b", "c", "d"]
