"""Pictures of every page, in every state of a file, as each role: `make shots`, or `tools/shots.py OUT [TOWN]`.

At 320, 768 and 1366 px; what applicants and everybody see also in English, in traditional characters and in the large
display (长辈版), desks in the large display too; at the end some once more, after the window has closed. OUT/index.html shows
them side by side, OUT/sheet-*.png a dozen pages each.
What axe finds, a page that scrolls sideways, a place that Tab does not leave or on which the focus is not seen is printed,
and then the command ends with 1. TOWN is the data folder of a finished demonstration, of which a copy is served.
"""

from __future__ import annotations

import html
import json
import math
import os
import re
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import django
from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from visitor import House, Visitor

sys.path += [str(Path(__file__).parent.parent / folder) for folder in ("tests/journeys", "tests")]
WIDTHS = (320, 768, 1366)
# Language, display; the first is what most people see.
LOOKS = (("zh-hans", "normal"), ("zh-hans", "large"), ("zh-hant", "normal"), ("en", "normal"))
SECTIONS_WITH_ERRORS = ("identity", "schooling", "work", "employer", "specialty", "commitment")
SHEET, THUMBNAIL = 12, (320, 760)
LATER = 90  # days from the demonstration's 18 September to after its window, which ends on 10 December


@dataclass
class Album:
    """Where the pictures go, and what was wrong."""

    out: Path
    names: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def shoot(self, at: Visitor, name: str) -> None:
        """One page at every width."""
        self.names.append(name)
        for width in WIDTHS:
            at.page.set_viewport_size({"width": width, "height": 900})
            at.page.wait_for_timeout(80)
            wide = at.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                self.complaints.append(f"{name}: scrolls sideways by {wide} px at {width} px")
            at.page.screenshot(path=self.out / f"{name}-{width}.png", full_page=True)
        at.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.complaints += [f"{name}: {fault}" for fault in (*at.faults(), *at.tab_faults())]

    def bind(self) -> None:
        """The contact sheets: one page for a browser, and pictures of a dozen pages each for whoever has none."""
        rows = "".join(
            f"<section><h2>{html.escape(name)}</h2>"
            + "".join(
                f'<a href="{name}-{w}.png"><img src="{name}-{w}.png" loading="lazy" alt="{w}"></a>' for w in WIDTHS
            )
            + "</section>"
            for name in self.names
        )
        style = "img{height:420px;border:1px solid #999;margin-right:8px}h2{font:16px sans-serif}"
        text = f"<!doctype html><meta charset=utf-8><title>Pages</title><style>{style}</style>{rows}"
        (self.out / "index.html").write_text(text, encoding="utf-8")
        for number in range(math.ceil(len(self.names) / SHEET)):
            some = self.names[number * SHEET : (number + 1) * SHEET]
            sheet = Image.new("RGB", (len(some) * (THUMBNAIL[0] + 8), THUMBNAIL[1]), "white")
            for place, name in enumerate(some):
                with Image.open(self.out / f"{name}-{WIDTHS[0]}.png") as picture:
                    upper = picture.convert("RGB").crop((0, 0, THUMBNAIL[0], min(picture.height, THUMBNAIL[1])))
                sheet.paste(upper, (place * (THUMBNAIL[0] + 8), 0))
            sheet.save(self.out / f"sheet-{number + 1:02}.png")


def slug(text: str) -> str:
    """A role or a kind of page as part of a file's name."""
    return re.sub(r"[^\w]+", "-", text).strip("-") or "home"


def crawl(
    house: House, album: Album, role: str, starts: list[str], phone: str, look: tuple[str, str], seen: set[object]
) -> None:
    """Everything that links lead this person to, in this language and display; `seen` are kinds pictured for others before."""
    from crawl import Crawl  # noqa: PLC0415 - needs Django's addresses

    language, display = look
    size = {"width": WIDTHS[0], "height": 900}
    with house.officer(phone, size=size) if phone else house.visitor(size=size) as at:
        at.speak(language, display)

        def picture(url: str, kind: tuple[str, ...]) -> None:
            # What stands under a file differs by the file's state; all other pages are the same for the next applicant.
            own = (
                "/applications/" in url.removeprefix(house.address)
                and url.rstrip("/") != f"{house.address}/applications"
            )
            key = (kind, role if own else "", look)
            if key not in seen:
                seen.add(key)
                album.shoot(
                    at, slug("-".join([role, *(part for part in kind if part and part != "False"), language, display]))
                )

        way = Crawl(at, not phone, [house.address + path for path in starts], picture)
        way.run()
        if "draft" in role:
            errors(at, album, look)
        house.keep(at, phone) if phone else None


def errors(at: Visitor, album: Album, look: tuple[str, str]) -> None:
    """The pages of a draft as they answer when nothing was filled in."""
    at.go("/applications/")
    at.page.locator("main a.card").first.click()
    file = at.page.url
    for section in SECTIONS_WITH_ERRORS:
        at.go_to(f"{file}{section}/")
        for box in at.page.locator("main input[type=text]:visible").all():
            box.fill("")
        at.page.locator("main form button.button:visible").last.click()
        at.page.wait_for_load_state()
        album.shoot(at, slug("-".join(["errors", section, *look])))


def on_the_way(house: House, album: Album) -> None:
    """The pages that no link leads to, in every language and display."""
    from passages import Passages  # noqa: PLC0415 - needs Django's addresses

    def look(at: Visitor, name: str) -> None:
        for place, (language, display) in enumerate(LOOKS):
            if place:  # as people come there first: a form sent once more is answered otherwise
                at.speak(language, display)
            album.shoot(at, slug(f"way-{name}-{language}-{display}"))
        at.speak(*LOOKS[0])

    Passages(house, look, patient=True).run()
    print(f"{len(album.names)} pages, last on the way", flush=True)


def put_clock_on(data: Path, days: int) -> None:
    """Of a demonstration that does not run: so many days later."""
    file = data / "clock.json"
    offset = json.loads(file.read_text(encoding="utf-8"))["offset_seconds"] + days * 24 * 3600
    file.write_text(json.dumps({"offset_seconds": offset}), encoding="utf-8")


def after_the_window(house: House, album: Album) -> None:
    """What everybody and somebody with a draft see when no application can be filed any more."""
    import newcomer  # noqa: PLC0415 - needs Django's addresses
    from crawl import phone_of  # noqa: PLC0415

    from chuding.applications.workflow import State  # noqa: PLC0415

    size = {"width": WIDTHS[0], "height": 900}
    for look in LOOKS:
        with house.visitor(size=size) as at:
            at.speak(*look)
            for path in ("/", "/guide/", "/help/"):
                at.go(path)
                album.shoot(at, slug("-".join(["closed", path.strip("/") or "home", *look])))
    with house.visitor(size=size) as at:
        at.go("/check/")
        newcomer.answer_self_check(at, newcomer.newcomer("路迟到", "19955509106", 957))
        album.shoot(at, "closed-result")
    with house.officer(phone_of(State.DRAFT), size=size) as at:
        for look in LOOKS:
            at.speak(*look)
            at.go("/applications/")
            album.shoot(at, slug("-".join(["closed", "mine", *look])))
            at.page.locator("main a.card").first.click()
            at.page.wait_for_load_state()
            album.shoot(at, slug("-".join(["closed", "draft", *look])))
            at.go_to(f"{at.page.url}check/")
            album.shoot(at, slug("-".join(["closed", "draft-check", *look])))


def everybody() -> list[tuple[str, str, list[str]]]:
    """Role, phone and where to begin: the roles of the tests, and an applicant for every state that a file of the town is in."""
    from crawl import ROLES  # noqa: PLC0415 - needs Django's addresses

    from chuding.demonstration.cast import characters  # noqa: PLC0415

    people = [(role, phone, starts) for role, (phone, starts) in ROLES.items()]
    known = {phone for _, phone, _ in people}
    for who in characters():
        role = f"an applicant whose file is {who.goal}"
        if who.phone not in known and role not in {each for each, *_ in people}:
            people.append((role, who.phone, ["/applications/"]))
    return people


def main(out: Path, town: Path | None) -> int:
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
    os.environ.setdefault("CHUDING_DATA", tempfile.mkdtemp())
    django.setup()
    from serving import ARGUMENTS, CHROMIUM, serve  # noqa: PLC0415 - of tests/journeys, on the path since above
    from visitor import House, Watch  # noqa: PLC0415

    album, complaints = Album(out), []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chuding-shots-"))
        data = Path(folder) / "data"
        driver = stack.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        stack.callback(browser.close)
        with serve(data, town) as address:
            watch = Watch(address)
            house, seen = House(browser, address, data, watch, {}), set[object]()
            for role, phone, starts in everybody():
                looks = LOOKS if "applicant" in role or not phone else LOOKS[:2]
                for look in looks:
                    crawl(house, album, role, starts, phone, look, seen)
                    print(f"{len(album.names)} pages, last as {role}, {' '.join(look)}", flush=True)
            on_the_way(house, album)
            complaints += watch.complaints
        put_clock_on(data, LATER)
        with serve(data) as address:
            watch = Watch(address)
            after_the_window(House(browser, address, data, watch, {}), album)
            complaints += watch.complaints
    album.bind()
    found = sorted(set(album.complaints + complaints))
    print(*found, sep="\n")
    print(f"{len(album.names)} pages at {len(WIDTHS)} widths in {out}, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else None))
