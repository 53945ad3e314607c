"""The guide (办事指南) says what experience.md A1 asks for, from the data that the rest goes by; public pages can be printed."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from chuding.applications.deadlines import service_levels
from chuding.applications.guide import MaterialWords, material_words, way
from chuding.applications.material_kinds import Kind, kind_of
from chuding.applications.reviewing.reasons import reasons_for
from chuding.applications.workflow import State
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def test_every_material_of_the_notice_has_its_words_and_its_common_mistakes(stage):
    for rule in stage.town.notice.materials:
        words = material_words(kind_of(rule))
        assert "" not in (words.who, words.copies, words.looks)
        assert words.mistakes
        assert set(words.mistakes) <= {reason.text for reason in reasons_for(kind_of(rule))}
    assert material_words(Kind.OTHER) == MaterialWords()


def test_way_has_the_days_of_the_service_levels():
    levels = service_levels()
    association = levels[State.RECEIVED] + levels[State.REVIEWING] + levels[State.RECHECK]
    longest = max(levels[State.SIGNING], levels[State.CITY])
    assert [stage.days for stage in way()] == [None, levels[State.EMPLOYER], association, longest, None]


def test_guide_shows_materials_way_days_result_complaints_and_version(client, stage):
    page = unescape(client.get("/guide/").content.decode())
    notice = stage.town.notice
    for rule in notice.materials:
        words = material_words(kind_of(rule))
        assert [text for text in (words.who, words.copies, words.looks, *words.mistakes) if text not in page] == []
    drawn = re.findall(r'<text class="way-what"[^>]*>([^<]*)</text>', page)
    assert drawn == [each.what for each in way()]
    for words in ("法定时限", "办成以后得到什么", "不满意，要投诉", notice.digest[:8]):
        assert words in page


@pytest.mark.parametrize(
    "address",
    [
        "/guide/",
        "/catalogue/",
        "/notices/",
        "/notice/",
        "/publicity/",
        "/statistics/",
        "/verify/",
        "/help/",
        "/privacy/",
    ],
)
def test_public_page_offers_to_be_printed(client, stage, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content.decode().count("data-print hidden") == 1


def test_certificates_page_offers_to_be_printed(client, stage):
    token = stage.file_at(State.ISSUED).applicant.certificates.get().token
    assert "data-print hidden" in client.get(f"/v/{token}").content.decode()


def test_receipt_tells_the_fingerprint_of_each_file(client, stage):
    file = stage.file_at(State.RECEIVED)
    client.force_login(file.applicant)
    page = client.get(f"/applications/{file.ref}/submitted/").content.decode()
    assert re.findall(r'指纹 <span class="reference">(\w{8})</span>', page) == [
        material.file[:8] for material in file.current_materials()
    ]


def test_task_list_offers_the_scan_while_there_is_no_schooling(client, stage):
    file = stage.file_at(State.DRAFT)
    client.force_login(file.applicant)
    address, scan = f"/applications/{file.ref}/", f'href="/applications/{file.ref}/schooling/scan/"'
    assert scan not in client.get(address).content.decode()
    file.educations.all().delete()
    assert scan in client.get(address).content.decode()


@pytest.mark.django_db
def test_foot_of_a_page_says_what_a_site_of_the_state_has_to(client, settings):
    assert 'lang="zh-Hans">主办单位' not in client.get("/guide/").text
    settings.REGISTRATIONS = [["主办单位：示例局", ""], ["苏ICP备00000000号", "https://beian.example/"]]
    page = client.get("/guide/").text
    assert '<span class="nowrap">主办单位：示例局</span>' in page
    assert '<a href="https://beian.example/">苏ICP备00000000号</a>' in page


@pytest.mark.parametrize(
    ("gateway", "said", "not_said"),
    [
        ({"class": "anything"}, "点“改用语音电话”", "还没有语音验证码"),
        (None, "还没有语音验证码。收不到短信", "改用语音电话"),
    ],
)
def test_statement_and_help_tell_what_to_do_without_a_text_message(client, stage, settings, gateway, said, not_said):
    settings.VOICE_GATEWAY = gateway
    statement, answers = (client.get(address).content.decode() for address in ("/accessibility/", "/help/"))
    assert said in statement
    assert not_said not in statement
    assert ("改用语音电话" in answers) is (gateway is not None)


def test_front_page_breaks_the_name_of_the_round_where_a_reader_pauses(client, stage):
    page = client.get("/").content.decode()
    _, *pieces = re.findall('<h1 id="hero-title">(.*?)</h1>', page)[0].split('<span class="piece">')
    assert [strip_tags(piece) for piece in pieces] == ["2024年度", "综合工程专业", "职称初定"]
