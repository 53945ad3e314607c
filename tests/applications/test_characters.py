"""Characters that no font draws: said to the person, never in the way of handing in, never signed or printed."""

from __future__ import annotations

import pytest

from chuding.accounts.names import clean_name
from chuding.applications.characters import slips, undrawn
from chuding.applications.models import Application
from chuding.applications.sections import missing_in
from chuding.applications.translate import notice_of
from chuding.applications.workflow import Declined, State
from chuding.decisions.contents import list_digest
from chuding.decisions.models import RosterState
from chuding.decisions.services import rosters
from stage import NOW

RARE = "王\U00030ede"
# The first characters of extensions G, H and I, which no font of ours draws.
UNDRAWN = {"G": "\U00030000", "H": "\U00031350", "I": "\U0002ebf0"}


def named(file: Application, name: str) -> Application:
    Application.objects.filter(pk=file.pk).update(full_name=name)
    file.refresh_from_db()
    return file


def test_a_sign_is_to_be_retyped_and_a_character_waits_for_a_font(stage):
    file = named(stage.file_at(State.DRAFT), RARE)
    file.post = "工程师😀😀"
    assert slips([file.post]) == ["请把“😀”（U+1F600）改成文字，这个符号印不出来"]
    gaps = {section: missing_in(file, section, notice_of(file), frozenset(), NOW.date()) for section in ("identity", "employer")}  # fmt: skip
    assert "请把“😀”（U+1F600）改成文字，这个符号印不出来" in gaps["employer"]
    assert not [gap for gap in gaps["identity"] if "U+" in gap]
    assert [glyph.code_point for glyph in undrawn(file)] == [0x30EDE]


def test_the_check_page_names_the_character_and_its_code_point(stage, client):
    file = named(stage.file_at(State.DRAFT), RARE)
    client.force_login(file.applicant)
    page = client.get(f"/applications/{file.ref}/check/").content.decode()
    assert "有1个字，证书的字库里还没有" in page
    assert "“\U00030ede”（U+30EDE）" in page


@pytest.mark.parametrize("character", UNDRAWN.values(), ids=list(UNDRAWN))
def test_a_name_of_the_newest_extensions_is_handed_in_and_refused_before_anything_is_issued(stage, client, character):
    point = f"U+{ord(character):04X}"
    assert clean_name("王" + character) == ("王" + character, None)
    file = named(stage.file_at(State.APPROVED), "王" + character)
    assert [f"U+{glyph.code_point:04X}" for glyph in undrawn(file)] == [point]
    roster = stage.drafted([file])
    rosters.verify(ref=roster.ref, seen=list_digest(roster), by=stage.second_signer, at=NOW)
    with pytest.raises(Declined) as said:
        rosters.sign(ref=roster.ref, seen=list_digest(roster), by=stage.wu, at=NOW)
    assert str(said.value).startswith(f"王{character}：字库里没有“{character}”这个字（{point}），无法排印。")
    roster.refresh_from_db()
    assert (roster.state, roster.number) == (RosterState.VERIFIED, "")


def test_a_roster_with_a_character_that_no_font_has_is_not_signed(stage, client):
    file = named(stage.file_at(State.APPROVED), RARE)
    roster = stage.drafted([file])
    rosters.verify(ref=roster.ref, seen=list_digest(roster), by=stage.second_signer, at=NOW)
    with pytest.raises(Declined, match=r"王.：字库里没有“.”这个字（U\+30EDE）"):
        rosters.sign(ref=roster.ref, seen=list_digest(roster), by=stage.wu, at=NOW)
    client.force_login(stage.wu)
    checks = client.get(f"/decisions/rosters/{roster.ref}/").context["checks"]
    assert [check for check in checks if not check["met"]] == [
        {"text": "每个字都印得出来（字库齐全）", "met": False, "who": RARE}
    ]
