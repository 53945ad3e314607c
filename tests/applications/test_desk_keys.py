"""The keys of the desk: all of them can be put elsewhere or done without, and switched off as a whole."""

from __future__ import annotations

import re

import pytest
from desk_steps import judge_all
from django.utils import timezone

from chuding.applications.reviewing.keys import CHOICES, KEYS, OFF, clean_keys, help_rows, keys_of
from chuding.applications.workflow import State
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def test_every_key_can_be_changed_to_every_other_choice_and_to_none():
    plain = keys_of({})
    assert len(set(plain.values())) == len(KEYS)
    for key in KEYS:
        assert key.code in dict(CHOICES)
        assert clean_keys({key.act: OFF}) == ({key.act: OFF}, "")
    assert clean_keys({key.act: OFF for key in KEYS})[1] == ""
    assert clean_keys({"help": "KeyA"})[1] == "A 键用了两次。每个操作请用不同的键。"
    assert clean_keys({"help": "Enter"})[1].endswith("可以用字母键、数字键、标点键和空格。")
    moved, problem = clean_keys({"help": "F9", "page": "KeyJ", "item1": "KeyQ", "larger": "BracketRight"})
    assert (moved, problem) == ({"help": "F9", "page": "KeyJ", "item1": "KeyQ", "larger": "BracketRight"}, "")
    assert ("F9", "打开、关上快捷键说明（? 在这个键上）") in help_rows(keys_of(moved))
    assert help_rows(keys_of(moved))[-1][0].startswith("Q 2 3")


def test_the_page_carries_each_key_where_the_person_put_it(stage, client):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    client.force_login(stage.li)
    wanted = {key.act: key.code for key in KEYS} | {"help": "F9", "item1": "KeyQ", "smaller": OFF, "on": "yes"}
    assert client.post("/desk/keys/", wanted).status_code == 302
    page = client.get(f"/desk/{file.ref}/").content.decode()
    held = dict(re.findall(r'data-key-(\w+)="(\w+)"', page))
    assert (held["help"], held["item1"], held["smaller"], held["item2"]) == ("F9", "KeyQ", OFF, "Digit2")
    assert 'data-keys-on="1"' in page
    assert 'data-key-next="KeyG"' in client.get("/desk/").content.decode()
    client.post("/desk/keys/", wanted | {"on": "no", "next": "KeyZ"})
    queue = client.get("/desk/").content.decode()
    assert ('data-keys-on="0"' in queue, 'data-key-next="KeyZ"' in queue) == (True, True)
