"""Letters of a file: made by the worker once, signed, the same bytes for ever, seen by their owner only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from desk_steps import judge_all
from django.utils import timezone

from chuding.applications.letters import deciding_office
from chuding.applications.services import papers, review
from chuding.applications.services.drafting import Upload, attach_material
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import Paper, PaperKind
from chuding.certificates.verification import check_file
from chuding.jobs.worker import run_pending
from chuding.ledger.models import Entry
from chuding.paper.glyphs import missing
from chuding.policy.notice import load_notice
from chuding.storage.files import store
from stage import NOW

AFTER_UNDO = NOW + timedelta(minutes=1)  # letters wait until an act can't be undone any more


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def text_of(paper):
    with pypdfium2.PdfDocument(store().path(paper.file)) as document:
        text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    return "".join(text.split())


def sent_back(stage, file):
    reviewer = stage.li
    review.take(ref=file.ref, by=reviewer, at=NOW)
    judge_all(file, reviewer, defects={"2": "第2页看不清，请重新扫描。"})
    defects = review.Defects({"work": "请补充2023年的经历。"}, {"5": "请上传社保缴费证明。"})
    review.send_back(ref=file.ref, defects=defects, by=reviewer, at=NOW)


def test_submission_gives_one_signed_receipt(stage):
    file = stage.file_at(State.RECEIVED)
    run_pending()
    paper = Paper.objects.get(kind=PaperKind.RECEIPT, subject_ref=file.ref)
    assert (paper.holder, paper.office) == (file.applicant, "association")
    text = text_of(paper)
    wanted = [file.number, file.full_name, file.employer_name, *(m.file[:16] for m in file.current_materials())]
    assert [one for one in wanted if one not in text] == []
    assert file.identity_number not in text
    answer = check_file(store().path(paper.file).read_bytes(), at=NOW + timedelta(days=1))
    assert (answer.verdict.valid, answer.letter, answer.valid) == (True, "申报回执", False)


def test_receipt_is_made_once_however_often_the_worker_tries(stage):
    file = stage.file_at(State.RECEIVED)
    first = papers.make_receipt.call(ref=file.ref)
    assert papers.make_receipt.call(ref=file.ref) == first
    run_pending()
    assert Paper.objects.filter(subject_ref=file.ref).count() == 1
    assert Entry.objects.filter(action="issue_paper", subject_ref=file.ref).count() == 1


def test_send_back_gives_one_notice_with_everything(stage):
    file = stage.file_at(State.RECEIVED)
    sent_back(stage, file)
    run_pending(AFTER_UNDO)
    text = text_of(Paper.objects.get(kind=PaperKind.CORRECTION, subject_ref=file.ref))
    wanted = (
        "有3项需要补正",
        "第2页看不清，请重新扫描。",
        "请补充2023年的经历。",
        "请上传社保缴费证明。",
        "填写工作经历和考核",
        "2024年10月8日24时前",  # the fifteenth day lies in the holidays of October
    )
    assert [one for one in wanted if one not in text] == []


def test_refusal_gives_a_decision_with_clause_reason_and_remedy(stage):
    file = stage.file_at(State.RECHECK)
    label = next(c.label for c in stage.town.notice.clauses if c.label.startswith("二"))
    review.refuse(ref=file.ref, clause=label, reason="毕业未满一年。", by=stage.zhou, at=NOW)
    run_pending(AFTER_UNDO)
    paper = Paper.objects.get(kind=PaperKind.REFUSAL, subject_ref=file.ref)
    clause = next(c for c in stage.town.notice.clauses if c.label == label)
    text = text_of(paper)
    wanted = ("不予通过", "毕业未满一年。", clause.text, "10个工作日", "2024年9月18日", file.number)
    assert [one for one in wanted if "".join(one.split()) not in text] == []
    assert (paper.office, "样张" in text) == ("association", True)


@pytest.mark.parametrize(
    ("level", "signer", "office"),
    [("助理级", True, "association"), ("中级", True, "city"), ("中级", False, "association")],
)
def test_refusal_is_the_word_of_who_decided(level, signer, office, stage):
    file = stage.file_at(State.RECHECK)
    file.level, file.signer_id = level, stage.zhao.pk if signer else None
    assert deciding_office(file) == office


def test_a_name_that_no_font_has_gives_no_receipt_and_no_endless_tries(stage):
    file = stage.file_at(State.RECEIVED)
    file.full_name = "王\U0003fffd"
    file.save()
    assert papers.make_receipt.call(ref=file.ref) == ""
    with pytest.raises(Declined, match="U\\+3FFFD"):
        papers.order_endorsement(file)
    assert missing(file.full_name) == ["\U0003fffd"]


# ---- the pages ----


def test_letters_are_on_the_progress_page_and_download_the_same_each_time(stage, client):
    file = stage.file_at(State.RECEIVED)
    client.force_login(file.applicant)
    page = f"/applications/{file.ref}/"
    assert "申报回执正在生成" in client.get(page).content.decode()
    run_pending()
    assert f"{page}papers/1/" in client.get(page).content.decode()
    first, second = (b"".join(client.get(f"{page}papers/1/").streaming_content) for _ in range(2))
    assert first == second
    with pikepdf.open(BytesIO(first)) as document:
        assert len(document.pages) == 1
    assert client.get(f"{page}papers/2/").status_code == 404
    assert client.get(f"{page}papers/0/").status_code == 404


def test_letters_do_not_exist_for_anybody_else(stage, client):
    file = stage.file_at(State.RECEIVED)
    run_pending()
    client.force_login(stage.qian)
    assert client.get(f"/applications/{file.ref}/papers/1/").status_code == 404
    assert client.post(f"/applications/{file.ref}/papers/endorsement/").status_code == 404


def test_endorsement_is_made_on_demand_and_again_when_the_file_changed(stage, client):
    file = stage.file_at(State.RECEIVED)
    client.force_login(file.applicant)
    page = f"/applications/{file.ref}/papers/endorsement/"
    assert "生成证明" in client.get(page).content.decode()
    ordered = client.post(page)
    assert ordered["Location"] == f"{page}?ordered"
    client.post(page)
    waiting = client.get(ordered["Location"])
    assert (waiting["Refresh"], "正在生成" in waiting.content.decode()) == ("2", True)
    run_pending()
    papers_made = Paper.objects.filter(kind=PaperKind.ENDORSEMENT, subject_ref=file.ref)
    text = text_of(papers_made.get())
    assert [one for one in (file.full_name, file.employer_name, file.post, file.level, "公章") if one not in text] == []
    assert file.identity_number not in text
    ready = client.get(page)
    assert "下载证明" in ready.content.decode()
    assert "Refresh" not in ready
    file.post = "工艺员"
    file.save()
    assert "下载证明" not in client.get(page).content.decode()
    client.post(page)
    run_pending()
    assert papers_made.count() == 2


def test_endorsement_as_downloaded_has_no_stamp_and_is_no_material(stage):
    file = stage.file_at(State.DRAFT)
    file.specialty, file.level = load_notice(file.notice_id).catalogue.choices()[0].path, "助理级"
    file.save()
    papers.order_endorsement(file)
    run_pending()
    printed = Paper.objects.get(kind=PaperKind.ENDORSEMENT, subject_ref=file.ref)
    before = set(file.materials.values_list("pk", flat=True))
    upload = Upload(code="1", name="证明.pdf", digest=printed.file, size=9000, pages=1)
    with pytest.raises(Declined, match="还没有签字盖章"):
        attach_material(ref=file.ref, upload=upload, by=file.applicant, at=NOW)
    assert set(file.materials.values_list("pk", flat=True)) == before
    stamped = attach_material(ref=file.ref, upload=replace(upload, digest="0" * 64), by=file.applicant, at=NOW)
    assert file.materials.get(code="1", replaced_at=None) == stamped


def test_endorsement_says_what_must_be_filled_in_first(stage, client):
    file = stage.file_at(State.DRAFT)
    file.full_name, file.specialty = "", ""
    file.save()
    client.force_login(file.applicant)
    page = f"/applications/{file.ref}/papers/endorsement/"
    assert "请先填写：核对身份信息（姓名）、选择级别和专业" in client.get(page).content.decode()
    assert "请先填写" in client.post(page, follow=True).content.decode()
    run_pending()
    assert Paper.objects.count() == 0


def test_endorsement_of_a_freelancer_is_for_the_agency(stage, client):
    file = stage.file_at(State.RECEIVED)
    file.engagement = "freelance"
    file.save()
    assert papers.make_endorsement.call(ref=file.ref) != ""
    text = text_of(Paper.objects.get(kind=PaperKind.ENDORSEMENT))
    assert "机构公章" in text
    assert file.employer_name not in text
