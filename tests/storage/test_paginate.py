"""Keyset pages, over the job table because it has rows, times and ties."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from chuding.jobs.models import Job
from chuding.storage.paginate import keyset_page

START = datetime(2024, 7, 1, 2, tzinfo=UTC)
ORDERS = [
    ("enqueued_at", "id"),
    ("-enqueued_at", "-id"),
    ("-priority", "id"),
    ("priority", "-id"),
    ("id",),
    ("-id",),
]


def fill(ties):
    """One job for each element; equal elements are equal in both sortable columns."""
    Job.objects.bulk_create(
        Job(task="t", arguments={}, priority=tie, enqueued_at=START + timedelta(microseconds=tie)) for tie in ties
    )


def onwards(order, size, start=None):
    pages, after = [], start
    while True:
        page = keyset_page(Job.objects.all(), order=order, after=after, size=size)
        pages.append(page)
        if page.next is None:
            return pages
        after = page.next


class PagesTest(TestCase):
    @given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 5), st.sampled_from(ORDERS))
    def test_pages_onwards_and_back_show_every_row_once(self, ties, size, order):
        fill(ties)
        expected = list(Job.objects.order_by(*order))
        pages = onwards(order, size)
        assert [row for page in pages for row in page.rows] == expected
        assert all(len(page.rows) == size for page in pages[:-1])
        back = [keyset_page(Job.objects.all(), order=order, after=page.previous, size=size) for page in pages[1:]]
        assert [page.rows for page in back] == [page.rows for page in pages[:-1]]
        assert (pages[0].previous, pages[-1].next) == (None, None)


@pytest.mark.django_db
def test_page_before_a_short_beginning_is_the_whole_first_page():
    fill(range(7))
    order = ("enqueued_at", "id")
    second = onwards(order, 3)[1]
    Job.objects.order_by("id")[0].delete()
    page = keyset_page(Job.objects.all(), order=order, after=second.previous, size=3)
    assert ([row.priority for row in page.rows], page.previous) == ([1, 2, 3], None)


@pytest.mark.django_db
def test_place_that_has_run_empty_leads_to_the_first_page():
    fill(range(4))
    order = ("enqueued_at", "id")
    cursor = onwards(order, 3)[0].next
    Job.objects.filter(priority=3).delete()
    page = keyset_page(Job.objects.all(), order=order, after=cursor, size=3)
    assert [row.priority for row in page.rows] == [0, 1, 2]


def forged(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cursor",
    [
        None,
        "",
        "x",
        "����",
        "é" * 40,
        "A" * 5000,
        forged(),
        forged("enqueued_at,id"),
        forged("enqueued_at,id", False, "2024-07-01T02:00:00+00:00"),
        forged("enqueued_at,id", False, "tomorrow", "1"),
        forged("enqueued_at,id", False, "2024-13-01T02:00:00+00:00", "1"),
        forged("enqueued_at,id", False, "2024-07-01T02:00:00+00:00", "x"),
        forged("enqueued_at,id", False, None, None),
        forged("enqueued_at,id", False, {"a": 1}, [1]),
        forged("enqueued_at,id", False, "", ""),
        forged("-enqueued_at,-id", False, "2024-07-01T02:00:00.000002+00:00", "1"),
        forged("password,id", False, "a", "1"),
    ],
)
def test_bad_cursor_leads_to_the_first_page(cursor):
    fill(range(5))
    page = keyset_page(Job.objects.all(), order=("enqueued_at", "id"), after=cursor, size=2)
    assert ([row.priority for row in page.rows], page.previous) == ([0, 1], None)


@pytest.mark.django_db
def test_forged_place_beyond_every_number_is_a_place_like_any_other():
    fill(range(3))
    page = keyset_page(Job.objects.all(), order=("id",), after=forged("id", False, "9" * 30), size=2)
    assert [row.priority for row in page.rows] == [0, 1]


@pytest.mark.django_db
def test_forged_nul_in_a_text_leads_to_the_first_page():
    fill(range(3))
    page = keyset_page(Job.objects.all(), order=("task", "id"), after=forged("task,id", False, "a\0", "0"), size=2)
    assert ([row.priority for row in page.rows], page.previous) == ([0, 1], None)


@pytest.mark.django_db
def test_order_may_pass_through_a_relation():
    order = ("content_type__model", "id")
    first = keyset_page(Permission.objects.select_related("content_type"), order=order, after=None, size=7)
    second = keyset_page(Permission.objects.select_related("content_type"), order=order, after=first.next, size=7)
    assert [*first.rows, *second.rows] == list(Permission.objects.order_by(*order)[:14])


@pytest.mark.django_db
def test_page_costs_one_statement(django_assert_num_queries):
    fill(range(9))
    order = ("enqueued_at", "id")
    middle, last = onwards(order, 3)[1:]
    with django_assert_num_queries(1):
        keyset_page(Job.objects.all(), order=order, after=middle.next, size=3)
    with django_assert_num_queries(1):
        keyset_page(Job.objects.all(), order=order, after=last.previous, size=3)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan of a small table is SQLite's only here")
def test_condition_is_answered_from_the_index():
    fill(range(9))
    place = onwards(("-priority", "id"), 3)[0].next
    with connection.execute_wrapper(lambda run, sql, *rest: seen.append((sql, rest[0])) or run(sql, *rest)):
        seen = []
        keyset_page(Job.objects.filter(state="ready"), order=("-priority", "id"), after=place, size=3)
    ((sql, params),) = seen
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = [row[3] for row in cursor.fetchall()]
    assert plan == ["SEARCH jobs_job USING INDEX job_ready (state=? AND priority<?)"]
