"""The review list of pretalx with so many proposals in its table, for `size.py`: the same question asked of another desk.

    .venv-pretalx/bin/python benchmarks/pretalx_list.py COUNT

Runs in an environment of its own (requirements/pretalx.txt; pretalx is AGPL and comes near nothing that we ship), on the
database that PRETALX_DB_* name, SQLite without them. Medians of the whole request through Django's test client; on
PostgreSQL the backend's CPU is counted in. A page that takes more than a second is asked three times only.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROUNDS = 15
STATES = (("accepted", 0.90), ("rejected", 0.03), ("withdrawn", 0.02), ("submitted", 0.05))
BLOCK = 5000


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pretalx.settings")
    with tempfile.TemporaryDirectory(prefix="pretalx-data-") as folder:
        os.environ["PRETALX_DATA_DIR"] = folder
        os.environ.setdefault("PRETALX_DB_NAME", f"{folder}/db.sqlite3")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        settings.ALLOWED_HOSTS = ["*"]
        call_command("migrate", verbosity=0)
        event, person = conference()
        began = time.process_time()
        fill(event, count)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        print(
            f"\npretalx on {connection.vendor}: {count:,} proposals, filled in {time.process_time() - began:.0f} CPU s\n"
        )
        print("| page | CPU ms | of which in the database | statements |\n|---|---|---|---|")
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


def page(client: object, address: str) -> tuple[str, str, str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code, answer.headers.get("Location"))
    first = cost(client, address)
    rest = [cost(client, address) for _ in range(ROUNDS if sum(first) < 1000 else 2)]
    server = statistics.median(theirs for _, theirs in (first, *rest))
    said = f"{server:.1f}" if connection.vendor == "postgresql" else "in one process"
    return f"{statistics.median(sum(each) for each in (first, *rest)):,.1f}", said, str(len(asked))


def cost(client: object, address: str) -> tuple[float, float]:
    """CPU ms of one request in this process, and in PostgreSQL's backend (0 on SQLite)."""
    from django.db import connection

    connection.ensure_connection()
    process = int(connection.connection.info.backend_pid) if connection.vendor == "postgresql" else None
    server, start = clock(process), time.process_time_ns()
    client.get(address)
    return (time.process_time_ns() - start) / 1e6, (clock(process) - server) * 1e3


def clock(process: int | None) -> float:
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9 if process else 0.0


if __name__ == "__main__":
    main(int(sys.argv[1]))
