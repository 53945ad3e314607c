"""What the public is told of a round: medians, and no number that could point to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.utils import timezone

from chuding.applications.services.statistics import PUBLIC
from chuding.applications.views import public_round
from chuding.applications.workflow import State
from stage import NOW

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from stage import Stage as Town


@pytest.fixture
def a_file_on_its_way(stage: Town, settings: SettingsWrapper) -> None:
    """One file handed in in the year of the town's clock."""
    settings.CLOCK_OFFSET = NOW - timezone.now()
    cache.clear()
    stage.file_at(State.REVIEWING)


@pytest.mark.django_db
@pytest.mark.usefixtures("a_file_on_its_way")
def test_page_draws_the_round_and_is_reached_from_every_foot(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = client.get("/statistics/").content.decode()
    assert "2024年提交的申报" in page
    assert page.count("<figure") == len(PUBLIC)
    assert ">少于5</td>" in page
    monkeypatch.setattr(public_round, "Year", None)
    assert client.get("/statistics/").status_code == 200  # kept, not counted again
    foot = client.get("/").content.decode().partition("<footer")[2]
    for address in ("/guide/", "/catalogue/", "/notices/", "/statistics/", "/verify/"):
        assert f'href="{address}"' in foot


@pytest.mark.django_db
@pytest.mark.usefixtures("a_file_on_its_way")
def test_table_is_taken_along_as_coarse_as_it_is_shown(client: Client) -> None:
    table = client.get("/statistics/?csv=funnel").content.decode("utf-8-sig")
    assert "提交,少于5" in table
    assert client.get("/statistics/?csv=slow_employers").status_code == 404


@pytest.mark.django_db
def test_notices_lists_what_is_in_force_and_shows_its_text(client: Client, stage: Town) -> None:
    page = client.get("/notices/").content.decode()
    assert stage.town.notice.title in page
    assert client.get("/notices/no-such/").status_code == 404
