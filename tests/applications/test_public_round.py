"""What the public is told of a round: medians, and no number that could point to a person."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client

from chuding.applications.models import Application
from chuding.applications.public_statistics import Row, Stage, held_back, statistics_of
from chuding.applications.views import public_round
from chuding.applications.workflow import State
from stage import NOW
from stage import Stage as Town


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([0, 5, 12], [0, 5, 12]),
        ([3, 9, 12], [None, None, 12]),  # one alone would follow from the total
        ([3, 4, 12], [None, None, 12]),
        ([0, 4, 0], [0, None, 0]),
        ([], []),
    ],
)
def test_small_numbers_are_held_back_and_none_alone(numbers: list[int], told: list[int | None]) -> None:
    assert held_back(numbers) == told


def made(stage: Town, count: int, days: float) -> None:
    """Some files that were accepted so many days after they were handed in, in copies of one."""
    file = stage.file_at(State.REVIEWING)
    Application.objects.exclude(pk=file.pk).delete()
    rows = []
    for number in range(count - 1):
        copy = Application.objects.get(pk=file.pk)
        copy.pk, copy.ref, copy.number = None, f"copy-{number}", f"C{number}"
        copy.identity_index, copy.applicant = f"x{number}", stage.person("甲", f"1350000{number:04d}")
        copy.state = State.WITHDRAWN
        rows.append(copy)
    Application.objects.bulk_create(rows)
    for place, each in enumerate(Application.objects.order_by("id")):
        each.submitted_at = NOW - timedelta(days=40)
        each.accepted_at = each.submitted_at + timedelta(days=days + place)
        each.save(update_fields=["submitted_at", "accepted_at"])


@pytest.mark.django_db
def test_median_of_five_files_is_told_and_of_four_is_not(stage: Town) -> None:
    made(stage, 5, 2)
    notice = stage.town.notice
    assert statistics_of(notice).stages[:2] == (Stage("accepted", 4.0, 5), Stage("reviewed", None, None))
    Application.objects.order_by("id").last().delete()  # type: ignore[union-attr]
    assert statistics_of(notice).stages[0] == Stage("accepted", None, None)


@pytest.mark.django_db
def test_numbers_are_told_by_level(stage: Town) -> None:
    made(stage, 5, 2)
    rows = {row.name: row for row in statistics_of(stage.town.notice).levels}
    assert rows["助理级"] == Row("助理级", (5, None, 0, 0))
    assert rows["中级"] == Row("中级", (0, 0, 0, 0))


@pytest.mark.django_db
def test_page_shows_the_medians_and_is_reached_from_every_foot(
    client: Client, stage: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    made(stage, 5, 2)
    page = client.get("/statistics/").content.decode()
    assert 'data-label="中位数（天）">4.0</td>' in page
    assert page.count("件数太少，不公布") == 4
    asked = SimpleNamespace(count=0)
    monkeypatch.setattr(public_round, "statistics_of", lambda _: asked)
    assert client.get("/statistics/").status_code == 200  # kept, not counted again
    foot = client.get("/").content.decode().partition("<footer")[2]
    for address in ("/guide/", "/catalogue/", "/notices/", "/statistics/", "/verify/"):
        assert f'href="{address}"' in foot


@pytest.mark.django_db
def test_notices_lists_what_is_in_force_and_shows_its_text(client: Client, stage: Town) -> None:
    page = client.get("/notices/").content.decode()
    assert stage.town.notice.title in page
    assert client.get("/notices/no-such/").status_code == 404
