"""What is in force at which moment, that a version cannot change, and that disk and database hold the same thing."""

from __future__ import annotations

import ast
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

import chuding
from chuding.accounts.appointments import add_person, appoint
from chuding.accounts.roles import Role
from chuding.applications.models import Application
from chuding.applications.services.drafting import start
from chuding.applications.translate import notice_of
from chuding.jobs.models import Job
from chuding.ledger.models import Entry
from chuding.notices import shelf
from chuding.notices.checks import check_guards
from chuding.notices.models import Origin, Version
from chuding.notices.services import NotPublished, Proposal, adopt_first, note_in_force, publish, texts_of, withdraw
from chuding.policy.notice import FOLDER, list_notices, load_notice, read_notice
from chuding.policy.source import Files, read_files

pytestmark = pytest.mark.django_db

ID = "zhenjiang-2024-1"


@pytest.fixture
def two(at):
    """Two administrators, one of each office."""
    people = [add_person(phone=f"1990000009{n}", name=name, at=at) for n, name in enumerate(("褚立春", "蒋雨水"))]
    for person, office in zip(people, ("association", "city"), strict=True):
        appoint(person=person, office=office, duty="administrator", at=at)
    return people


def changed(identifier=ID, old="至: 2024-12-10", new="至: 2024-12-20"):
    """The shipped notice with one thing another."""
    content = dict(read_files(FOLDER / ID).content)
    content["notice.yaml"] = content["notice.yaml"].decode().replace(old, new).encode()
    return Files(identifier, content)


def put(two, at, files=None, *, after=timedelta(hours=1)):
    proposal = Proposal(files=files or changed(), note="截止延到12月20日", by=two[0], at=at)
    return publish(proposal=proposal, by=two[1], at=at, effective_at=at + after)


@pytest.mark.parametrize("identifier", list_notices())
def test_notice_on_disk_and_in_the_database_is_the_same(identifier, two, at):
    shipped = load_notice(identifier)
    version = put(two, at, read_files(FOLDER / identifier))
    again = Version.objects.get(pk=version.pk)
    assert (again.digest, again.content.digest) == (shipped.digest, shipped.digest)
    built = read_notice(again.content)
    assert (built.digest, built.text, built.entry) == (shipped.digest, shipped.text, shipped.entry)
    assert [choice.path for choice in built.catalogue.choices()] == [c.path for c in shipped.catalogue.choices()]


def test_version_is_in_force_from_its_moment_and_not_before(two, at):
    version = put(two, at)
    moment = version.effective_at
    before = [shelf.current(at), shelf.current(moment - timedelta(microseconds=1))]
    assert [each.digest for each in before] == [load_notice(settings.NOTICE).digest] * 2
    assert shelf.current(moment).digest == version.digest
    assert shelf.held(at)[ID].digest == load_notice(ID).digest
    assert (shelf.held(moment)[ID].digest, sorted(shelf.held(moment))) == (version.digest, list(list_notices()))


def test_version_of_another_name_is_held_only_from_its_moment(two, at):
    version = put(two, at, changed("zhenjiang-2025-1"))
    assert "zhenjiang-2025-1" not in shelf.held(at)
    assert shelf.held(version.effective_at)["zhenjiang-2025-1"].digest == version.digest


def test_file_in_hand_keeps_its_version(two, at):
    person = add_person(phone="19900000098", name="沈夏至", at=at)
    file = start(notice=shelf.current(at), by=person, at=at)
    version = put(two, at)
    later = version.effective_at + timedelta(days=1)
    other = add_person(phone="19900000099", name="韩小暑", at=at)
    newer = start(notice=shelf.current(later), by=other, at=later)
    held = [notice_of(Application.objects.get(pk=each.pk)).window.end.isoformat() for each in (file, newer)]
    assert held == ["2024-12-10", "2024-12-20"]


def test_process_that_read_the_list_before_sees_the_change_in_time(two, at):
    """Another process keeps its list for a few seconds; the least time ahead is longer than that."""
    assert shelf.current(at).digest == load_notice(ID).digest
    assert timedelta(seconds=shelf.KEPT) < shelf.LEAD / 2
    with pytest.raises(NotPublished, match="一分钟以后"):
        put(two, at, after=shelf.LEAD - timedelta(seconds=1))
    assert Version.objects.count() == 0
    assert put(two, at, after=shelf.LEAD).effective_at == at + shelf.LEAD


def test_current_asks_the_database_once(two, at, django_assert_num_queries):
    version = put(two, at, changed(new="至: 2024-12-22"))
    with django_assert_num_queries(2):  # the list of moments, and the version's files
        shelf.current(version.effective_at)
    with django_assert_num_queries(0):
        shelf.current(version.effective_at)


# ---- two people ----


def test_publish_wants_two_different_administrators(two, at):
    stranger = add_person(phone="19900000097", name="钱谷子", at=at)
    for proposer, publisher, words in (
        (two[0], two[0], "两个人"),
        (two[0], stranger, "只有管理员"),
        (stranger, two[1], "只有管理员"),
    ):
        proposal = Proposal(files=changed(), note="", by=proposer, at=at)
        with pytest.raises(NotPublished, match=words):
            publish(proposal=proposal, by=publisher, at=at, effective_at=at + timedelta(hours=1))
    assert (Version.objects.count(), Entry.objects.filter(action="notice.published").count()) == (0, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"origin": Origin.DESK},
        {"origin": Origin.DESK, "proposed_by": 0, "published_by": 0},
        {"origin": Origin.DESK, "published_by": 0},
        {"origin": Origin.INSTALLATION, "published_by": 0},
    ],
)
def test_database_refuses_a_version_that_one_person_published(values, two, at):
    people = {name: two[who] for name, who in values.items() if name != "origin"}
    row = {"notice_id": ID, "digest": "0" * 64, "files": {}, "title": "x", "published_at": at, "effective_at": at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(**row, origin=values["origin"], **people)


def test_publication_stands_in_the_ledger_and_takes_force_once(two, at, run_jobs):
    version = put(two, at)
    entry = Entry.objects.get(action="notice.published")
    assert (entry.by, entry.role, entry.data["proposed_by"], entry.data["digest"]) == (
        two[1], Role.ADMINISTRATOR, two[0].ref, version.digest,
    )  # fmt: skip
    assert Job.objects.get(task="chuding.notices.services.take_force").run_at == version.effective_at
    assert note_in_force(ref=version.ref, at=version.effective_at - timedelta(seconds=1)) is False
    assert note_in_force(ref=version.ref, at=version.effective_at) is True
    assert note_in_force(ref=version.ref, at=version.effective_at) is False
    assert Entry.objects.filter(action="notice.in_force").count() == 1


def test_going_back_is_a_new_version_with_the_old_digest(two, at):
    first = put(two, at)
    back = put(two, at + timedelta(days=1), read_files(FOLDER / ID))
    assert shelf.current(first.effective_at).digest == first.digest
    assert shelf.current(back.effective_at).digest == load_notice(ID).digest
    assert Version.objects.count() == 2


# ---- nothing changes afterwards ----


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE notices_version SET files = '{}'",
        "UPDATE notices_version SET effective_at = published_at",
        "DELETE FROM notices_version",
        "UPDATE notices_withdrawal SET reason = ''",
        "DELETE FROM notices_withdrawal",
    ],
)
def test_database_refuses_to_change_what_was_published(sql, two, at):
    version = put(two, at)
    withdraw(ref=version.ref, reason="日期有误", by=two[0], at=at)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_check_notices_when_the_guards_are_gone(intruder, two, at):
    assert check_guards(databases=["default"]) == []
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON notices_version"
        kind = "no_update" if connection.vendor == "sqlite" else "no_change"
        cursor.execute(f"DROP TRIGGER notices_version_{kind}{on}")
    (found,) = check_guards(databases=["default"])
    assert (found.id, f"notices_version_{kind}" in found.msg) == ("chuding.E005", True)


def test_load_refuses_files_that_are_not_those_of_the_digest(two, at, intruder):
    version = put(two, at, changed(new="至: 2024-12-21"))
    intruder("UPDATE notices_version SET files = replace(CAST(files AS text), '2024-12-21', '2024-12-31')" +
             ("::jsonb" if connection.vendor == "postgresql" else ""))  # fmt: skip
    with pytest.raises(shelf.NoticeMissing, match="another digest"):
        shelf.load(version.notice_id, version.digest)


def test_load_of_what_nobody_published_says_how_to_bring_it(at):
    with pytest.raises(shelf.NoticeMissing, match="publishing import"):
        shelf.load(ID, "0" * 64)


# ---- taking back ----


def test_withdrawn_version_never_takes_force(two, at):
    version = put(two, at)
    withdraw(ref=version.ref, reason="日期有误", by=two[0], at=at + timedelta(minutes=5))
    assert shelf.current(version.effective_at).digest == load_notice(ID).digest
    assert note_in_force(ref=version.ref, at=version.effective_at) is False
    assert Entry.objects.get(action="notice.withdrawn").reason == "日期有误"


def test_withdraw_is_too_late_within_the_last_minute(two, at):
    version = put(two, at)
    for moment in (version.effective_at - timedelta(seconds=59), version.effective_at + timedelta(days=1)):
        with pytest.raises(NotPublished, match="不能撤回"):
            withdraw(ref=version.ref, reason="日期有误", by=two[0], at=moment)
    with pytest.raises(NotPublished, match="理由"):
        withdraw(ref=version.ref, reason=" ", by=two[0], at=at)
    assert shelf.current(version.effective_at).digest == version.digest


# ---- the first one ----


def test_first_notice_is_adopted_once(at):
    version = adopt_first(at=at)
    assert (version.notice_id, version.digest, version.origin) == (ID, load_notice(ID).digest, Origin.INSTALLATION)
    assert adopt_first(at=at) is None
    assert (shelf.current(at).digest, Entry.objects.filter(action="notice.adopted").count()) == (version.digest, 1)


def test_setting_counts_no_more_once_there_is_a_version(at, settings):
    adopt_first(at=at)
    settings.NOTICE = "hangzhou-2023"
    assert shelf.current(at).id == ID
    assert shelf.current(at - timedelta(days=400)).id == "hangzhou-2023"


# ---- bad input ----


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (changed("Zhenjiang 2025"), "小写字母"),
        (changed("../../etc"), "小写字母"),
        (changed(old="至: 2024-12-10", new="至: 2024-02-30"), "没有这个日期"),
        (Files(ID, {**changed().content, "scan.pdf": b"%PDF\xff"}), "UTF-8"),
        (Files(ID, {**changed().content, "more.md": b"a\0b"}), "NUL"),
        (Files(ID, {**changed().content, "more.md": b"x" * 600_000}), "512 KB"),
        (Files(ID, {}), "文件不存在"),
    ],
)
def test_publish_refuses_what_is_no_notice(files, words, two, at):
    with pytest.raises(NotPublished, match=words):
        put(two, at, files)
    assert Version.objects.count() == 0


def test_texts_keep_line_ends_and_marks():
    texts = texts_of(Files(ID, {"a.md": "\ufeff一\r\n二\n".encode()}))
    assert texts == {"a.md": "\ufeff一\r\n二\n"}


def test_only_the_shelf_knows_where_notices_rest():
    """One way from a notice's name to its rules: nobody above the law room reads the shipped folders by name."""
    package = Path(chuding.__file__).parent
    knowing = set()
    for file in package.rglob("*.py"):
        room = file.relative_to(package).parts[0]
        if room == "policy":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and {"load_notice", "list_notices"} & {n.name for n in node.names}:
                knowing.add(room)
    assert knowing == {"notices"}


@pytest.mark.django_db(transaction=True)
def test_server_process_reads_the_list_beside_its_answers():
    stop = threading.Event()
    thread = shelf.keep_reading(stop, every=0.05)
    try:
        for _ in range(2):  # at the start, and again
            before, deadline = shelf._TIMELINE.read_at, time.monotonic() + 20
            while shelf._TIMELINE.read_at == before and time.monotonic() < deadline:
                time.sleep(0.01)
            assert shelf._TIMELINE.read_at is not None
            assert shelf._TIMELINE.read_at != before
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_database_that_is_away_is_met_by_whoever_asks(monkeypatch):
    def away():
        raise DatabaseError("away")

    monkeypatch.setattr(shelf, "_read", away)
    shelf.read_ahead()
    with pytest.raises(DatabaseError):
        shelf.timeline()
