"""The look: what every page stands on. The browser floor is kept by reading the sheet, since only new browsers run here."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string

import chuding
from chuding.accounts.date_field import DatePartsField

PACKAGE = Path(chuding.__file__).parent
TEMPLATES = PACKAGE / "templates"
ALL_TEMPLATES = sorted(TEMPLATES.rglob("*.html"))


def rules(file: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)


def named(file: Path) -> str:
    return file.relative_to(TEMPLATES).as_posix()


class SampleForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与证件一致")
    foreign_name = forms.CharField(label="外文姓名", required=False)
    certificate = forms.CharField(label="证书编号", required=False)
    born_on = DatePartsField(label="出生日期")
    level = forms.ChoiceField(label="级别", choices=[("a", "助理级")], widget=forms.RadioSelect)

    def __init__(self, data: dict[str, str] | None = None) -> None:
        super().__init__(data)
        self.fields["certificate"].conditional = True  # type: ignore[attr-defined]


@pytest.mark.parametrize("file", sorted((PACKAGE / "static").glob("*.css")), ids=lambda file: file.name)
def test_sheet_keeps_the_browser_floor(file: Path) -> None:
    too_new = re.findall(
        r":has\(|:is\(|:where\(|@layer|@container|@scope|@media \(width|color-mix\(|\binset:|aspect-ratio|\bdvh|"
        r"padding-inline|margin-inline|padding-block|margin-block|oklch\(",
        rules(file),
    )
    assert too_new == []


@pytest.mark.parametrize("file", sorted((PACKAGE / "static").glob("*.css")), ids=lambda file: file.name)
def test_sheet_is_not_nested(file: Path) -> None:
    depth = deepest = 0
    inside_media: list[bool] = []
    for piece in re.finditer(r"([^{}]*)([{}])", rules(file)):
        if piece[2] == "{":
            inside_media.append(piece[1].strip().startswith("@media"))
            depth = sum(1 for media in inside_media if not media)
            deepest = max(deepest, depth)
        else:
            inside_media.pop()
    assert (deepest, inside_media) == (1, [])


def test_sheet_and_scripts_are_light() -> None:
    assert len(gzip.compress((PACKAGE / "static" / "site.css").read_bytes(), 9)) <= 20 * 1024
    scripts = b"".join(file.read_bytes() for file in sorted((PACKAGE / "static").glob("*.js")))
    assert len(gzip.compress(scripts, 9)) <= 20 * 1024


# A file to keep on one's own device, never shown by this site (it is always a download): all of it must be inside it.
KEPT = {"certificates/offline_page.html"}


@pytest.mark.parametrize("file", [file for file in ALL_TEMPLATES if named(file) not in KEPT], ids=named)
def test_template_obeys_the_content_security_policy(file: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\bsrc=)|javascript:", text) == []


@pytest.mark.parametrize("file", sorted((TEMPLATES / "partials").glob("*.html")), ids=named)
def test_partial_says_what_it_takes(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith(("{% comment %}", "{% load"))


def test_field_is_described_and_never_starred() -> None:
    page = SampleForm({"name": "", "born_on_0": "1998"}).as_div()
    assert "*" not in page
    assert re.search(r"\srequired[\s>=]", page) is None
    assert page.count('aria-describedby="id_name_helptext id_name_error"') == 1
    assert page.count("（选填）") == 1
    assert re.search(r'<label for="id_born_on_0">年</label>', page)


def test_every_line_of_the_error_summary_lands_on_a_field() -> None:
    form = SampleForm({"name": ""})
    summary = render_to_string("partials/error_summary.html", {"form": form})
    page = form.as_div()
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_born_on_0", "id_level_0"]
    assert [target for target in targets if f'id="{target}"' not in page] == []


def test_error_summary_is_silent_without_errors() -> None:
    assert render_to_string("partials/error_summary.html", {"form": SampleForm()}).strip() == ""


@pytest.mark.parametrize(
    ("met", "word", "mark"), [(True, "符合", "✓"), (False, "不符合", "✗"), (None, "还不清楚", "?")]
)
def test_verdict_says_in_a_word_what_its_mark_says(met: bool | None, word: str, mark: str) -> None:
    verdict = {"level": "员级", "answer": "unknown", "conditions": [{"met": met, "text": "见习期满1年。"}]}
    page = render_to_string("partials/verdict.html", {"verdict": verdict})
    assert f'<span class="condition-word">{word}</span>' in page
    assert f'aria-hidden="true">{mark}</span>' in page


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "403_csrf"])
def test_error_page_needs_no_context(name: str) -> None:
    page = render_to_string(f"{name}.html")
    assert "0511-83320260" in page
    assert "<h1>" in page


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>请在2024年12月10日 24:00前提交</p>", "<p>请在{2024年12月10日} 24:00前提交</p>"),
        ("<p>2025年度；2024年6月；9月18日；第3日</p>", "<p>{2025年度}；{2024年6月}；{9月18日}；第3日</p>"),
        ("<p>before 10 December 2026, or on 3 May</p>", "<p>before {10 December 2026}, or on {3 May}</p>"),
        # Not where an element would be a child of its own in a row, nor where none can stand.
        ("<a href=#>到2024年6月<b>2024年7月</b></a>", "<a href=#>到2024年6月<b>{2024年7月}</b></a>"),
        ("<p title=2024年6月>至</p>", "<p title=2024年6月>至</p>"),
        ("<svg><text>7月29日</text></svg><select><option>7月29日</option></select>", None),
    ],
)
def test_no_line_of_a_page_ends_inside_a_date(page: str, shown: str | None) -> None:
    wanted = (shown or page).replace("{", '<span class="nowrap">').replace("}", "</span>")
    assert shown_unbroken(page) == wanted


def test_what_was_typed_is_escaped_before_it_is_looked_through_for_dates() -> None:
    assert shown_unbroken("{{ typed }}") == '&lt;b&gt;<span class="nowrap">2024年6月</span>'


def shown_unbroken(page: str) -> str:
    template = Template(f"{{% load notice_words %}}{{% filter unbroken %}}{page}{{% endfilter %}}")
    return template.render(Context({"typed": "<b>2024年6月"}))
