"""助理级 on a phone, with scripts: from the self-check to a stranger who scans the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import certificate
import newcomer
import offices
import pytest
from newcomer import Walk
from playwright.sync_api import expect
from visitor import PHONE, House, Visitor

if TYPE_CHECKING:
    from pathlib import Path

    from chuding.demonstration.cast import Character


pytestmark = pytest.mark.xdist_group("site")  # one process, so one site


def test_junior_walks_from_self_check_to_a_certificate_that_a_stranger_scans(house: House, tmp_path: Path) -> None:
    who = newcomer.newcomer("贺知秋", "19955501001", 901)
    newcomer.insure(house, who)
    with house.visitor(size=PHONE) as at:
        check_oneself(at, who)
        number = apply(at, who, house)
        house.keep(at, who.phone)
    decide(house, who, number)
    document = issue(house, who)
    with house.visitor(size=PHONE, session=who.phone) as at:
        pdf = fetch(at, who, document)
    stranger_scans(house, who, pdf, document)
    file = tmp_path / "certificate.pdf"
    file.write_bytes(pdf)
    answer = certificate.verify(file, house.data / "signing" / "root.pem")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "valid" in answer.stdout.lower()


def check_oneself(at: Visitor, who: Character) -> None:
    at.go("/")
    at.page.get_by_role("link", name="自查").first.click()
    at.headline("您在哪里工作")
    newcomer.answer_self_check(at, who)
    at.see("按您填写的情况，可以申报", "助理级", "二(二)", "市本级", "市职工技术协会")
    at.sound()
    verdict = at.page.locator(".verdict-yes", has_text="助理级")
    expect(verdict).to_contain_text("见习")
    expect(verdict.locator("a.clause", has_text="二(二)").first).to_be_visible()


def apply(at: Visitor, who: Character, house: House) -> str:
    newcomer.begin_with_answers(at, who)
    at.see("距截止")
    carried_over(at)
    walk = Walk(at, who, house)
    walk.five_sections()
    at.see("已完成 5 / 7")
    refuse_what_is_no_pdf(at, who, house)
    walk.materials()
    walk.commitment()
    at.see("已完成 7 / 7")
    number = submit_twice(at, who)
    at.follow("查看进度")
    at.see(number, "单位审核")
    return number


def carried_over(at: Visitor) -> None:
    """What the self-check was told stands in the draft; what it was not asked does not."""
    at.follow("填写学历学位")
    expect(at.page.locator("input[name=row0-schooling][value=本科]")).to_be_checked()
    expect(at.page.locator("input[name=row0-degree][value=学士]")).to_be_checked()
    expect(at.page.locator("[name=row0-graduated_on_0]")).to_have_value("2021")
    expect(at.page.locator("[name=row0-school]")).to_have_value("")
    at.follow("返回任务清单")
    at.follow("填写工作经历和考核")
    expect(at.page.locator("[name=row0-started_on_1]")).to_have_value("7")
    at.follow("返回任务清单")
    at.follow("核对身份信息")
    expect(at.page.locator("input[name=identity_type][value=resident_id]")).to_be_checked()
    expect(at.page.locator("input[name=civil_servant][value=no]")).to_be_checked()
    at.follow("返回任务清单")


def refuse_what_is_no_pdf(at: Visitor, who: Character, house: House) -> None:
    """A photograph that was renamed is found out by the server, in a sentence that says what to do."""
    at.follow("上传材料")
    at.upload("1", "证明.pdf", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 4000)
    problem = at.page.locator("#m1 .error-message")
    expect(problem).to_contain_text("PDF")
    at.sound()
    at.upload("1", "照片.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 4000, "image/jpeg")
    expect(at.page.locator("#m1 [data-upload-status]")).to_contain_text("这不是 PDF 文件")
    at.follow("返回任务清单")
    at.see("已完成 5 / 7")


def submit_twice(at: Visitor, who: Character) -> str:
    at.follow("检查并提交")
    at.see(who.name, "润州工业大学", "工艺员", "2021", "助理级", "二(二)", "市本级")
    at.sound()
    at.page.get_by_role("button", name="确认并提交申报").dblclick()
    at.see("申报已提交", "江苏润江精密机械有限公司")
    at.sound()
    number = at.page.locator("main .panel .reference").inner_text().strip()
    at.go("/applications/")
    expect(at.page.locator("main a.card")).to_have_count(1)
    at.see(number)
    at.page.go_back()
    return number


def decide(house: House, who: Character, number: str) -> None:
    with house.officer(offices.SUN) as clerk:
        offices.endorse(clerk, who.name)
    with house.officer(offices.LI) as reviewer:
        offices.take(reviewer, number)
        reviewer.see("符合", "润州工业大学")
        offices.judge_fit(reviewer, "123")
        offices.recommend(reviewer)
    with house.officer(offices.ZHOU) as rechecker:
        offices.confirm(rechecker, number)
    with house.officer(offices.WU) as signer:
        offices.approve(signer, number)


def issue(house: House, who: Character) -> str:
    document = offices.issue(house, who.name)
    assert document.startswith("镇技协〔2024〕")
    return document


def fetch(at: Visitor, who: Character, document: str) -> bytes:
    """The applicant's own page: the news, the certificate twice, the declaration twice."""
    at.go("/applications/")
    at.page.locator("main a.card").click()
    at.see("审核通过，证书已发", document, "一式2份")
    at.sound()
    once, twice = at.download("下载电子证书"), at.download("下载电子证书")
    assert once == twice
    assert once.startswith(b"%PDF-")
    declaration, again = at.download("下载申报表"), at.download("下载申报表")
    assert declaration == again
    assert who.name in certificate.words(declaration)
    assert who.name in certificate.words(once)
    return once


def stranger_scans(house: House, who: Character, pdf: bytes, document: str) -> None:
    address, offline = certificate.qr_addresses(pdf)
    assert address.startswith(f"{house.address}/v/")
    assert offline.lower().startswith(f"{house.address}/v/")
    with house.visitor(size=PHONE) as stranger:
        stranger.go(urlsplit(address).path)
        stranger.see("有效", "助理级", document, "样张", "贺")
        stranger.sound()
        stranger.go(urlsplit(offline).path)
        stranger.see("有效", "助理级", document)
        stranger.go(urlsplit(address).path)
        seen = stranger.page.locator("body").inner_text()
    assert who.name not in seen
    assert who.identity["identity_number"] not in seen
    assert who.identity["identity_number"][-4:] not in seen
    assert who.phone not in seen
