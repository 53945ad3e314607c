"""What a draft is asked before it is published: the whole check, the difference to its base, the replay over files.

Each takes seconds or minutes and is a job. A result belongs to the content it was computed of, by digest.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django_tasks import task

from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.workflow import Declined
from chuding.notices.shelf import load
from chuding.policy.check import check_files
from chuding.policy.diff import difference, person_words
from chuding.policy.notice import read_notice
from chuding.policy.source import NoticeError
from chuding.publishing.models import ChangedFile, Draft, Run, RunKind, RunState
from chuding.publishing.replay import replay
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person

log = logging.getLogger(__name__)


@transaction.atomic
def ask(*, ref: str, kinds: tuple[RunKind, ...], by: Person, at: datetime) -> list[Run]:
    """Have these computed of the draft as it stands; what is known or under way already is not computed again.

    The replay is: files may have come in since.
    """
    draft = Draft.objects.select_for_update().get(ref=ref)
    if Role.ADMINISTRATOR not in roles_of(by):
        raise Declined("只有管理员可以检查和试算。")
    asked = []
    for kind in kinds:
        run, new = Run.objects.get_or_create(
            draft=draft, kind=kind, digest=draft.digest, defaults={"asked_by": by, "asked_at": at}
        )
        again = run.state == RunState.FAILED or (run.state == RunState.DONE and kind == RunKind.REPLAY)
        if not new and again:
            run.state, run.asked_by, run.asked_at, run.finished_at = RunState.WAITING, by, at, None
            run.progress = run.total = 0
            run.save()
        if new or again:
            carry_out.enqueue(run_id=run.pk)
        asked.append(run)
    return asked


@task()
def carry_out(run_id: int) -> str:
    """The worker's part."""
    return compute(run_id=run_id, at=now())


def compute(*, run_id: int, at: datetime) -> str:
    """Compute one run and keep its outcome; returns the state that it ended in. Computing it twice gives the same."""
    run = Run.objects.select_related("draft").filter(pk=run_id).first()
    if run is None or run.state == RunState.DONE:
        return ""
    draft = run.draft
    if run.digest != draft.digest:
        # The draft was changed meanwhile: nobody waits for this any more, and its files are gone.
        run.delete()
        return ""
    Run.objects.filter(pk=run_id).update(state=RunState.RUNNING)
    try:
        outcome = _COMPUTED[RunKind(run.kind)](run, draft)
        state = RunState.DONE
    except NoticeError as error:
        outcome, state = {"problems": [_problem(each) for each in error.problems]}, RunState.FAILED
    except Exception:
        log.exception("run %s (%s) of draft %s failed", run_id, run.kind, draft.ref)
        outcome, state = {}, RunState.FAILED
    Run.objects.filter(pk=run_id).update(state=state, outcome=outcome, finished_at=at)
    return str(state)


def _problem(problem: Any) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "message": problem.message}


def _check(_: Run, draft: Draft) -> dict[str, Any]:
    found = check_files(draft.content)
    return {"passed": found.passed, "problems": [_problem(each) for each in found.problems]}


def _difference(_: Run, draft: Draft) -> dict[str, Any]:
    found = difference(load(draft.base_id, draft.base_digest), read_notice(draft.content))
    flips = [
        {
            "words": str(flip),
            "level": flip.level.value,
            "kind": flip.kind,
            "before": flip.before,
            "after": flip.after,
            "people": flip.people,
            "clauses": [list(labels) for labels in flip.clauses],
            "witness": person_words(flip.witness),
        }
        for flip in found.flips
    ]
    changes = {
        name: [{"where": each.where, "before": each.before, "after": each.after} for each in group]
        for name, group in (("clauses", found.clauses), ("rules", found.rules))
    }
    return {**changes, "flips": flips, "people": found.people}


def _replay(run: Run, draft: Draft) -> dict[str, Any]:
    kept = 0

    def tell(done: int, total: int) -> None:
        Run.objects.filter(pk=run.pk).update(progress=done, total=total)

    def keep(rows: list[dict[str, Any]]) -> None:
        nonlocal kept
        ChangedFile.objects.bulk_create(
            [ChangedFile(run=run, position=kept + n, **row) for n, row in enumerate(rows, 1)]
        )
        kept += len(rows)

    run.changed_files.all().delete()  # of the time before, or of a worker that did not come to the end
    return replay(load(draft.base_id, draft.base_digest), read_notice(draft.content), tell, keep)


_COMPUTED = {RunKind.CHECK: _check, RunKind.DIFFERENCE: _difference, RunKind.REPLAY: _replay}
