"""A reviewer at the keyboard, on the real page with its script: an input method's keys never act, a key that was put
elsewhere acts there, a box drawn by the mouse is kept, and the last act is undone by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import offices
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

PASS = "[data-act='pass']"


def test_keys_boxes_and_undo(house: House) -> None:
    with house.officer(offices.LI) as at:
        take_one(at)
        composing_never_acts(at.page)
        nothing_in_a_field_acts(at.page)
        put_elsewhere(at)
        box_is_kept(at)
        undone_by_key(at)
        switched_off(at)


def take_one(at: Visitor) -> None:
    at.go("/desk/")
    at.page.keyboard.press("g")
    at.page.wait_for_selector("[data-desk]")
    offices.look_through(at)
    at.page.evaluate("() => document.activeElement && document.activeElement.blur()")


def focused(page: Page, selector: str) -> bool:
    return bool(page.evaluate("(wanted) => Boolean(document.activeElement.closest(wanted))", selector))


def raw_key(session: CDPSession, key: str, code: str, number: int) -> None:
    """A key as the browser gets it from the system; 229 is what an input method sends while it composes."""
    for kind in ("rawKeyDown", "keyUp"):
        session.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number},
        )


def composing_never_acts(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    before = page.url
    for code in ("KeyA", "KeyB", "KeyX", "KeyY", "KeyG", "KeyH", "Digit1", "Slash"):
        raw_key(session, "Process", code, 229)
    assert not focused(page, ".action-bar")
    assert page.locator(".judge-defect[open]").count() == 0
    assert page.locator("[data-help-box]").is_hidden()
    assert page.url == before
    raw_key(session, "a", "KeyA", 65)
    assert focused(page, PASS), "the same key without an input method acts"
    page.evaluate("() => document.activeElement.blur()")
    session.detach()


def nothing_in_a_field_acts(page: Page) -> None:
    """Chinese is composed in the note, with a candidate chosen by a digit; the words arrive and nothing else happens."""
    session = page.context.new_cdp_session(page)
    page.keyboard.press("m")
    assert focused(page, "#note")
    session.send("Input.imeSetComposition", {"text": "yijia", "selectionStart": 5, "selectionEnd": 5})
    assert page.evaluate("() => document.getElementById('note').value") == "yijia"
    for code in ("KeyA", "Digit1", "Space"):
        raw_key(session, "Process", code, 229)
    session.send("Input.insertText", {"text": "一家"})
    page.keyboard.type("gab?")
    assert page.evaluate("() => document.getElementById('note').value") == "一家gab?"
    assert focused(page, "#note")
    page.locator("#note").fill("")
    page.keyboard.press("Escape")
    assert not focused(page, "#note")
    session.detach()


def put_elsewhere(at: Visitor) -> None:
    address = at.page.url
    at.go("/desk/keys/")
    at.page.locator("main details > summary").click()
    for act, code in (("pass", "KeyP"), ("help", "F9"), ("item2", "KeyQ")):
        at.page.select_option(f"#key-{act}", code)
    at.press("保存")
    at.see("快捷键已保存")
    at.go_to(address)
    at.page.keyboard.press("a")
    assert not focused(at.page, PASS)
    at.page.keyboard.press("Shift+Slash")
    expect(at.page.locator("[data-help-box]")).to_be_hidden()
    at.page.keyboard.press("F9")
    expect(at.page.locator("[data-help-box]")).to_be_visible()
    at.page.keyboard.press("Escape")
    expect(at.page.locator("[data-help-box]")).to_be_hidden()
    at.page.keyboard.press("p")
    assert focused(at.page, PASS)
    at.page.evaluate("() => document.activeElement.blur()")
    at.page.keyboard.press("q")
    expect(at.page.locator("[data-viewer-title]")).to_contain_text("材料2")


def box_is_kept(at: Visitor) -> None:
    """Drawn by mouse on the second material, found again on the page that the server draws."""
    at.page.locator("[data-draw]").click()
    sheet = at.page.locator("#page-2-1 .sheet").bounding_box()
    assert sheet is not None
    x, y = sheet["x"] + sheet["width"] * 0.2, sheet["y"] + sheet["height"] * 0.1
    at.page.mouse.move(x, y)
    at.page.mouse.down()
    at.page.mouse.move(x + sheet["width"] * 0.3, y + sheet["height"] * 0.05, steps=5)
    at.page.mouse.up()
    assert at.page.locator("#page-2-1 .marks rect").count() == 1
    at.page.locator("[data-draw]").click()
    at.page.evaluate("() => document.activeElement.blur()")
    at.page.keyboard.press("x")
    at.page.keyboard.press("1")
    expect(at.page.locator("#act-send_back ul li")).to_contain_text("标了 1 处")
    at.page.reload()
    kept = at.page.locator("#page-2-1 .marks rect")
    assert kept.count() == 1
    held = [int(kept.get_attribute(name) or 0) for name in ("x", "y", "width", "height")]
    assert all(abs(got - meant) <= 15 for got, meant in zip(held, (200, 100, 300, 50), strict=True)), held


def undone_by_key(at: Visitor) -> None:
    file = at.page.get_attribute("[data-desk]", "data-file")
    at.page.keyboard.press("b")
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector("form.undo")
    assert at.page.locator(f"[data-file='{file}']").count() == 0
    at.page.evaluate("() => document.activeElement.blur()")
    at.page.keyboard.press("u")
    at.page.wait_for_selector(f"[data-file='{file}']")
    expect(at.page.locator(".file-head")).to_contain_text("审核中")
    assert at.page.locator("#page-2-1 .marks rect").count() == 1


def switched_off(at: Visitor) -> None:
    address = at.page.url
    at.go("/desk/keys/")
    at.tick(at.page.locator("#on-no"))
    at.press("保存")
    at.go_to(address)
    for key in ("p", "F9", "b", "g", "?"):
        at.page.keyboard.press(key)
    assert not focused(at.page, ".action-bar")
    expect(at.page.locator("[data-help-box]")).to_be_hidden()
    at.page.locator("[data-help]").click()
    expect(at.page.locator("[data-help-box]")).to_be_visible()
    # As it was, for whoever sits at this desk next: the button gives the keys back, and leaves them off or on as chosen.
    at.go("/desk/keys/")
    at.tick(at.page.locator("#on-yes"))
    at.press("恢复原来的键")
    expect(at.page.locator("#on-yes")).to_be_checked()
    at.go_to(address)
    at.page.keyboard.press("Shift+Slash")
    expect(at.page.locator("[data-help-box]")).to_be_visible()
