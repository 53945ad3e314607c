"""The review list of pretalx with so many proposals in its table, for `size.py`: the same question asked of another desk.

    .venv/bin/python benchmarks/pretalx_list.py COUNT

Runs in an environment of its own below the cache folder, made from requirements/pretalx.txt when it is first needed (pretalx
is AGPL and comes near nothing that we ship), on SQLite. Medians of the whole request through Django's test client, CPU time of the process; the
first visit is not counted. Rows are made in bulk: one by one each would also be logged, slugged and mailed about.

Its review list groups, counts and sorts every proposal of the event for each page (medians of all scores, then 250 rows with
their reviews, speakers and answers), so the cost grows with the table: ten thousand are what a run waits for, not a million.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

OTHERS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chuding" / "pretalx"
ROUNDS, SLOW_MS = 15, 1000
STATES = (("accepted", 0.90), ("rejected", 0.03), ("withdrawn", 0.02), ("submitted", 0.05))
BLOCK = 5000


def run(count: int) -> int:
    """Make the environment where it is not there yet, and measure in it."""
    from run import prepare

    python = prepare(OTHERS, ["pretalx.txt"])
    return subprocess.run([python, __file__, "--inside", str(count)], check=False).returncode


def inside(count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "pretalx.settings"
    with tempfile.TemporaryDirectory(prefix="pretalx-data-") as folder:
        os.environ |= {"PRETALX_DATA_DIR": folder, "PRETALX_DB_NAME": f"{folder}/db.sqlite3"}
        import django
        from django.conf import settings
        from django.core.management import call_command

        # What its `rebuild` would do with node, and 400 migrations of an empty database, are no part of a page.
        settings.VITE_DEV_MODE = True
        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.MIGRATION_MODULES = {app.rpartition(".")[2]: None for app in settings.INSTALLED_APPS}
        settings.ALLOWED_HOSTS = ["*"]
        django.setup()
        call_command("migrate", verbosity=0, run_syncdb=True)
        event, person = conference()
        began = time.process_time()
        fill(event, count)
        seconds = time.process_time() - began
        print(
            f"\npretalx on sqlite: {count:,} proposals, filled in {seconds:.0f} CPU s, load {os.getloadavg()[0]:.1f}\n"
        )
        print("| page | CPU ms | statements |\n|---|---|---|")
        ask(event, person)


def conference():
    """One event in review, with its organiser's administrator."""
    from django.utils.timezone import now
    from django_scopes import scope, scopes_disabled
    from pretalx.event.models import Event
    from pretalx.event.utils import create_organiser_with_team
    from pretalx.person.models import User

    with scopes_disabled():
        person = User.objects.create_user(email="a@example.org", password="a-long-password-of-nobody", name="A")
        person.is_administrator = True
        person.save()
        organiser, team = create_organiser_with_team(name="O", slug="o", users=[person])
        start = (now() + timedelta(days=25)).date()
        event = Event.objects.create(
            name="E", slug="e", organiser=organiser, is_public=True, date_from=start, date_to=start,
            timezone="Asia/Shanghai", email="e@example.org", locale_array="en", locale="en",
        )  # fmt: skip
    with scope(event=event):
        event.build_initial_data()
        team.limit_events.add(event)
    return event, person


def fill(event: object, count: int) -> None:
    """Proposals with one speaker each and a review for every second one, straight into the tables."""
    from django_scopes import scope
    from pretalx.person.models import User
    from pretalx.submission.models import Review, Submission

    dice, names, shares = random.Random(7), [name for name, _ in STATES], [share for _, share in STATES]
    with scope(event=event):
        kind, reviewer = event.submission_types.first(), User.objects.get(email="a@example.org")
        through = Submission.speakers.through
        field = next(f.name for f in through._meta.fields if f.is_relation and f.related_model is not Submission)
        for first in range(0, count, BLOCK):
            numbers = range(first, min(first + BLOCK, count))
            users = User.objects.bulk_create(
                [User(name=f"Speaker {n}", email=f"s{n}@example.org", code=f"U{n:08d}", password="!") for n in numbers]
            )
            held = Submission.objects.bulk_create(
                [
                    Submission(
                        event=event, code=f"S{n:08d}", title=f"Proposal {n}", submission_type=kind,
                        state=dice.choices(names, shares)[0], abstract="An abstract.", content_locale="en",
                    )
                    for n in numbers
                ]
            )  # fmt: skip
            people = users if field == "user" else speakers_of(event, users)
            through.objects.bulk_create(
                [through(**{"submission": s, field: p}) for s, p in zip(held, people, strict=True)]
            )
            Review.objects.bulk_create(
                [Review(submission=s, user=reviewer, text="Fine.", score=dice.randint(0, 1)) for s in held[::2]]
            )


def speakers_of(event: object, users: list[object]) -> list[object]:
    """Newer versions hang proposals on a profile of the event."""
    from pretalx.person.models import SpeakerProfile

    return SpeakerProfile.objects.bulk_create([SpeakerProfile(event=event, user=user) for user in users])


def ask(event: object, person: object) -> None:
    from django.test import Client
    from django_scopes import scope

    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    with scope(event=event):
        code = event.submissions.filter(state="submitted").order_by("pk").last().code
    for title, address in (
        ("review list", f"/orga/event/{event.slug}/reviews/"),
        ("review list, page 2", f"/orga/event/{event.slug}/reviews/?page=2"),
        ("proposals, searched", f"/orga/event/{event.slug}/submissions/?q=S{1:08d}"),
        ("a proposal", f"/orga/event/{event.slug}/submissions/{code}/"),
        ("its review page", f"/orga/event/{event.slug}/submissions/{code}/reviews/"),
    ):
        print(f"| {title} | {' | '.join(page(client, address))} |", flush=True)


def page(client: object, address: str) -> tuple[str, str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code, answer.headers.get("Location"))
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
        statements = len(asked)
    first = cost(client, address)
    rest = [cost(client, address) for _ in range(ROUNDS if first < SLOW_MS else 2)]
    return f"{statistics.median((first, *rest)):,.1f}", str(statements)


def cost(client: object, address: str) -> float:
    """CPU ms of one request."""
    start = time.process_time_ns()
    client.get(address)
    return (time.process_time_ns() - start) / 1e6


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(int(sys.argv[2]))
    else:
        sys.exit(run(int(sys.argv[1])))
