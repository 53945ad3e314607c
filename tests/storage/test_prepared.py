"""Prepared questions answer as the queryset they were built from, whatever stands in their slots."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import BigIntegerField, Count, DateTimeField, IntegerField, Q, TextField, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuding.accounts.models import OfficeRole
from chuding.jobs.models import Job
from chuding.storage.prepared import Prepared, Slot
from chuding.storage.together import Together
from stage import NOW

AFTER = Prepared(
    lambda: (
        Job.objects.filter(Q(enqueued_at__gt=Slot("moment", DateTimeField())) | Q(task=Slot("task", TextField())))
        .annotate(doubled=Slot("more", IntegerField()))
        .order_by("id")
    )
)
BY_TASK = Prepared(
    lambda: (
        Job.objects.filter(priority__gte=Slot("least", IntegerField()))
        .order_by()
        .values_list("task")
        .annotate(n=Count("id"))
        .union(Job.objects.filter(task=Slot("task", TextField())).values_list(Value("named"), "priority"))
    )
)
DUTIES = Prepared(
    lambda: OfficeRole.objects.filter(person=Slot("person", BigIntegerField())).select_related("person").order_by("id")
)


def jobs(*names):
    for n, name in enumerate(names):
        Job.objects.create(task=name, arguments={"n": n}, priority=n, enqueued_at=NOW + timedelta(hours=n))


@pytest.mark.django_db
def test_prepared_question_answers_each_time_for_its_own_values():
    jobs("a", "b", "it's", "a")
    for moment, task in ((NOW, "a"), (NOW + timedelta(hours=2), "it's"), (NOW + timedelta(days=1), "none")):
        expected = Job.objects.filter(Q(enqueued_at__gt=moment) | Q(task=task)).order_by("id")
        found = AFTER(moment=moment, task=task, more=7)
        assert [(job.pk, job.enqueued_at, job.arguments, job.doubled) for job in found] == [
            (job.pk, job.enqueued_at, job.arguments, 7) for job in expected
        ]
    assert sorted(BY_TASK(least=1, task="b")) == [("a", 1), ("b", 1), ("it's", 1), ("named", 1)]
    assert sorted(BY_TASK(least=3, task="no one's")) == [("a", 1)]


@pytest.mark.django_db
def test_prepared_question_brings_what_it_is_joined_with_in_one_statement(stage):
    person = stage.li
    with CaptureQueriesContext(connection) as asked:
        held = DUTIES(person=person.pk)
        names = {row.person.display_name for row in held}
    assert (len(asked), names) == (1, {person.display_name})
    assert [row.pk for row in held] == [row.pk for row in OfficeRole.objects.filter(person=person).order_by("id")]
    assert DUTIES(person=stage.wang.pk) == []


@pytest.mark.django_db
def test_prepared_question_without_possible_answer_asks_nothing():
    never = Prepared(lambda: Job.objects.filter(pk__in=[], task=Slot("task", TextField())))
    with CaptureQueriesContext(connection) as asked:
        assert never(task="a") == []
    assert len(asked) == 0


@pytest.mark.django_db
def test_prepared_question_wants_a_value_for_every_slot():
    with pytest.raises(KeyError):
        AFTER(moment=timezone.now(), task="a")


@pytest.mark.django_db(transaction=True)
def test_prepared_question_is_asked_on_the_connection_of_its_own_thread():
    jobs("a")
    assert len(AFTER(moment=NOW, task="a", more=1)) == 1
    found = []

    def ask():
        found.append([job.task for job in AFTER(moment=NOW, task="a", more=1)])
        connection.close()

    other = threading.Thread(target=ask)
    other.start()
    other.join()
    assert found == [["a"]]


@pytest.mark.django_db
def test_prepared_parts_of_several_tables_come_in_one_statement(stage):
    jobs("a", "b")
    person = stage.li
    both = Together(
        lambda: [
            Job.objects.filter(priority__gte=Slot("least", IntegerField())),
            OfficeRole.objects.filter(person=Slot("person", BigIntegerField())),
        ]
    )
    both(least=0, person=person.pk)  # the first time SQLite is asked whether it knows JSON
    for least in (0, 1, 2):
        with CaptureQueriesContext(connection) as asked:
            found, duties = both(least=least, person=person.pk)
        assert len(asked) == 1
        assert [(job.task, job.enqueued_at) for job in found] == [
            (job.task, job.enqueued_at) for job in Job.objects.filter(priority__gte=least).order_by("id")
        ]
        assert duties == list(OfficeRole.objects.filter(person=person).order_by("id"))
