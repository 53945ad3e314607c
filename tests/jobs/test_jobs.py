"""Enqueuing, running, failing and giving up, in the test's own process."""

from datetime import UTC, datetime, timedelta

import pytest
import samples
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, default_task_backend, task
from django_tasks.exceptions import InvalidTaskError, TaskResultDoesNotExist

from chuding.jobs import leases
from chuding.jobs.backend import enqueue_once
from chuding.jobs.leases import BACKOFF, claim, finish, recover, renew, revive
from chuding.jobs.models import Job, JobState
from chuding.jobs.worker import run_pending

pytestmark = pytest.mark.django_db
LEASE = timedelta(minutes=1)


def the_job():
    return Job.objects.get()


def test_job_is_done_and_its_result_kept(run_jobs):
    result = samples.note.enqueue("a")
    before = samples.note.get_result(result.id)
    assert (before.status, before.kwargs, before.args, before.attempts) == (TaskResultStatus.READY, {}, ["a"], 0)
    assert (run_jobs(), samples.CALLS) == (1, ["a"])
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == (TaskResultStatus.SUCCESSFUL, {"noted": "a"}, 1)
    assert run_jobs() == 0


def test_job_enqueued_by_a_job_runs_too(run_jobs):
    samples.note_and_enqueue.enqueue(what="a")
    assert (run_jobs(), samples.CALLS) == (2, ["a", "a, then"])


def test_most_urgent_runs_first_and_then_the_oldest(run_jobs):
    for what, priority in (("a", 0), ("b", 10), ("c", 0), ("d", -5), ("e", 10)):
        samples.note.using(priority=priority).enqueue(what)
    run_jobs()
    assert samples.CALLS == ["b", "e", "a", "c", "d"]


def test_job_put_off_waits_for_its_time(run_jobs, at):
    later = samples.note.using(run_after=at + timedelta(minutes=5)).enqueue("later")
    assert later.task.run_after == at + timedelta(minutes=5)
    assert (run_jobs(at + timedelta(minutes=5, microseconds=-1)), run_jobs(at + timedelta(minutes=5))) == (0, 1)


def test_failed_job_is_put_off_longer_each_time_and_then_given_up(run_jobs, at):
    samples.fail.enqueue("电话号码无效")
    seen = []
    for number in range(5):
        assert run_jobs(at) == 1
        job = the_job()
        seen.append((job.state, job.attempts, job.run_at - at if number < 4 else None))
        at = job.run_at
    assert seen == [*[("ready", number, wait) for number, wait in enumerate(BACKOFF, 1)], ("dead", 5, None)]
    assert (run_jobs(at + timedelta(days=400)), len(samples.CALLS)) == (0, 5)
    assert job.error.splitlines()[0] == "builtins.RuntimeError"
    assert job.error.splitlines()[-1] == "RuntimeError: 电话号码无效"
    result = samples.fail.get_result(str(job.pk))
    assert (result.status, result.errors[0].exception_class) == (TaskResultStatus.FAILED, RuntimeError)


def test_failed_job_does_not_hold_up_the_others(run_jobs):
    samples.fail.using(priority=5).enqueue("x")
    samples.note.enqueue("a")
    assert (run_jobs(), samples.CALLS) == (2, ["x", "a"])


def test_job_that_breaks_a_constraint_spoils_nothing_around_it(run_jobs):
    samples.break_a_constraint.enqueue()
    samples.note.enqueue("a")
    assert (run_jobs(), samples.CALLS) == (2, ["a"])
    assert Job.objects.order_by("id")[0].error.splitlines()[0] == "django.db.utils.IntegrityError"


def test_dead_job_can_be_revived(run_jobs, at):
    samples.fail.enqueue("x")
    Job.objects.update(attempts=4)
    run_jobs()
    assert (revive(the_job().pk), revive(the_job().pk)) == (True, False)
    assert (the_job().state, the_job().attempts, run_jobs()) == ("ready", 0, 1)


def test_task_that_no_longer_exists_is_kept_as_an_error(run_jobs):
    samples.note.enqueue("a")
    Job.objects.update(task="samples.renamed")
    assert (run_jobs(), the_job().state, the_job().error.splitlines()[0]) == (1, "ready", "builtins.ImportError")


def test_result_that_is_no_json_is_an_error(run_jobs):
    samples.give_back_an_object.enqueue()
    run_jobs()
    assert the_job().error.splitlines()[0] == "builtins.TypeError"


def test_argument_that_is_no_json_is_refused_at_once():
    with pytest.raises(TypeError):
        samples.note.enqueue(datetime(2024, 7, 1, tzinfo=UTC))
    assert Job.objects.count() == 0


def test_task_is_told_which_attempt_it_is(run_jobs, at):
    samples.tell_attempt.enqueue()
    for _ in range(3):
        run_jobs(at)
        at += timedelta(hours=1)
    assert (samples.CALLS, the_job().state) == ([1, 2, 3], "done")


def test_same_key_enqueues_once_for_ever(run_jobs):
    first = enqueue_once(samples.note, key="sms:1", what="a")
    again = enqueue_once(samples.note, key="sms:1", what="b")
    other = enqueue_once(samples.note, key="sms:2", what="c")
    run_jobs()
    after = enqueue_once(samples.note, key="sms:1", what="d")
    assert (samples.CALLS, again.id, after.id, after.status) == (["a", "c"], first.id, first.id, "SUCCESSFUL")
    assert other.id != first.id


@pytest.mark.django_db(transaction=True)
def test_job_vanishes_with_the_act_that_failed():
    def act():
        with transaction.atomic():
            samples.note.enqueue("a")
            enqueue_once(samples.note, key="k", what="b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert Job.objects.count() == 0


def test_result_of_an_unknown_job_is_refused():
    for number in ("1", "x", "", "-1", "٣"):
        with pytest.raises(TaskResultDoesNotExist):
            default_task_backend.get_result(number)


def test_coroutine_is_refused_as_a_task():
    async def later():
        pass

    later.__qualname__ = "later"
    with pytest.raises(InvalidTaskError, match="async"):
        task()(later)


def test_claimed_job_is_given_to_nobody_else(at):
    samples.note.enqueue("a")
    job = claim("one", at=at, lease=LEASE)
    assert (job.worker, job.state, job.attempts, claim("two", at=at, lease=LEASE)) == ("one", "running", 1, None)
    assert timedelta(0) < job.lease_until - timezone.now() <= LEASE


def test_expired_lease_is_picked_up_and_the_first_worker_changes_nothing_any_more(at):
    samples.note.enqueue("a")
    first = claim("one", at=at, lease=timedelta(seconds=-1))
    assert (recover(at=at), recover(at=at)) == (1, 0)
    second = claim("two", at=at, lease=LEASE)
    assert (finish(first, result=1, at=at), renew(first, lease=LEASE)) == (False, False)
    assert leases.fail(first, error="late", at=at) is None
    assert (second.attempts, the_job().state, the_job().worker, the_job().error) == (2, "running", "two", "")
    assert (finish(second, result=2, at=at), the_job().state, the_job().result) == (True, "done", 2)


def test_lease_that_still_runs_is_left_alone(at):
    samples.note.enqueue("a")
    claim("one", at=at, lease=LEASE)
    assert (recover(at=at), run_pending(at)) == (0, 0)


def test_job_that_outlives_five_workers_is_given_up(at):
    samples.note.enqueue("a")
    for _ in range(5):
        assert claim("w", at=at, lease=timedelta(seconds=-1)) is not None
        recover(at=at)
    assert (the_job().state, the_job().attempts, run_pending(at)) == (JobState.DEAD, 5, 0)
    result = default_task_backend.get_result(str(the_job().pk))
    assert result.errors[0].exception_class is leases.WorkerLost


def test_error_with_a_nul_and_of_any_length_is_kept(run_jobs):
    samples.fail.enqueue("a" + chr(0x2028) + "\x01" + "b" * 20000)
    run_jobs()
    assert (the_job().state, len(the_job().error)) == ("ready", leases.ERROR_LENGTH)
    claimed = claim("one", at=datetime(2030, 1, 1, tzinfo=UTC), lease=LEASE)
    leases.fail(claimed, error="a\0b", at=datetime(2030, 1, 1, tzinfo=UTC))
    assert the_job().error == "a�b"


def test_forget_removes_what_was_done_long_ago_and_nothing_else(run_jobs, at):
    samples.note.enqueue("old")
    run_jobs(at - timedelta(days=31))
    samples.note.enqueue("new")
    run_jobs(at)
    samples.note.enqueue("waiting")
    assert leases.forget(before=at - timedelta(days=30)) == 1
    assert [job.arguments["args"] for job in Job.objects.order_by("id")] == [["new"], ["waiting"]]


def test_claim_takes_one_job_whatever_the_planner_thinks(db):
    """PostgreSQL once ran the choosing subquery a row at a time and took several jobs, of which one was worked on."""
    samples.note.enqueue("first")
    done = {
        "task": "samples.note",
        "arguments": {"args": [], "kwargs": {}},
        "state": "done",
        "enqueued_at": timezone.now(),
    }
    Job.objects.bulk_create([Job(**done) for _ in range(400)])
    for what in "abcd":
        samples.note.enqueue(what)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
            for plan in ("hashjoin", "mergejoin", "hashagg"):
                cursor.execute(f"SET LOCAL enable_{plan} = off")
    claimed = claim("somebody", at=timezone.now(), lease=LEASE)
    assert claimed is not None
    assert Job.objects.filter(state="running").count() == 1
