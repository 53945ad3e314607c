"""Withdrawing, and beginning again with everything there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import newcomer
import pytest
from newcomer import Walk
from playwright.sync_api import expect

if TYPE_CHECKING:
    from visitor import House


pytestmark = pytest.mark.xdist_group("site")  # one process, so one site


def test_withdraw_and_start_again_finds_everything_filled_in(house: House) -> None:
    who = newcomer.newcomer("彭小园", "19955505001", 905)
    newcomer.insure(house, who)
    with house.visitor() as at:
        at.go("/applications/")
        at.sign_in(who.phone)
        at.consent()
        at.press("开始申报")
        walk = Walk(at, who, house)
        walk.five_sections()
        walk.materials()
        walk.commitment()
        number = walk.submitted()
        at.follow("查看进度")
        at.follow("撤回申报")
        at.headline("撤回这份申报？")
        at.see(number)
        at.fill(reason="想换一个专业")
        at.press("确认撤回")
        at.go("/applications/")
        at.see("已撤回")
        at.press("重新开始申报")
        at.see("已完成 6 / 7")  # the commitment is signed anew
        at.follow("核对身份信息")
        expect(at.page.locator("[name=full_name]")).to_have_value(who.name)
        expect(at.page.locator("[name=identity_number]")).to_have_value(who.identity["identity_number"])
        at.follow("返回任务清单")
        at.follow("上传材料")
        for code in "123":
            expect(at.page.locator(f"#m{code} .file-name")).to_have_text(f"材料{code}.pdf")
        at.follow("返回任务清单")
        walk.commitment()
        again = walk.submitted()
        assert again != number
        at.go("/applications/")
        at.see(again, number)
        expect(at.page.locator("main a.card", has_text=number)).to_contain_text("已撤回")
