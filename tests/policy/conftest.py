"""The notice, and a person whom no gate stops."""

from typing import Any

import pytest

from chuding.policy.notice import Notice, load_notice


@pytest.fixture(scope="session")
def notice() -> Notice:
    return load_notice("zhenjiang-2024-1")


@pytest.fixture
def person() -> dict[str, Any]:
    """孙: a bachelor of 2021, at work in an enterprise since; everything known."""
    return {
        "filed_on": "2024-07-01",
        "specialty": "电力工程/电气工程/电气工程",
        "identity": "mainland",
        "permit": "none",
        "works_in_jurisdiction": True,
        "engagement": "employment_contract",
        "civil_servant": False,
        "retired_on": "never",
        "sanctions": [],
        "credentials": [{"kind": "本科", "awarded_on": "2021-06-20", "field_matches": True}],
        "work": [{"from": "2021-07-01", "to": None}],
        "assessed_fit": True,
        "established_post": False,
        "established_post_since": None,
        "social_insurance_found": True,
    }
