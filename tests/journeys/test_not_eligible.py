"""People who cannot apply, or not yet: the result names the condition, the clause and, where there is one, the day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import newcomer
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from visitor import House

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

CASES = {
    "a civil servant": ({"standing": "civil_servant"}, {}, "不是公务员", "一(三)", ""),
    "a pensioner": ({"standing": "retired"}, {}, "没有离退休", "一(三)", ""),
    "somebody under sanction": (
        {"sanction": "yes"}, {"sanction_until": date(2025, 3, 31)}, "影响期", "一(三)", "2025年3月31日",
    ),
    "a ship's technician": ({"specialty": "船舶"}, {}, "全国统一考试", "四(一)", ""),
    "half a year short": ({}, {"started_on": date(2024, 3, 18)}, "见习满1年", "二(二)", "2025年3月18日"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_not_eligible_result_says_why_with_the_clause_and_the_earliest_day(house: House, case: str) -> None:
    answers, days, words, clause, earliest = CASES[case]
    who = newcomer.newcomer("沈见山", "19955502001", 902)
    with house.visitor(script=False) as at:
        at.go("/check/")
        newcomer.answer_self_check(at, who, **answers, **days)
        expect(at.page.locator("main .verdict-yes")).to_have_count(0)
        verdict = at.page.locator("main .verdict-no", has_text="助理级")
        expect(verdict.locator("h2, h3")).to_contain_text("还不能申报：助理级")
        # What every level asks stands once, below the levels.
        everyones = at.page.locator("main .condition-unmet:not(.verdict-no *)", has_text=words)
        unmet = verdict.locator(".condition-unmet", has_text=words).or_(everyones).first
        expect(unmet).to_contain_text("不符合")
        # A sentence that two conditions of a level come from is quoted once.
        cited = unmet.locator("a.clause", has_text=clause).or_(verdict.locator("a.clause", has_text=clause))
        expect(cited.first).to_be_visible()
        said = verdict.locator(".verdict-head")
        if earliest:
            expect(said).to_contain_text(f"最早可于 {earliest} 申报")
        else:
            expect(said).not_to_contain_text("最早")
        if "specialty" in answers:
            at.see("请参加该专业的全国统一考试，成绩合格即取得相应层级的职称", "船舶与海洋工程")
