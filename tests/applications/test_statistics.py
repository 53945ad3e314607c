"""The charts: one table each, drawn, coarse for everybody, narrowed down by address."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from desk_steps import crowd, judge_all
from django.template.loader import render_to_string
from django.utils import timezone
from self_check_steps import walk

from chuding.accounts import tallies
from chuding.accounts.appointments import add_person, appoint
from chuding.applications.material_kinds import kind_in
from chuding.applications.models import Application
from chuding.applications.reviewing.reasons import reasons_for
from chuding.applications.sections import part_title
from chuding.applications.services import review, statistics
from chuding.applications.statistics import beside, counting
from chuding.applications.statistics.browsers import kind_of
from chuding.applications.statistics.charts import Chart, Column, Kind, Shape, for_everybody, median, percent
from chuding.applications.statistics.drawing import draw
from chuding.applications.statistics.rows import FileRow, Scope, channels, read
from chuding.applications.workflow import State
from chuding.ledger.models import Entry
from chuding.messages.models import Message
from chuding.notices.services import Proposal, adopt_first, publish
from chuding.notices.shelf import current
from chuding.policy.notice import FOLDER, load_notice
from chuding.policy.source import Files, read_files
from chuding.policy.working_days import working_days_between
from stage import NOW

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def chart(*rows, shape=Shape.BARS):
    columns = (Column("项", Kind.WORDS), Column("件数"), Column("占比", Kind.PERCENT, drawn=False))
    if shape is Shape.HEAT:
        columns = (
            columns[0],
            Column("级别", Kind.WORDS, drawn=False),
            columns[1],
            Column("上年", then=True),
            columns[2],
        )
        rows = [(name, level, count, count // 2, rate) for name, count, rate in rows for level in ("员级", "中级")]
    if shape is Shape.STACK:
        columns = (*columns, Column("逾期", drawn=False, late_of=1))
        rows = [(*row, row[1] // 3) for row in rows]
    return Chart("key", "题", "说明", shape, columns, tuple(rows))


def year(scope=None):
    return statistics.Year(scope or Scope(2024), current(NOW), TODAY)


def by_key(charts):
    return {each.key: each for each in charts}


def test_everybody_reads_no_small_count_and_no_rate_of_few():
    told = for_everybody(chart(("甲", 0, 0), ("乙", 4, 50), ("丙", 7, 40), ("丁", 12, 30), ("戊", 43, 20)))
    assert told.rows == (
        ("甲", 0, None), ("乙", None, None), ("丙", 5, None), ("丁", 10, 30), ("戊", 45, 20),
    )  # fmt: skip
    assert told.table[1] == ("乙", "少于5", "—")


def test_numbers_that_are_all_of_few_people_are_said_to_be_untold():
    few, none = chart(("甲", 4, 0), ("乙", 0, 0)), chart(("甲", 0, 0))
    for made, words in ((few, "人数太少，为保护个人信息不公布数字。"), (none, "还没有可以统计的数据。")):
        shown = render_to_string("partials/chart.html", {"chart": for_everybody(made), "drawing": draw(made)})
        assert words in shown


def test_medians_and_shares_of_nothing_are_unknown():
    assert (median([]), median([9, 1, 4]), median([1, 2]), percent(0, 0), percent(1, 3)) == (None, 4, 1, None, 33)


@pytest.mark.parametrize("shape", Shape)
def test_picture_stays_inside_its_frame(shape):
    rows = tuple((f"第{n}项，名字很长很长很长很长很长很长很长", n * 997, 50) for n in range(9))
    picture = draw(chart(*rows, shape=shape))
    right = max(float(box.x) + float(box.width) for box in picture.boxes) if picture.boxes else 0
    low = max([float(box.y) + float(box.height) for box in picture.boxes] + [float(w.y) for w in picture.words])
    points = [float(pair.split(",")[0]) for trace in picture.traces for pair in trace.points.split()]
    assert (right <= 320, max(points, default=0) <= 320, low <= picture.height) == (True, True, True)
    assert chart(shape=shape).empty
    assert draw(chart(shape=shape)).height > 0


def test_charts_count_the_files_of_a_year(stage):
    waiting, sent_back = stage.file_at(State.RECEIVED), stage.file_at(State.CORRECTION)
    rechecked = stage.file_at(State.SIGNING)
    stage.file_at(State.DRAFT)
    found = by_key(year().charts())
    assert [row[:2] for row in found["funnel"].rows if row[0] != "注册"] == [
        ("自查", 0), ("建草稿", 4), ("提交", 3), ("转到协会", 3), ("受理", 2), ("复核完成", 1), ("审批通过", 0), ("发证", 0),
    ]  # fmt: skip
    assert {row[0]: sum(row[1::2]) for row in found["ages"].rows} == {"待受理": 1, "待补正": 1, "待协会审批": 1}
    series = {file.series for file in (waiting, sent_back, rechecked)}
    assert {row[0] for row in found["specialties"].rows} == series
    assert sum(row[2] for row in found["specialties"].rows if row[1] == "助理级") == 3
    assert [row[1:] for row in found["on_time"].rows] == [(100, 100, 100, 1)]
    assert [row[1] for row in found["arrivals"].rows if row[1] is not None][-1] == 3
    items = sent_back.corrections.get().items
    assert sum(row[1] for row in found["reasons"].rows) == len(items)
    assert found["reasons"].rows[-1][2] == 100
    assert sum(row[3] for row in found["first_time_right"].rows) == 2
    narrow = Scope(2024, series=waiting.series, employer=waiting.employer_name)
    funnel = by_key(year(narrow).charts())["funnel"]
    expected = [
        f
        for f in (waiting, sent_back, rechecked)
        if (f.series, f.employer_name) == (waiting.series, waiting.employer_name)
    ]
    assert funnel.rows[0][:2] == ("提交", len(expected))


def test_bar_of_what_is_in_hand_leads_to_the_list_of_just_these_files(stage, client):
    """Every stage and age, counted from the days used before a pause too; and what is past its term is red and apart."""
    file, sent_back = stage.file_at(State.RECEIVED), stage.file_at(State.CORRECTION)
    Application.objects.filter(pk=sent_back.pk).update(stage_used=9)
    pairs = [(0, 0), (3, 0), (0, 4), (7, 1), (8, 0), (2, 14), (0, 16), (3, 16)]
    for twin, (used, days) in zip(crowd(stage, file, len(pairs)), pairs, strict=True):
        since = next(
            d for d in (TODAY - timedelta(days=k) for k in range(60)) if working_days_between(d, TODAY) == days
        )
        due = TODAY - timedelta(days=1 if used + days > 7 else -1)
        Application.objects.filter(pk=twin.pk).update(stage_used=used, stage_since=since, due_on=due)
    lead = stage.person("尤芒种", "19944444444")
    appoint(person=lead, office="association", duty="lead", at=NOW)
    client.force_login(lead)
    page = client.get("/desk/statistics/", {"year": 2024, "level": file.level})
    made = page.context["pictures"][1][0]
    told = [(line, place, cell) for line, row in enumerate(made.rows) for place, cell in enumerate(row) if place]
    assert sum(cell for _line, place, cell in told if place % 2) == 10
    assert sum(cell for _line, place, cell in told if place % 2 == 0) == 6
    for line, place, cell in told:
        behind = page.context["behind"] + made.behind[line, place]
        rows = client.get(behind).context["rows"]
        assert len(rows) == cell, behind
    red = [box for box in page.context["pictures"][1][1].boxes if box.kind == "chart-late" and box.behind]
    assert sum(int(box.says.split()[-1]) for box in red) == 6
    assert "逾期 " in page.content.decode()
    narrowed = client.get(page.context["behind"] + made.behind[0, 1] + "&week=2024-09-16&district=nowhere").context
    assert (narrowed["rows"], narrowed["filters"].behind) == ([], ["nowhere", "9月16日那一周提交", "等了0–3天"])
    assert "waited" not in client.get("/desk/search/?waited=4-7&due=late&week=x").context["filters"].query()


def test_what_waits_for_its_unit_leads_nowhere_and_everybodys_chart_has_no_links(stage):
    stage.file_at(State.EMPLOYER, online=True)
    ages = counting.ages(read(Scope(2024)), TODAY)
    assert (ages.rows[0][0], ages.behind) == ("待单位审核", {})
    stage.file_at(State.RECHECK)
    assert counting.ages(read(Scope(2024)), TODAY).behind
    assert [each.behind for each in year().public_charts()] == [{}] * len(statistics.PUBLIC)


def test_age_of_what_waits_for_its_unit_is_told_without_units():
    day = date(2024, 9, 18)
    row = FileRow(1, 1, State.EMPLOYER, "助理级", "机械工程", "甲", 1, day, None, None, None, None, day, 0, day)
    rows = [row._replace(used=used, due=day - timedelta(days=used > 5)) for used in (0, 0, 2, 6, 25, 30)]
    made = counting.employer_ages([*rows, row._replace(state=State.RECEIVED)], day)
    assert made.rows[:3] == (("0–1天", 2, 0), ("2–3天", 1, 0), ("4–5天", 0, 0))
    assert made.rows[3:] == (("6–8天", 1, 1), ("9–15天", 0, 0), ("16天以上", 2, 2))
    said = [word.text for word in draw(for_everybody(made)).words if word.kind == "chart-number"]
    assert said == ["少于5", "少于5", "0", "少于5", "0", "少于5"]
    assert counting.employer_ages([], day).empty


def test_each_series_and_level_has_its_pass_rate_and_stands_beside_the_year_before():
    day = date(2024, 9, 18)
    row = FileRow(1, 1, State.ISSUED, "助理级", "机械工程", "甲", 1, day, day, day, day, day, None, 0, None)
    rows = [row] * 3 + [row._replace(state=State.REFUSED)] + [row._replace(level="中级", state=State.RECEIVED)]
    made = counting.specialties(rows, [row._replace(level="中级")] * 7, ("助理级", "中级"))
    assert made.rows == (("机械工程", "助理级", 4, 4, 75, 0), ("机械工程", "中级", 1, 0, None, 7))
    picture = draw(made)
    assert [box.kind for box in picture.boxes] == [
        "chart-heat chart-heat-3", "chart-then chart-heat-0", "chart-heat chart-heat-1", "chart-then chart-heat-4",
    ]  # fmt: skip
    assert [word.text for word in picture.words if word.kind == "chart-number"] == ["4", "0", "75%", "1", "7", "—"]
    assert for_everybody(made).rows[0][2:] == (None, None, None, 0)


def test_charts_are_narrowed_to_one_specialty(stage):
    one = stage.file_at(State.RECEIVED)
    crowd(stage, one, 2, specialty="电力工程/发电")
    found = [sum(row[2] for row in year(Scope(2024, specialty=each)).chart("specialties").rows) for each in
             ("", one.specialty, "电力工程/发电")]  # fmt: skip
    assert found == [3, 1, 2]


def test_messages_are_told_by_the_service_and_the_hour_that_took_them(stage):
    person = stage.person("尤芒种", "19944444444")
    taken = [("aliyun", 9, "delivered"), ("aliyun", 9, "failed"), ("aliyun", 9, "sent"), ("tencent", 21, "delivered")]
    for service, hour, state in taken:
        sent = NOW.replace(hour=hour) - timedelta(days=2)
        Message.objects.create(
            person=person, phone="1", template="x", state=state, gateway=service, created_at=sent, sent_at=sent
        )
    Message.objects.create(person=person, phone="1", template="x", state="pending", created_at=NOW)
    told = {row[:2]: row[2:] for row in beside.messages_by_hour(TODAY).rows}
    assert told["9 时", "aliyun"] == (3, 1, 1, 50)
    assert told["21 时", "tencent"] == (1, 1, 0, 100)
    assert told["9 时", "tencent"] == (0, 0, 0, None)
    assert len(told) == 4


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Mozilla/5.0 (Linux; Android 13) Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.44", "wechat"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Version/17.0 Mobile/15E148 Safari/604.1", "safari"),
        ("Mozilla/5.0 (Windows NT 6.1) Chrome/86.0.4240.198 Safari/537.36 QIHU 360SE", "chrome"),
        ("Mozilla/5.0 (X11; rv:128.0) Gecko/20100101 Firefox/128.0", "firefox"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_browser_is_known_by_its_kind_alone(said, kind):
    assert kind_of(said) == kind


def test_returns_are_counted_by_their_reason_and_held_to_their_bars():
    """Eleven reasons in forty files, two of which came back twice; and what is told of nothing."""
    day, notice = date(2024, 9, 18), load_notice("zhenjiang-2024-1")
    row = FileRow(1, 1, State.RECHECK, "助理级", "机械工程", "甲", None, *[day] * 5, None, 0, None)
    rows = [row._replace(pk=n) for n in range(40)]
    presets = [(code, reason) for code in ("1", "2", "3") for reason in reasons_for(kind_in(notice, code))]
    several = list(dict.fromkeys((code, reason.code, reason.text) for code, reason in presets))[:11]
    items = [{"part": f"material:{code}", "code": key, "reason": text} for code, key, text in several]
    sent_back = [(n, day, day, [items[min(n, 9)]]) for n in range(18)] + [(n, day, day, [items[10]]) for n in (0, 1)]
    chart = beside.reasons(sent_back, rows, notice)
    assert chart.rows[0] == (f"材料{several[9][0]}：{several[9][2]}", 9, 45)
    assert (len(chart.rows), chart.rows[-1][2]) == (11, 100)
    held = beside.returns_held_to(rows, sent_back, notice)
    assert [cells[:3] for cells in held.rows] == [("二次退回率", 5, "不超过5%"), ("前10项理由占比", 95, "不低于80%")]
    assert beside.returns_held_to([], [], notice).empty
    free = [(1, day, None, [{"part": "material:2", "code": "", "reason": "自己写的"}, {"part": "section:work"}])]
    names = {cells[0] for cells in beside.reasons(free, [row], notice).rows}
    assert names == {"材料2 毕业证书、学位证书或学信网电子注册备案表", part_title("section:work")}


def test_everybodys_charts_name_no_unit_and_no_reviewer(stage):
    stage.file_at(State.EMPLOYER, online=True)
    charts = year().public_charts()
    told = {each.key for each in charts}
    assert told.isdisjoint({"returns_held_to", "slow_employers", "capacity", "ratings", "messages", "messages_by_hour"})
    assert told < {each.key for each in year().charts()}
    assert [row[:2] for row in charts[0].table if row[0] == "提交"] == [("提交", "少于5")]


def test_whole_way_is_told_of_ten_people_and_not_of_nine():
    day = date(2024, 4, 1)
    row = FileRow(1, 1, State.ISSUED, "助理级", "建设工程", "甲", None, *[day] * 4, date(2024, 4, 21), None, 0, None)
    said = [counting.funnel([row] * count, before=()).says for count in (9, 10)]
    assert [("20 天以内走完" in each) for each in said] == [False, True]


def test_messages_that_arrived_are_among_those_sent(stage):
    person = stage.person("尤芒种", "19944444444")
    for state in ("sent", "delivered", "delivered", "pending", "dead"):
        Message.objects.create(person=person, phone="19944444444", template="x", state=state, created_at=NOW)
    assert beside.messages(TODAY).rows[-1][1:] == (3, 2, 1, 1)


def test_capacity_counts_each_days_reviews_and_the_gap_between_them(stage):
    day = by_key(year().charts())["capacity"].rows[-1]
    assert day == ("9月18日", 0, None)
    files = [stage.file_at(State.REVIEWING), stage.file_at(State.REVIEWING)]
    for file in files:
        judge_all(file, stage.li)
    for minute, file in zip((0, 2), files, strict=True):
        at = NOW.replace(minute=minute)
        review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=at)
    rows = by_key(year().charts())["capacity"].rows
    assert rows[-1] == ("9月18日", 2, 120)


def test_lead_reads_the_page_and_takes_a_table_along(stage, client, django_assert_max_num_queries):
    stage.file_at(State.RECEIVED)
    lead = stage.person("尤芒种", "19944444444")
    appoint(person=lead, office="association", duty="lead", at=NOW)
    client.force_login(lead)
    with django_assert_max_num_queries(40):
        page = client.get("/desk/statistics/?year=2024&level=外星&week=2024-09-16&district=nowhere")
    assert (page.status_code, page.context["scope"]) == (200, Scope(2024, week=date(2024, 9, 16)))
    table = client.get("/desk/statistics/?year=2024&csv=funnel")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[1] == ["环节", "件数", "占上一步", "用时（天）"]
    assert [row[:2] for row in rows if row[0] == "提交"] == [["提交", "1"]]
    assert client.get("/desk/statistics/?csv=nothing").status_code == 404
    client.force_login(stage.li)
    assert client.get("/desk/statistics/").status_code == 404


def test_what_happens_is_counted_by_day_and_without_names(db):
    for key in ("file", "file", "number"):
        tallies.count(kind=tallies.VERIFICATION, key=key, on=TODAY)
    for key in ("password@wechat", "password@", "password", "photo-heic@safari"):
        tallies.count(kind=tallies.UPLOAD_REFUSED, key=key, on=TODAY)
    tallies.count(kind=tallies.SELF_CHECK, key="可以申报助理级", on=TODAY)
    found = by_key(year().charts())
    assert found["verifications"].rows[-1] == ("9月18日", 1, 2)
    assert found["refused_uploads"].head[1:] == ("微信", "Firefox", "Chrome 或同类", "Safari", "其他或不详")
    assert found["refused_uploads"].rows == (("文件设了密码", 1, 0, 0, 0, 2), ("照片：HEIC 格式", 0, 0, 0, 1, 0))
    assert found["self_checks"].rows == (("可以申报助理级", 1),)
    assert found["funnel"].rows[0][:2] == ("自查", 1)


def test_self_check_is_counted_once_for_the_same_answers(db, client):
    walk(client)
    assert client.get("/check/result/").status_code == 200
    assert sum(tallies.sums(tallies.SELF_CHECK, TODAY, TODAY).values()) == 1


def test_everybody_reads_no_rate_of_few_nor_one_that_gives_few_away():
    """The rate rests on its own count, and an exact share of a known number tells how many are missing from it."""
    columns = (
        Column("系列", Kind.WORDS), Column("助理级"), Column("已决定", drawn=False),
        Column("通过率", Kind.PERCENT, drawn=False, of=2),
    )  # fmt: skip
    rows = (("轻工", 12, 1, 0), ("机械", 40, 15, 93), ("电力", 40, 30, 77), ("船舶", 40, 30, 100))
    told = for_everybody(Chart("key", "题", "说明", Shape.HEAT, columns, rows))
    assert [row[3] for row in told.rows] == [None, None, 75, 100]


def test_reasons_are_split_where_another_version_came_into_force(stage, two_versions):
    """Half of four files taken up before came back for it, one of five afterwards."""
    day = two_versions
    row = FileRow(1, 1, State.RECHECK, "助理级", "机械工程", "甲", None, *[day] * 5, None, 0, None)
    old = [row._replace(pk=n, accepted=day - timedelta(days=1)) for n in range(4)]
    rows = [*old, *(row._replace(pk=n) for n in range(4, 9))]
    item = [{"part": "section:work"}]
    sent_back = [(n, day, None, item) for n in (0, 1, 4)]
    made = beside.reasons(sent_back, rows, load_notice("zhenjiang-2024-1"), day)
    assert made.rows == ((part_title("section:work"), 3, 100, 2, 1, 50, 20),)
    assert made.head[3:5] == ("9月2日以前", "9月2日起")
    assert [word.text for word in draw(made).words if word.kind == "chart-number"] == ["3"]
    assert draw(for_everybody(made)).words
    assert year()._changed(TODAY) == day
    assert year()._changed(day - timedelta(days=1)) is None
    assert year(Scope(2023))._changed(TODAY) is None


@pytest.fixture
def two_versions(stage):
    """The notice was adopted in March, and a correction of it, which two people published, came into force in September."""
    adopt_first(at=NOW.replace(month=3, day=2))
    at = NOW.replace(day=1)
    two = [add_person(phone=f"1990000009{n}", name=name, at=at) for n, name in enumerate(("褚立春", "蒋雨水"))]
    for person, office in zip(two, ("association", "city"), strict=True):
        appoint(person=person, office=office, duty="administrator", at=at)
    shipped = read_files(FOLDER / "zhenjiang-2024-1")
    readings = shipped.content["readings.md"] + "\n更正。\n".encode()
    proposal = Proposal(
        files=Files(shipped.id, {**shipped.content, "readings.md": readings}), note="x", by=two[0], at=at
    )
    publish(proposal=proposal, by=two[1], at=at, effective_at=NOW.replace(day=2))
    return date(2024, 9, 2)


def test_funnel_is_split_by_the_way_files_came_and_adds_up(stage):
    own, online = stage.file_at(State.RECHECK, online=False), stage.file_at(State.RECEIVED, online=True)
    crowd(stage, own, 2)
    made, whole = year().chart("funnel_by_channel"), year().chart("funnel")
    assert made.head[1:] == ("本人填写，单位不在线", "本人填写，单位在线审核")
    counts = {row[0]: row[1:] for row in made.rows}
    assert counts["提交"] == (3, 1)
    assert {name: sum(row) for name, row in counts.items()} == {
        row[0]: row[1] for row in whole.rows if row[0] in counts
    }
    assert (online.life, draw(made).boxes != []) == (State.RECEIVED, True)
    assert counting.funnel_by_channel([], {}).empty


def test_median_of_the_units_agreement_is_in_working_days(stage):
    """The town's clerk agrees 22 hours after a file is handed in; what came without a clerk is not counted."""
    file = stage.file_at(State.RECEIVED, online=True)
    stage.file_at(State.RECEIVED, online=False)
    agreed = Entry.objects.get(subject_ref=file.ref, action="endorse").at
    took = working_days_between(file.submitted_at.astimezone(NOW.tzinfo).date(), agreed.astimezone(NOW.tzinfo).date())
    assert year().chart("employer_agreed").rows == (("全部", took, 1), ("本人填写，单位在线审核", took, 1))
    (row,) = [each for each in read(Scope(2024)) if each.endorsed]
    rows = [
        row._replace(pk=n, submitted=date(2024, 9, 13), endorsed=date(2024, 9, day))
        for n, day in enumerate((13, 18, 20))
    ]
    assert counting.employer_agreed(rows, channels(rows)).rows[0] == (
        "全部",
        2,
        3,
    )  # 14 September was worked, 15 to 17 was the festival
    steps = {name: days for name, _count, _share, days in counting.funnel(rows, before=()).rows}
    assert steps["转到协会"] == 5


def test_overdue_list_keeps_to_the_filters_and_is_taken_along_without_names(stage, client):
    file = stage.file_at(State.RECEIVED)
    (other,) = crowd(stage, file, 1, series="电力工程", employer_name="别的单位")
    Application.objects.update(due_on=TODAY - timedelta(days=1))
    lead = stage.person("尤芒种", "19944444444")
    appoint(person=lead, office="association", duty="lead", at=NOW)
    client.force_login(lead)
    found = lambda **asked: client.get("/desk/statistics/", {"year": 2024, **asked}).context["overdue"]  # noqa: E731
    assert {each.pk for each in found()} == {file.pk, other.pk}
    assert [each.pk for each in found(series="电力工程")] == [other.pk]
    assert [each.pk for each in found(employer=file.employer_name)] == [file.pk]
    assert found(year=2023) == []
    taken = client.get("/desk/statistics/?year=2024&csv=overdue").content.decode()
    assert (file.number in taken, file.full_name in taken) == (True, False)
