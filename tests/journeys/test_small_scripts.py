"""The small scripts, each on a page of its own in a browser: what they add, and that nothing is lost without them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django import forms
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, sync_playwright

import chuding

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = Path(chuding.__file__).parent / "static"
CHROMIUM = Path("/usr/bin/chromium")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)
LISTED = """<label for="id_specialty">专业</label><select name="specialty" id="id_specialty" data-combobox>
<option value="">请选择</option>
<option value="1" data-search="jxgcjxzzdqgc plc">机械工程 › 机械制造 › 电气工程</option>
<option value="2" data-search="jxgcjxsjcpsj cad">机械工程 › 机械设计 › 产品设计</option>
<option value="3" data-search="dlgcdqgc plc">电力工程 › 电气工程</option></select><p data-without-script>另一个查找框</p>"""

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium of Debian is not installed"),
]


class NameForm(forms.Form):
    name = forms.CharField(label="姓名")


class Site:
    """One page at / in a browser, its static files, and how often a form arrived."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.body = ""
        self.posted = 0
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        name = Path(urlsplit(route.request.url).path).name
        if (STATIC / name).is_file():
            kind = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}[Path(name).suffix]
            route.fulfill(body=(STATIC / name).read_bytes(), content_type=kind)
        elif route.request.method == "POST":
            self.posted += 1
            route.fulfill(status=204)
        else:
            head = "".join(
                f'<script src="/static/{each}.js" defer></script>' for each in ("site", "upload", "specialty")
            )
            html = f'<!DOCTYPE html><html lang="zh-Hans"><head><title>t</title>{head}</head><body><main>{self.body}</main></body></html>'
            route.fulfill(
                body=html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY}
            )

    def open(self, body: str) -> Page:
        self.body = body
        self.page.goto("http://site.test/")
        return self.page


@pytest.fixture
def site() -> Iterator[Site]:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield Site(browser.new_page())
        browser.close()


def test_focus_goes_to_the_error_summary_and_on_to_the_field(site: Site) -> None:
    form = NameForm({"name": ""})
    page = site.open(render_to_string("partials/error_summary.html", {"form": form}) + form.as_div())
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a")
    assert page.evaluate("document.activeElement.id") == "id_name"


def test_second_click_sends_nothing(site: Site) -> None:
    page = site.open('<form method="post" action="/go"><button>提交</button></form>')
    page.dblclick("button")
    page.click("button", force=True)
    page.wait_for_timeout(200)
    assert site.posted == 1


@pytest.mark.parametrize(("width", "able", "opened"), [(1366, False, True), (768, False, False), (1366, True, False)])
def test_menu_is_opened_where_a_wide_window_has_an_older_browser(
    site: Site, width: int, able: bool, opened: bool
) -> None:
    """A newer one shows it by the sheet, and folds it again when the window narrows."""
    site.page.add_init_script(f"CSS.supports = () => {str(able).lower()}")
    site.page.set_viewport_size({"width": width, "height": 700})
    page = site.open('<details class="site-menu"><summary>菜单</summary><a href="/">首页</a></details>')
    assert page.evaluate("document.querySelector('.site-menu').open") is opened


def test_wait_for_another_code_is_counted_and_its_end_is_said(site: Site) -> None:
    site.page.clock.install(time=0)
    site.page.clock.pause_at(1_000)  # a slow machine's own seconds are not counted
    line = render_to_string("partials/code_again.html", {"wait": 42, "again_at": datetime(2024, 9, 18, 14, 5, 30)})
    page = site.open(f"<form><button data-again>重新获取验证码</button></form>{line}")
    button, said = page.locator("button"), page.locator(".code-again")
    assert (said.inner_text(), button.is_disabled()) == ("还要等 42 秒才能重新获取。", True)
    page.clock.run_for(12_000)
    assert (said.inner_text(), page.locator("[role=status]").inner_text()) == ("还要等 30 秒才能重新获取。", "")
    page.clock.run_for(30_000)
    assert (said.inner_text(), button.is_disabled()) == ("现在可以重新获取验证码了。", False)
    assert page.locator("[role=status]").inner_text() == "现在可以重新获取验证码了。"


def test_long_wait_for_another_code_says_the_time_and_not_the_seconds(site: Site) -> None:
    line = render_to_string("partials/code_again.html", {"wait": 3000, "again_at": datetime(2024, 9, 18, 14, 5, 30)})
    page = site.open(f"<form><button data-again>重新获取验证码</button></form>{line}")
    assert page.inner_text(".code-again") == "14:05:30 以后可以重新获取验证码。"
    assert page.locator("button").is_disabled()


def names_of(page: Page) -> list[str]:
    return page.locator("[role=option]").evaluate_all("rows => rows.map(row => row.lastChild.textContent)")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("电气", ["机械工程 › 机械制造 › 电气工程", "电力工程 › 电气工程"]),
        ("ｄｑ", ["机械工程 › 机械制造 › 电气工程", "电力工程 › 电气工程"]),
        ("PLC", ["机械工程 › 机械制造 › 电气工程", "电力工程 › 电气工程"]),
        ("cad", ["机械工程 › 机械设计 › 产品设计"]),
        ("没有这个", []),
    ],
)
def test_specialties_are_found_by_name_initials_and_common_words(site: Site, typed: str, found: list[str]) -> None:
    page = site.open(LISTED)
    page.fill("#id_specialty", typed)
    assert names_of(page) == found
    assert page.get_attribute("#id_specialty", "aria-expanded") == str(bool(found)).lower()
    said = f"找到 {len(found)} 个专业" if found else "没有找到。请换一个说法，或者一级一级选。"
    assert page.inner_text("[role=status]") == said
    assert page.locator("[data-without-script]").is_hidden()


def test_specialty_is_chosen_by_keyboard_and_homonyms_are_named(site: Site) -> None:
    page = site.open(LISTED)
    page.fill("#id_specialty", "电气")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#id_specialty", "aria-activedescendant") == "id_specialty-list-1"
    page.keyboard.press("Enter")
    assert (page.input_value("#id_specialty"), page.input_value("select")) == ("电力工程 › 电气工程", "3")
    assert page.inner_text("[role=status]") == "同名的还有“机械工程 › 机械制造 › 电气工程”，请看清您选的是哪一个。"
    page.fill("#id_specialty", "电")
    page.keyboard.press("Escape")
    assert (page.locator("[role=listbox]").is_hidden(), page.input_value("select")) == (True, "")


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("毕业证.jpg", 10, "这不是 PDF 文件。请把它转成 PDF 后再选择。"),
        ("空.pdf", 0, "这个文件是空的。请打开它看看内容，再重新选择。"),
        ("大.pdf", 2_097_152, "这个文件有 2.0 MB，超过了 1.0 MB。请降低扫描分辨率后重新选择。"),
    ],
)
def test_unfit_file_is_told_at_once_and_not_sent(site: Site, name: str, size: int, said: str) -> None:
    page = site.open(
        '<form method="post" action="/up" enctype="multipart/form-data" data-upload data-limit="1048576">'
        '<input type="file" name="file" aria-label="文件"><button>上传</button></form>'
    )
    page.set_input_files("input", {"name": name, "mimeType": "application/octet-stream", "buffer": b"x" * size})
    assert page.inner_text("[data-upload-status]") == said
    page.click("button")
    page.wait_for_timeout(100)
    assert site.posted == 0


def test_lost_connection_keeps_the_form(site: Site) -> None:
    page = site.open(
        '<form method="post" action="/up" enctype="multipart/form-data" data-upload>'
        '<input type="file" name="file" aria-label="文件"><button>上传</button></form>'
    )
    page.set_input_files("input", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-"})
    page.route("**/up", lambda route: route.abort())
    page.click("button")
    page.wait_for_selector(".error-message")
    assert page.inner_text("[data-upload-status]") == "网络断开了，文件没有传上去。请检查网络后再点一次“上传”。"
    assert page.locator("progress").count() == 0
