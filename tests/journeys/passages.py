"""Pages that stand only on the way from one to another, walked to as people come there: the tests look for faults in them,
`make shots` at pictures. No link leads to them, so that crawl.py does not find them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import newcomer
from crawl import phone_of
from django.template.loader import get_template
from playwright.sync_api import expect

from chuding.applications.self_check_pages import PAGES
from chuding.applications.workflow import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from visitor import House, Visitor

    from chuding.demonstration.cast import Character

NARROW = {"width": 320, "height": 640}


@dataclass
class Passages:
    """Walks through all of them; `look` is called at each with the visitor and a name for what is seen."""

    house: House
    look: Callable[[Visitor, str], None]
    # Whether to wait until the code of a sign-in no longer counts, five minutes at most: only then is another asked for.
    patient: bool = False

    def run(self) -> None:
        for walk in (
            self.self_check,
            self.results,
            self.reminder,
            self.draft,
            self.kinds,
            self.gaps,
            self.devices,
            self.refusal,
            self.mending,
            self.leaving,
            self.another_phone,
            self.offline,
            self.once_more,
            self.mishap,
        ):
            walk()

    @contextmanager
    def somebody(self, phone: str = "") -> Iterator[Visitor]:
        with self.house.officer(phone, size=NARROW) if phone else self.house.visitor(size=NARROW) as at:
            yield at

    @staticmethod
    def send(at: Visitor, name: str) -> None:
        """Press, and be on the page that comes: what looks at it opens it once more."""
        with at.page.expect_navigation():
            at.page.get_by_role("button", name=name, exact=True).click()
        at.page.wait_for_load_state()

    # ---- before an account ----

    def self_check(self) -> None:
        """Every question, those too that concern few, and one that was answered wrongly."""
        with self.somebody() as at:
            for page in PAGES[1:]:
                at.go(f"/check/{page.key}/")
                self.look(at, f"self-check-{page.key}")
            at.go("/check/graduated/")
            at.fill(graduated_on_0="2023", graduated_on_1="13")
            self.send(at, "继续")
            self.look(at, "self-check-graduated-error")

    def results(self) -> None:
        """Yes; not yet; another place; a condition of everyone; an examined series; and a lot left open."""
        who = newcomer.newcomer("路自查", "19955509101", 954)
        other: dict[str, dict[str, str | date]] = {
            "yes": {},
            "not-yet": {"started_on": date(2024, 7, 1)},
            "elsewhere": {"work_place": "elsewhere"},
            "civil-servant": {"standing": "civil_servant"},
            "sanction": {"sanction": "yes", "sanction_until": date(2025, 3, 31)},
            "examined": {"specialty": "船舶"},
            "foreign": {"document": "passport", "permit": "none"},
            "no-schooling": {"schooling": "none", "degree": "none"},
        }
        for name, changes in other.items():
            with self.somebody() as at:
                at.go("/check/")
                newcomer.answer_self_check(at, who, **changes)
                self.look(at, f"result-{name}")
        with self.somebody() as at:
            at.go("/check/")
            newcomer.answer_self_check(at, who, assessed_fit="unsure", work_place="unsure", sanction="unsure")
            self.look(at, "result-open")
            self.send(at, "下载成一页 PDF")
            self.look(at, "result-paper")

    def reminder(self) -> None:
        who = newcomer.newcomer("路提醒", "19955509102", 955)
        with self.somebody() as at:
            at.go("/check/")
            newcomer.answer_self_check(at, who, started_on=date(2024, 7, 1))
            at.go("/check/reminder/")
            self.look(at, "reminder")
            self.send(at, "获取验证码")
            self.look(at, "reminder-error")
            at.fill(phone=who.phone)
            at.tick(at.page.locator("input[name=agreed]"))
            self.send(at, "获取验证码")
            self.look(at, "reminder-code")
            at.fill(code=at.code(who.phone))
            self.send(at, "设好提醒")
            self.look(at, "reminder-set")

    # ---- a draft, from the sign-in on ----

    def draft(self) -> None:
        who = newcomer.newcomer("路新人", "19955509103", 956)
        with self.somebody() as at:
            at.go("/sign-in/")
            at.fill(phone=who.phone)
            self.send(at, "获取验证码")
            self.look(at, "sign-in-code")
            self.send(at, "登录")
            self.look(at, "sign-in-code-error")
            at.fill(code=at.code(who.phone))
            self.send(at, "登录")
            self.look(at, "consent")
            self.send(at, "继续")
            self.look(at, "consent-error")
            at.consent()
            at.headline("我的申报")
            self.look(at, "mine-empty")
            self.send(at, "开始申报")
            self.look(at, "tasks-empty")
            file = at.page.url
            self.scan(at, who, file)
            self.photos(at, who, file)
            self.house.keep(at, who.phone)

    def scan(self, at: Visitor, who: Character, file: str) -> None:
        """Scan first: nothing given, something being read, what was read, what was taken over; and a paper of another kind."""
        at.go_to(f"{file}identity/")
        newcomer.state_identity(at, who)
        at.go_to(f"{file}schooling/scan/")
        self.look(at, "scan-none")
        self.hand_in(at, newcomer.paper(self.house, who, "3"))
        at.see("自己填写")
        self.look(at, "scan-waiting")
        at.until("没有认出", seconds=120)
        self.look(at, "scan-other-paper")
        at.go_to(f"{file}materials/")
        for summary in at.page.locator("#m2 summary", has_text="换一份").all():
            summary.click()
        at.upload("2", "毕业证书.pdf", newcomer.paper(self.house, who, "2"))
        at.page.locator("#m2 .file-name", has_text="毕业证书.pdf").wait_for()
        at.go_to(f"{file}schooling/scan/")
        at.until("逐项核对", seconds=120)
        at.page.locator(".scan-sheet img").first.scroll_into_view_if_needed()
        self.look(at, "scan-read")
        for box in at.page.locator("input[name=take]").all():
            at.tick(box)
        self.send(at, "填进表里")
        self.look(at, "schooling-from-scan")

    @staticmethod
    def hand_in(at: Visitor, data: bytes) -> None:
        """On the page of the scan; the script sends it as soon as it is chosen."""
        at.page.locator("#file").set_input_files({"name": "扫描.pdf", "mimeType": "application/pdf", "buffer": data})
        expect(at.page.locator("#file")).to_have_count(0, timeout=60_000)

    def photos(self, at: Visitor, who: Character, file: str) -> None:
        """No page, no photo at all, one page, two with a hint."""
        at.go_to(f"{file}materials/1/photos/")
        self.look(at, "photos-none")
        self.send(at, "添加")
        self.look(at, "photos-error")
        at.go_to(f"{file}materials/1/photos/")
        for number, size in enumerate((1.0, 0.2), start=1):
            photo = newcomer.photo_of(newcomer.paper(self.house, who, "1"), size)
            at.page.locator("#photos").set_input_files({"name": "1.jpg", "mimeType": "image/jpeg", "buffer": photo})
            expect(at.page.locator(".photo-page")).to_have_count(number, timeout=60_000)
            self.look(at, f"photos-{number}")

    def kinds(self) -> None:
        """The identity's page for each kind of document: each asks for something else."""
        with self.somebody(phone_of(State.DRAFT)) as at:
            self.open_file(at)
            address = f"{at.page.url}identity/"
            at.go_to(address)
            for kind in at.page.locator("[name=identity_type]").evaluate_all("all => all.map(each => each.value)"):
                at.go_to(address)
                at.pick(identity_type=kind)
                self.send(at, "保存并返回清单")
                self.look(at, f"identity-{kind}")

    def gaps(self) -> None:
        """The line of time of a work history with a gap, looked at and not saved."""
        with self.somebody(phone_of(State.DRAFT)) as at:
            self.open_file(at)
            at.go_to(f"{at.page.url}work/")
            self.send(at, "再加一段工作")
            at.fill(row1__employer_name="镇江焦山船舶设备有限公司", row1__post="学徒")
            at.date("row1-started_on", date(2020, 9, 1))
            at.date("row1-last_day", date(2021, 3, 31))
            at.pick(row1__in_specialty="no")
            self.send(at, "先看时间线，不保存")
            self.look(at, "work-gaps")

    def devices(self) -> None:
        """From the computer to the phone: the code's page, and the pages where it is used."""
        with self.somebody(phone_of(State.DRAFT)) as at:
            at.go("/hand-over/")
            self.look(at, "hand-over")
            self.send(at, "显示接力码")
            self.look(at, "hand-over-code")
        with self.somebody() as at:
            at.go("/over/")
            self.look(at, "over")
            at.fill(code="ABCD2345")
            self.send(at, "在这台设备上继续")
            self.look(at, "over-error")
            at.go("/over/this-link-is-over/")
            self.look(at, "over-link-over")

    # ---- after a decision ----

    def refusal(self) -> None:
        """Refused, with what the reviewer marked; and the form of the appeal, empty and sent empty."""
        with self.somebody(phone_of(State.REFUSED)) as at:
            self.open_file(at)
            at.until(
                "红框是审核员标出的地方", seconds=300
            )  # the worker draws the pages, and of a new town there are many
            at.page.locator("main .marked img").first.scroll_into_view_if_needed()
            self.look(at, "refused")
            at.go(f"{urlsplit(at.page.url).path}appeal/")
            self.look(at, "appeal")
            self.send(at, "提交复核申请")
            self.look(at, "appeal-error")

    def mending(self) -> None:
        """What to mend, sent again before it is mended; and the section and the item that it leads to."""
        with self.somebody(phone_of(State.CORRECTION)) as at:
            self.open_file(at)
            at.follow("去补正")
            at.until(
                "红框是审核员标出的地方", seconds=300
            )  # the worker draws the pages, and of a new town there are many
            at.page.locator("main .marked img").first.scroll_into_view_if_needed()
            self.look(at, "correction")
            self.send(at, "补正完成，重新提交")
            self.look(at, "correction-not-mended")
            at.follow("重新上传")
            self.look(at, "correction-material")

    # ---- around the account ----

    def leaving(self) -> None:
        """Closing the account, without the tick that it takes."""
        with self.somebody(phone_of(State.DRAFT)) as at:
            at.go("/me/close/")
            self.send(at, "注销账户")
            self.look(at, "close-error")

    def another_phone(self) -> None:
        """Somebody who has just signed in changes the phone: the code that went to the new one, and a wrong one."""
        with self.somebody() as at:
            at.sign_in("19955509104")
            at.consent()
            at.go("/me/phone/")
            at.fill(phone="19955509105")
            self.send(at, "获取验证码")
            self.look(at, "phone-code")
            at.fill(code="000000")
            self.send(at, "更换手机号")
            self.look(at, "phone-code-error")

    def offline(self) -> None:
        """The page that verifies without a network, opened from the file that was kept."""
        with self.somebody() as at:
            kept = self.house.data / "offline.html"
            kept.write_bytes(at.page.context.request.get(f"{self.house.address}/offline/").body())
            at.go_to(kept.as_uri())
            self.look(at, "offline")

    def once_more(self) -> None:
        """The second factor before an act that binds: asked for, sent with the wait for the next, and wrong."""
        phone = phone_of(State.DRAFT)
        with self.somebody(phone) as at:
            for _ in range(31 if self.patient else 1):
                at.go("/me/confirm/?next=/me/phone/&act=change_phone")
                self.send(at, "获取验证码")
                if at.page.locator("[name=step_up_code]").count():
                    self.look(at, "step-up-code")
                    at.fill(step_up_code="000000")
                    self.send(at, "确认更换手机号")
                    self.look(at, "step-up-error")
                    break
                at.page.wait_for_timeout(10_000)
            at.go("/me/confirm/?next=/me/phone/&act=change_phone")
            self.look(at, "step-up")

    def mishap(self) -> None:
        """A form whose cookies are gone, as after hours; and what is shown when the site itself fails, as no link leads to a failure."""
        with self.somebody() as at:
            at.go("/sign-in/")
            at.page.context.clear_cookies()
            self.send(at, "获取验证码")
            self.look(at, "error-403")
            for page in ("400.html", "403.html", "500.html"):
                self.put_up(at, page)
                at.go(f"/{page}")
                self.look(at, f"error-page-{page[:3]}")

    @staticmethod
    def put_up(at: Visitor, page: str) -> None:
        """A page that no request of ours can provoke, at an address of its own."""
        body = get_template(page).render({})
        at.page.route(f"**/{page}", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))

    @staticmethod
    def open_file(at: Visitor) -> None:
        at.go("/applications/")
        at.page.locator("main a.card").first.click()
        at.page.wait_for_load_state()
