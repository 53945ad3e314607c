"""Pages on the way, which no link leads to: they fit a narrow phone and have nothing for axe to find, in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from passages import Passages

if TYPE_CHECKING:
    from visitor import House, Visitor

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site


def test_pages_on_the_way_fit_a_narrow_phone_and_pass_axe(house: House) -> None:
    seen: list[str] = []
    complaints: list[str] = []

    def look(at: Visitor, name: str) -> None:
        seen.append(name)
        for language in ("en", "zh-hans"):
            at.speak(language)
            complaints.extend(f"{name} in {language}: {fault}" for fault in at.faults())

    Passages(house, look).run()
    assert complaints == []
    assert len(seen) == len(set(seen)) >= 45
