from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from chuding.accounts.models import Employer
from chuding.applications.material_kinds import READ, Kind, code_of, kind_in
from chuding.applications.models import Application, Material
from chuding.applications.readings.beside import readings_of
from chuding.applications.readings.filling import names_read
from chuding.applications.readings.models import PaperReading, ReadingState
from chuding.applications.readings.told import employer_told, name_told
from chuding.applications.tasks import read_material
from chuding.applications.translate import notice_of
from chuding.applications.workflow import State
from chuding.storage.files import store
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def material(file, code):
    return file.current_materials().get(code=code)


def read(file, code):
    given = material(file, code)
    read_material.call(material_id=given.pk)
    return readings_of(file, [given])[given.ref]


def answers(reading):
    return {row.name: row.answer for page in reading.pages for row in page.rows}


def test_papers_of_the_demonstration_agree_with_what_was_typed(stage):
    file = stage.file_at(State.REVIEWING)
    found = answers(read(file, "2"))
    assert {name: found[name] for name in ("full_name", "school", "major", "schooling_number")} == {
        "full_name": "agree", "school": "agree", "major": "agree", "schooling_number": "agree",
    }  # fmt: skip
    letter = answers(read(file, "1"))
    assert (letter["full_name"], letter["employer_name"], letter["endorsed_on"]) == ("agree", "agree", "agree")


def test_school_and_major_are_offered_from_ones_own_papers(stage):
    """There is no register of schools here: the list under the box has what the papers say, and is empty without one."""
    file = stage.file_at(State.REVIEWING)
    assert names_read(file) == {"school": [], "major": []}
    read_material.call(material_id=material(file, "2").pk)
    education = file.educations.first()
    assert names_read(file) == {"school": [education.school], "major": [education.major]}


def test_box_of_the_school_has_that_list(stage, client):
    file = stage.file_at(State.REVIEWING)
    read_material.call(material_id=material(file, "2").pk)
    Application.objects.filter(pk=file.pk).update(state=State.DRAFT)
    client.force_login(file.applicant)
    page = client.get(f"/applications/{file.ref}/schooling/").content.decode()
    assert 'list="known-school"' in page
    names = re.search(r'<datalist id="known-school" lang="zh-Hans">(.*?)</datalist>', page)[1]
    assert names == f'<option value="{file.educations.first().school}"></option>'


def test_other_persons_diploma_differs_and_has_its_place(stage):
    file = stage.file_at(State.REVIEWING)
    given = material(file, "2")
    read_material.call(material_id=given.pk)
    education = file.educations.first()
    education.school = "南京某某大学"
    education.save()
    Application.objects.filter(pk=file.pk).update(full_name="赵别人")
    reading = readings_of(Application.objects.get(pk=file.pk), [given])[given.ref]
    assert (answers(reading)["full_name"], answers(reading)["school"], reading.differing) == ("differ", "differ", 2)
    mark = next(row.mark for page in reading.pages for row in page.rows if row.name == "full_name")
    assert (mark.page, mark.tone) == (1, "bad")
    assert 0 < mark.left < mark.left + mark.width < 1000
    assert reading.marks[0] == mark


@pytest.mark.parametrize(
    ("uploaded", "published", "answer"),
    [(0, 0, "agree"), (-60, 0, "differ"), (0, 60, "differ")],
    ids=["between", "handed in before its own date", "older than the notice"],
)
def test_letters_date_lies_between_notice_and_hand_in(stage, monkeypatch, uploaded, published, answer):
    """A letter of last year, or one with a date to come, is shown as differing; nobody types that date."""
    file = stage.file_at(State.REVIEWING)
    given = material(file, "1")
    reading = read(file, "1")
    (row,) = [row for page in reading.pages for row in page.rows if row.name == "endorsed_on"]
    letter = date(*map(int, re.findall(r"\d+", row.read)))
    moment = NOW.replace(year=letter.year, month=letter.month, day=letter.day)
    Material.objects.filter(pk=given.pk).update(uploaded_at=moment + timedelta(days=uploaded))
    notice = replace(notice_of(file), published=letter + timedelta(days=published))
    monkeypatch.setattr("chuding.applications.readings.beside.notice_of", lambda _application: notice)
    again = Material.objects.get(pk=given.pk)
    reading = readings_of(file, [again])[again.ref]
    assert answers(reading)["endorsed_on"] == answer
    assert reading.differing == (answer == "differ")
    (row,) = [row for page in reading.pages for row in page.rows if row.name == "endorsed_on"]
    assert row.typed.startswith("应在") is True


def test_pages_that_were_not_read_are_named(stage):
    file = stage.file_at(State.REVIEWING)
    assert read(file, "2").unread_words == ""
    given = material(file, "2")
    Material.objects.filter(pk=given.pk).update(pages=4)
    again = Material.objects.get(pk=given.pk)
    assert readings_of(file, [again])[again.ref].unread_words == "第2—4页"


def test_page_behind_the_sixth_is_read_too(stage):
    """The degree at the end of a long scan counts as the diploma at its beginning."""
    file = stage.file_at(State.REVIEWING)
    given = material(file, "2")
    long = pikepdf.new()
    for number in range(8):
        if number < 7:
            long.add_blank_page(page_size=(595, 842))
        else:
            with pikepdf.open(store().path(given.file)) as one:
                long.pages.extend(one.pages)
    out = BytesIO()
    long.save(out)
    Material.objects.filter(pk=given.pk).update(file=store().put(out.getvalue()), pages=8)
    again = Material.objects.get(pk=given.pk)
    read_material.call(material_id=given.pk)
    reading = readings_of(file, [again])[again.ref]
    assert ([page.number for page in reading.pages], reading.unread_words) == ([8], "第1—7页")


def draft_with_paper_of(stage, other, code):
    """A draft that was given another file's paper and read; its name and unit are still open."""
    draft = stage.file_at(State.DRAFT)
    paper = material(other, code)
    given = Material.objects.create(
        application=draft, code=code, name="x.pdf", file=paper.file, size=1, pages=paper.pages, uploaded_at=NOW
    )
    read_material.call(material_id=given.pk)
    Application.objects.filter(pk=draft.pk).update(
        full_name="", employer_name="", employer=None, employer_uscc="", engagement=""
    )
    return Application.objects.get(pk=draft.pk)


def test_name_is_offered_to_the_identity_form_and_never_overwrites(stage, client):
    other = stage.file_at(State.REVIEWING)
    file, name = draft_with_paper_of(stage, other, "2"), other.full_name
    client.force_login(file.applicant)
    address = reverse("application_section", args=[file.ref, "identity"])
    told = name_told(file)
    assert (told.value, told.code, told.page) == (name, "2", 1)
    offered = client.get(address).content.decode()
    assert (f"材料2第1页上的姓名是“{name}”" in offered, f'value="{name}"' in offered) == (
        True,
        False,
    )
    taken = client.get(address, {"take": "full_name"}).content.decode()
    assert (f'value="{name}"' in taken, "还没有保存" in taken) == (True, True)
    assert Application.objects.get(pk=file.pk).full_name == ""
    Application.objects.filter(pk=file.pk).update(full_name="赵别人")
    typed = client.get(address, {"take": "full_name"}).content.decode()
    assert ('value="赵别人"' in typed, "材料2第1页上的姓名" in typed) == (True, False)


@pytest.mark.parametrize("verified", [True, False])
def test_letters_unit_is_offered_to_the_employer_form(stage, client, verified):
    other = stage.file_at(State.REVIEWING)
    file, name = draft_with_paper_of(stage, other, "1"), other.employer_name
    if not verified:
        Employer.objects.filter(name=name).update(verified_at=None)
    client.force_login(file.applicant)
    address = reverse("application_section", args=[file.ref, "employer"])
    assert employer_told(file).value == name
    assert f"材料1第1页上的单位全称是“{name}”" in client.get(address).content.decode()
    form = client.get(address, {"take": "employer_name"}).context["form"]
    chosen = (form["engagement"].value(), form["employer"].value(), form["employer_name"].value())
    uscc = Employer.objects.get(name=name).uscc
    assert chosen == ("employment_contract", uscc if verified else "", "" if verified else name)
    Application.objects.filter(pk=file.pk).update(engagement="freelance")
    assert employer_told(Application.objects.get(pk=file.pk)) is None


def test_reading_is_kept_encrypted_and_once(stage, django_assert_num_queries):
    file = stage.file_at(State.REVIEWING)
    given = material(file, "2")
    read_material.call(material_id=given.pk)
    read_material.call(material_id=given.pk)
    row = PaperReading.objects.values("state", "read_at").get(material=given)
    assert row == {"state": "read", "read_at": row["read_at"]}
    with django_assert_num_queries(1):
        stored = PaperReading.objects.raw("SELECT id, pages AS kept, pages FROM applications_paperreading")[0]
        assert file.full_name not in stored.kept
        assert file.full_name in stored.pages


def test_same_file_is_not_looked_at_twice(stage, monkeypatch):
    one, two = stage.file_at(State.REVIEWING), stage.file_at(State.RECEIVED)
    given = material(one, "2")
    read_material.call(material_id=given.pk)
    other = material(two, "2")
    Material.objects.filter(pk=other.pk).update(file=given.file)
    monkeypatch.setattr("chuding.applications.readings.keeping.read_paper", None)
    assert read_material.call(material_id=other.pk) == "read"
    assert PaperReading.objects.get(material=other).pages == PaperReading.objects.get(material=given).pages


def test_file_that_does_not_open_is_said_so_and_waits_for_nobody(stage):
    file = stage.file_at(State.REVIEWING)
    given = material(file, "2")
    Material.objects.filter(pk=given.pk).update(file=store().put(b"%PDF-1.7 broken %%EOF"))
    assert read_material.call(material_id=given.pk) == ReadingState.FAILED
    assert readings_of(file, [given])[given.ref].state == "failed"


def test_what_nobody_looks_at_any_more_is_not_read(stage):
    file = stage.file_at(State.REVIEWING)
    Application.objects.filter(pk=file.pk).update(state=State.WITHDRAWN)
    assert read_material.call(material_id=material(file, "2").pk) == "not read"
    assert not PaperReading.objects.exists()


def test_only_papers_that_say_something_are_read(stage):
    file = stage.file_at(State.REVIEWING)
    notice = notice_of(file)
    read = {m.code for m in file.current_materials() if kind_in(notice, m.code) in READ}
    assert read == {"1", "2"}
    assert read_material.call(material_id=material(file, "3").pk) == "not read"
    assert code_of(notice_of(file), Kind.SCHOOLING) == "2"


def test_reviewer_sees_answer_and_place(stage, client):
    file = stage.file_at(State.REVIEWING)
    given = material(file, "2")
    Material.objects.filter(pk=given.pk).update(pages_ready=True)
    read_material.call(material_id=given.pk)
    education = file.educations.first()
    education.major = "另一个专业名称"
    education.save()
    client.force_login(stage.li)
    page = client.get(f"/desk/{file.ref}/?material={given.ref}").content.decode()
    assert "1 处不一致" in page
    assert "填报：另一个专业名称" in page
    assert '<rect class="mark mark-bad"' in page
