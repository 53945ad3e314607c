"""One send-back: everything said at once, nothing else open, and the reviewer sees what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import newcomer
import offices
import pytest
from newcomer import Walk
from playwright.sync_api import expect
from visitor import PHONE

if TYPE_CHECKING:
    from visitor import House, Visitor

    from chuding.demonstration.cast import Character

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

BLURRED = "证书编号看不清。请重新扫描，或改传学信网电子注册备案表。"
POST = "岗位名称与证明不一致，请改为“设备工程师”。"


def test_send_back_opens_exactly_what_was_named_and_comes_back_to_the_reviewer(house: House) -> None:
    # Nobody of this employer is online, so the file goes straight to the association.
    who = newcomer.newcomer("范拾光", "19955504001", 904, unit="chemistry", specialty="石油化工/精细化工/精细化工")
    newcomer.insure(house, who)
    with house.visitor(size=PHONE) as at:
        number = apply(at, who, house)
        house.keep(at, who.phone)
    with house.officer(offices.LI) as reviewer:
        send_back(reviewer, number)
    with house.visitor(size=PHONE, session=who.phone) as at:
        correct(at, who, house)
    with house.officer(offices.LI) as reviewer:
        offices.open_file(reviewer, number)
        reviewer.see("第 2 次", "设备工程师")
        expect(reviewer.page.locator("#material-2")).to_contain_text("补正后新上传")
        expect(reviewer.page.locator("#material-2")).to_contain_text("之前交过 1 份")
        expect(reviewer.page.locator("#material-1")).not_to_contain_text("补正后新上传")


def apply(at: Visitor, who: Character, house: House) -> str:
    at.go("/applications/")
    at.sign_in(who.phone)
    at.consent()
    at.press("开始申报")
    walk = Walk(at, who, house)
    walk.five_sections()
    walk.materials()
    walk.commitment()
    return walk.submitted()


def send_back(at: Visitor, number: str) -> None:
    offices.take(at, number)
    offices.judge_fit(at, "13")
    section = at.page.locator("#material-2")
    section.locator("h3 a").click()
    section.locator("summary", has_text="有问题").click()
    section.get_by_role("button", name=BLURRED).click()
    expect(section.locator("textarea[name=reason]")).to_have_value(BLURRED)
    section.get_by_role("button", name="标为有问题").click()
    expect(section.locator(".tag").first).to_have_text("有问题")
    form = at.page.locator("#act-send_back")
    expect(form).to_contain_text(BLURRED)
    form.locator("summary", has_text="填报内容有问题").click()
    form.locator("[name=section_employer]").fill(POST)
    form.get_by_role("button", name="退回补正").click()
    at.see("已退回补正")


def correct(at: Visitor, who: Character, house: House) -> None:
    at.go("/applications/")
    at.page.locator("main a.card").click()
    at.see("有 2 项需要补正")
    at.follow("去补正")
    at.headline("一次性告知：共 2 项需要修改")
    items = at.page.locator("main ol.plain-list > li")
    expect(items).to_have_count(2)
    expect(items.filter(has_text="材料2")).to_contain_text(BLURRED)
    expect(items.filter(has_text="选择工作单位")).to_contain_text(POST)
    list_page = at.page.url
    nothing_else_is_open(at)
    at.go_to(list_page)
    at.press("补正完成，重新提交")
    at.see("还有2项没有修改")
    at.follow("重新上传")
    replace_material(at, who, house)
    at.follow("返回修改清单")
    expect(items.filter(has_text="材料2")).to_contain_text("已修改")
    at.follow("去修改")
    at.fill(post="设备工程师")
    at.press("保存并返回清单")
    at.headline("一次性告知")
    expect(items.filter(has_text="已修改")).to_have_count(2)
    at.press("补正完成，重新提交")
    at.see("已重新提交")
    timeline = at.page.locator("main .timeline")
    expect(timeline).to_contain_text("补正")
    expect(timeline.locator("li.done").last).to_contain_text("您本人")
    expect(at.page.locator("main").get_by_role("link", name="去补正")).to_have_count(0)


def nothing_else_is_open(at: Visitor) -> None:
    """Another section turns the person back with a sentence; the other materials have no way to upload."""
    base = at.page.url.removesuffix("correct/")
    at.go_to(f"{base}schooling/")
    at.see("这次补正不涉及“填写学历学位”")
    at.go_to(f"{base}materials/")
    expect(at.page.locator("main input[type=file]")).to_have_count(1)
    expect(at.page.locator("#m2 input[type=file]")).to_have_count(1)
    expect(at.page.locator("#m1")).to_contain_text("这一项没有被退回，不用改。")


def replace_material(at: Visitor, who: Character, house: House) -> None:
    expect(at.page.locator("#m2")).to_contain_text(BLURRED)
    for summary in at.page.locator("#m2 summary", has_text="换一份").all():
        summary.click()
    at.upload("2", "重新扫描.pdf", newcomer.paper(house, who, "2"))
    at.page.locator("#m2 .file-name", has_text="重新扫描.pdf").wait_for()
