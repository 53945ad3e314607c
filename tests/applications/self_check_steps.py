"""A visitor's way through the self-check, one question a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

GOOD: dict[str, dict[str, str]] = {
    "work-place": {"work_place": "contract"},
    "standing": {"standing": "none"},
    "sanction": {"sanction": "no"},
    "document": {"document": "resident_id"},
    "schooling": {"schooling": "本科", "degree": "学士"},
    "graduated": {"graduated_on_0": "2022", "graduated_on_1": "6", "graduated_on_2": "20"},
    "started": {"started_on_0": "2022", "started_on_1": "7", "started_on_2": "1"},
    "assessed": {"assessed_fit": "yes"},
    "specialty": {"specialty": "电力工程/电气工程/电气工程"},
}


def day(name: str, text: str) -> dict[str, str]:
    """The boxes of a date."""
    return {f"{name}_{place}": part for place, part in enumerate(text.split("-"))}


def walk(client: Client, **changes: dict[str, str]) -> Any:
    """Answer page after page as the site leads; `changes` name a page (work_place for work-place). The last page."""
    answers = GOOD | {key.replace("_", "-"): given for key, given in changes.items()}
    url = "/check/"
    for _ in range(20):
        page = "work-place" if url == "/check/" else url.split("/")[2]
        if page == "result":
            return client.get(url)
        response = client.post(url, answers[page])
        if response.status_code != 302:
            return response
        url = response.url
    raise AssertionError("the questions have no end")
