from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from nasties import NASTIES, pdf, stream
from PIL import Image, ImageStat

from chuding.paper.pages import PagesError, drawn_pages, render_pages


@pytest.fixture
def paper(tmp_path):
    def write(data):
        path = tmp_path / "paper.pdf"
        path.write_bytes(data)
        return path

    return write


def test_pages_are_drawn_at_the_asked_resolution(paper, plain_pdf, tmp_path):
    images = render_pages(paper(plain_pdf), tmp_path / "out")
    assert [(image.number, image.width, image.height) for image in images] == [(1, 794, 1123), (2, 794, 1123)]
    assert [image.file.name for image in images] == ["page-1.webp", "page-2.webp"]
    for image in images:
        with Image.open(image.file) as picture, Image.open(image.thumbnail) as small:
            assert (picture.format, picture.size) == ("WEBP", (image.width, image.height))
            assert (small.format, max(small.size)) == ("WEBP", 240)
    assert [image.width for image in render_pages(paper(plain_pdf), tmp_path / "out", dpi=192)] == [1588, 1588]


def test_what_is_drawn_is_what_the_file_says(paper, tmp_path):
    red_half = pdf(page=b"/Contents 4 0 R", extra=[stream(b"1 0 0 rg 0 0 595 421 re f")])
    (image,) = render_pages(paper(red_half), tmp_path / "out")
    with Image.open(image.file) as picture:
        upper, lower = (
            ImageStat.Stat(picture.convert("RGB").crop(box)).mean for box in ((10, 10, 780, 540), (10, 580, 780, 1110))
        )
    assert [round(tone / 10) for tone in upper] == [26, 26, 26]
    assert lower[0] > 240
    assert max(lower[1:]) < 15


def test_folder_holds_nothing_but_the_pictures(paper, plain_pdf, tmp_path):
    render_pages(paper(plain_pdf), tmp_path / "out")
    render_pages(paper(plain_pdf), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "page-1.webp", "page-2.webp", "thumb-1.webp", "thumb-2.webp",
    ]  # fmt: skip


def test_crash_while_pages_are_written_leaves_none(paper, plain_pdf, tmp_path, monkeypatch):
    """A folder that exists is whole: what a reviewer is shown is never a part of a file."""
    real, written = Path.write_bytes, []

    def fails_at_the_third(path, data):
        if path.suffix == ".webp":
            written.append(path)
            if len(written) == 3:
                raise OSError("no space left")
        return real(path, data)

    out = tmp_path / "out"
    out.mkdir()
    file = paper(plain_pdf)
    monkeypatch.setattr(Path, "write_bytes", fails_at_the_third)
    with pytest.raises(OSError, match="no space"):
        render_pages(file, out)
    monkeypatch.undo()
    assert (drawn_pages(out), len(written)) == ([], 3)
    assert [path.name for path in drawn_pages_after(file, out)] == ["page-1.webp", "page-2.webp"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def drawn_pages_after(file, out):
    render_pages(file, out)
    return drawn_pages(out)


@pytest.mark.parametrize(
    ("sides", "limit"), [(b"14400 14400", 16_000_000), (b"2000000 2000000", 16_000_000), (b"2000000 20", 16_000_000)]
)
def test_giant_page_is_drawn_small(paper, tmp_path, sides, limit):
    giant = pdf(whole_page=b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %b]>>" % sides)
    (image,) = render_pages(paper(giant), tmp_path / "out", dpi=96)
    assert image.width * image.height <= limit * 1.01
    assert max(image.width, image.height) <= 16_383


def test_rotated_page_is_drawn_upright(paper, tmp_path):
    (image,) = render_pages(paper(pdf(page=b"/Rotate 90")), tmp_path / "out")
    assert (image.width, image.height) == (1123, 794)


def test_file_that_cannot_be_drawn_leaves_nothing(paper, tmp_path):
    with pytest.raises(PagesError) as caught:
        render_pages(paper(b"no PDF"), tmp_path / "out")
    assert caught.value.kind == "refused"
    assert not (tmp_path / "out").exists()


def test_absent_file_is_an_error_of_the_caller(tmp_path):
    with pytest.raises(FileNotFoundError):
        render_pages(tmp_path / "absent.pdf", tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["page content of 2 GB", "script at opening", "arrays 200,000 deep", "page tree that is its own child"]
)
def test_hostile_file_is_drawn_or_refused_but_never_crashes_the_caller(paper, tmp_path, name):
    with contextlib.suppress(PagesError):
        assert len(render_pages(paper(NASTIES[name][0]), tmp_path / "out", dpi=20)) == 1
