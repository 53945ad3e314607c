from __future__ import annotations

from datetime import date, timedelta

import pytest
from desk_steps import crowd, statements
from django.utils import timezone
from roster_sheets import GOOD, sheet, somebody, uploaded

from chuding.applications.models import Application
from chuding.applications.roster.columns import SHEET
from chuding.applications.roster.models import EmployerStaff, RosterImport
from chuding.applications.services import staff
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import entries_about
from chuding.paper.sheets import extract
from stage import NOW

LIST, NEW = "/employer/staff/", "/employer/staff/import/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def unit(stage):
    return stage.town.employers["machine"]


@pytest.fixture
def clerk(stage, client):
    client.force_login(stage.sun)
    return stage.sun


def upload(client, people, **options):
    response = client.post(NEW, {"file": uploaded(people, **options)})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def import_all(client, people):
    address = upload(client, people)
    assert client.post(f"{address}finish/", {"what": "all"}).status_code == 302
    return address


def seeded(n):
    """Two hundred people of whom thirteen have an error each, in the ways of test_roster_checking."""
    people = [somebody(k) for k in range(n)]
    wrong = {
        13: {"graduated_on": "2021.7"}, 29: {"phone": "1390000"}, 41: {"full_name": "何1"}, 57: {"schooling": "学士"},
        68: {"started_on": "2030-01-01"}, 77: {"study_mode": ""}, 90: {"identity_number": "32110219"}, 101: {"post": ""},
        120: {"degree": "专士"}, 133: {"assessed_fit": "大概"}, 150: {"specialty": "机械"}, 171: {"level": "副高"},
        199: {"phone": people[3]["phone"]},
    }  # fmt: skip
    for place, changes in wrong.items():
        people[place] = people[place] | changes
    return people, {(place + 4, next(iter(changes))) for place, changes in wrong.items()}


def test_two_hundred_rows_are_checked_and_every_seeded_error_is_found_at_its_cell(client, clerk):
    people, expected = seeded(200)
    page = client.get(upload(client, people))
    found = {(f.line, f.column.key) for row in page.context["rows"] for f in row.findings if f.blocks}
    assert (found, page.context["good"], len(page.context["bad"])) == (expected, 187, 13)
    assert "第17行</span>" in page.content.decode()
    assert "写成了 2021.7，请写 2021-07-01" in page.content.decode()


def test_good_rows_are_imported_and_the_cells_wiped(client, clerk, unit):
    people, _ = seeded(200)
    address = upload(client, people)
    refused = client.post(f"{address}finish/", {"what": "all"})
    assert (refused.status_code, EmployerStaff.objects.count()) == (422, 0)
    client.post(f"{address}finish/", {"what": "good"})
    held = RosterImport.objects.get()
    assert (EmployerStaff.objects.filter(employer=unit).count(), held.imported, held.left_out) == (187, 187, 13)
    assert (held.cells, held.done_at) == (
        "",
        NOW.replace(microsecond=held.done_at.microsecond, second=held.done_at.second),
    )
    entry = next(e for e in entries_about(("employer", unit.uscc)) if e.action == "roster.imported")
    assert entry.data == {"rows": 187, "left_out": 13, "file": held.digest}
    assert client.post(f"{address}finish/", {"what": "good"})["Location"] == address
    assert "已导入 187 人" in client.get(address).content.decode()
    assert client.get(f"{address}marked.xlsx").status_code == 404


def test_errors_are_mended_in_place(client, clerk):
    address = upload(client, [GOOD | {"graduated_on": "2023.7"}, somebody(1)])
    assert 'name="cell-4-graduated_on"' in client.get(address).content.decode()
    client.post(f"{address}mend/", {"cell-4-graduated_on": "2022-06-20", "cell-99-phone": "1", "cell-4-nothing": "1"})
    assert client.get(address).context["bad"] == []
    client.post(f"{address}finish/", {"what": "all"})
    assert EmployerStaff.objects.count() == 2


def test_choice_that_does_not_fit_stays_until_another_is_made(client, clerk):
    address = upload(client, [GOOD | {"level": "副高", "full_name": ""}])
    page = client.get(address).content.decode()
    assert '<option value="副高">副高（请改选）</option><option value="">不填</option><option>员级</option>' in page
    assert "第4行</span></h3>" in page  # nobody is called by their line
    client.post(f"{address}mend/", {"cell-4-level": "副高", "cell-4-full_name": "何立秋"})
    assert [f.column.key for row in client.get(address).context["bad"] for f in row.findings] == ["level"]


def test_specialty_that_does_not_fit_is_mended_from_the_catalogue(client, clerk):
    page = client.get(upload(client, [GOOD | {"specialty": "航天"}])).content.decode()
    assert 'list="catalogue"' in page
    assert f'<option value="{GOOD["specialty"]}">' in page


def test_check_that_another_window_has_ended_leads_to_the_upload(client, clerk):
    first = upload(client, [GOOD | {"level": "副高"}])
    upload(client, [somebody(1)])
    for answer in (
        client.get(first),
        client.post(f"{first}mend/", {}),
        client.post(f"{first}finish/", {"what": "all"}),
    ):
        assert answer.status_code == 404
        assert answer.context["errors"][0]["text"].startswith("这份检查结果已经不在了")
        assert 'type="file"' in answer.content.decode()
    assert EmployerStaff.objects.count() == 0


def test_the_marked_workbook_is_handed_out(client, clerk):
    address = upload(client, [GOOD | {"phone": "1"}])
    response = client.get(f"{address}marked.xlsx")
    assert response["Content-Disposition"].startswith("attachment; ")
    value, _ = extract(response.content, {"sheet": SHEET})
    assert value["rows"][3][0] == ("text", "何立秋")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "请先选择"),
        (b"nothing of the kind", "这不是 XLSX 表格"),
        (b"", "文件是空的"),
        (bytes(3 << 20), "超过2 MB"),
    ],
)
def test_what_is_no_sheet_is_told_in_a_sentence(client, clerk, data, sentence):
    file = uploaded([GOOD])
    given = {}
    if data is not None:
        file.file.seek(0)
        file.file.truncate()
        file.file.write(data)
        file.file.seek(0)
        file.size = len(data)
        given = {"file": file}
    response = client.post(NEW, given)
    assert response.status_code == 422
    assert sentence in response.context["errors"][0]["text"]
    assert RosterImport.objects.count() == 0


def test_importing_again_updates_and_makes_nobody_twice(client, clerk):
    import_all(client, [GOOD])
    import_all(client, [GOOD | {"post": "检验员", "phone": "13900009999"}])
    (person,) = EmployerStaff.objects.all()
    assert (person.declared["post"], person.phone) == ("检验员", "13900009999")


def test_what_is_personal_is_encrypted_at_rest(client, clerk):
    import_all(client, [GOOD])
    with_columns = EmployerStaff.objects.raw(
        "SELECT id, full_name || identity_number || phone || details AS stored FROM applications_employerstaff"
    )
    stored = with_columns[0].stored
    assert [
        word for word in (GOOD["full_name"], GOOD["identity_number"], GOOD["phone"], GOOD["school"]) if word in stored
    ] == []


def test_the_roster_tells_who_may_apply_and_when(client, clerk, unit):
    import_all(
        client,
        [
            GOOD,
            somebody(1, started_on="2023-09-27", graduated_on="2023-06-20"),
            somebody(2, started_on="2024-07-01", graduated_on="2024-06-20", assessed_fit="不清楚"),
            somebody(
                3, schooling="大专", degree="没有学位", level="", field_matches="不清楚", graduated_on="2024-06-20"
            ),
        ],
    )
    page = client.get(LIST)
    assert {tab["text"]: tab["count"] for tab in page.context["tabs"]} == {
        "现在可以申报": 1,
        "15天内可以": 1,
        "以后可以": 2,
        "还缺信息": 0,
        "已认领或谢绝": 0,
    }
    (row,) = page.context["rows"]
    assert (row["person"].full_name, row["prospect"].level, row["now"]) == ("何立秋", "助理级", True)
    (soon,) = client.get(LIST, {"tab": "soon"}).context["rows"]
    assert soon["prospect"].on == date(2024, 9, 27)
    later = client.get(LIST, {"tab": "later"}).context["rows"]
    assert {(each["prospect"].on, each["prospect"].to_come) for each in later} >= {
        (date(2025, 7, 1), "还需见习期满考核合格")
    }


def test_somebody_is_found_by_name_whenever_they_may_apply(client, clerk):
    import_all(client, [GOOD, *(somebody(n) for n in range(1, 40))])
    found = client.get(LIST, {"name": GOOD["full_name"][:2]})
    assert [row["person"].full_name for row in found.context["rows"]] == [GOOD["full_name"]]
    # Everybody of a view is invited by the view, never by what was looked for.
    assert 'value="all"' not in found.content.decode()
    every = client.get(LIST, {"name": somebody(1)["full_name"][0]})
    assert len(every.context["rows"]) == 25
    onwards = client.get(LIST, {"name": somebody(1)["full_name"][0], "after": every.context["page"].next})
    shown = {row["person"].pk for page in (every, onwards) for row in page.context["rows"]}
    assert len(shown) > 25
    assert "名单里没有姓名带“欧阳”的人" in client.get(LIST, {"name": "欧阳"}).content.decode()


def test_the_roster_costs_the_same_at_one_row_and_at_thirty(client, clerk):
    import_all(client, [somebody(0)])
    client.get(LIST)
    one, page = statements(client, LIST)
    assert len(page.context["rows"]) == 1
    import_all(client, [somebody(n) for n in range(30)])
    client.get(LIST)
    thirty, page = statements(client, LIST)
    assert (thirty, len(page.context["rows"])) == (one, 25)


def test_a_submitted_file_shows_where_it_stands(stage, client, clerk, unit):
    file = stage.file_at(State.EMPLOYER, online=True)
    Application.objects.filter(pk=file.pk).update(employer=unit)
    import_all(client, [GOOD | {"identity_number": file.identity_number, "full_name": file.full_name}])
    everyone = [
        row for tab in ("now", "soon", "later", "open") for row in client.get(LIST, {"tab": tab}).context["rows"]
    ]
    assert [(row["file"].life, row["invitable"]) for row in everyone] == [(State.EMPLOYER, False)]


def test_another_employers_clerk_sees_and_does_nothing(stage, client, clerk, unit):
    address = upload(client, [GOOD])
    import_all(client, [somebody(1)])
    person = EmployerStaff.objects.get()
    open_one = upload(client, [GOOD])
    client.force_login(stage.town.clerk("ship"))
    assert client.get(LIST).context["listed"] == 0
    own = f"/employer/staff/people/{person.ref}/"
    assert [client.get(a).status_code for a in (own, address, open_one, f"{open_one}marked.xlsx")] == [404] * 4
    posts = (f"{own}remove/", f"{open_one}finish/", f"{open_one}mend/")
    assert [client.post(a).status_code for a in posts] == [404] * 3
    assert client.get(LIST, {"unit": unit.uscc}).status_code == 404
    client.post(f"{LIST}invite/", {"refs": [person.ref]})
    person.refresh_from_db()
    assert person.invited_at is None


def test_somebody_leaves_the_list(client, clerk, unit):
    import_all(client, [GOOD])
    ref = EmployerStaff.objects.get().ref
    page = client.get(f"/employer/staff/people/{ref}/").content.decode()
    assert (GOOD["identity_number"] in page, "何立秋" in page) == (False, True)
    client.post(f"/employer/staff/people/{ref}/remove/")
    assert EmployerStaff.objects.count() == 0
    assert entries_about(("employer", unit.uscc)).last().action == "roster.removed"


def test_a_changed_notice_is_asked_again(client, clerk):
    import_all(client, [GOOD])
    EmployerStaff.objects.update(notice_digest="old", first_on=None)
    assert client.get(LIST).context["stale"] == 1
    client.post(f"{LIST}reckon/")
    page = client.get(LIST)
    assert (page.context["stale"], len(page.context["rows"])) == (0, 1)


def test_sheets_left_lying_are_given_up(stage, client, clerk, unit):
    upload(client, [GOOD])
    upload(client, [somebody(1)])
    assert RosterImport.objects.count() == 1
    assert staff.forget_imports(at=NOW + timedelta(hours=23)) == 0
    assert staff.forget_imports(at=NOW + timedelta(hours=25)) == 1


def test_who_is_no_clerk_any_more_imports_nothing(stage, client, clerk, unit):
    held = staff.open_import(employer=unit, chunks=[sheet([GOOD])], name="名单.xlsx", by=stage.sun, at=NOW)
    unit.clerks.update(active=False)
    with pytest.raises(Declined, match="已不是这个单位的经办人"):
        staff.finish_import(
            ref=held.ref, whole=True, notice=stage.town.notice, by=stage.sun, at=NOW, on=date(2024, 9, 18)
        )


def test_the_progress_list_is_safe_and_has_no_numbers(stage, client, clerk, unit):
    file = stage.file_at(State.EMPLOYER, online=True)
    Application.objects.filter(pk=file.pk).update(employer=unit, post="=cmd|' /C calc'!A0")
    crowd(stage, file, 2, employer=unit, full_name="@众")
    table = client.post("/employer/export/", {"kind": "csv"})
    text = table.content.decode("utf-8-sig")
    assert len(text.splitlines()) == 4
    assert ("'=cmd" in text, "'@众" in text, file.identity_number in text) == (True, True, False)
    book = client.post("/employer/export/", {"kind": "xlsx"})
    value, _ = extract(book.content, {"sheet": "申报进度"})
    assert [row[0][1] for row in value["rows"]][:2] == ["姓名", file.full_name]
    assert entries_about(("employer", unit.uscc)).last().data == {"rows": 3, "kind": "xlsx"}
    assert client.get("/employer/export/").status_code == 405
