"""A notice at the desk: copied, its text changed, table, dates and catalogue after it, tried, and published by the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import offices
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

ANNEX = "电力工程\t动力工程\t动力工程"
#: What the new text says otherwise: before and after.
TEXT = (
    ("2024 年 12 月 10 日", "2024 年 12 月 20 日"),
    ("见习1年期满，经考核合格，可初定助理级职称", "见习2年期满，经考核合格，可初定助理级职称"),
    (ANNEX, f"{ANNEX}\n电力工程\t储能工程\t储能工程"),
)


def test_two_administrators_bring_a_correction_to_its_moment(house: House) -> None:
    """Other journeys share the site, so the version is withdrawn before it would rule them."""
    with house.officer(offices.CHU) as first:
        address = copied(first)
        the_new_text(first, address)
        dates_and_table(first, address)
        the_catalogue(first, address)
        the_failing_cases_follow(first, address)
        everything_is_computed(first, address)
        first.page.locator("#note").fill("截止延到12月20日；本科见习2年；增加储能工程。")
        first.press("提请发布")
        first.see("等待另一位管理员核对、发布", "您是提请人")
    with house.officer(offices.JIANG) as second:
        second.go(address)
        second.follow("核对并发布")
        second.see("件结论改变", "已经开始的申报仍按原来的版本")
        second.fill(day_0="2024", day_1="12", day_2="1", time="8:00")
        second.tick(second.page.locator("#id_sure"))
        second.confirm_with(offices.JIANG)
        second.page.get_by_role("button", name="发布", exact=True).click()
        second.see("已发布，到时自动生效", "已定时，未生效", "2024年12月1日")
        second.sound()
        second.page.locator("#reason").fill("再核对一遍附件")
        second.press("撤回")
        second.see("已撤回，到时不会生效")


def copied(at: Visitor) -> str:
    at.go("/publishing/")
    at.sound()
    at.follow("复制一份，开始起草")
    at.pick(kind="correct")
    at.press("复制")
    at.headline("草案 zhenjiang-2024-1")
    return at.page.url.removeprefix(at.address)


def the_new_text(at: Visitor, address: str) -> None:
    at.go(f"{address}files/notice.md/")
    text = at.page.locator("#text").input_value()
    for before, after in TEXT:
        assert text.count(before) == 1
        text = text.replace(before, after)
    at.page.locator("#text").fill(text)
    at.page.locator("button[value=save]").click()
    at.go(address)
    at.see("不是逐字见于二(二)", "不是逐字见于八", "去“初定条件表”修改")


def dates_and_table(at: Visitor, address: str) -> None:
    """The text beside the form says at once whether the words are its own."""
    at.go(f"{address}parts/windows/1/")
    at.fill(sentence="2024 年 3 月 20 日-2024 年 12 月 20 日", end_2="20")
    at.see("与原文一致")
    at.press("保存")
    at.see("已保存“申报期限”")
    at.go(f"{address}parts/rows/3/")
    sentence = at.page.locator("#id_sentence").input_value()
    at.see("不是逐字见于二(二)")
    at.fill(sentence=sentence.replace("见习1年", "见习2年"), probation="2年")
    at.see("与原文一致")
    at.sound()
    at.press("保存")
    at.see("已保存“初定条件表”", "2年")


def the_catalogue(at: Visitor, address: str) -> None:
    at.go(f"{address}files/catalogue.csv/")
    rows = at.page.locator("#text").input_value()
    at.go(f"{address}catalogue/")
    sheet = at.download("下载现在的目录（XLSX）")
    assert sheet.startswith(b"PK")
    at.page.locator("#file").set_input_files(
        {"name": "x.xlsx", "mimeType": "application/zip", "buffer": b"PK no sheet"}
    )
    at.press("上传，看看有什么不同")
    at.see("打不开")
    old, new = (text.replace("\t", ",") for text in TEXT[2])
    at.page.locator("#pasted").fill(rows.replace(old, new))
    at.page.get_by_role("button", name="看看有什么不同", exact=True).click()
    at.see("多 1 个，少 0 个", "+ 电力工程/储能工程/储能工程")
    at.press("换成新目录")
    at.see("与底稿相比，多 1 个，少 0 个")


def the_failing_cases_follow(at: Visitor, address: str) -> None:
    """The window's two cases move with it; the others are judged, and follow the draft."""
    at.go(f"{address}cases/")
    at.see("受理末日次日", "受理期内应当是“否”")
    at.sound()
    for name, day in (("“受理末日次日”", "2024-12-21"), ("“受理末日”", "2024-12-20")):
        if name == "“受理末日”":
            at.page.locator("main details summary").last.click()
        at.page.locator("main a.button", has_text=name).click()
        at.page.locator("#id_facts").fill(f"申报: {day}")
        at.press("保存")
        at.see("已保存这个例子")
    for _ in range(30):
        button = at.page.get_by_role("button", name="草案是对的，改例子").first
        if not button.count():
            break
        button.click()
        at.page.wait_for_load_state()
    at.see("个例子全部相符")


def everything_is_computed(at: Visitor, address: str) -> None:
    at.go(address)
    at.see("格式、原文、工作例都没有发现问题")
    at.press("全部算一遍")
    expect(at.page.locator("#runs")).to_contain_text("件结论改变", timeout=120_000)
    expect(at.page.locator("#runs")).not_to_contain_text("计算中", timeout=120_000)
    at.go(f"{address}difference/")
    at.see("二(二)", "储能工程", "谁的结论不同")
    at.sound()
    at.go(f"{address}replay/")
    at.see("所申报级别的结论改变", "谁得谁失")
    at.sound()
    at.go(address)
