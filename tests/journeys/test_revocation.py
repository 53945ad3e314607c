"""Revocation takes two signers; then everybody who asks is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import offices
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

REASON = "经核实，学历证书编号与学校记录不一致。"


def test_revocation_by_two_signers_is_public_at_once(house: House) -> None:
    with house.officer(offices.WU) as first:
        name, number = a_valid_certificate(first)
        first.go(f"/decisions/revocations/?number={number}")
        expect(first.page.locator("#number")).to_have_value(number)
        first.page.locator("#clause").select_option("二(五)")
        first.page.locator("#reason").fill(REASON)
        first.press("提出撤销")
        first.see("等待另一位签发人确认", "您是提出人，请由另一位签发人确认")
        expect(first.page.get_by_role("button", name="确认撤销")).to_have_count(0)
    with house.visitor() as stranger:
        ask(stranger, name, number)
        stranger.headline("有效")
        with house.officer(offices.ZHENG) as second:
            second.go("/decisions/revocations/")
            proposal = second.page.locator("main section", has_text=number)
            expect(proposal).to_contain_text(REASON)
            proposal.get_by_role("button", name="确认撤销").click()
            second.headline("请确认是您本人")
            second.confirm_with(offices.ZHENG)
            second.press("确认撤销证书")
            second.see("证书已撤销，并已通知本人")
        ask(stranger, name, number)
        stranger.headline("已撤销")
        stranger.see("不再有效", "撤销日期", "2024年9月")
        expect(stranger.page.locator("main .panel")).not_to_contain_text(name)


def a_valid_certificate(at: Visitor) -> tuple[str, str]:
    """Holder and number of one on the association's oldest document in town."""
    at.go("/decisions/")
    at.headline("发文")
    documents = at.page.get_by_role("region", name="已发文")
    documents.locator("tbody tr").last.locator("a").first.click()
    row = at.page.locator("main tbody tr").filter(has=at.page.get_by_role("link", name="撤销")).first
    name = row.locator("th").inner_text().split()[0]
    return name, row.locator("[data-label=证书编号] .number").inner_text().strip()


def ask(at: Visitor, name: str, number: str) -> None:
    at.go("/verify/")
    at.fill(name=name, number=number)
    at.press("核对")
