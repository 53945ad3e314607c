"""U19: somebody without a mouse, from the front page over the self-check and the sign-in to the first sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import newcomer
import pytest
from keys import Keys
from playwright.sync_api import expect

if TYPE_CHECKING:
    from visitor import House, Visitor

    from chuding.demonstration.cast import Character

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site


def test_somebody_without_a_mouse_comes_from_the_front_page_to_a_file_with_sections_done(house: House) -> None:
    who = newcomer.newcomer("岑晓棠", "19955501061", 961)
    with house.visitor() as at:
        keys = Keys(at.page)
        check_oneself(at, keys, who)
        sign_in(at, keys, who)
        identity(at, keys, who)
        schooling(at, keys, who)
        work(at, keys, who)
    # 479 were needed when this was written: a page that takes a hundred more to walk through is not what it was.
    assert keys.presses <= 600


def check_oneself(at: Visitor, keys: Keys, who: Character) -> None:
    at.go("/")
    keys.to_main()
    keys.follow("开始申报前自查")
    for value in ("contract", "none", "no", "resident_id"):
        keys.answer(value)
    education = who.educations[0]
    keys.pick("schooling", education["schooling"])
    keys.pick("degree", education["degree"])
    keys.push("继续")
    keys.date("graduated_on", education["graduated_on"])
    keys.push("继续")
    keys.date("started_on", who.spells[0]["started_on"])
    keys.push("继续")
    while at.page.locator("button.answer").count():
        keys.answer("yes")
    specialty(at, keys, who)
    keys.push("看结果")
    at.see("按您填写的情况，可以申报")


def specialty(at: Visitor, keys: Keys, who: Character) -> None:
    """In the box that finds while one types: the arrows go through what it found, Enter takes one."""
    name = who.specialty.rsplit("/", maxsplit=1)[-1]
    keys.reach("input[role=combobox]")
    at.page.keyboard.type(name)
    wanted = " › ".join(dict.fromkeys(who.specialty.split("/")))
    for _ in range(12):
        keys.press("ArrowDown")
        if wanted in at.page.locator("[role=option][aria-selected=true]").inner_text():
            break
    keys.press("Enter")
    expect(at.page.get_by_role("combobox")).to_have_value(wanted)


def sign_in(at: Visitor, keys: Keys, who: Character) -> None:
    keys.push("登录并开始申报")
    at.headline("登录或注册")
    keys.type("phone", who.phone)
    keys.push("获取验证码")
    at.headline("输入验证码")
    keys.type("code", at.code(who.phone))
    with at.page.expect_navigation():
        keys.press("Enter")  # in the box itself
    at.headline("开始之前，请您决定")
    for purpose in ("handling", "sensitive"):
        keys.tick(purpose)
    keys.push("继续")
    at.see("已完成 1 / 7")


def identity(at: Visitor, keys: Keys, who: Character) -> None:
    """First with a number that is too short: the summary takes the focus and its link leads into the box."""
    keys.to_main()
    keys.follow("核对身份信息")
    keys.type("full_name", who.name)
    keys.choose("identity_type", "resident_id")
    keys.type("identity_number", who.identity["identity_number"][:-1])
    for name in ("civil_servant", "retired", "sanctioned"):
        keys.choose(name, "no")
    keys.push("保存并返回清单")
    expect(at.page.locator("[data-error-summary]")).to_be_focused()
    keys.reach("[data-error-summary] a", "您输入了17位")
    keys.press("Enter")
    expect(at.page.locator('[name="identity_number"]')).to_be_focused()
    keys.type("identity_number", who.identity["identity_number"])
    keys.push("保存并返回清单")
    at.see("已完成 2 / 7")


def schooling(at: Visitor, keys: Keys, who: Character) -> None:
    education = who.educations[0]
    keys.follow("填写学历学位")
    keys.type("row0-school", education["school"])
    keys.type("row0-major", education["major"])
    keys.pick("row0-schooling", education["schooling"])
    keys.pick("row0-study_mode", "full_time")
    keys.date("row0-graduated_on", education["graduated_on"])
    keys.pick("row0-degree", education["degree"])
    keys.date("row0-degree_on", education["degree_on"])
    keys.pick("row0-field_matches", "yes")
    keys.push("保存并返回清单")
    at.see("已完成 3 / 7")


def work(at: Visitor, keys: Keys, who: Character) -> None:
    spell = who.spells[0]
    keys.follow("填写工作经历和考核")
    keys.type("row0-employer_name", spell["employer_name"])
    keys.type("row0-post", spell["post"])
    keys.date("row0-started_on", spell["started_on"])
    keys.pick("row0-in_specialty", "yes")
    keys.pick("assessed_fit", "yes")
    keys.push("保存并返回清单")
    at.see("已完成 4 / 7")
