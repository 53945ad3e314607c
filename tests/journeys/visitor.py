"""What a person does and sees in the browser, in a few words: go, fill, pick, press, see."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from chuding.demonstration.cast import OFFICERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 900}
STAFF_PHONES = {officer.phone for officer in OFFICERS if officer.duty}
# Where the focus is (a path that no two places share; nothing at the page's end), and whether it can be seen there.
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return ["", true];
  const path = [];
  for (let each = at; each && each !== document.body; each = each.parentElement)
    path.unshift(each.tagName + (each.id ? "#" + each.id : ":" + [...each.parentElement.children].indexOf(each)));
  const places = [at, at.parentElement, ...(at.labels || [])];
  const seen = places.some(each => { for (const part of [null, "::before", "::after"]) {
    const s = getComputedStyle(each, part);
    if ((s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none") return true; }
    return false; });
  return [path.join(" "), seen];
}"""
REFUSAL = re.compile(r"status of 4\d\d")
# Milliseconds to wait for what must come: long, as two cores may be drawing papers at that moment.
PATIENCE = 45_000
SESSION_KEPT = 10 * 60  # seconds; a staff session ends after fifteen minutes without a visit
expect.set_options(timeout=PATIENCE)


# The contrasts that axe leaves undecided: the reason that it gives, where, and why they are right there.
_DRAWN = "words in a drawing, which test_pages measures itself"
EXPLAINED = (
    ("bgImage", ".hero .bar *", "the hills lie below the words, which stand on the plain wash"),
    ("bgImage", "select.input", "the arrow stands at the end of the box, the words before it on white"),
    ("pseudoContent", ".timeline *", "the dot stands beside the words"),
    ("pseudoContent", ".warning-text *", "the sign stands beside the words"),
    ("elmPartiallyObscuring", "span[lang]", "the part that may not break lies over the rest, in the same colours"),
    ("elmPartiallyObscuring", ".session-warning *", "it is fixed, on a ground of its own"),
    ("elmPartiallyObscured", ".notice-panel *", "it scrolls in a box of its own, in the same colours"),
    ("shortTextContent", ".notice-panel *", "the number of a clause, in the colour of the labels beside it"),
    ("nonBmp", ".condition-mark", "a sign; the word beside it says the same, on the page's ground"),
    ("imgNode", "svg text", _DRAWN),
    ("shortTextContent", "svg text", _DRAWN),
    ("bgOverlap", "svg text", _DRAWN),
)
# Each word of a drawing on the shape that lies below its middle, else on the page: those with less contrast than 4.5:1.
PALE = """() => {
  const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map(n => n / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  return [...document.querySelectorAll("main svg text")].flatMap(word => {
    word.scrollIntoView({ block: "center" });
    const box = word.getBoundingClientRect();
    const below = document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2)
      .find(each => each.closest("svg") === word.ownerSVGElement && each.matches("rect, path, circle, polygon") && getComputedStyle(each).fill.startsWith("rgb"));
    const [one, other] = [light(getComputedStyle(word).fill), light(below ? getComputedStyle(below).fill : "rgb(255, 255, 255)")];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return contrast < 4.5 ? [word.outerHTML.slice(0, 90) + " " + contrast.toFixed(2)] : [];
  });
}"""


def _reason(node: dict[str, Any]) -> str:
    """Why axe could not decide about this place."""
    data = [check.get("data") for check in (*node["any"], *node["all"], *node["none"])]
    return next((str(each["messageKey"]) for each in data if isinstance(each, dict) and each.get("messageKey")), "")


@dataclass
class Watch:
    """What no page may do: complain in the console, or ask anybody else for anything."""

    address: str
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self.console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("request", self.request)

    def console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # The browser's own line for a page that answers 4xx is no complaint of the page; of a missing image it is.
        of_page = message.page is not None and message.location.get("url") == message.page.url
        if not (of_page and REFUSAL.search(message.text)):
            self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.complaints.append(f"asked elsewhere: {request.url}")


class Visitor:
    """One person at one browser window."""

    def __init__(self, page: Page, address: str, *, script: bool = True) -> None:
        self.page = page
        self.address = address
        self.script = script

    @property
    def main(self) -> str:
        """What stands on the page, as text."""
        return self.page.locator("main").inner_text()

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def go_to(self, address: str) -> None:
        self.page.goto(address)

    def see(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def headline(self, text: str) -> None:
        expect(self.page.locator("main h1")).to_contain_text(text)

    def press(self, name: str) -> None:
        """The button of this name."""
        self.page.get_by_role("button", name=name).click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        """The link of this name."""
        self.page.locator("main, .before").get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()

    def fill(self, **values: str) -> None:
        """Type into each box, unless it says that already."""
        for name, value in values.items():
            box = self.page.locator(f'[name="{name.replace("__", "-")}"]')
            if box.input_value() != value:
                box.fill(value)

    def pick(self, **values: str) -> None:
        """The radio of each name with this value, or one of a select."""
        for key, value in values.items():
            name = key.replace("__", "-")
            choice = self.page.locator(f'input[name="{name}"][value="{value}"]')
            if choice.count():
                if not choice.is_checked():
                    self.tick(choice)
            else:
                self.page.locator(f'select[name="{name}"]').select_option(value)

    def tick(self, box: Locator) -> None:
        """A radio or a box, by its label: that is what a finger hits."""
        self.page.locator(f'label[for="{box.get_attribute("id")}"]').click()
        expect(box).to_be_checked()

    def date(self, name: str, day: date) -> None:
        for part, value in enumerate((day.year, day.month, day.day)):
            self.fill(**{f"{name}_{part}": str(value)})

    def upload(self, code: str, name: str, data: bytes, kind: str = "application/pdf") -> None:
        """Choose a file for one material and send it; with scripts it goes as soon as it is chosen."""
        form = self.page.locator(f"#m{code}")
        form.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": data})
        if not self.script:
            form.get_by_role("button", name="上传").click()

    def download(self, name: str) -> bytes:
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name=name, exact=True).click()
        return coming.value.path().read_bytes()

    def speak(self, language: str, display: str = "normal") -> None:
        """The same page in another language or display; what was sent is sent once more."""
        self.page.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.address}
                for name, value in (("language", language), ("display", display))
            ]
        )
        self.page.reload()

    def faults(self) -> list[str]:
        """What axe finds on this page, a line each: rule and first place; and whether the page scrolls sideways."""
        answer = Axe().run(self.page, options={"resultTypes": ["violations", "incomplete"]}).response
        found = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in answer["violations"]]
        undecided = [(each["id"], node) for each in answer["incomplete"] for node in each["nodes"]]
        found += [
            f"{rule}, undecided ({_reason(node)}): {node['html'][:160]}"
            for (rule, node), explained in zip(undecided, self._explained(undecided), strict=True)
            if not explained
        ]
        wide = self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        return found + ([f"scrolls sideways by {wide} px"] if wide > 0 else [])

    def _explained(self, undecided: list[tuple[str, dict[str, Any]]]) -> list[bool]:
        """Whether what axe could not decide about each place is in the table: the page is asked once for all."""
        asked = [
            [
                node["target"][0],
                [w for reason, w, _ in EXPLAINED if rule == "color-contrast" and reason == _reason(node)],
            ]
            for rule, node in undecided
        ]
        matches = "asked => asked.map(([at, kinds]) => kinds.some(kind => document.querySelector(at).matches(kind)))"
        explained: list[bool] = self.page.evaluate(matches, asked) if asked else []
        return explained

    def pale_words(self) -> list[str]:
        """The words of this page's drawings that are too pale on what lies below them (WCAG 1.4.3)."""
        found: list[str] = self.page.evaluate(PALE)
        return found

    def tab_faults(self, most: int = 120) -> list[str]:
        """What Tab finds on this page: a place that it does not leave, and places whose focus nobody sees (WCAG 2.1.2, 2.4.7)."""
        self.page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
        found: list[str] = []
        before = ""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            place, seen = self.page.evaluate(FOCUS)
            if not place:
                return found
            if place == before:
                return [*found, f"Tab does not leave {place}"]
            if not seen:
                found.append(f"focus is not seen on {place}")
            before = place
        return [*found, f"Tab has not come to the end after {most} places"]

    def sound(self) -> None:
        if not self.script:
            return  # axe is a script itself; the same pages are looked at with scripts on
        faults = self.faults()
        assert faults == [], f"{self.page.url}: {faults}"

    def until(self, *texts: str, seconds: float = 40) -> None:
        """Look at the page again until it says this: what the worker does in the background takes a moment."""
        end = time.monotonic() + seconds
        while not all(text in self.main for text in texts) and time.monotonic() < end:
            self.page.wait_for_timeout(250)
            self.page.reload()
        self.see(*texts)

    def sign_in(self, phone: str) -> None:
        """From the sign-in page, with the code that the demonstration shows on its outbox page."""
        if not urlsplit(self.page.url).path.startswith("/sign-in/"):
            self.go("/sign-in/")
        self.fill(phone=phone)
        self.press("获取验证码")
        self.headline("输入验证码")
        self.fill(code=self.code(phone))
        self.press("登录")

    def code(self, phone: str) -> str:
        """The one that was sent to this phone last, from the page that the demonstration shows codes on."""
        with self.page.context.new_page() as outbox:
            for _ in range(100):
                outbox.goto(f"{self.address}/outbox/")
                text = outbox.locator("main").inner_text()
                found = re.search(rf"{phone}[\s\S]{{0,120}}?验证码(\d{{6}})", text)
                if found:
                    return found[1]
                outbox.wait_for_timeout(150)
        raise AssertionError(f"no code for {phone} on the outbox page")

    def sign_in_at_work(self, phone: str, password: str) -> None:
        """With password and authenticator, as people of the offices do."""
        self.go("/sign-in/password/")
        self.fill(phone=phone, password=password)
        self.press("登录")
        if urlsplit(self.page.url).path == "/sign-in/second/":
            self.headline("再确认一步")
            self.fill(code=self.factor(phone))
            self.press("确认")

    def factor(self, phone: str) -> str:
        """What the authenticator of an invented officer shows: the demonstration puts it on its outbox page.

        A code counts once and a new one comes every thirty seconds, so this may wait for the next.
        """
        with self.page.context.new_page() as outbox:
            for _ in range(70):
                outbox.goto(f"{self.address}/outbox/?refresh=off")
                shown = outbox.locator(f'[data-code-of="{phone}"]')
                if shown.get_attribute("data-ready") == "yes":
                    return (shown.text_content() or "").strip()
                outbox.wait_for_timeout(500)
        raise AssertionError(f"no code for {phone} on the outbox page")

    def confirm_with(self, phone: str) -> None:
        """The fresh code that a binding act asks for, on whatever page asks."""
        self.page.locator('[name="step_up_code"]').fill(self.factor(phone))

    def consent(self) -> None:
        """The necessary consent, for somebody who signs in for the first time."""
        self.headline("开始之前，请您决定")
        self.sound()
        for purpose in ("handling", "sensitive"):
            self.tick(self.page.locator(f"input[name={purpose}]"))
        self.press("继续")


@dataclass
class House:
    """The site in a browser, and everybody who has signed in: one code a person and run."""

    browser: Browser
    address: str
    data: Path
    watch: Watch
    sessions: dict[str, Path]

    @contextmanager
    def visitor(self, *, size: dict[str, int] = DESKTOP, script: bool = True, session: str = "") -> Iterator[Visitor]:
        """A window of its own; `session` is the phone of somebody who has signed in before."""
        context = self.browser.new_context(
            locale="zh-CN",
            viewport=size,
            java_script_enabled=script,
            is_mobile=size == PHONE,
            has_touch=size == PHONE,
            storage_state=self.sessions.get(session) if session else None,
        )
        context.set_default_timeout(PATIENCE)
        self.watch.over(context)
        try:
            yield Visitor(context.new_page(), self.address, script=script)
        finally:
            context.close()

    @contextmanager
    def officer(self, phone: str, **options: object) -> Iterator[Visitor]:
        """Somebody of the town, signed in: anew where the site has ended the session by now, as it does for staff who rest."""
        kept = self.sessions.get(phone)
        if kept is not None and time.time() - kept.stat().st_mtime > SESSION_KEPT:
            del self.sessions[phone]
        known = phone in self.sessions
        with self.visitor(session=phone, **options) as visitor:
            if not known:
                if phone in STAFF_PHONES:
                    visitor.sign_in_at_work(phone, (self.data / "demonstration-password.txt").read_text("ascii"))
                else:
                    visitor.sign_in(phone)
            yield visitor
            # A code shown for an act that binds gives the session a new key.
            self.keep(visitor, phone)

    def keep(self, visitor: Visitor, phone: str) -> None:
        """Remember a session, as a browser does that is closed and opened again."""
        file = self.data / f"session-{phone}.json"
        visitor.page.context.storage_state(path=file)
        self.sessions[phone] = file
