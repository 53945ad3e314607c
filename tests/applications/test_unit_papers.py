"""年度考核表 of many people at once: by the row code in each scan's name, every good one kept, every other told why not."""

from __future__ import annotations

import pytest
from applicant_steps import pdf
from desk_steps import crowd, reread
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chuding.accounts import limits
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import Application
from chuding.applications.services import unit_letters, unit_papers
from chuding.applications.services.drafting import Upload
from chuding.applications.services.unit_papers import row_code, whose
from chuding.applications.translate import notice_of
from chuding.applications.workflow import Declined, State
from chuding.ledger.models import Entry
from stage import NOW

ADDRESS = "/employer/papers/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def three(stage):
    """Three of one unit, two of them in an established post."""
    file = stage.file_at(State.EMPLOYER, online=True)
    files = [file, *crowd(stage, file, 2)]
    Application.objects.filter(pk__in=[each.pk for each in files[:2]]).update(established_post=True)
    return [reread(each) for each in files]


def scan(name, data=None):
    return SimpleUploadedFile(name, pdf() if data is None else data, "application/pdf")


def papers(file):
    return [m.name for m in file.current_materials().filter(code="4")]


def test_scans_go_to_the_people_whose_codes_their_names_carry(stage, client, three):
    one, two, other = three
    client.force_login(stage.clerk_of(one))
    page = client.get(ADDRESS)
    assert [(file.pk, code) for file, code in page.context["rows"]] == [(f.pk, row_code(f)) for f in (one, two)]
    assert page.context["missing"] == 2
    names = [f"{row_code(one)} 考核.pdf", f"2023年度 {two.number}.pdf"]
    answer = client.post(ADDRESS, {"files": [scan(name) for name in names]}, follow=True)
    assert "已附到2人的申报里。" in answer.content.decode()
    assert (papers(one), papers(two), papers(other)) == ([names[0]], [names[1]], [])
    assert answer.context["missing"] == 0
    assert Entry.objects.filter(action="attach_paper", role="employer_clerk").count() == 2
    client.post(ADDRESS, {"files": [scan(f"{row_code(one)}.pdf")]})
    assert papers(one) == [f"{row_code(one)}.pdf"]


def test_each_scan_that_cannot_be_kept_is_told_why_and_the_others_are_kept(stage, client, three):
    one, two, other = three
    client.force_login(stage.clerk_of(one))
    scans = [
        scan("考核表.pdf"), scan(f"{row_code(other)}.pdf"), scan(f"{row_code(one)}.pdf", b"no paper"),
        scan(f"{row_code(two)}.pdf"),
    ]  # fmt: skip
    answer = client.post(ADDRESS, {"files": scans})
    told = [error["text"] for error in answer.context["errors"]]
    assert (answer.status_code, len(told)) == (422, 3)
    assert all("没有下面表里的行号" in text for text in told[:2])
    assert told[2].startswith(f"“{row_code(one)}.pdf”：这不是 PDF 文件")
    assert (papers(one), len(papers(two)), papers(other)) == ([], 1, [])
    both = client.post(ADDRESS, {"files": [scan(f"{row_code(one)} {n}.pdf") for n in "甲乙"]})
    assert [("合成一个PDF" in each["text"]) for each in both.context["errors"]] == [True, True]
    assert client.post(ADDRESS, {}).context["errors"][0]["text"].startswith("请先选择扫描件")


def test_scan_is_nobodys_where_it_names_two_or_a_longer_number(three):
    one, two, _ = three
    assert whose(f"{row_code(one)}.pdf", three) == one
    assert whose(f"{row_code(one)}和{row_code(two)}.pdf", three) is None
    assert whose(f"9{row_code(one)}.pdf", three) is None
    assert whose("", three) is None


def test_letter_that_is_being_stamped_still_fits_after_a_paper_came(stage, three):
    one, *_ = three
    clerk = stage.clerk_of(one)
    letter = unit_letters.draft(refs=[one.ref], by=clerk, at=NOW)
    paper = Upload(code=code_of(notice_of(one), Kind.APPRAISAL), name="4.pdf", digest="b" * 64, size=10, pages=1)
    unit_papers.attach(ref=one.ref, upload=paper, by=clerk, at=NOW)
    stamped = Upload(code="1", name="盖章.pdf", digest="a" * 64, size=10, pages=1)
    assert unit_letters.attach(ref=letter.ref, upload=stamped, by=clerk, at=NOW).given == [one]


def test_paper_comes_from_the_units_clerk_alone_under_its_own_item_and_limit(stage, client, three, monkeypatch):
    one, *_ = three
    paper = Upload(code="4", name="4.pdf", digest="b" * 64, size=10, pages=1)
    for stranger in (stage.qian, stage.li, one.applicant):
        with pytest.raises(Declined):
            unit_papers.attach(ref=one.ref, upload=paper, by=stranger, at=NOW)
    wrong = Upload(code="2", name="2.pdf", digest="b" * 64, size=10, pages=1)
    with pytest.raises(Declined, match="不要年度考核表"):
        unit_papers.attach(ref=one.ref, upload=wrong, by=stage.clerk_of(one), at=NOW)
    client.force_login(stage.qian)
    assert client.get(ADDRESS).status_code == 404
    monkeypatch.setattr(limits, "UNIT_PAPERS_PER_PERSON", (limits.Limit(1, 86400, "太多，{wait}后再传。"),))
    client.force_login(stage.clerk_of(one))
    client.post(ADDRESS, {"files": [scan(f"{row_code(one)}.pdf")]})
    again = client.post(ADDRESS, {"files": [scan(f"{row_code(one)}.pdf")]})
    assert "太多" in again.context["errors"][0]["text"]
