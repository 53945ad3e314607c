"""The benchmarks that need a browser, in their smallest form: a reviewer's day of two files, an applicant's first pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import applicant
import pytest
import reviewer_day
from bars import Bars

if TYPE_CHECKING:
    from visitor import House

# `make soak`: they take a minute of the site's time and hold scripts of ours, no page.
pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("site")]


def test_reviewers_day_of_two_files(
    served: tuple[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, data = served
    monkeypatch.setattr(reviewer_day, "BACK_EVERY", 2)
    password = (data / "demonstration-password.txt").read_text(encoding="ascii").strip()
    day, beyond = reviewer_day.work(address, password, str(data), 2)
    assert list(day.intended.values()) == ["recheck", "correction"]
    assert (beyond["wrong"], beyond["unseen"]) == (0, 0)
    assert beyond["server"] > 0
    reviewer_day.report(day, beyond)
    assert "| keys to return | 4 | ≤ 4 | pass |" in capsys.readouterr().out


def test_applicants_first_pages_and_a_lost_browser(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    bars = Bars()
    applicant.pages(house, bars, ("/check/",))
    assert bars.missed == []
    assert applicant.losses(house, 1) == 0
    assert "U11 /check/, scripts" in capsys.readouterr().out
