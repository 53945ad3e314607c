"""The batch before an approver: exceptions first, by lot again, many at once after their names, never what is one's own."""

from __future__ import annotations

import random

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.services import review
from chuding.applications.services.aftercare import note_view
from chuding.applications.services.viewing import note_pages
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined, State
from chuding.decisions import guards
from chuding.decisions.models import SpotCheck
from chuding.decisions.services import approving
from chuding.ledger.models import Entry
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def waiting(stage):
    """Three of the city's files: in order, one whose social insurance was not found, two without anything special."""
    files = [stage.file_at(State.CITY, "中级") for _ in range(3)]
    Application.objects.filter(pk=files[0].pk).update(social_insurance="not_found")
    return files


def opened(file, person):
    file.refresh_from_db()
    note_view(file, by=person, roles={"city_signer"}, at=NOW)


def refused(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values, at=NOW)
    return refusal.value.sentence


def test_whoever_judged_a_material_is_not_offered_the_file(stage, waiting):
    file = waiting[0]
    material = file.current_materials().first()
    note_pages(application=file, pages={material.ref: range(1, material.pages + 1)}, by=stage.zhao, at=NOW)
    file.materials.filter(pk=material.pk).update(verdict_by=stage.zhao)
    left = approving.waiting_for_approval("city", stage.zhao, NOW.date())
    assert sorted(each.pk for each in left) == sorted(each.pk for each in waiting[1:])
    assert refused(review.approve, ref=file.ref, by=stage.zhao).startswith("判断过材料的人，")


def chosen(*files):
    return [(file.ref, file.version) for file in files]


def test_exceptions_stand_first_and_have_to_be_opened(stage, waiting):
    odd, plain, other = waiting
    rows = approving.batch(office="city", by=stage.zhao, at=NOW)
    assert [row.flags for row in rows] == [("社保未查到",), (), ()]
    assert rows[0].file == odd
    said = refused(approving.approve_many, chosen=chosen(odd, plain), by=stage.zhao)
    assert said == f"{odd.full_name}：有例外情况，要先打开核对。没有办理，请先取消勾选这一件。"
    opened(odd, stage.zhao)
    done = approving.approve_many(chosen=chosen(odd, plain), by=stage.zhao, at=NOW)
    assert {(file.ref, file.state, file.signer) for file in done} == {
        (file.ref, State.APPROVED, stage.zhao) for file in (odd, plain)
    }
    assert [row.file for row in approving.batch(office="city", by=stage.zhao, at=NOW)] == [other]
    assert Entry.objects.filter(action="approve", by=stage.zhao).count() == 2


def test_nothing_is_approved_where_one_has_changed_or_is_not_ones_to_decide(stage, waiting):
    _, plain, other = waiting
    stale = [(plain.ref, plain.version), (other.ref, other.version - 1)]
    assert refused(approving.approve_many, chosen=stale, by=stage.zhao) == (
        f"{other.full_name}的申报刚刚有变化，没有办理。请返回列表重新核对。"
    )
    assert refused(approving.approve_many, chosen=[], by=stage.zhao) == "请先勾选要审批通过的申报。"
    assert refused(approving.approve_many, chosen=chosen(plain), by=stage.wu).startswith(
        "有申报已经不在您的待审批名单里"
    )
    assert refused(approving.approve_many, chosen=chosen(plain), by=stage.li) == "只有协会或市职称办的签发人可以审批。"
    Application.objects.filter(pk=plain.pk).update(applicant=stage.zhao)
    assert plain not in [row.file for row in approving.batch(office="city", by=stage.zhao, at=NOW)]
    assert Application.objects.filter(state=State.APPROVED).count() == 0


def test_lot_can_be_repeated_and_what_it_drew_waits_for_a_look(stage, waiting):
    (check,) = approving.draw(count=1, by=stage.zhao, at=NOW)
    entry = Entry.objects.get(action="draw_spot_checks")
    refs = sorted(file.ref for file in waiting)
    assert random.Random(entry.data["seed"]).sample(refs, 1) == [check.application.ref] == entry.data["drawn"]
    file = check.application
    assert refused(approving.approve_many, chosen=chosen(file), by=stage.zhao) == (
        f"{file.full_name}：抽查还没有办完。没有办理，请先取消勾选这一件。"
    )
    assert refused(approving.looked_at, ref=file.ref, note="核对过", by=stage.zhao) == (
        f"请先打开{file.full_name}的申报核对，再写抽查结果。"
    )
    opened(file, stage.zhao)
    assert refused(approving.looked_at, ref=file.ref, note=" ", by=stage.zhao) == "请写明核对了什么、结果怎样。"
    approving.looked_at(ref=file.ref, note="学历和考核都核对无误", by=stage.zhao, at=NOW)
    assert SpotCheck.objects.get().done_by == stage.zhao
    assert refused(approving.draw, count=0, by=stage.zhao) == "请写 1 到 100 之间的件数。"
    assert len(approving.draw(count=50, by=stage.zhao, at=NOW)) == 3
    assert refused(approving.draw, count=1, by=stage.zhao).startswith("没有可以抽查的申报")


def test_drawn_file_is_approved_by_nobody_before_the_look(stage, waiting, client):
    (check,) = approving.draw(count=1, by=stage.zhao, at=NOW)
    file = check.application
    why = "这件申报被抽中抽查。请先在“审批”页写下抽查结果，再审批。"
    assert refused(review.approve, ref=file.ref, by=stage.zhao) == why
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=file.pk).update(state=State.APPROVED, signer=stage.zhao, approved_at=NOW)
    client.force_login(stage.zhao)
    page = client.get(f"/desk/{file.ref}/").content.decode()
    assert why in page
    assert 'value="approve"' not in page
    opened(file, stage.zhao)
    approving.looked_at(ref=file.ref, note="学历和考核都核对无误", by=stage.zhao, at=NOW)
    page = client.get(f"/desk/{file.ref}/").content.decode()
    assert why not in page
    assert 'value="approve"' in page
    assert review.approve(ref=file.ref, by=stage.zhao, at=NOW).life is State.APPROVED


def test_the_site_does_not_start_without_the_guard_of_approvals(db):
    assert [e.id for e in run_checks(databases=["default"]) if e.id == "chuding.E006"] == []
    with connection.cursor() as cursor:
        for statement in guards.DROP[connection.vendor]:
            cursor.execute(statement)
    assert [e.id for e in run_checks(databases=["default"]) if e.id == "chuding.E006"] == ["chuding.E006"]


def test_figures_stand_beside_the_year_before(stage, waiting):
    before = stage.file_at(State.APPROVED, "中级")
    Application.objects.filter(pk=before.pk).update(approved_at=NOW.replace(year=2023), series=waiting[1].series)
    rows = approving.batch(office="city", by=stage.zhao, at=NOW)
    tables = dict(approving.figures(rows, office="city", at=NOW.replace(month=10)))
    series = {key: (now, then) for key, now, then in tables["系列"]}
    assert sum(now for now, _ in series.values()) == 3
    assert series[waiting[1].series][1] == 1
    days = approving.forwarded_days(rows)
    assert sum(count for _, count in days) == 3
    first = days[0][0]
    assert {local_day(row.file.rechecked_at) for row in approving.forwarded_on(rows, first)} == {first}


def test_by_the_pages_from_the_list_over_the_names_to_approval(stage, waiting, client, django_assert_max_num_queries):
    odd, plain, other = waiting
    client.force_login(stage.zhao)
    with django_assert_max_num_queries(30):
        page = client.get("/decisions/approvals/")
    assert [row.file for row in page.context["exceptions"]] == [odd]
    nothing = client.post("/decisions/approvals/")
    assert (nothing.status_code, nothing.context["errors"][0]["text"]) == (422, "请先勾选要审批通过的申报。")
    named = client.post("/decisions/approvals/", {"refs": [odd.ref, plain.ref]})
    assert ([row.file for row in named.context["ready"]], [row.file for row in named.context["blocked"]]) == (
        [plain],
        [odd],
    )
    assert client.get(f"/desk/{odd.ref}/").status_code == 200
    named = client.post("/decisions/approvals/", {"refs": [odd.ref, plain.ref]})
    assert named.context["blocked"] == []
    wrong = client.post("/decisions/approvals/", {"chosen": ["junk", f"{plain.ref}:99999999999"]})
    assert wrong.status_code == 422
    answer = client.post(
        "/decisions/approvals/", {"chosen": [f"{plain.ref}:{plain.version}", f"{odd.ref}:{odd.version}"]}
    )
    assert answer["Location"] == "/decisions/"
    assert client.post("/decisions/approvals/draw/", {"count": "不"}).status_code == 422
    client.post("/decisions/approvals/draw/", {"count": "1"})
    assert client.get("/decisions/approvals/").context["drawn"][0].file == other
    client.get(f"/desk/{other.ref}/")
    done = client.post("/decisions/approvals/looked/", {"ref": other.ref, "note": "核对无误"})
    assert (done.status_code, SpotCheck.objects.get().note) == (302, "核对无误")


def test_the_database_takes_no_spot_check_by_who_has_to_step_back(stage, waiting):
    file = waiting[1]
    check = SpotCheck.objects.create(application=file, drawn_by=stage.zhao, drawn_at=NOW)
    done = {"done_at": NOW, "note": "核对了全部材料。"}
    Tie.objects.create(person=stage.wu, kind=TieKind.EMPLOYER, value=file.employer_name, declared_at=NOW)
    for person in (file.applicant, stage.li, stage.zhou, stage.wu):
        with pytest.raises(IntegrityError), transaction.atomic():
            SpotCheck.objects.filter(pk=check.pk).update(done_by=person, **done)
    assert SpotCheck.objects.filter(pk=check.pk).update(done_by=stage.zhao, **done) == 1
