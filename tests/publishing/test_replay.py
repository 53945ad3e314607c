"""The replay's counts are the law engine's own, one file at a time."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from publishing_steps import BASE, administrator, begun, changed, computed

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.policy.assess import assess
from chuding.policy.columns import Columns
from chuding.policy.notice import load_notice, read_notice
from chuding.policy.simulate import simulate
from chuding.publishing import replay as replaying
from chuding.publishing.models import ChangedFile, Run, RunKind
from chuding.publishing.replay import as_draft, facts_of_file, files_of, replay
from chuding.publishing.services import runs
from chuding.publishing.views import review
from chuding.publishing.yaml_text import data_of
from stage import NOW, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """A few files of every level, made once; each test's changes are rolled back by its own transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        stage = Stage()
        for level, goal in (
            ("助理级", State.ISSUED), ("助理级", State.RECEIVED), ("员级", State.RECEIVED), ("中级", State.CITY),
            ("中级", State.RECEIVED), ("助理级", State.DRAFT),
        ):  # fmt: skip
            stage.file_at(goal, level)
        yield stage, administrator("褚立春", "19900000011")
        transaction.set_rollback(True)


def stricter(draft, by):
    """A draft in which 本科 wants three years instead of one, and 中级 is for nobody before 2016."""
    rows = data_of(draft.files["notice.yaml"], "notice.yaml")["初定"]
    bachelor = next(i for i, row in enumerate(rows) if row["依据"] == "二(二)")
    draft = changed(draft, by, ("初定", bachelor, "见习"), "3年")
    master = next(i for i, row in enumerate(rows) if row["依据"] == "二(三)注")
    return changed(draft, by, ("初定", master, "毕业截至"), date(2015, 12, 31))


def test_replay_counts_what_assess_says_of_each_file(world):
    _, admin = world
    draft = stricter(begun(admin, BASE), admin)
    before, after = load_notice(BASE), read_notice(draft.content)
    told, rows = [], []
    outcome = replay(before, after, lambda done, total: told.append((done, total)), rows.extend)
    files = list(files_of(BASE))
    assert [file.state for file in files].count(State.DRAFT) == 0
    own, flips = {}, Counter()
    for file in files:
        facts = facts_of_file(file)
        old, new = assess(before, facts).levels, assess(after, facts).levels
        for level in old:
            if old[level].answer != new[level].answer:
                flips[level.value, old[level].answer, new[level].answer] += 1
                if level.value == file.level:
                    own[file.ref] = (old[level].answer, new[level].answer)
    assert (outcome["files"], outcome["assessed"], outcome["otherwise"]) == (len(files), len(files), len(own))
    assert outcome["flips"] == [[*key, count] for key, count in sorted(flips.items())]
    assert {e["ref"]: (e["before"], e["after"]) for e in rows if e["kind"] == "own"} == own
    assert own != {}
    assert told[-1] == (len(files), len(files))


def test_replay_counts_what_simulate_counts(world):
    _, admin = world
    draft = stricter(begun(admin, BASE), admin)
    before, after = load_notice(BASE), as_draft(read_notice(draft.content))
    found = simulate(before, after, Columns.of([facts_of_file(file) for file in files_of(BASE)]))
    outcome = replay(before, after, lambda *_: None, lambda rows: None)
    assert outcome["flips"] == [[*key, count] for key, count in sorted(found.tally.flips.items())]


def test_replay_keeps_no_name_and_no_number_of_a_document(world):
    _, admin = world
    draft = computed(stricter(begun(admin, BASE), admin), admin, RunKind.REPLAY)
    kept = str(Run.objects.get(draft=draft).outcome)
    people = list(Application.objects.values_list("full_name", "identity_number", "employer_name"))
    assert [word for each in people for word in each if word and word in kept] == []


def test_replay_tells_apart_whose_specialty_is_gone(world):
    _, admin = world
    file = files_of(BASE).first()
    draft = begun(admin, BASE)
    catalogue = draft.files["catalogue.csv"].replace(file.specialty.replace("/", ",") + "\n", "")
    draft = changed(draft, admin, (), catalogue, "catalogue.csv")
    rows = []
    outcome = replay(load_notice(BASE), read_notice(draft.content), lambda *_: None, rows.extend)
    gone = files_of(BASE).filter(specialty=file.specialty).count()
    assert (outcome["gone_count"], outcome["files"] - outcome["assessed"]) == (gone, gone)
    assert file.ref in {each["ref"] for each in rows if each["kind"] == "gone"}


def test_replay_lists_every_changed_file_block_by_block(world, monkeypatch, client):
    """However small the blocks: all are kept, in order and once, also when it is computed again; the page says how many."""
    _, admin = world
    draft = stricter(begun(admin, BASE), admin)
    before, after = load_notice(BASE), read_notice(draft.content)
    expected = []
    whole = replay(before, after, lambda *_: None, expected.extend)
    monkeypatch.setattr(replaying, "BLOCK", 1)
    sizes = []
    monkeypatch.setattr(replaying, "simulate", lambda *given: sizes.append(len(given[2])) or simulate(*given))
    for _ in range(2):
        computed(draft, admin, RunKind.REPLAY)
    run = Run.objects.get(draft=draft, kind=RunKind.REPLAY)
    kept = list(run.changed_files.order_by("position").values("kind", "ref", "level", "before", "after"))
    assert kept == [{key: row[key] for key in kept[0]} for row in expected]
    assert (set(sizes), len(kept) >= 2) == ({1}, True)
    same = ("files", "assessed", "otherwise", "gains", "losses", "others", "flips", "gone_count")
    assert {key: run.outcome[key] for key in same} == {key: whole[key] for key in same}
    monkeypatch.setattr(review, "PAGE", 1)
    client.force_login(admin)
    address, seen, cursor = f"/publishing/drafts/{draft.ref}/replay/", [], ""
    while cursor is not None:
        page = client.get(address, {"of": "own", "after": cursor})
        seen += [each["row"].ref for each in page.context["rows"]]
        cursor = page.context["page"].next
    assert seen == [row["ref"] for row in expected if row["kind"] == "own"]
    assert f"共 {len(seen)} 处" in page.content.decode()
    table = client.get(address, {"csv": ""}).getvalue().decode()
    assert len(table.splitlines()) == 1 + len(expected)


def saved(client, draft):
    """The table of a draft's replay as it is sent: a head, then a piece a block."""
    response = client.get(f"/publishing/drafts/{draft.ref}/replay/", {"csv": ""})
    assert (response.streaming, response.headers["Content-Type"]) == (True, "text/csv; charset=utf-8")
    return iter(response.streaming_content)


def test_table_to_save_is_read_block_by_block_while_it_is_sent(world, monkeypatch, client):
    """Never more than a block is read ahead, nor held: a hundred thousand files take no more memory than five hundred."""
    _, admin = world
    draft = computed(stricter(begun(admin, BASE), admin), admin, RunKind.REPLAY)
    count = ChangedFile.objects.filter(run__draft=draft).count()
    monkeypatch.setattr(review, "BLOCK", 1)
    client.force_login(admin)
    pieces = saved(client, draft)
    assert next(pieces).decode() == "\ufeff哪一种,办件号,姓名,学历,级别,底稿,草案,现在的状态\r\n"
    lines, read = [], []
    while True:
        with CaptureQueriesContext(connection) as asked:
            piece = next(pieces, None)
        if piece is None:
            break
        lines.append(len(piece.splitlines()))
        read.append(len(asked))
    # The block, its files, whether the replay still stands: whatever the number of blocks.
    assert (lines, read) == ([1] * count, [3] * count)
    assert count > 1


def test_table_of_a_replay_that_is_computed_anew_says_that_it_is_cut_short(world, monkeypatch, client):
    _, admin = world
    draft = computed(stricter(begun(admin, BASE), admin), admin, RunKind.REPLAY)
    monkeypatch.setattr(review, "BLOCK", 1)
    client.force_login(admin)
    pieces = saved(client, draft)
    next(pieces), next(pieces)
    runs.ask(ref=draft.ref, kinds=(RunKind.REPLAY,), by=admin, at=NOW)
    assert [piece.decode() for piece in pieces] == ["又试算了一次：这张表到此为止，不完整。请重新下载。\r\n"]
    # While it waits to be computed there is no table to save, only the page.
    page = client.get(f"/publishing/drafts/{draft.ref}/replay/", {"csv": ""})
    assert (page.streaming, page.headers["Content-Type"]) == (False, "text/html; charset=utf-8")


def test_replay_of_nothing_changed_changes_nothing(world):
    outcome = replay(load_notice(BASE), load_notice(BASE), lambda *_: None, lambda rows: None)
    assert (outcome["otherwise"], outcome["flips"]) == (0, [])
    assert outcome["picture"].startswith("<svg")
    assert 'width="288"' in outcome["picture_narrow"]
