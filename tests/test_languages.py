"""The interface's languages: catalogues that are what they were made from, and a switch that loses nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.urls import reverse
from django.utils import translation

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
import make_messages

from chuding.applications.education_choices import Degree, Schooling, StudyMode
from chuding.applications.sentences import Typed
from chuding.applications.templatetags.notice_words import chinese, plainly, said, written

if TYPE_CHECKING:
    from babel.messages import Catalog
    from django.db.models import TextChoices
    from django.http import HttpResponse
    from django.test import Client

DOMAINS = ("django", "djangojs")


def kept(language: str, domain: str) -> Catalog:
    with make_messages.po_file(language, domain).open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", make_messages.LANGUAGES)
def test_compiled_catalogue_is_its_po(language: str) -> None:
    po = make_messages.po_file(language, "django")
    assert po.with_suffix(".mo").read_bytes() == make_messages.mo_text(po.read_bytes(), language)
    words = make_messages.PACKAGE / "static" / f"words.{language.replace('_', '-').lower()}.js"
    script = make_messages.script_words(make_messages.po_file(language, "djangojs").read_bytes(), language)
    assert words.read_text(encoding="utf-8") == script


@pytest.mark.parametrize("domain", DOMAINS)
def test_traditional_characters_follow_the_list_of_terms(domain: str) -> None:
    traditional = make_messages.Traditional()
    wrong = {
        message.id: message.string
        for message in kept("zh_Hant", domain)
        if message.id and isinstance(message.id, str) and message.string != traditional.of(message.id)
    }
    assert wrong == {}


def placeholders(text: str) -> list[str]:
    """Values by name and markup; `{years:s}` is a plural's ending and no second value."""
    named = set(re.findall(r"%\(\w+\)[sd]|\{\{?\w+\}?\}", text))
    text = re.sub(r'<span lang="zh-Hans">(.*?)</span>', r"\1", text)  # a Chinese name in English needs its language
    return sorted([*named, *re.findall(r"%%|</?[a-z]+\b[^>]*>", text)])


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", make_messages.LANGUAGES)
def test_translation_keeps_placeholders_and_markup(language: str, domain: str) -> None:
    wrong = []
    for message in kept(language, domain):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[1]
        texts = (message.string,) if isinstance(message.string, str) else message.string
        wrong += [text for text in texts if text and placeholders(text) != placeholders(source)]
    assert wrong == []


# The desk, its viewer and the editor of notices are the offices' own, in Chinese.
OFFICES = {"desk.js", "viewer.js", "publishing.js"}
PEOPLES = [
    file
    for file in sorted((make_messages.PACKAGE / "static").glob("*.js"))
    if file.name not in OFFICES and not file.name.startswith("words.")
]


@pytest.mark.parametrize("script", PEOPLES, ids=lambda file: file.name)
def test_every_chinese_word_of_a_script_for_people_can_be_translated(script: Path) -> None:
    """A string with Chinese stands in a call of gettext by itself: elsewhere the tool does not find it."""
    source = re.sub(r"/\*.*?\*/", "", script.read_text(encoding="utf-8"), flags=re.DOTALL)
    left = re.sub(r'gettext\("[^"]*"\)', "", source)
    assert re.findall(r'"[^"\n]*[\u4e00-\u9fff][^"\n]*"', left) == []


# ---- the switch ----


def press(client: Client, address: str, language: str, **answers: str) -> HttpResponse:
    """The button, as its attributes say: the page's form as plain text to the page's own address."""
    body = urlencode({**answers, "switch_language": language})
    return client.post(address, body, content_type="application/x-www-form-urlencoded")


@pytest.mark.django_db
def test_page_speaks_the_language_of_the_cookie(client: Client) -> None:
    assert b'<html lang="zh-Hans"' in client.get("/").content
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get("/")
    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en"' in page.text
    assert ">Start the self-check<" in page.text
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hant"
    assert "跳到主要內容" in client.get("/").text
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "tlh"
    assert "跳到主要内容" in client.get("/").text


@pytest.mark.django_db
def test_browsers_own_languages_do_not_choose(client: Client) -> None:
    assert b'<html lang="zh-Hans"' in client.get("/", headers={"accept-language": "en-US,en"}).content


@pytest.mark.django_db
def test_switch_keeps_the_page_and_what_was_typed(client: Client) -> None:
    address = reverse("sign_in") + "?next=/me/"
    page = client.get(address).text
    button = re.search(r"<button[^>]*value=\"en\"[^>]*>", page)
    assert button is not None
    assert 'form="answers"' in button[0]
    assert f'formaction="{address}"' in button[0]
    answer = press(client, address, "en", phone="138 0000 1234", next="/me/")
    assert answer.status_code == 200
    assert answer.cookies["language"].value == "en"
    assert re.search(r'name="phone"[^>]* value="138 0000 1234"', answer.text)
    assert "error-summary" not in answer.text
    assert client.get("/").headers["Content-Language"] == "en"
    # Nothing of it rests anywhere.
    assert "138 0000 1234" not in client.get(address).text


@pytest.mark.django_db
def test_switch_on_a_page_without_a_form_stands_in_a_form_of_its_own(client: Client) -> None:
    page = client.get("/guide/").text
    assert 'form="answers"' not in page
    answer = press(client, "/guide/", "zh-hant")
    assert (answer.status_code, answer.cookies["language"].value) == (200, "zh-hant")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/verify/", "/check/graduated/"])
def test_enter_in_a_box_sends_the_form_and_does_not_switch_the_language(client: Client, path: str) -> None:
    """Enter presses the first button of a form, wherever it stands: the language buttons stand in the head of the page."""
    buttons = re.findall(r'<button form="answers"[^>]*>', client.get(path).text)
    assert buttons[0] == '<button form="answers" class="visually-hidden" tabindex="-1" aria-hidden="true">'
    assert [re.findall(r'value="([^"]*)"', each) for each in buttons[1:]] == [["zh-hant"], ["en"]]
    # A question answered by its buttons: none of them may be pressed by Enter.
    assert 'class="visually-hidden" tabindex="-1"' not in client.get("/check/").text


@pytest.mark.django_db
def test_switch_to_an_unknown_language_changes_nothing(client: Client) -> None:
    answer = press(client, reverse("sign_in"), "xx", phone="1")
    assert answer.headers["Content-Language"] == "zh-Hans"
    assert "language" not in answer.cookies
    assert "error-summary" in answer.text


@pytest.mark.django_db
def test_switch_on_an_address_that_only_takes_forms_leads_home(client: Client) -> None:
    answer = press(client, reverse("sign_out"), "en")
    assert (answer.status_code, answer["Location"], answer.cookies["language"].value) == (302, "/", "en")


TEMPLATES = sorted((make_messages.PACKAGE / "templates").rglob("*.html"))


@pytest.mark.parametrize("file", [file for file in TEMPLATES if file.name != "header.html"], ids=lambda f: f.name)
def test_a_page_with_a_form_of_its_own_says_so_to_its_head(file: Path) -> None:
    """Else the language buttons would lose what was typed, or belong to a form that is not there."""
    text = file.read_text(encoding="utf-8")
    assert ('id="answers"' in text) == ("own_form=True" in text)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda f: f.name)
def test_the_page_has_one_form_of_answers_at_most(file: Path) -> None:
    """Two may stand in a template where only one of them is drawn."""
    text = file.read_text(encoding="utf-8")
    assert text.count('id="answers"') <= (2 if "{% else %}" in text else 1)


# ---- nothing without words (U23) ----


@pytest.fixture(scope="module")
def gathered() -> dict[str, Catalog]:
    return {domain: make_messages.gathered(domain) for domain in DOMAINS}


@pytest.mark.parametrize("language", make_messages.LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_message_of_the_source_is_translated(gathered: dict[str, Catalog], language: str, domain: str) -> None:
    """Who adds a Chinese sentence runs `make messages` and writes its English."""
    held = kept(language, domain)
    lacking = []
    for message in gathered[domain]:
        known = held.get(message.id, message.context) if message.id else None
        if message.id and (known is None or not make_messages.has_text(known)):
            lacking.append(message.id)
    assert lacking == []


@pytest.mark.parametrize(
    ("sentence", "english"),
    [
        ("手机号应为11位，您输入了9位。港澳台号码请以 +852、+853 或 +886 开头。",
         "A phone number has 11 digits; you typed 9. Numbers of Hong Kong, Macao and Taiwan begin with +852, +853 or +886."),
        ("身份证号应为18位，您输入了17位。请对照身份证正面检查。",
         "The ID card number has 18 characters; you typed 17. Check the front of your ID card."),
        ("您的申报（办件号ZJCD20240000017）已受理，正在审核。", "Your application (case ZJCD20240000017) has been accepted and is being reviewed."),
        ("王小明", "王小明"),
    ],
)  # fmt: skip
def test_sentence_with_values_is_said_in_english(sentence: str, english: str) -> None:
    with translation.override("en"):
        assert plainly(sentence) == english
    assert said(sentence) == sentence


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("王小明", "[王小明]"),
        ("notice, clause 五(三)4).", "notice, clause [五(三)4])."),
        ("clause 一).", "clause [一])."),
        ("a diploma (大专) or a degree (本科)", "a diploma ([大专]) or a degree ([本科])"),
        ("中专, 职高 <b>", "[中专, 职高] &lt;b&gt;"),
        ("请合成一个 PDF。", "[请合成一个 PDF。]"),
        ("Siemens", "Siemens"),
    ],
)
def test_what_stays_chinese_in_english_is_marked(text: str, marked: str) -> None:
    with translation.override("en"):
        assert said(text) == marked.replace("[", '<span lang="zh-Hans">').replace("]", "</span>")
    assert said(text) == text


def test_what_was_typed_is_marked_and_never_translated() -> None:
    for language in ("en", "zh-hant"):
        with translation.override(language):
            assert said(Typed("年")) == chinese("年") == '<span lang="zh-Hans">年</span>'
            assert (said(Typed("Siemens")), chinese(None)) == ("Siemens", None)
    assert said(Typed("年")) == "年"


def test_what_an_office_wrote_is_marked_unless_it_is_a_sentence_of_ours() -> None:
    with translation.override("zh-hant"):
        assert written("编号看不清。") == '<span lang="zh-Hans">编号看不清。</span>'
        assert written("申报已提交") == said("申报已提交") == "申報已提交"
        assert said("申報已提交") == "申報已提交"
        assert said("机械制造") == '<span lang="zh-Hans">机械制造</span>'


@pytest.mark.parametrize("choices", [Schooling, Degree, StudyMode])
def test_choices_of_an_education_are_said_in_english(choices: type[TextChoices]) -> None:
    with translation.override("en"):
        assert [label for label in choices.labels if plainly(label) == label] == []
