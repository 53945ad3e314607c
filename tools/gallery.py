"""Draw every component of the design system, and the static pages, and look at them: HTML, screenshots, axe.

    .venv/bin/python tools/gallery.py OUT [--only NAME]

Needs no database: Django's template engine alone, with the site's URL names standing for themselves. Writes OUT/*.html and
OUT/*-{320,768,1366}.png (and -large for 长辈版), prints what axe finds and every page that scrolls sideways, and fails if
there is any.
"""

# ruff: noqa: RUF001 - full-width digits and the arrows of a path are what is shown
from __future__ import annotations

import argparse
import asyncio
import sys
import types
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import django
from axe_playwright_python.async_playwright import Axe
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import path
from django.utils.functional import SimpleLazyObject
from playwright.async_api import Page, Route, async_playwright

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "chuding"
WIDTHS = (320, 768, 1366)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ROUTES = [
    "home",
    "self_check",
    "my_applications",
    "verify",
    "guide",
    "notice",
    "help",
    "catalogue",
    "privacy",
    "accessibility",
    "site_map",
    "sign_in",
    "sign_out",
    "set_display",
    "me",
    "inbox",
    "desk",
    "decisions_home",
    "employer_home",
    "outbox",
]


def configure() -> None:
    """Django with templates, forms and URL names only."""
    routes = types.ModuleType("gallery_routes")
    routes.urlpatterns = [path("" if name == "home" else f"{name}/", lambda _: None, name=name) for name in ROUTES]  # type: ignore[attr-defined]
    sys.modules["gallery_routes"] = routes
    settings.configure(
        ROOT_URLCONF="gallery_routes",
        SECRET_KEY="gallery",
        STATIC_URL="/static/",
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django.contrib.staticfiles", "django.forms"],
        FORM_RENDERER="django.forms.renderers.TemplatesSetting",
        LANGUAGE_CODE="zh-hans",
        USE_TZ=True,
        TIME_ZONE="Asia/Shanghai",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [PACKAGE / "templates", Path(__file__).parent / "gallery"],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            },
        ],
    )
    django.setup()


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2024, month, day, hour, 12, tzinfo=SHANGHAI)


def example_form(data: dict[str, str] | None) -> forms.Form:
    """One field of every kind; with data it is bound, and wrong where the data is."""
    # Form fields read the settings when they are made, so the class waits for `configure`.
    from chuding.accounts.date_field import DatePartsField  # noqa: PLC0415
    from chuding.accounts.form_words import PlainWords  # noqa: PLC0415

    class ExampleForm(PlainWords, forms.Form):
        name = forms.CharField(
            label="姓名", help_text="与证件一致，名字中间的点请用“·”", error_messages={"required": "请填写姓名。"}
        )
        number = forms.CharField(
            label="证件号码", widget=forms.TextInput(attrs={"class": "input-20", "inputmode": "numeric"})
        )
        foreign_name = forms.CharField(label="外文姓名", required=False)
        born_on = DatePartsField(label="出生日期", birthday=True, help_text="例如 1998 年 3 月 15 日")
        graduated = DatePartsField(label="毕业时间", month_only=True)
        schooling = forms.ChoiceField(
            label="最高学历",
            widget=forms.RadioSelect,
            choices=[("college", "大学专科"), ("bachelor", "大学本科"), ("master", "研究生"), ("unknown", "我不清楚")],
            help_text="为什么问：不同学历对应不同的级别和年限。",
            error_messages={"required": "请选择最高学历。不确定可以选“我不清楚”。"},
        )
        relevant = forms.ChoiceField(
            label="专业对口吗？",
            widget=forms.RadioSelect(attrs={"class": "choices-inline"}),
            choices=[("y", "是"), ("n", "否")],
        )
        kind = forms.ChoiceField(
            label="单位性质", choices=[("", "请选择"), ("a", "企业"), ("b", "事业单位"), ("c", "自由职业")]
        )
        ways = forms.MultipleChoiceField(
            label="怎么通知您",
            widget=forms.CheckboxSelectMultiple,
            required=False,
            choices=[("sms", "短信"), ("in", "站内信")],
        )
        summary = forms.CharField(label="工作总结", widget=forms.Textarea, help_text="500 字以内")
        file = forms.FileField(
            label="毕业证书",
            help_text="PDF 格式，不超过 10 MB",
            widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        )
        consent = forms.BooleanField(label="我已阅读并同意处理我的证件号码", help_text="不同意则无法在线申报。")

        def clean_number(self) -> str:
            if len(self.cleaned_data["number"]) != 18:
                raise forms.ValidationError(
                    f"身份证号应为18位，您输入了{len(self.cleaned_data['number'])}位。请对照身份证正面检查。"
                )
            return str(self.cleaned_data["number"])

    return ExampleForm(data)


def context(request: HttpRequest) -> dict[str, object]:
    """Invented data for every partial."""
    wrong = {
        "name": "",
        "number": "32110219980315123",
        "born_on_0": "1998",
        "born_on_1": "2",
        "born_on_2": "30",
        "graduated_0": "２０２３",
        "graduated_1": "",
    }
    conditions = [
        {
            "met": True,
            "text": "您具备大学本科学历。",
            "quote": "具备大学本科学历或学士学位，在本专业技术岗位见习1年期满，经考核合格，可初定助理级职称。",
            "clause": "第二条第（二）款",
            "anchor": "2-2",
        },
        {
            "met": False,
            "text": "见习还没有满1年。",
            "detail": "从2024年3月1日算起，到今天是8个月又22天。",
            "todo": "2025年3月1日以后再申报。",
            "clause": "第二条第（二）款",
            "anchor": "2-2",
        },
        {
            "met": None,
            "text": "见习期满考核是否合格？",
            "todo": "请向单位人事部门了解。",
            "quote": "经考核合格",
            "clause": "第二条第（二）款",
            "anchor": "2-2",
        },
    ]
    return {
        "request": request,
        "contact": {"name": "王元辰", "telephone": "0511-83320260", "wechat": "镇江技协"},
        "demonstration": {"now": at(11, 23), "text": "演示站点：人员和单位都是虚构的，证书为样张，没有效力。"},
        "form": example_form(wrong) if request.GET.get("errors") else example_form(None),
        "notice": {"headline": "2024年度综合工程专业职称初定", "title": "镇技协〔2024〕1号，逐条可引用"},
        "window_open": True,
        "window_text": "2024年3月20日 — 12月10日 24:00（北京时间）",
        "days_left": 17,
        "tasks": [
            {"name": "核对身份信息", "href": "#1", "state": "done"},
            {"name": "填写学历学位", "href": "#2", "state": "done", "hint": "南京工业大学 · 大学本科"},
            {"name": "填写工作经历和社保", "href": "#3", "state": "problem"},
            {"name": "选择工作单位", "href": "#4", "state": "started"},
            {"name": "选择级别和专业", "href": "#5", "state": "todo"},
            {"name": "上传材料", "href": "#6", "state": "todo"},
            {"name": "阅读并签署承诺", "state": "locked", "hint": "前六项完成后可以签署"},
        ],
        "rows": [
            {"key": "姓名", "value": "王思远", "href": "#"},
            {"key": "证件号码", "value": "321102********1234", "href": "#"},
            {"key": "外文姓名", "value": "", "href": "#"},
            {"key": "工作单位", "value": "镇江江澜精密机械有限公司", "note": "统一社会信用代码 91321100********7K"},
        ],
        "steps": [
            {"title": "已提交", "state": "done", "at": at(11, 18), "who": "王思远"},
            {"title": "单位审核通过", "state": "done", "at": at(11, 19, 14), "who": "镇江江澜精密机械有限公司"},
            {
                "title": "协会审核",
                "state": "now",
                "at": at(11, 20),
                "detail": "已用 3 个工作日，承诺 15 个工作日内办结。",
            },
            {"title": "审批", "state": "next"},
            {"title": "发证", "state": "next"},
        ],
        "verdicts": [
            {
                "level": "员级",
                "answer": "yes",
                "summary": "依据第二条第（一）款。初级由协会审批。",
                "conditions": conditions[:1],
            },
            {"level": "助理级（初级）", "answer": "no", "earliest": date(2025, 3, 1), "conditions": conditions},
            {"level": "中级", "answer": "unknown", "conditions": conditions[2:]},
        ],
        "files": [
            {
                "name": "毕业证书.pdf",
                "size": 1_250_000,
                "pages": 2,
                "at": at(11, 18),
                "href": "#",
                "replace_href": "#",
                "state": "good",
                "state_text": "可以使用",
            },
            {
                "name": "工作总结（最终稿）盖章扫描件第二版.pdf",
                "size": 400_000,
                "href": "#",
                "problem": "文件有密码，请先去掉密码再上传。",
            },
        ],
        "tabs": [
            {"href": "#", "text": "全部", "count": 128, "current": True},
            {"href": "#", "text": "新件", "count": 96},
            {"href": "#", "text": "补正回件", "count": 32},
        ],
        "links": [{"href": "/", "text": "首页"}, {"href": "/desk/", "text": "审核工作台"}],
        "page": {"next": "abc", "previous": "xyz"},
        "tags": [
            ("draft", "填写中"),
            ("employer", "待单位审核"),
            ("employer_returned", "单位退回修改"),
            ("received", "待受理"),
            ("accepted", "已受理"),
            ("reviewing", "审核中"),
            ("correction", "待补正"),
            ("recheck", "待复核"),
            ("city", "待市职称办审批"),
            ("approved", "审核通过"),
            ("issued", "已发证"),
            ("refused", "不予通过"),
            ("withdrawn", "已撤回"),
            ("revoked", "已撤销"),
        ],
        "queue": [
            {"ref": f"ZJCD2024{index:07d}", "name": name, "level": level, "unit": unit, "state": state, "word": word}
            for index, (name, level, unit, state, word) in enumerate(
                [
                    ("王思远", "助理级", "镇江江澜精密机械有限公司", "reviewing", "审核中"),
                    ("古丽娜尔·买买提", "中级", "江苏润州生物医药研究院", "correction", "待补正"),
                    ("李䶮", "员级", "丹阳市云阳纺织有限公司", "received", "待受理"),
                ],
                start=1237,
            )
        ],
    }


class Person:
    """Someone signed in, for the head of the page."""

    is_authenticated = True
    display_name = "王思远"


def page(template: str, roles: frozenset[str], query: str, large: bool) -> str:
    request = HttpRequest()
    request.method = "GET"
    request.path = "/"
    request.GET = request.GET.copy()
    if query:
        request.GET[query] = "1"
    if large:
        request.COOKIES["display"] = "large"
    if roles:
        request.user = SimpleLazyObject(Person)  # type: ignore[assignment]
    request.roles = roles  # type: ignore[attr-defined]
    return render_to_string(template, context(request), request=request)


# name: template, roles, query
PAGES: dict[str, tuple[str, frozenset[str], str]] = {
    "home": ("home.html", frozenset(), ""),
    "components": ("gallery_components.html", frozenset({"applicant"}), ""),
    "form": ("gallery_form.html", frozenset({"applicant"}), ""),
    "form-errors": ("gallery_form.html", frozenset({"applicant"}), "errors"),
    "question": ("gallery_question.html", frozenset(), ""),
    "queue": ("gallery_queue.html", frozenset({"reviewer", "association_signer"}), ""),
    "desk": ("gallery_desk.html", frozenset({"reviewer"}), ""),
    "help": ("help.html", frozenset(), ""),
    "privacy": ("privacy.html", frozenset(), ""),
    "accessibility": ("accessibility.html", frozenset(), ""),
    "404": ("404.html", frozenset(), ""),
    "500": ("500.html", frozenset(), ""),
}


async def answer(route: Route, pages: dict[str, str]) -> None:
    """Serve the pages and the static files without a server, under the site's own content security policy."""
    where = urlsplit(route.request.url).path
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    file = PACKAGE / "static" / Path(where).name
    if where.startswith("/static/") and file.is_file():
        await route.fulfill(body=file.read_bytes(), content_type=kinds[file.suffix])
    elif (name := where.strip("/")) in pages:
        policy = "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self'; img-src 'self' data:; form-action 'self'"
        await route.fulfill(
            body=pages[name], content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy}
        )
    else:
        await route.fulfill(status=404, body="")


async def look(tab: Page, name: str, out: Path) -> list[str]:
    """Screenshots of one page at each width, and what is wrong with it."""
    wrong: list[str] = []
    for width in WIDTHS:
        await tab.set_viewport_size({"width": width, "height": 900})
        await tab.goto(f"http://gallery.test/{name}")
        await tab.screenshot(path=out / f"{name}-{width}.png", full_page=True)
        if await tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide = await tab.evaluate(
                "[...document.querySelectorAll('main *, header *, footer *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
                ".slice(0, 4).map(e => e.tagName + '.' + e.className)"
            )
            wrong.append(f"{name} at {width}: scrolls sideways: {wide}")
        if width != 768:
            found = await Axe().run(tab)
            wrong += [
                f"{name} at {width}: axe {each['id']}: {node['html'][:160]}"
                for each in found.response["violations"]
                for node in each["nodes"]
            ]
    return wrong


async def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--only")
    asked = arguments.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    configure()
    pages = {}
    for name, (template, roles, query) in PAGES.items():
        if asked.only in (None, name):
            pages[name] = page(template, roles, query, large=False)
            pages[f"{name}-large"] = page(template, roles, query, large=True)
    wrong: list[str] = []
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        tab = await browser.new_page()
        tab.on("console", lambda message: wrong.append(f"console: {message.text}") if message.type == "error" else None)
        tab.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        await tab.route("**/*", lambda route: answer(route, pages))
        for name, html in pages.items():
            (asked.out / f"{name}.html").write_text(html, encoding="utf-8")
            wrong += await look(tab, name, asked.out)
        await browser.close()
    print("\n".join(wrong) or f"{len(pages)} pages, nothing wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
