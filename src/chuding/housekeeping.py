"""What the worker does every night by itself: forget what is over, sweep what a crash left, sign what must stay fresh."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_tasks import task

from chuding.accounts.housekeeping import forget_old
from chuding.applications.services.agreed_texts import ask_for_ratings, tell_of_next_round
from chuding.applications.services.eligible import reckon_rosters, tell_who_may_apply
from chuding.applications.services.nudging import remind_units
from chuding.applications.services.photos import forget_old_photos
from chuding.applications.services.reminders import send_reminders
from chuding.applications.services.staff import forget_imports
from chuding.applications.services.unsaved import forget_unsaved
from chuding.applications.services.verdict_pages import forget_pages
from chuding.certificates.archiving import renew_archives
from chuding.certificates.sealing import seal_what_is_left
from chuding.certificates.statuses import renew_status_lists
from chuding.decisions.services.issuing import sweep_all
from chuding.jobs.backend import enqueue_once
from chuding.jobs.leases import forget
from chuding.ledger.verify import write_checkpoint
from chuding.messages.services import forget_texts
from chuding.notices.shelf import current
from chuding.storage.clock import SHANGHAI, now
from chuding.storage.files import store
from chuding.storage.planner import tell_planner

# Done jobs are kept for questions of the next days; an upload that was never kept is over after a day.
JOBS_KEPT = timedelta(days=30)
UPLOADS_KEPT = timedelta(days=1)
# A code's text was wiped when it was sent; whom it went to is kept as long as the table of delivered texts looks back.
CODES_KEPT = timedelta(days=31)
HOUR = 3


@task()
def nightly(day: str) -> dict[str, int | str]:
    """Do it once for this day and book the next night; a second call for the same day changes nothing more."""
    at = now()
    done: dict[str, int | str] = {
        "day": day,
        "codes": forget_old(at=at),
        "rosters": forget_imports(at=at),
        "unsaved": forget_unsaved(at=at),
        "verdicts": forget_pages(at=at),
        "photos": forget_old_photos(at=at),
        "reminders": send_reminders(at=at),
        "units": remind_units(at=at),
        "ratings": ask_for_ratings(at=at),
        "rounds": tell_of_next_round(at=at),
        "texts": forget_texts(template="code", before=at - CODES_KEPT),
        "reckoned": reckon_rosters(notice=current(at), at=at),
        "eligible": tell_who_may_apply(notice=current(at), at=at),
        "jobs": forget(before=at - JOBS_KEPT),
        "uploads": store().sweep(at - UPLOADS_KEPT),
        "papers": sweep_all(),
    }
    tell_planner()
    checkpoint = write_checkpoint(at=at)
    done["ledger"] = checkpoint.size
    # A job of its own: where the signing key is away, the rest of the night still holds.
    renew_status_lists.enqueue()
    renew_archives.enqueue()
    seal_what_is_left.enqueue()
    book_next(at)
    return done


def book_next(at: datetime) -> None:
    """Book the coming night; the key holds it to one, however many processes ask."""
    night = at.astimezone(SHANGHAI).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night <= at:
        night += timedelta(days=1)
    day = night.date().isoformat()
    enqueue_once(nightly.using(run_after=night), key=f"nightly:{day}", day=day)
