"""One sheet handed in twice is found however it was scanned or photographed; another person's paper of the same form is not."""

from __future__ import annotations

import random
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chuding.applications.models import Material
from chuding.applications.reviewing.models import Likeness, LikenessKind, PageMark, PageWord
from chuding.applications.reviewing.prints import Sight, same_sheet, sight_of, words_near, words_of
from chuding.applications.services import likenesses
from chuding.applications.services.likenesses import find_near, take_prints
from chuding.applications.translate import notice_of
from chuding.applications.workflow import State
from chuding.storage.files import store
from stage import NOW

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import rescans


def two_people(kind, fonts, seed):
    """The sheets of two classmates: the same but for a name and three digits."""
    return [rescans.drawn(kind, values, fonts, seal=5) for values in rescans.classmates(kind, random.Random(seed))]


def seen(sheet, way, seed, folder):
    image = rescans.handed_in(sheet, way, random.Random(seed), folder / f"{way}-{seed}.webp")
    return image, sight_of(image)


@pytest.mark.parametrize("kind", ["diploma", "degree_report"])
def test_sheet_handed_in_again_is_the_same_and_a_classmates_is_not(kind, fonts, tmp_path):
    mine, classmates = two_people(kind, fonts, 11)
    first = seen(mine, "scan", 1, tmp_path)
    again = [seen(mine, "scan", 2, tmp_path), seen(mine, "photo", 3, tmp_path)]
    others = [seen(classmates, "scan", 4, tmp_path), seen(classmates, "photo", 5, tmp_path)]
    assert [same_sheet(first, each) for each in again] == [True, True]
    assert [same_sheet(first, each) for each in others] == [False, False]


def test_sheet_handed_in_again_shares_more_words_than_another_form(fonts, tmp_path):
    mine, _ = two_people("diploma", fonts, 11)
    other, _ = two_people("degree_report", fonts, 12)
    asked = words_near(seen(mine, "scan", 1, tmp_path)[1])
    again, strange = (words_of(seen(sheet, "photo", 3, tmp_path)[1]) for sheet in (mine, other))
    assert len(asked & again) > len(asked & strange)
    assert max(asked) < 1 << 18


def test_what_is_kept_of_a_page_comes_back(fonts, tmp_path):
    _, sight = seen(two_people("diploma", fonts, 11)[0], "scan", 1, tmp_path)
    sight.save(tmp_path / "points.npz")
    again = Sight.load(tmp_path / "points.npz")
    assert all(np.array_equal(getattr(sight, name), getattr(again, name)) for name in ("places", "sizes", "signs"))


def test_empty_page_has_nothing_to_be_found_by(tmp_path):
    Image.new("L", (794, 1123), 255).save(tmp_path / "empty.webp")
    assert sight_of(tmp_path / "empty.webp") is None


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
    assert [set(words["file__in"]) for words in asked] == [{wanted}, {wanted}]


@pytest.mark.once
def test_diploma_photographed_again_in_anothers_file_is_found(stage, data_folder, fonts):
    files = [stage.file_at(State.RECEIVED), stage.file_at(State.REVIEWING), stage.file_at(State.REVIEWING)]
    mine, classmates = two_people("diploma", fonts, 11)
    letter, _ = two_people("degree", fonts, 13)
    for n, (file, diploma) in enumerate(zip(files, (mine, mine, classmates), strict=True)):
        for material in file.current_materials():
            digest = f"{n}{material.code}".ljust(64, "0")
            folder = store().derived(digest)
            folder.mkdir(parents=True, exist_ok=True)
            # Everybody's letters are the same sheet: they name no one person, and are not compared.
            sheet, once = (diploma, "diploma") if material.code == "2" else (letter, "letter")
            page = data_folder / f"{n}-{once}.webp"
            if not page.exists():
                rescans.handed_in(sheet, "photo" if n == 1 else "scan", random.Random(n), page)
            shutil.copy(page, folder / "page-1.webp")
            Material.objects.filter(pk=material.pk).update(file=digest, pages=1)
            assert take_prints(Material.objects.get(pk=material.pk)) == 1
    assert [find_near(file, at=NOW) for file in files] == [1, 1, 0]
    found = Likeness.objects.get(application=files[1])
    assert (found.kind, found.other, found.material.code, found.other_material.code) == (
        LikenessKind.NEAR,
        files[0],
        "2",
        "2",
    )


def test_page_without_marks_gets_them_before_it_is_looked_for(stage, data_folder, fonts):
    """As after an update that makes them in another way."""
    file = stage.file_at(State.RECEIVED)
    material = file.current_materials().get(code="2")
    folder = store().derived(material.file)
    folder.mkdir(parents=True, exist_ok=True)
    rescans.handed_in(two_people("diploma", fonts, 11)[0], "scan", random.Random(1), folder / "page-1.webp")
    PageMark.objects.filter(file=material.file).delete()
    assert find_near(file, at=NOW) == 0
    assert PageWord.objects.filter(mark__file=material.file, mark__page=1).count() > 50
