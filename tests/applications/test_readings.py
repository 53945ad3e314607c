from __future__ import annotations

import re

import pytest
from django.utils import timezone

from chuding.applications.models import Application, Material
from chuding.applications.readings.beside import readings_of
from chuding.applications.readings.expected import expected_in, schooling_code
from chuding.applications.readings.filling import names_read
from chuding.applications.readings.models import PaperReading, ReadingState
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
    assert (letter["full_name"], letter["employer_name"], letter["endorsed_on"]) == ("agree", "agree", "alone")


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
    assert {m.code: expected_in(m) for m in file.current_materials()} == {
        m.code: {"1": "endorsement", "2": "schooling"}.get(m.code, "") for m in file.current_materials()
    }
    assert schooling_code(notice_of(file)) == "2"


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
