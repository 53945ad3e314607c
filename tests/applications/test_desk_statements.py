"""What the desk's pages may ask of the database: at most 8 statements a list and 12 a file, whatever happened to it."""

from __future__ import annotations

import pytest
from desk_steps import judge_all, returned_and_mended, statements
from django.db import connection
from django.utils import timezone

from chuding.applications.reviewing.day import target
from chuding.applications.services import review, undoing
from chuding.applications.services.likenesses import find_likenesses, settle
from chuding.applications.services.remarks import write_note
from chuding.applications.workflow import State
from chuding.notices import shelf
from stage import NOW

LIST, FILE = 8, 12


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def plain(stage):
    return stage.file_at(State.REVIEWING)


def with_notes(stage):
    file = stage.file_at(State.REVIEWING)
    for text in ("先看了学历。", "单位的章很淡。"):
        write_note(ref=file.ref, text=text, by=stage.li, at=NOW)
    return file


def with_a_likeness(stage):
    file, other = stage.file_at(State.REVIEWING), stage.file_at(State.RECEIVED)
    copied = other.current_materials().get(code="2")
    file.current_materials().filter(code="2").update(file=copied.file)
    find_likenesses(file, at=NOW)
    return file


def with_notes_and_a_likeness(stage):
    file = with_a_likeness(stage)
    write_note(ref=file.ref, text="两份毕业证书是同一个文件。", by=stage.zhou, at=NOW)
    return file


def sent_back(stage):
    return stage.file_at(State.CORRECTION)


def with_everything(stage):
    file = returned_and_mended(stage)
    other = stage.file_at(State.RECEIVED)
    copied = other.current_materials().get(code="2")
    file.current_materials().filter(code="2").update(file=copied.file)
    find_likenesses(file, at=NOW)
    write_note(ref=file.ref, text="补正以后又看了一遍。", by=stage.li, at=NOW)
    return file


STORIES = [
    plain,
    with_notes,
    with_a_likeness,
    with_notes_and_a_likeness,
    sent_back,
    returned_and_mended,
    with_everything,
]


@pytest.mark.parametrize("story", STORIES)
def test_file_page_stays_within_its_statements(stage, client, run_jobs, story):
    file = story(stage)
    run_jobs(NOW)  # the scans are read, too
    client.force_login(stage.li)
    assert connection.features.supports_json_field  # what a process asks of its database once
    shelf._TIMELINE.read_at = None  # nor which notice is in force
    first, page = statements(client, f"/desk/{file.ref}/")
    again, _ = statements(client, f"/desk/{file.ref}/")
    assert page.status_code == 200
    assert (first <= FILE, again <= FILE) == (True, True), (first, again)
    assert "件，目标" in page.content.decode() or page.context["mine"] is False


def test_file_page_shows_all_that_stands_beside_a_file_as_its_tables_have_it(stage, client):
    """What is fetched together is what each table gives by itself, dates, encrypted words and JSON included."""
    file = with_everything(stage)
    client.force_login(stage.li)
    shown = client.get(f"/desk/{file.ref}/").context["application"]
    for name in ("assessments", "educations", "spells", "corrections", "notes", "likenesses"):
        rows = list(getattr(file, name).order_by("pk"))
        fetched = list(getattr(shown, name).all())
        columns = [field.attname for field in rows[0]._meta.concrete_fields]
        assert [[getattr(row, each) for each in columns] for row in fetched] == [
            [getattr(row, each) for each in columns] for row in rows
        ]
    assert [note.by_name for note in shown.notes.all()] == [stage.li.display_name]
    assert [(each.code, each.other_number != file.number) for each in shown.likenesses.all()] == [("2", True)]


def test_decided_likeness_is_told_with_the_name_of_who_decided(stage, client):
    file = with_a_likeness(stage)
    held = file.likenesses.get()
    settle(ref=file.ref, likeness_id=held.pk, same=False, reason="姓名不同", by=stage.li, at=NOW)
    client.force_login(stage.li)
    assert f"{stage.li.display_name}：姓名不同" in client.get(f"/desk/{file.ref}/").content.decode()


def test_queue_and_file_tell_a_reviewer_of_their_own_day(stage, client, django_assert_max_num_queries):
    files = [stage.file_at(State.REVIEWING) for _ in range(3)]
    for file in files[:2]:
        judge_all(file, stage.li)
        review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    undoing.undo(ref=files[1].ref, by=stage.li, at=NOW)
    client.force_login(stage.li)
    page = client.get(f"/desk/{files[2].ref}/")
    assert (page.context["done"], page.context["target"]) == (1, target())
    with django_assert_max_num_queries(LIST):
        queue = client.get("/desk/")
    assert queue.context["done"] == 1
    client.force_login(stage.zhou)
    assert client.get("/desk/").context["done"] == 0
    assert "今天办完" not in client.get("/desk/").content.decode()


LISTS = [
    ("li", "/desk/"),
    ("li", "/desk/?tab=all"),
    ("li", "/desk/search/?q=王"),
    ("li", "/desk/search/?state=received&waited=0-3&due=late"),
    ("li", "/desk/looks/"),
    ("li", "/desk/exports/"),
    ("zhou", "/desk/"),
    ("wu", "/desk/"),
    ("wu", "/desk/units/"),
    ("wu", "/desk/ratings/"),
    ("zhou", "/desk/ties/"),
    ("zhou", "/desk/absence/"),
    ("wu", "/decisions/"),
    ("wu", "/decisions/approvals/"),
    ("wu", "/decisions/publicity/"),
    ("wu", "/decisions/revocations/"),
    ("zhao", "/desk/"),
    ("zhao", "/decisions/"),
    ("sun", "/employer/"),
    ("sun", "/employer/staff/"),
    ("sun", "/employer/letters/"),
    ("sun", "/employer/posting/"),
    ("sun", "/employer/clerks/"),
    ("sun", "/employer/papers/"),
]


@pytest.mark.parametrize(("who", "address"), LISTS)
def test_list_stays_within_its_statements_on_its_first_visit_too(stage, client, who, address):
    """The first visit of a session in a minute; the list of published notices is read beside the answers."""
    stage.file_at(State.RECEIVED)
    stage.file_at(State.ISSUED)
    client.force_login(getattr(stage, who))
    shelf.timeline()
    first, page = statements(client, address)
    again, _ = statements(client, address)
    assert page.status_code == 200
    assert (first <= LIST, again <= LIST) == (True, True), (first, again)
