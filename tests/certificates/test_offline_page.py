"""The offline page in a browser without any network: the same answers as the command line's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from playwright.sync_api import sync_playwright

from chuding.paper.credential import Claims, credential_url, holder_tag, make_credential
from chuding.paper.keys import load_signer
from chuding.paper.status import make_status_file, make_status_list
from stage import signing_keys

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
def sheet(browser, db, client, signer, tmp_path):
    """The page as somebody kept it: a file, opened with the network switched off."""
    response = client.get("/offline/")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    file = tmp_path / "offline.html"
    file.write_bytes(response.content)
    context = browser.new_context(offline=True)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(file.as_uri())
    yield page
    context.close()
    assert faults == []


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
