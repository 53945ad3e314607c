"""中级 on a desktop with scripts off, for everyone: the papers of 市职称办 at the end."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import certificate
import newcomer
import offices
import pytest
from newcomer import Walk
from playwright.sync_api import expect

if TYPE_CHECKING:
    from visitor import House, Visitor

    from chuding.demonstration.cast import Character

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

MASTER = {
    "schooling": "研究生",
    "degree": "硕士",
    "graduated_on": date(2019, 6, 22),
    "degree_on": date(2019, 6, 22),
    "major": "制药工程",
}


def test_intermediate_walks_without_scripts_to_a_certificate_of_the_city(house: House) -> None:
    who = newcomer.newcomer(
        "谢临川", "19955503001", 903,
        level="中级", unit="pharmacy", specialty="生物医药工程/生物制药/制药工程",
        education=MASTER, spell={"started_on": date(2019, 8, 5)}, post="工艺工程师助理",
    )  # fmt: skip
    newcomer.insure(house, who)
    with house.visitor(script=False) as at:
        number = apply(at, who, house)
        house.keep(at, who.phone)
    with house.officer(offices.LI, script=False) as reviewer:
        offices.take(reviewer, number)
        offices.judge_fit(reviewer, "123")
        offices.recommend(reviewer)
    with house.officer(offices.ZHOU, script=False) as rechecker:
        offices.confirm(rechecker, number)
    with house.officer(offices.ZHAO, script=False) as signer:
        offices.approve(signer, number)
    document = offices.issue(house, who.name, city=True, script=False)
    assert re.fullmatch(r"镇职称办〔2024〕\d+号", document)
    with house.visitor(script=False, session=who.phone) as at:
        at.go("/applications/")
        at.page.locator("main a.card").click()
        at.see("审核通过，证书已发", document)
        pdf = at.download("下载电子证书")
        assert document in certificate.words(pdf)
        at.go(urlsplit(certificate.qr_addresses(pdf)[0]).path)
        at.see("有效", "中级", "工程师", document, "市职称（职业资格）工作领导小组办公室")


def apply(at: Visitor, who: Character, house: House) -> str:
    at.go("/check/")
    newcomer.answer_self_check(at, who)
    at.see("按您填写的情况，可以申报", "中级", "二(三)注", "市职称办")
    newcomer.begin_with_answers(at, who)
    walk = Walk(at, who, house)
    walk.five_sections()
    walk.materials()
    walk.commitment()
    at.follow("检查并提交")
    at.see("由市职称办审批", "协会受理，请留意手机短信")
    # Two clicks without a script are two requests: the server makes one application of them.
    at.page.get_by_role("button", name="确认并提交申报").dblclick()
    at.see("申报已提交", "市职称办审批")
    expect(at.page.locator("main")).not_to_contain_text("单位审核")
    number = at.page.locator("main .panel .reference").inner_text().strip()
    at.go("/applications/")
    expect(at.page.locator("main a.card")).to_have_count(1)
    at.see(number)
    return number
