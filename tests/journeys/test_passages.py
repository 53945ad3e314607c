"""Pages on the way, which no link leads to: they fit a narrow phone and have nothing for axe to find, in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from passages import Passages

if TYPE_CHECKING:
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site


LANGUAGES = ("en", "zh-hans")


@pytest.mark.parametrize("languages", [1, pytest.param(2, marks=pytest.mark.soak)])
def test_pages_on_the_way_fit_a_narrow_phone_and_pass_axe(house: House, languages: int) -> None:
    """Each in one of the languages by turns; in the soak in both."""
    seen: list[str] = []
    complaints: list[str] = []

    def look(at: Visitor, name: str) -> None:
        seen.append(name)
        turn = len(seen) % 2
        for language in (*LANGUAGES[turn:], *LANGUAGES[:turn])[:languages]:
            at.speak(language)
            complaints.extend(f"{name} in {language}: {fault}" for fault in at.faults())

    Passages(house, look).run()
    assert complaints == []
    assert len(seen) == len(set(seen)) >= 45
