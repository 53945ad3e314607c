"""Writing, putting forward and publishing: who may, what is refused, and that nobody's work is lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction
from publishing_steps import BASE, LATER, NEW, administrator, begun, changed, computed, two

from chuding.accounts.appointments import add_person
from chuding.applications.workflow import Declined
from chuding.ledger.models import Entry
from chuding.notices import shelf
from chuding.notices.models import Version
from chuding.policy.notice import FILE, FOLDER, load_notice, read_notice
from chuding.policy.source import Files, read_files
from chuding.policy.speech import speech_of
from chuding.publishing.commands import publishing
from chuding.publishing.models import Draft, DraftState, Run, RunKind, RunState
from chuding.publishing.services import drafts, runs
from chuding.publishing.services.drafts import Edit, Overtaken, mark_of, place_of
from stage import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return two()


@pytest.fixture
def quick_check(monkeypatch):
    """The enumeration of mutants takes seconds and is tested in tests/policy; here the quick part stands for it."""
    original = runs.check_files
    monkeypatch.setattr(runs, "check_files", lambda files: original(files, whole=False))


def proposed(pair, identifier=BASE):
    draft = computed(begun(pair[0], identifier), pair[0])
    return drafts.propose(ref=draft.ref, note="截止延到12月20日", by=pair[0], at=NOW)


def test_draft_begins_as_its_base(pair):
    draft = begun(pair[0])
    assert (draft.base_id, draft.base_digest, draft.digest) == (
        BASE,
        load_notice(BASE).digest,
        load_notice(BASE).digest,
    )
    assert (draft.notice_id, draft.corrects, draft.content.content) == (NEW, False, read_files(FOLDER / BASE).content)
    assert Entry.objects.get(action="notice_draft.begun").data["base"] == BASE


@pytest.mark.parametrize(
    ("identifier", "words"), [("hangzhou-2023", "已经有编号"), ("2025", "小写字母"), ("x/../y", "小写字母")]
)
def test_draft_wants_an_id_that_nobody_has(pair, identifier, words):
    with pytest.raises(Declined, match=words):
        begun(pair[0], identifier)
    assert Draft.objects.count() == 0


def test_draft_is_for_administrators(pair):
    stranger = add_person(phone="19911111113", name="钱谷子", at=NOW)
    with pytest.raises(Declined, match="只有管理员"):
        begun(stranger)
    draft = begun(pair[0])
    for act in (
        lambda: changed(draft, stranger, ("标题",), "x"),
        lambda: drafts.propose(ref=draft.ref, note="x", by=stranger, at=NOW),
        lambda: drafts.discard(ref=draft.ref, by=stranger, at=NOW),
        lambda: runs.ask(ref=draft.ref, kinds=(RunKind.CHECK,), by=stranger, at=NOW),
    ):
        with pytest.raises(Declined, match="只有管理员"):
            act()


def test_change_is_kept_with_its_digest_and_its_author(pair):
    draft = changed(begun(pair[0]), pair[1], ("受理", "至"), date(2025, 11, 30))
    assert "至: 2025-11-30        # 含当日" in draft.files[FILE]
    assert (draft.digest, draft.saved_by) == (draft.content.digest, pair[1])
    assert Entry.objects.get(action="notice_draft.saved").data == {
        "notice": NEW, "digest": draft.digest, "file": FILE, "about": "test",
    }  # fmt: skip


def test_second_of_two_who_change_one_place_is_told_and_nothing_is_lost(pair):
    draft = begun(pair[0])
    edit = Edit(file=FILE, path=("受理", "至"), value=date(2025, 11, 30), seen="", about="x")
    seen = mark_of(place_of(draft.files[FILE], edit))
    changed(draft, pair[0], ("受理", "至"), date(2025, 10, 31))
    with pytest.raises(Overtaken, match="褚立春刚刚改过这里"):
        drafts.change(
            ref=draft.ref,
            edit=Edit(file=FILE, path=edit.path, value=edit.value, seen=seen, about="x"),
            by=pair[1],
            at=NOW,
        )
    assert "至: 2025-10-31" in Draft.objects.get().files[FILE]


def test_two_who_change_different_places_both_keep_their_work(pair):
    draft = begun(pair[0])
    other = Edit(file=FILE, path=("联系", "电话"), value="0511-80000000", seen="", about="x")
    seen = mark_of(place_of(draft.files[FILE], other))
    changed(draft, pair[0], ("受理", "至"), date(2025, 10, 31))
    drafts.change(
        ref=draft.ref,
        edit=Edit(file=FILE, path=other.path, value=other.value, seen=seen, about="x"),
        by=pair[1],
        at=NOW,
    )
    text = Draft.objects.get().files[FILE]
    assert ["至: 2025-10-31" in text, "电话: 0511-80000000" in text] == [True, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2\n", "写了两次"),
        ("a: &x [" + "[" * 50 + "]" * 50 + "]\nb: *x\n", "别名"),
        ("[" * 5000, "不是合格的 YAML"),
        ("x: " + "y" * 300_000, "超过 256 KB"),
    ],
)
def test_source_that_is_no_yaml_or_has_no_end_is_not_saved(pair, text, words):
    draft = begun(pair[0])
    with pytest.raises(Declined, match=words):
        changed(draft, pair[0], (), text)
    assert Draft.objects.get().digest == draft.digest


# ---- putting forward ----


def test_propose_wants_check_comparison_and_replay_of_this_very_content(pair, quick_check):
    draft = begun(pair[0])
    with pytest.raises(Declined, match=r"还没有检查.*还没有与底稿比较.*还没有用已经申报的件试算"):
        drafts.propose(ref=draft.ref, note="x", by=pair[0], at=NOW)
    draft = computed(draft, pair[0])
    assert drafts.missing_before_proposal(draft) == []
    draft = changed(draft, pair[0], ("联系", "电话"), "0511-80000000")
    assert len(drafts.missing_before_proposal(draft)) == 3
    with pytest.raises(Declined, match="有什么不同"):
        drafts.propose(ref=draft.ref, note=" ", by=pair[0], at=NOW)


def test_propose_refuses_what_the_check_finds_wrong(pair, quick_check):
    draft = computed(changed(begun(pair[0]), pair[0], ("受理", "至"), date(2024, 12, 11)), pair[0])
    with pytest.raises(Declined, match="检查还有 1 处不合格"):
        drafts.propose(ref=draft.ref, note="x", by=pair[0], at=NOW)


def test_proposed_draft_cannot_be_changed_until_it_is_sent_back(pair, quick_check):
    draft = proposed(pair)
    with pytest.raises(Declined, match="待复核发布"):
        changed(draft, pair[0], ("联系", "电话"), "0511-80000000")
    with pytest.raises(Declined, match="理由"):
        drafts.send_back(ref=draft.ref, reason="", by=pair[1], at=NOW)
    draft = drafts.send_back(ref=draft.ref, reason="电话不对", by=pair[1], at=NOW)
    assert (draft.state, draft.returned_because, draft.proposed_by) == (DraftState.OPEN, "电话不对", None)
    changed(draft, pair[0], ("联系", "电话"), "0511-80000000")


# ---- publishing ----


def test_second_person_publishes_at_a_set_time(pair, quick_check, run_jobs, monkeypatch):
    draft = proposed(pair)
    with pytest.raises(Declined, match="两个人"):
        drafts.release(ref=draft.ref, seen=draft.digest, by=pair[0], at=NOW, effective_at=LATER)
    with pytest.raises(Declined, match="在您查看之后有变化"):
        drafts.release(ref=draft.ref, seen="0" * 64, by=pair[1], at=NOW, effective_at=LATER)
    assert Version.objects.count() == 0
    version = drafts.release(ref=draft.ref, seen=draft.digest, by=pair[1], at=NOW, effective_at=LATER)
    assert (version.digest, Draft.objects.get().version) == (draft.digest, version)
    run_jobs(LATER - timedelta(seconds=1))
    assert Entry.objects.filter(action="notice.in_force").count() == 0
    monkeypatch.setattr("chuding.notices.services.now", lambda: LATER)
    run_jobs(LATER)
    (entry,) = Entry.objects.filter(action="notice.in_force")
    assert (entry.data["version"], entry.data["digest"], entry.at) == (version.ref, version.digest, LATER)
    with pytest.raises(Declined, match="没有在等待复核"):
        drafts.release(ref=draft.ref, seen=draft.digest, by=pair[1], at=NOW, effective_at=LATER)


def test_new_notice_is_in_force_from_its_moment(pair, quick_check):
    draft = changed(begun(pair[0]), pair[0], ("联系", "电话"), "0511-80000000")
    draft = computed(changed(draft, pair[0], ("联系", "原文"), "咨询电话"), pair[0])
    run = Run.objects.get(kind=RunKind.CHECK, digest=draft.digest)
    assert [problem["message"] for problem in run.outcome["problems"]] == []
    drafts.propose(ref=draft.ref, note="电话", by=pair[0], at=NOW)
    drafts.release(ref=draft.ref, seen=draft.digest, by=pair[1], at=NOW, effective_at=LATER)
    found = [shelf.current(moment).id for moment in (NOW, LATER - timedelta(seconds=1), LATER)]
    assert found == [BASE, BASE, NEW]
    assert shelf.current(LATER).contact.telephone == "0511-80000000"


def test_who_changed_the_draft_last_does_not_publish_it(pair, quick_check):
    draft = changed(begun(pair[0]), pair[0], ("联系", "电话"), "0511-80000000")
    draft = computed(changed(draft, pair[0], ("联系", "原文"), "咨询电话"), pair[0])
    drafts.propose(ref=draft.ref, note="电话", by=pair[1], at=NOW)
    with pytest.raises(Declined, match="最后一次修改是您做的"):
        drafts.release(ref=draft.ref, seen=draft.digest, by=pair[0], at=NOW, effective_at=LATER)
    assert shelf.current(LATER).id == BASE


def test_taken_back_version_opens_its_draft_again(pair, quick_check):
    draft = proposed(pair)
    version = drafts.release(ref=draft.ref, seen=draft.digest, by=pair[1], at=NOW, effective_at=LATER)
    again = drafts.take_back(ref=version.ref, reason="附件缺一页", by=pair[0], at=NOW)
    assert (again.state, again.version, again.returned_because) == (DraftState.OPEN, None, "附件缺一页")
    assert shelf.current(LATER).digest == load_notice(BASE).digest


def test_discarded_draft_stays_for_the_record(pair):
    draft = drafts.discard(ref=begun(pair[0]).ref, by=pair[1], at=NOW)
    assert (draft.state, Draft.objects.count()) == (DraftState.DISCARDED, 1)
    with pytest.raises(Declined, match="已删除"):
        changed(draft, pair[0], ("联系", "电话"), "x")


@pytest.mark.parametrize("values", [{"state": "proposed"}, {"state": "published"}, {"state": "open", "version": True}])
def test_database_refuses_a_draft_in_no_state(pair, values):
    draft = begun(pair[0])
    if values.get("version"):
        row = {"notice_id": "x", "digest": "y", "files": {}, "title": "t", "origin": "installation"}
        values = values | {"version": Version.objects.create(**row, published_at=NOW, effective_at=NOW)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(**values)


# ---- computations ----


def test_run_is_computed_once_for_one_content(pair, quick_check):
    draft = begun(pair[0])
    first = runs.ask(ref=draft.ref, kinds=(RunKind.CHECK,), by=pair[0], at=NOW)
    again = runs.ask(ref=draft.ref, kinds=(RunKind.CHECK,), by=pair[1], at=NOW)
    assert ([run.pk for run in first], first[0].asked_by) == ([run.pk for run in again], pair[0])


def test_run_of_words_that_changed_meanwhile_is_dropped(pair, quick_check):
    draft = begun(pair[0])
    (run,) = runs.ask(ref=draft.ref, kinds=(RunKind.CHECK,), by=pair[0], at=NOW)
    changed(draft, pair[0], ("联系", "电话"), "0511-80000000")
    assert (runs.compute(run_id=run.pk, at=NOW), Run.objects.count()) == ("", 0)


def test_run_of_a_broken_draft_says_where(pair):
    draft = changed(begun(pair[0]), pair[0], ("受理", "至"), "十二月")
    (run,) = runs.ask(ref=draft.ref, kinds=(RunKind.DIFFERENCE,), by=pair[0], at=NOW)
    assert runs.compute(run_id=run.pk, at=NOW) == RunState.FAILED
    run.refresh_from_db()
    assert [(each["file"], each["line"]) for each in run.outcome["problems"]] == [(FILE, 13)]


def test_run_that_breaks_down_is_told_and_can_be_asked_again(pair, monkeypatch, caplog):
    draft = begun(pair[0])
    (run,) = runs.ask(ref=draft.ref, kinds=(RunKind.CHECK,), by=pair[0], at=NOW)
    monkeypatch.setitem(runs._COMPUTED, RunKind.CHECK, lambda *_: 1 / 0)
    assert runs.compute(run_id=run.pk, at=NOW) == RunState.FAILED
    assert "ZeroDivisionError" in caplog.text
    (again,) = runs.ask(ref=draft.ref, kinds=(RunKind.CHECK,), by=pair[0], at=NOW)
    assert (again.pk, again.state) == (run.pk, RunState.WAITING)


def test_third_administrator_is_no_obstacle(pair, quick_check):
    third = administrator("沈夏至", "19900000013")
    draft = proposed(pair)
    assert drafts.release(ref=draft.ref, seen=draft.digest, by=third, at=NOW, effective_at=LATER).published_by == third


def test_folder_without_all_files_is_no_draft(pair):
    base = read_files(FOLDER / BASE)
    some = Files(NEW, {name: text for name, text in base.content.items() if name != "cases.yaml"})
    with pytest.raises(Declined, match=r"缺少文件 cases\.yaml"):
        drafts.begin(base=base, files=some, by=pair[0], at=NOW)


# ---- the words in other languages ----

WORDS = "words/en.yaml"


def said(notice, text="申报时在本专业技术岗位工作"):
    return speech_of("en").text(notice.own(text))


def test_notice_published_at_the_desk_speaks_english(pair, quick_check):
    """The translation goes with the copy, can be mended at the desk, is published, and changes no digest."""
    draft = begun(pair[0], BASE)
    was = draft.digest
    sentence = draft.files[WORDS].replace("Works in a technical post of the specialty", "Holds a post of the specialty")
    assert sentence != draft.files[WORDS]
    draft = computed(changed(draft, pair[0], (), sentence, WORDS), pair[0])
    assert draft.digest == was == load_notice(BASE).digest
    draft = drafts.propose(ref=draft.ref, note="改译文", by=pair[0], at=NOW)
    version = drafts.release(ref=draft.ref, seen=draft.digest, by=pair[1], at=NOW, effective_at=LATER)
    shelf._built.cache_clear()
    assert said(shelf.current(LATER)) == "Holds a post of the specialty at the time of filing"
    assert said(load_notice(BASE)) == "Works in a technical post of the specialty at the time of filing"
    assert shelf.files_of(BASE, version.digest).content[WORDS].decode() == sentence


def test_translation_can_be_begun_at_the_desk_and_must_be_words_by_words(pair):
    base = read_files(FOLDER / BASE)
    plain = Files(NEW, {name: text for name, text in base.content.items() if not name.startswith("words/")})
    draft = drafts.begin(base=base, files=plain, by=pair[0], at=NOW)
    assert said(read_notice(draft.content)) == "申报时在本专业技术岗位工作"

    def write(text):
        edit = Edit(file=WORDS, value=text, seen=mark_of(""), about=WORDS)
        return drafts.change(ref=draft.ref, edit=edit, by=pair[0], at=NOW)

    with pytest.raises(Declined, match=r"words/en\.yaml:1: 应当一行一句"):
        write("- 工程师\n")
    with pytest.raises(Declined, match=r"草案里没有文件 more\.md"):
        drafts.change(
            ref=draft.ref, edit=Edit(file="more.md", value="x", seen=mark_of(""), about="x"), by=pair[0], at=NOW
        )
    draft = write("申报时在本专业技术岗位工作: In post when filing\n")
    assert (said(read_notice(draft.content)), draft.digest) == ("In post when filing", plain.digest)


def test_translation_goes_out_and_comes_back(pair, tmp_path):
    """`publishing export` writes the words as files, and `import` reads them again."""
    draft = begun(pair[0])
    exported = CliRunner().invoke(publishing, ["export", draft.digest, str(tmp_path)])
    assert exported.exit_code == 0, exported.output
    assert read_files(tmp_path / NEW).content == draft.content.content
    drafts.discard(ref=draft.ref, by=pair[0], at=NOW)
    imported = CliRunner().invoke(publishing, ["import", str(tmp_path / NEW)])
    assert imported.exit_code == 0, imported.output
    again = Draft.objects.get(state=DraftState.OPEN)
    assert (again.files, again.digest) == (draft.files, draft.digest)
    assert {name for name in again.files if name.startswith("words/")} == {WORDS, "words/zh-hant.yaml"}
