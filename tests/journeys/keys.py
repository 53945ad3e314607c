"""A person with nothing but a keyboard: Tab to what is wanted, Space, Enter and the arrows to choose, and typing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from visitor import FOCUS

if TYPE_CHECKING:
    from datetime import date

    from playwright.sync_api import Page

# Whether what has the focus is wanted: it matches the selector, and says the words or stands beside a label that does.
WANTED = """([selector, words]) => {
  const at = document.activeElement;
  if (!at || !at.matches(selector)) return false;
  const said = [at, ...(at.labels || [])].map(each => each.textContent.replace(/\\s+/g, "")).join(" ");
  return said.includes(words.replace(/\\s+/g, ""));
}"""
MOST = 90


@dataclass
class Keys:
    """The keyboard of one page. Whatever the focus passes on the way must show that it has it."""

    page: Page
    presses: int = 0

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def to_main(self) -> None:
        """Over the header, by the first link of the page."""
        self.press("Tab")
        assert self.page.evaluate(WANTED, ["a.skip-link", "跳到主要内容"]), "the first stop is the way over the header"
        self.press("Enter")
        self.page.wait_for_function("() => ['main', 'hero'].includes(document.activeElement.id)")

    def reach(self, selector: str, words: str = "") -> None:
        """Tab until it has the focus; no place on the way may hold the focus or hide it."""
        before = ""
        for _ in range(MOST):
            if self.page.evaluate(WANTED, [selector, words]):
                return
            self.press("Tab")
            place, seen = self.page.evaluate(FOCUS)
            assert seen, f"focus is not seen on {place}"
            assert place != before or not place, f"Tab does not leave {place}"
            before = place
        raise AssertionError(f"Tab does not come to {selector} “{words}” in {MOST} places on {self.page.url}")

    def follow(self, words: str) -> None:
        """The link of these words."""
        self.reach("main a[href], .hero a[href], .before a[href]", words)
        self._go("Enter")

    def push(self, words: str, *, key: str = "Enter") -> None:
        """The button of these words."""
        self.reach("main button", words)
        self._go(key)

    def answer(self, value: str) -> None:
        """A question that is answered by its button."""
        self.reach(f'button.answer[value="{value}"]')
        self._go("Space")

    def type(self, name: str, text: str) -> None:
        self.reach(f'[name="{name}"]')
        self.press("Control+a")
        self.page.keyboard.type(text)

    def date(self, name: str, day: date) -> None:
        for part, value in enumerate((day.year, day.month, day.day)):
            self.type(f"{name}_{part}", str(value))

    def choose(self, name: str, value: str) -> None:
        """One of several radios: the group is one stop, the arrows go on inside it."""
        self.reach(f'input[type=radio][name="{name}"]')
        if self.page.evaluate("() => document.activeElement.value") == value:
            self.press("Space")
        for _ in range(30):
            if self.page.evaluate("() => document.activeElement.checked && document.activeElement.value") == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"the arrows do not come to {value} of {name}")

    def tick(self, name: str) -> None:
        self.reach(f'input[type=checkbox][name="{name}"]')
        self.press("Space")
        assert self.page.evaluate("() => document.activeElement.checked")

    def pick(self, name: str, value: str) -> None:
        """Radios, or a list that the arrows go through."""
        if self.page.locator(f'select[name="{name}"]').count():
            self.reach(f'select[name="{name}"]')
            for _ in range(40):
                if self.page.evaluate("() => document.activeElement.value") == value:
                    return
                self.press("ArrowDown")
            raise AssertionError(f"the arrows do not come to {value} of {name}")
        self.choose(name, value)

    def _go(self, key: str) -> None:
        """Press, and wait for the next page where one comes."""
        with self.page.expect_navigation():
            self.press(key)
        self.page.wait_for_load_state()
