"""The replay's counts are the law engine's own, one file at a time."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.db import transaction
from publishing_steps import BASE, administrator, begun, changed, computed

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.policy.assess import assess
from chuding.policy.columns import Columns
from chuding.policy.notice import load_notice, read_notice
from chuding.policy.simulate import simulate
from chuding.publishing import replay as replaying
from chuding.publishing.models import Run, RunKind
from chuding.publishing.replay import as_draft, facts_of_file, files_of, replay
from chuding.publishing.yaml_text import data_of
from stage import Stage

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
    told = []
    outcome = replay(before, after, lambda done, total: told.append((done, total)))
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
    assert {e["ref"]: (e["before"], e["after"]) for e in outcome["changed"] if e["own"]} == own
    assert own != {}
    assert told[-1] == (len(files), len(files))


def test_replay_counts_what_simulate_counts(world):
    _, admin = world
    draft = stricter(begun(admin, BASE), admin)
    before, after = load_notice(BASE), as_draft(read_notice(draft.content))
    found = simulate(before, after, Columns.of([facts_of_file(file) for file in files_of(BASE)]))
    outcome = replay(before, after, lambda *_: None)
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
    outcome = replay(load_notice(BASE), read_notice(draft.content), lambda *_: None)
    gone = files_of(BASE).filter(specialty=file.specialty).count()
    assert (outcome["gone_count"], outcome["files"] - outcome["assessed"]) == (gone, gone)
    assert file.ref in {each["ref"] for each in outcome["gone"]}


def test_replay_holds_a_block_and_what_is_shown_however_many_files(world, monkeypatch):
    """The counts are those of all; what is kept of single files is bounded, those changed at their own level first."""
    _, admin = world
    draft = stricter(begun(admin, BASE), admin)
    before, after = load_notice(BASE), read_notice(draft.content)
    whole = replay(before, after, lambda *_: None)
    assert whole["otherwise"] >= 2
    monkeypatch.setattr(replaying, "KEPT", 2)
    monkeypatch.setattr(replaying, "BLOCK", 1)
    sizes = []
    monkeypatch.setattr(replaying, "simulate", lambda *given: sizes.append(len(given[2])) or simulate(*given))
    small = replay(before, after, lambda *_: None)
    assert (set(sizes), len(small["changed"])) == ({1}, 2)
    assert [each in whole["changed"] and each["own"] for each in small["changed"]] == [True, True]
    same = ("files", "assessed", "otherwise", "gains", "losses", "others", "flips", "gone_count")
    assert {key: small[key] for key in same} == {key: whole[key] for key in same}


def test_replay_of_nothing_changed_changes_nothing(world):
    outcome = replay(load_notice(BASE), load_notice(BASE), lambda *_: None)
    assert (outcome["otherwise"], outcome["flips"], outcome["changed"]) == (0, [], [])
    assert outcome["picture"].startswith("<svg")
    assert 'width="288"' in outcome["picture_narrow"]
