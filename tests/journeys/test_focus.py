"""U18: where the keyboard stands can be seen: measured on the page's own pixels, in the usual colours, in forced colours and
with more contrast asked for, for every kind of thing that takes the focus; and nothing that is fixed lies over it.

The measure is WCAG 2.4.13's: between the page without and with the focus, an area as large as a line of 2 px around the
thing changes by a contrast of at least 3:1.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from crawl import phone_of
from PIL import Image
from visitor import PHONE

from chuding.applications.workflow import State

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

MEDIA: dict[str, dict[str, Any]] = {
    "usual colours": {},
    "forced colours": {"forced_colors": "active"},
    "forced dark colours": {"forced_colors": "active", "color_scheme": "dark"},
    "more contrast": {"contrast": "more"},
}
PUBLIC = (
    "/",
    "/check/",
    "/check/schooling/",
    "/check/graduated/",
    "/check/specialty/",
    "/sign-in/",
    "/verify/",
    "/guide/",
)
OWN = ("", "identity/", "schooling/", "work/", "materials/", "materials/2/photos/")
# One of each kind: what it is, how it is dressed, and where on the page it stands.
KINDS = """() => {
  const found = {};
  for (const each of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
    const box = each.getBoundingClientRect(), part = each.closest("header, footer, nav, main, .before, .hero");
    if (box.width < 2 || box.height < 2 || box.left < 0 || each.tabIndex < 0 || each.disabled || !each.checkVisibility()) continue;
    const kind = [each.tagName, each.type || "", each.className, part ? part.tagName + "." + part.className : ""].join(" ");
    if (!(kind in found)) { each.dataset.kind = String(Object.keys(found).length); found[kind] = each.dataset.kind; }
  }
  return found;
}"""
PLACE = """(each) => {
  each.scrollIntoView({ block: "center" });
  const boxes = [...each.getClientRects()], all = each.getBoundingClientRect();
  return [all.left, all.top, all.width, all.height, boxes.reduce((sum, box) => sum + 2 * (box.width + box.height), 0)];
}"""
# What is fixed or sticks and lies over what has the focus.
COVERED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  if (at === document.body) return [];
  return [...document.querySelectorAll("body *")].filter(each => {
    const style = getComputedStyle(each);
    if (!["fixed", "sticky"].includes(style.position) || each.contains(at) || !each.checkVisibility()) return false;
    const over = each.getBoundingClientRect();
    return over.width > 0 && over.left < box.right && over.right > box.left && over.top < box.bottom && over.bottom > box.top;
  }).map(each => each.className + " over " + at.outerHTML.slice(0, 80));
}"""


def luminance(page: Page, clip: dict[str, float]) -> np.ndarray:
    """Relative luminance of each pixel there, as WCAG reckons it."""
    with Image.open(io.BytesIO(page.screenshot(clip=clip, caret="hide", animations="disabled"))) as picture:
        channels = np.asarray(picture.convert("RGB"), dtype=float) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def fault_of(page: Page, number: str) -> str:
    """What is wrong with the focus of the thing of this number; "" where it is seen."""
    thing = page.locator(f'[data-kind="{number}"]')
    left, top, width, height, around = thing.evaluate(PLACE)
    clip = {"x": max(0, left - 8), "y": max(0, top - 8), "width": width + 16, "height": height + 16}
    page.evaluate("() => document.activeElement.blur()")
    before = luminance(page, clip)
    thing.evaluate("each => each.focus({ preventScroll: true })")
    after = luminance(page, clip)
    contrast = (np.maximum(before, after) + 0.05) / (np.minimum(before, after) + 0.05)
    changed = int((contrast >= 3).sum())
    # The corners belong to two sides.
    return "" if changed >= 2 * around - 16 else f"{changed} px change by 3:1, {2 * around:.0f} are wanted"


def faults(at: Visitor, paths: list[str], done: set[tuple[str, str]]) -> list[str]:
    found = []
    for path in paths:
        at.go_to(path)
        kinds = at.page.evaluate(KINDS)
        for name, media in MEDIA.items():
            at.page.emulate_media(
                **{"forced_colors": "none", "color_scheme": "light", "contrast": "no-preference"} | media
            )
            for kind, number in kinds.items():
                if (name, kind) not in done:
                    done.add((name, kind))
                    fault = fault_of(at.page, number)
                    found += [f"{path.removeprefix(at.address)} in {name}: {kind}: {fault}"] if fault else []
    return found


def test_focus_is_seen_in_every_colour_scheme(house: House) -> None:
    done: set[tuple[str, str]] = set()
    with house.visitor(size={"width": 640, "height": 1400}) as at:
        wrong = faults(at, [house.address + path for path in PUBLIC], done)
    with house.officer(phone_of(State.DRAFT), size={"width": 640, "height": 1400}) as at:
        at.go("/applications/")
        at.page.locator("main a.card").first.click()
        wrong += faults(at, [at.page.url + path for path in OWN], done)
    assert not wrong, "\n".join(wrong)
    kinds = {kind.split(" ")[0] for _, kind in done}
    assert kinds >= {"A", "BUTTON", "INPUT", "SUMMARY"}
    assert len(done) >= 100, f"{len(done)} kinds and colours were looked at"


def test_nothing_fixed_lies_over_what_has_the_focus(house: House) -> None:
    """On a phone, with the bar that warns of the session's end on the page."""
    with house.officer(phone_of(State.DRAFT), size=PHONE) as at:
        at.page.clock.install()
        at.go("/applications/")
        at.page.locator("main a.card").first.click()
        at.go_to(f"{at.page.url}identity/")
        left = int(at.page.locator("[data-session-left]").get_attribute("data-session-left") or 0)
        at.page.clock.fast_forward(1000 * (left - 150))
        at.page.locator("[data-session-left]").wait_for()
        covered: list[str] = []
        for _ in range(60):
            at.page.keyboard.press("Tab")
            covered += at.page.evaluate(COVERED)
    assert not covered, "\n".join(covered)
