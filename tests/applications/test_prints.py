"""Nearly the same scan: found when saved anew, not when another person's paper looks like it."""

from __future__ import annotations

import random
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from chuding.applications.models import Material
from chuding.applications.reviewing.models import Likeness, LikenessKind, PageMark
from chuding.applications.reviewing.prints import near, print_of, same_picture
from chuding.applications.services import likenesses
from chuding.applications.services.likenesses import find_near, take_prints
from chuding.applications.translate import notice_of
from chuding.applications.workflow import State
from chuding.storage.files import store
from stage import NOW


def diploma(number: int) -> Image.Image:
    """A page with the same frame and lines for everybody, and one field of its own."""
    page = Image.new("L", (794, 1123), 250)
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 40, 754, 1083), outline=90, width=8)
    common = random.Random(0)
    for y in range(150, 900, 60):
        draw.rectangle((120, y, 120 + common.randrange(300, 540), y + 24), fill=60)
    own = random.Random(number)
    for x in range(120, 660, 18):
        if own.random() < 0.5:
            draw.rectangle((x, 940, x + 14, 970), fill=20)
    return page


def saved(page: Image.Image, folder, name: str, *, scale: float = 1.0, quality: int = 80):
    small = page.resize((int(page.width * scale), int(page.height * scale)))
    held = BytesIO()
    small.save(held, "JPEG", quality=quality)
    file = folder / name
    Image.open(held).save(file, "WEBP", quality=70)
    return file


@pytest.mark.parametrize(("scale", "quality"), [(1.0, 50), (0.8, 70), (1.3, 60)])
def test_page_saved_anew_is_near_and_the_same(tmp_path, scale, quality):
    one = saved(diploma(1), tmp_path, "one.webp")
    other = saved(diploma(1), tmp_path, "other.webp", scale=scale, quality=quality)
    assert (near(print_of(one), print_of(other)), same_picture(one, other)) == (True, True)


def test_anothers_page_of_the_same_form_is_not_the_same(tmp_path):
    one, other = saved(diploma(1), tmp_path, "one.webp"), saved(diploma(2), tmp_path, "other.webp")
    assert same_picture(one, other) is False


def test_empty_page_has_no_print(tmp_path):
    assert print_of(saved(Image.new("L", (794, 1123), 255), tmp_path, "empty.webp")) == ""


def renumbered(notice, code):
    """The notice with its item of schooling under another number."""
    rules = [replace(rule, code=code) if rule.code == "2" else rule for rule in notice.materials]
    return replace(notice, materials=tuple(rule for rule in rules if rule.code != code or "学" in rule.name))


def test_the_notice_says_which_item_is_compared(stage, data_folder, monkeypatch):
    """Another round may number its items anew: what names one person is found by the words of the item."""
    file = stage.file_at(State.RECEIVED)
    other = renumbered(notice_of(file), "3")
    monkeypatch.setattr(likenesses, "notice_of", lambda _application: other)
    wanted = file.current_materials().get(code="3").file
    asked = []
    real = PageMark.objects.filter
    monkeypatch.setattr(PageMark.objects, "filter", lambda **words: asked.append(words) or real(**words))
    assert find_near(file, at=NOW) == 0
    assert [set(words["file__in"]) for words in asked] == [{wanted}]


def test_near_scan_of_a_certificate_in_anothers_file_is_found(stage, data_folder):
    files = [stage.file_at(State.RECEIVED), stage.file_at(State.REVIEWING)]
    for n, file in enumerate(files):
        for material in file.current_materials():
            digest = f"{n}{material.code}".ljust(64, "0")
            folder = store().derived(digest)
            folder.mkdir(parents=True, exist_ok=True)
            # Everybody's letters are alike; only the certificate of the second file is the first one's, saved anew.
            page = diploma(1) if material.code == "2" else diploma(100 * n + int(material.code))
            saved(page, folder, "page-1.webp", quality=80 - 20 * n)
            Material.objects.filter(pk=material.pk).update(file=digest, pages=1)
            take_prints(Material.objects.get(pk=material.pk))
    assert [find_near(file, at=NOW) for file in files] == [1, 1]
    found = Likeness.objects.get(application=files[1])
    assert (found.kind, found.other, found.material.code, found.other_material.code) == (
        LikenessKind.NEAR,
        files[0],
        "2",
        "2",
    )
