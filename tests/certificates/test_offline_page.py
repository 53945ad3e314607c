"""The offline page in a browser without any network: the same answers as the command line's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from playwright.sync_api import sync_playwright

from chuding.paper.credential import Claims, credential_url, holder_tag, make_credential, read_credential
from chuding.paper.keys import load_signer, make_demonstration_keys, renew
from chuding.paper.status import make_status_file, make_status_list
from chuding.storage.clock import SHANGHAI
from stage import NOW, signing_keys

RENEWED = NOW + timedelta(days=400)
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is missing: tools/system_packages.py installs it"),
]
NUMBER, PAGE = "ZJX2024200000112", "https://chuding.example.cn/v/7KQ2M9XD4TB6abcdefghij"
NAME, IDENTITY = "王晓䶮", "321102199605120047"
CLAIMS = Claims(
    issuer="镇江市职工技术协会",
    number=NUMBER,
    level="助理级",
    qualification="助理工程师",
    field="机械工程/机械制造/机械设计",
    qualified_on=date(2024, 6, 20),
    approved_on=date(2024, 6, 28),
    masked_name="王**",
    holder=holder_tag(name=NAME, identity_number=IDENTITY, number=NUMBER, status_url=PAGE),
    status_url=PAGE,
    sample=True,
)


@pytest.fixture(scope="module")
def signer():
    signing_keys()
    return load_signer(site.SIGNING_FOLDER, "association")


@pytest.fixture(scope="module")
def browser():
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver keeps a loop in this thread
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def kept(browser, db, client, signer, tmp_path):
    """The page as somebody keeps it, to be called: a file of today's page, opened with the network switched off."""
    contexts, faults = [], []

    def keep():
        response = client.get("/offline/")
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        file = tmp_path / f"offline-{len(contexts)}.html"
        file.write_bytes(response.content)
        contexts.append(browser.new_context(offline=True))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(file.as_uri())
        return page

    yield keep
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def sheet(kept):
    return kept()


def code(claims, signer):
    return credential_url("https://chuding.example.cn", make_credential(claims, signer))


def ask(page, text, **more):
    page.fill("#code", text)
    if "person" in more:
        page.click("summary")
        page.fill("#name", more["person"][0])
        page.fill("#number", more["person"][1])
    if "status" in more:
        page.set_input_files("#status", more["status"])
    page.evaluate("document.getElementById('answer').hidden = true")
    page.click("button")
    page.wait_for_selector("#answer:not([hidden])")
    return page.inner_text("#answer h2"), page.inner_text("#answer")


def test_offline_page_says_what_the_code_says(sheet, signer):
    title, text = ask(sheet, code(CLAIMS, signer))
    assert title == "签名有效"
    wanted = (
        "王**",
        "助理工程师（助理级）",
        CLAIMS.field,
        "2024年6月20日",
        "2024年6月28日",
        NUMBER,
        PAGE,
        "样张",
        "不知道现在是否已撤销",
    )
    assert [one for one in wanted if one not in text] == []


def test_offline_page_refuses_what_was_changed(sheet, signer):
    good = code(CLAIMS, signer)
    for bent in (good[:-20] + "A" + good[-19:], good[:-8], good.replace("/V/", "/X/"), "hello", good + "AAAAAAAA"):
        assert ask(sheet, bent)[0] == "不能确认"
    for place in range(31, len(good), 23):
        other = "A" if good[place] != "A" else "B"
        assert ask(sheet, good[:place] + other + good[place + 1 :])[0] == "不能确认"
    for claims in (replace(CLAIMS, sample=False), replace(CLAIMS, approved_on=date(2099, 1, 1))):
        assert ask(sheet, code(claims, signer))[0] == "不能确认"


def test_offline_page_looks_up_what_was_revoked(sheet, signer, tmp_path):
    now = datetime.now(UTC)
    answers = []
    for name, revoked, made in (("clean", [], now), ("gone", [PAGE], now), ("old", [], now - timedelta(days=9))):
        made_list = make_status_list(
            issuer=CLAIMS.issuer, made_at=made, until=made + timedelta(days=7), revoked=revoked, signer=signer
        )
        (tmp_path / f"{name}.json").write_bytes(make_status_file([made_list], signer.certificate_chain[:-1]))
        answers.append(ask(sheet, code(CLAIMS, signer), status=tmp_path / f"{name}.json")[0])
    assert answers == ["有效", "已撤销", "不能确认"]


def test_offline_page_tells_the_holder_from_anybody_else(sheet, signer):
    assert "姓名和证件号码与证书相符" in ask(sheet, code(CLAIMS, signer), person=(NAME, IDENTITY))[1]
    sheet.fill("#name", "王晓龑")
    assert ask(sheet, code(CLAIMS, signer))[0] == "人证不符"


def test_offline_page_knows_our_issuers_only(sheet, tmp_path, signer):
    title, _ = ask(sheet, code(CLAIMS, load_signer(site.SIGNING_FOLDER, "city")))
    assert title == "签名有效"
    text = sheet.inner_text("footer")
    assert "演示协会" in text
    assert "演示市级办公室" in text


@pytest.fixture
def renewed(settings, tmp_path):
    """An office's key of 2015, whose ten years end in December 2024, and the one that took its place in October."""
    settings.SIGNING_FOLDER = tmp_path / "signing"
    make_demonstration_keys(settings.SIGNING_FOLDER, NOW.replace(year=2015))
    old = load_signer(settings.SIGNING_FOLDER, "association")
    renew(settings.SIGNING_FOLDER, "association", NOW.replace(month=10))
    return old, load_signer(settings.SIGNING_FOLDER, "association")


def test_offline_page_knows_a_renewed_key_and_the_day_of_issue(kept, renewed):
    """The old key's codes stay good after its renewal; dated after its own end they are refused, as in Python."""
    old, new = renewed
    begun, ended = (
        moment.astimezone(SHANGHAI).date()
        for moment in (new.certificate_chain[0].not_valid_before_utc, old.certificate_chain[0].not_valid_after_utc)
    )
    now = datetime.now(UTC)
    assert CLAIMS.approved_on < begun < ended < now.date()
    page = kept()
    late = replace(CLAIMS, issued_on=begun)
    cases = {
        "old key, day of approval": (CLAIMS, old, True),
        "new key, day of approval, before it began": (CLAIMS, new, False),
        "new key, issued on its first day": (late, new, True),
        "new key, issued the day before": (replace(CLAIMS, issued_on=begun - timedelta(days=1)), new, False),
        "old key, issued on its last day": (replace(CLAIMS, issued_on=ended), old, True),
        "old key, issued after its end": (replace(CLAIMS, issued_on=ended + timedelta(days=1)), old, False),
        "old key, issued in the future": (replace(CLAIMS, issued_on=(now + timedelta(days=3)).date()), old, False),
    }
    issuers = [one.certificate_chain[0] for one in (old, new)]
    for case, (claims, key, good) in cases.items():
        text = code(claims, key)
        title, said = ask(page, text)
        assert (case, title) == (case, "签名有效" if good else "不能确认")
        assert (case, read_credential(text, issuers, at=now).valid) == (case, good)
        if not good and "future" not in case:
            assert "发证当天签名证书不在有效期内" in said, case


def test_page_kept_before_the_renewal_refuses_the_new_key(kept, signer, settings, tmp_path):
    before = kept()
    folder = shutil.copytree(settings.SIGNING_FOLDER, tmp_path / "signing")
    renew(folder, "association", RENEWED)
    text = code(replace(CLAIMS, issued_on=RENEWED.date()), load_signer(folder, "association"))
    assert "不是由本页认识的发证机关签发的" in ask(before, text)[1]
    settings.SIGNING_FOLDER = folder
    assert ask(kept(), text)[0] == "签名有效"
