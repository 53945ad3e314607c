"""One 单位同意申报证明 for many of a unit's people: made, stamped and scanned once, attached to all of them."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pikepdf
import pypdfium2
import pytest
from desk_steps import crowd, reread, version_of
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chuding.applications.models import Application
from chuding.applications.readings.beside import readings_of
from chuding.applications.reviewing.models import Likeness, LikenessKind
from chuding.applications.roster.models import UnitLetter
from chuding.applications.services import drafting, employer, endorsing, submission, unit_letters
from chuding.applications.services.drafting import Upload
from chuding.applications.services.endorsing import MOST_AT_ONCE
from chuding.applications.services.likenesses import find_likenesses
from chuding.applications.services.own_data import package_of
from chuding.applications.views.applicant_correct import marked_sheets
from chuding.applications.views.applicant_materials import cards
from chuding.applications.workflow import Declined, State
from chuding.connectors.social_insurance import EmbeddedSocialInsurance
from chuding.demonstration.papers import sample_paper
from chuding.demonstration.town import fill_in
from chuding.jobs.models import Job
from chuding.ledger.record import entries_about
from chuding.storage.files import store
from stage import NOW

NEW = "/employer/letters/new/"
SCAN = Upload(code="1", name="盖章.pdf", digest="a" * 64, size=1000, pages=2)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def file(stage):
    return stage.file_at(State.EMPLOYER, online=True)


@pytest.fixture
def clerk(stage, file, client):
    client.force_login(stage.clerk_of(file))
    return stage.clerk_of(file)


@pytest.fixture
def three(stage, file):
    """People of one unit: one with a letter of their own, two without any."""
    others = crowd(stage, file, 2)
    for each, name in zip(others, ("欧阳志远", "阿依古丽·买买提"), strict=True):
        each.full_name = name
        each.save(update_fields=["full_name"])
    return [file, *others]


def letter_in(file):
    return file.current_materials().get(code="1")


def scanned(pdf):
    """The letter as another file that says the same."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out)
    return out.getvalue()


def words(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "")


def assert_no_applicant_gets(file):
    """The stamped list of everybody's names is the office's and the unit's to read."""
    letter, own = letter_in(file), Client()
    own.force_login(file.applicant)
    address = reverse("material_file", args=[file.ref, letter.ref])
    assert [own.get(f"{address}{query}").status_code for query in ("", "?page=1", "?sheet=1")] == [404] * 3
    assert f"upload-1-{letter.pk}.pdf" not in zipfile.ZipFile(io.BytesIO(package_of(file.applicant, at=NOW))).namelist()
    (card,) = [card for card in cards(file, {}, on=NOW.date()) if card["code"] == "1"]
    assert (card["file"]["href"], card["file"]["thumbnail"]) == ("", None)
    assert "里面有其他人的姓名" in card["file"]["note"]
    marked = {"part": "material:1", "reason": "印章不清", "material": letter.ref, "marks": [[1, 0, 0, 500, 500]]}
    assert marked_sheets(file, marked) == []


def test_one_letter_is_stamped_once_and_attached_to_everybody(three, clerk, client, run_jobs):
    refs = [each.ref for each in three]
    listed = client.get(NEW, {"refs": refs}).content.decode()
    assert ("为这 3 人生成一份证明" in listed, [each.full_name in listed for each in three]) == (True, [True] * 3)
    address = client.post(NEW, {"refs": refs})["Location"]
    assert ("正在生成" in client.get(address).content.decode(), client.get(f"{address}letter.pdf").status_code) == (
        True,
        404,
    )
    Job.objects.exclude(task__endswith="make_unit_letter").delete()
    run_jobs(NOW)
    pdf = b"".join(client.get(f"{address}letter.pdf").streaming_content)
    said = words(pdf)
    assert [name for name in ("等3名同志", *(each.full_name for each in three)) if name not in said] == []
    assert three[0].identity_number not in said
    scan = scanned(pdf)
    stamped = SimpleUploadedFile("盖章.pdf", scan, "application/pdf")
    assert client.post(address, {"file": stamped})["Location"] == address
    assert "已附到 3 人的申报里" in client.get(address).content.decode()
    assert {letter_in(each).file for each in three} == {store().put(scan)}
    assert three[0].materials.filter(code="1").count() == 2
    assert [entries_about(("application", each.ref)).last().action for each in three] == ["attach_letter"] * 3
    run_jobs(NOW)
    assert [letter_in(each).pages_ready for each in three] == [True] * 3
    for each in three:
        (page,) = readings_of(reread(each), [letter_in(each)])[letter_in(each).ref].pages
        assert {row.name: row.answer for row in page.rows}["full_name"] == "agree"
    assert_no_applicant_gets(three[0])
    files = [reread(each) for each in three]
    for each in files:
        find_likenesses(each, at=NOW)
    assert Likeness.objects.filter(kind=LikenessKind.SCAN).count() == 0
    chosen = [(each.ref, each.version) for each in files]
    endorsing.endorse_many(chosen=chosen, opened=dict(chosen), by=clerk, at=NOW)
    assert {reread(each).life for each in three} == {State.RECEIVED}


def test_a_file_that_moved_on_or_changed_gets_no_letter_made_before(stage, three, clerk):
    letter = unit_letters.draft(refs=[each.ref for each in three], by=clerk, at=NOW)
    employer.return_to_applicant(
        ref=three[1].ref, version=version_of(three[1]), reason="岗位应为工艺员。", by=clerk, at=NOW
    )
    Application.objects.filter(pk=three[2].pk).update(version=three[2].version + 1)
    done = unit_letters.attach(ref=letter.ref, upload=SCAN, by=clerk, at=NOW)
    assert ([each.ref for each in done.given], [each.ref for each in done.left]) == (
        [three[0].ref],
        [three[1].ref, three[2].ref],
    )
    assert [each.current_materials().filter(code="1").count() for each in three] == [1, 0, 0]
    again = unit_letters.attach(ref=letter.ref, upload=SCAN, by=clerk, at=NOW)
    assert [each.ref for each in again.given] == [three[0].ref]
    employer.endorse(ref=three[0].ref, version=version_of(three[0]), by=clerk, at=NOW)
    with pytest.raises(Declined, match="没有附上"):
        unit_letters.attach(ref=letter.ref, upload=SCAN, by=clerk, at=NOW)


def test_nobody_agrees_before_there_is_a_stamped_letter(three, clerk, client):
    bare = three[1]
    with pytest.raises(Declined, match="欧阳志远还没有盖章的单位同意申报证明"):
        endorsing.endorse_many(chosen=[(bare.ref, bare.version)], opened={bare.ref: bare.version}, by=clerk, at=NOW)
    answer = client.post(f"/employer/{bare.ref}/act/", {"action": "endorse", "version": version_of(bare)})
    assert (answer.status_code, reread(bare).life) == (422, State.EMPLOYER)
    assert f"{NEW}?refs={bare.ref}" in client.get(f"/employer/{bare.ref}/").content.decode()


def test_letters_of_others_and_too_many_at_once_are_refused(stage, three, clerk, client):
    letter = unit_letters.draft(refs=[three[0].ref], by=clerk, at=NOW)
    for refs, sentence in (([], "请先勾选"), ([str(n) for n in range(201)], "最多写200人"), (["nobody"], "找不到")):
        with pytest.raises(Declined, match=sentence):
            unit_letters.draft(refs=refs, by=clerk, at=NOW)
    stranger = next(p for p in (stage.sun, stage.town.clerk("ship"), stage.town.clerk("power")) if p != clerk)
    with pytest.raises(Declined):
        unit_letters.draft(refs=[three[0].ref], by=stranger, at=NOW)
    client.force_login(stranger)
    address = f"/employer/letters/{letter.ref}/"
    assert [client.get(each).status_code for each in (address, f"{address}letter.pdf")] == [404, 404]
    assert client.post(address, {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}).status_code == 404
    assert client.post(NEW, {"refs": [three[0].ref]})["Location"] == "/employer/"
    assert UnitLetter.objects.count() == 1


def test_upload_that_is_no_pdf_is_said_in_words_and_attaches_nothing(three, clerk, client):
    address = client.post(NEW, {"refs": [three[1].ref]})["Location"]
    for data in ({}, {"file": SimpleUploadedFile("a.pdf", b"hello", "application/pdf")}):
        answer = client.post(address, data)
        assert (answer.status_code, len(answer.context["errors"])) == (422, 1)
    assert three[1].current_materials().filter(code="1").count() == 0


def photo():
    """A page as a phone takes it."""
    out = io.BytesIO()
    Image.new("RGB", (600, 850), "white").save(out, "JPEG")
    return out.getvalue()


def sent(client, letter, *files):
    answer = client.post(f"/employer/letters/{letter.ref}/", {"file": [SimpleUploadedFile(n, d) for n, d in files]})
    return answer, answer.context["errors"][0]["text"] if answer.status_code == 422 else ""


def test_letter_comes_back_as_photos_of_its_pages(three, clerk, client):
    letter = unit_letters.draft(refs=[three[1].ref], by=clerk, at=NOW)
    photos = [(f"{n}.jpg", photo()) for n in (1, 2)]
    answer, _ = sent(client, letter, *photos)
    assert answer.status_code == 302
    given = letter_in(three[1])
    assert (given.pages, given.name) == (2, "盖章材料（拍照）.pdf")


def test_letter_as_downloaded_has_no_stamp_and_is_not_taken(three, clerk, client, run_jobs):
    letter = unit_letters.draft(refs=[three[1].ref], by=clerk, at=NOW)
    run_jobs(NOW)
    printed = b"".join(client.get(f"/employer/letters/{letter.ref}/letter.pdf").streaming_content)
    _, said = sent(client, letter, ("扫描.pdf", printed))
    assert said.startswith("这就是刚才下载的证明，还没有签字盖章。")
    _, mixed = sent(client, letter, ("扫描.pdf", printed), ("1.jpg", photo()))
    assert mixed.startswith("请选择一个 PDF，或者只选照片")
    _, broken = sent(client, letter, ("1.png", b"\x89PNG\r\n\x1a\n broken"))
    assert broken.startswith("照片打不开")
    assert not letter.people.get().attached


@pytest.mark.parametrize("online", [True, False])
def test_letter_may_wait_for_the_unit_only_where_it_has_a_clerk(stage, online):
    who = stage.character("助理级", State.DRAFT, online=online)
    person = stage.person(who.name, who.phone)
    file = drafting.start(notice=stage.town.notice, by=person, at=NOW)
    fill_in(stage.town, file.ref, who, person, NOW, upto=5)
    for code in ("2", "3"):
        pdf = sample_paper(who, code, fonts=stage.town.fonts, at=NOW)
        upload = Upload(code=code, name=f"{code}.pdf", digest=store().put(pdf), size=len(pdf), pages=1)
        drafting.attach_material(ref=file.ref, upload=upload, by=person, at=NOW)
    drafting.commit(ref=file.ref, name=who.identity["full_name"], by=person, at=NOW)
    act = {"ref": file.ref, "connector": EmbeddedSocialInsurance("/nonexistent"), "by": person, "at": NOW}
    if online:
        assert submission.submit(**act).life is State.EMPLOYER
        return
    with pytest.raises(submission.Incomplete) as refused:
        submission.submit(**act)
    assert [gap[:6] for gap in refused.value.gaps["materials"]] == ["请上传材料1"]


def test_letter_speaks_no_more_of_a_file_that_went_back(three, clerk, run_jobs):
    file = three[0]
    letter = unit_letters.draft(refs=[file.ref], by=clerk, at=NOW)
    unit_letters.attach(ref=letter.ref, upload=SCAN, by=clerk, at=NOW)
    employer.return_to_applicant(ref=file.ref, version=version_of(file), reason="请改岗位", by=clerk, at=NOW)
    submission.resubmit(ref=file.ref, by=file.applicant, at=NOW)
    file = reread(file)
    assert file.life is State.EMPLOYER
    assert not file.current_materials().filter(code="1").exists()
    with pytest.raises(Declined, match="还没有盖章的单位同意申报证明"):
        employer.endorse(ref=file.ref, version=version_of(file), by=clerk, at=NOW)


def test_ones_own_file_is_left_for_a_colleague(three, clerk):
    letter = unit_letters.draft(refs=[each.ref for each in three], by=clerk, at=NOW)
    Application.objects.filter(pk=three[2].pk).update(applicant=clerk)
    given = unit_letters.attach(ref=letter.ref, upload=SCAN, by=clerk, at=NOW)
    assert ([each.pk for each in given.left], len(given.given)) == ([three[2].pk], 2)


def test_all_two_hundred_who_have_no_letter_yet_come_into_one(stage, clerk, client, file):
    crowd_of = crowd(stage, file, MOST_AT_ONCE + 3, post="检验员")
    page = client.get("/employer/").content.decode()
    assert len(client.get("/employer/").context["rows"]) == 25
    assert "为没有盖章证明的全部人员生成证明" in page
    listed = client.get(NEW, {"what": "all"})
    refs = {each.ref for each, _ in listed.context["rows"]}
    assert (len(refs), listed.context["left"]) == (MOST_AT_ONCE, 3)
    assert file.ref not in refs, "it has its own letter"
    assert "还有 3 人没有写进来" in listed.content.decode()
    address = client.post(NEW, {"refs": list(refs)})["Location"]
    assert client.get(address).context["fitting"] == MOST_AT_ONCE
    assert {each.ref for each in crowd_of} & refs


def test_the_list_is_narrowed_down_and_so_is_all_of_it(stage, three, clerk, client, file):
    others = three[1:]
    cases = (
        ({"name": "志远"}, {others[0]}),
        ({"letter": "no"}, set(others)),
        ({"letter": "yes"}, {file}),
        ({"level": "中级"}, set()),
        ({"level": "nonsense"}, set(three)),
    )
    for query, found in cases:
        rows = client.get("/employer/", query).context["rows"]
        assert {row["file"].pk for row in rows} == {each.pk for each in found}, query
    listed = client.get(NEW, {"what": "all", "name": "阿依古丽"}).context["rows"]
    assert [each.pk for each, _ in listed] == [others[1].pk]


def test_the_banner_counts_what_is_near_its_end(three, clerk, client, file):
    Application.objects.update(due_on=NOW.date() + timedelta(days=30))
    assert client.get("/employer/").context["todo_title"] == "待审核 3 件"
    Application.objects.filter(pk=file.pk).update(due_on=NOW.date())
    assert client.get("/employer/").context["todo_title"] == "待审核 3 件，其中 1 件距截止不足 3 个工作日"
    Application.objects.exclude(pk=file.pk).update(due_on=NOW.date() - timedelta(days=1))
    assert client.get("/employer/").context["todo_title"] == "待审核 3 件，其中 2 件已经逾期，1 件距截止不足 3 个工作日"
    Application.objects.update(due_on=NOW.date() - timedelta(days=1))
    assert client.get("/employer/").context["todo_title"] == "待审核 3 件，其中 3 件已经逾期"
