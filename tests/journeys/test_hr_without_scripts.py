"""U9: a unit's clerk whose browser runs no scripts imports people, mends a cell, invites them and agrees to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import offices
import pytest
from roster_sheets import sheet, somebody

from chuding.applications.workflow import State
from chuding.demonstration.cast import characters

if TYPE_CHECKING:
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PEOPLE = [somebody(81), somebody(82), somebody(83, graduated_on="2022.6")]


def test_clerk_without_scripts_imports_people_invites_them_and_agrees_to_a_file(house: House) -> None:
    waiting = next(who for who in characters() if who.goal is State.EMPLOYER and who.unit == "machine")
    with house.officer(offices.SUN, script=False) as at:
        imported(at)
        invited(at)
        offices.endorse(at, waiting.name)
        at.go("/employer/")
        assert at.page.locator("main a", has_text=waiting.name).count() == 0


def imported(at: Visitor) -> None:
    """Three people, one of them with a date that is not one; it is mended on the page."""
    at.go("/employer/staff/import/")
    file = {"name": "名单.xlsx", "mimeType": XLSX, "buffer": sheet(PEOPLE)}
    at.page.locator("main input[type=file]").set_input_files(file)
    at.page.locator("main form button").last.click()
    at.headline("检查名单")
    at.see("可以导入 2 人，需要修改 1 人", "毕业日期")
    at.page.locator(".field-error input").first.fill("2022-06-20")
    at.press("保存修改，再检查一次")
    at.see("检查通过")
    at.press("导入全部 3 人")
    at.page.wait_for_load_state()


def invited(at: Visitor) -> None:
    """Two of the three, picked by their boxes."""
    at.go("/employer/staff/")
    for person in PEOPLE[:2]:
        at.tick(at.page.get_by_label(f"选择{person['full_name']}"))
    at.press("短信邀请勾选的人")
    rows = at.page.locator("main tbody tr")
    for person, word in zip(PEOPLE, ("已邀请", "已邀请", "未邀请"), strict=True):
        assert word in rows.filter(has_text=person["full_name"]).inner_text()
