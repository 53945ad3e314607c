"""The desk through a browser's eyes: every page, every form, and what bad input is answered with."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from publishing_steps import BASE, NEW, begun, changed, computed, two

from chuding.accounts import factors
from chuding.applications.workflow import State
from chuding.ledger.models import Entry
from chuding.notices.models import Version
from chuding.policy.notice import FILE, load_notice
from chuding.policy.source import Files
from chuding.publishing.findings import TRIPPED
from chuding.publishing.models import Draft, DraftState, Run
from chuding.publishing.sections import SECTIONS
from chuding.publishing.services import drafts, runs
from chuding.publishing.side_by_side import around, pieces
from chuding.publishing.views.pages import OTHER_PARTS
from chuding.publishing.views.review import _PARTS
from stage import NOW, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def pair():
    return two()


@pytest.fixture(autouse=True)
def quick_check(monkeypatch):
    """The enumeration of mutants takes seconds and is tested in tests/policy; here the quick part stands for it."""
    original = runs.check_files
    monkeypatch.setattr(runs, "check_files", lambda files: original(files, whole=False))


@pytest.fixture
def desk(pair, monkeypatch):
    """The first administrator's browser, at a moment inside the window."""
    for module in ("home", "parts", "files", "cases", "review", "preview"):
        monkeypatch.setattr(f"chuding.publishing.views.{module}.now", lambda: NOW)
    client = Client()
    client.force_login(pair[0])
    return client


def address(name, draft, *rest):
    return reverse(f"publishing_{name}", args=[draft.ref, *rest])


def codes_of(person):
    """Recovery codes, each of which counts once whatever the hour."""
    row = factors.begin(person=person, at=NOW)
    return factors.confirm(person=person, code=factors.code_at(row, NOW), at=NOW)


def words(response):
    """The page's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def form_of(response):
    """What the entry's form holds, as a browser would send it back."""
    form = response.context["form"]
    sent = {"seen": response.context["seen"]}
    for field in form:
        value = field.value()
        if hasattr(field.field.widget, "decompress"):
            sent |= {f"{field.name}_{i}": part for i, part in enumerate(field.field.widget.decompress(value))}
        elif value is not None:
            sent[field.name] = value
    return sent


def test_copying_last_years_notice_opens_a_draft(desk):
    page = desk.get(reverse("publishing_new"))
    assert page.context["form"].initial["identifier"] == NEW
    base = page.context["form"].initial["base"]
    answer = desk.post(reverse("publishing_new"), {"base": base, "kind": "new", "identifier": NEW})
    draft = Draft.objects.get()
    assert (answer.url, draft.notice_id, draft.base_id) == (address("draft", draft), NEW, BASE)
    again = desk.post(reverse("publishing_new"), {"base": base, "kind": "new", "identifier": "hangzhou-2023"})
    assert (again.status_code, "已经有编号为" in words(again)) == (422, True)
    correct = desk.post(reverse("publishing_new"), {"base": base, "kind": "correct", "identifier": ""})
    assert (correct.status_code, Draft.objects.latest("id").corrects) == (302, True)


def test_an_id_is_written_once_and_a_head_left_as_it_was_is_warned_of(desk, pair):
    draft = begun(pair[0])
    page = desk.get(reverse("publishing_new"))
    assert page.context["form"].initial["identifier"] == "zhenjiang-2025-2"
    base = page.context["form"].initial["base"]
    again = desk.post(reverse("publishing_new"), {"base": base, "kind": "new", "identifier": NEW})
    assert (again.status_code, "的草案正在起草" in words(again)) == (422, True)
    assert "标题和文号还与底稿相同" in words(desk.get(address("draft", draft)))
    changed(draft, pair[0], ("标题",), "关于开展2025年职称初定工作的通知")
    assert "文号还与底稿相同" in words(desk.get(address("draft", draft)))
    assert "标题和文号还" not in words(desk.get(address("draft", draft)))


def test_list_of_rows_shows_every_attribute_that_is_set(desk, pair):
    more = {"全日制": "是", "累计": "连续", "计算至": "年末", "生效": {"依据": "二", "原文": "条件", "取": "入职之日"}}
    draft = begun(pair[0])
    row = {**load_rows(draft)[0], **more}
    changed(draft, pair[0], ("初定", 0), row)
    shown = desk.get(address("section", draft, "rows")).context["rows"][0]["words"]
    assert {each["key"] for each in shown} == set(row) - {"依据", "原文"}


def test_a_mistake_inside_a_value_names_its_place(desk, pair):
    draft = begun(pair[0])
    at = address("entry", draft, "rows", "1")
    answer = desk.post(at, form_of(desk.get(at)) | {"effective": "{取: 入职日}"})
    said = answer.context["form"].errors["effective"]
    assert (answer.status_code, [each.partition("：")[0] for each in said]) == (422, ["依据", "原文", "取"])


def test_a_clause_is_named_by_its_number_once(desk, pair):
    page = desk.get(address("entry", begun(pair[0]), "windows", "1"))
    assert "八 申报期限" in words(page)
    assert "八 八、" not in words(page)


def test_of_a_long_text_only_what_is_next_to_a_change_is_shown():
    lines = [f"第{n}行" for n in range(40)]
    after = [*lines[:20], "别的", *lines[21:]]
    left, right = map(around, pieces("\n".join(lines), "\n".join(after)))
    shown = "".join(each.text for each in right).split("\n")
    assert shown[0] == shown[-1] == "……"
    assert {"第18行", "第19行", "别的", "第21行", "第22行"} <= set(shown)
    assert len(shown) <= 9
    assert any(each.changed for each in left)


def test_every_page_of_a_draft_opens(desk, pair):
    draft = computed(begun(pair[0]), pair[0])
    plain = ("draft", "catalogue", "cases", "check", "difference", "replay", "preview", "preview_check", "picture")
    addresses = [address(name, draft) for name in plain]
    addresses += [address("section", draft, key) for key in SECTIONS]
    addresses += [address("entry", draft, key, "new") for key, section in SECTIONS.items() if section.listed]
    addresses += [address("file", draft, name) for name in draft.files]
    addresses += [address("case", draft, n) for n in ("1", "new")]
    addresses += [address("download", draft), address("catalogue_sheet", draft), reverse("publishing")]
    assert [(at, code) for at in addresses if (code := desk.get(at).status_code) != 200] == []
    assert [desk.get(address("entry", draft, "rows", n)).status_code for n in ("0", "7", "-1", "x", "9" * 400)] == [
        404
    ] * 5


def test_every_part_can_be_reached_from_the_draft():
    other = set(OTHER_PARTS) - {"file", "words"}  # source files and translations stand under their own heading
    assert sorted(_PARTS) == sorted({*SECTIONS, *other})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("notice.md", lambda text: re.sub(r"<a id=[^>]*></a>\n?", "", text)),
        ("notice.md", lambda text: ""),
        (FILE, lambda text: re.sub(r'原文: "2024 年 3 月[^"]*"', "原文: 2024", text)),
    ],
)
def test_draft_that_cannot_be_checked_opens_and_can_be_mended(desk, pair, name, change):
    draft = begun(pair[0])
    before = draft.files[name]
    at = address("file", draft, name)
    broken = {"text": change(before), "seen": desk.get(at).context["seen"]}
    assert broken["text"] != before
    assert desk.post(at, broken).status_code == 302
    plain = [address(page, draft) for page in ("draft", "catalogue", "cases", "preview", "preview_check")]
    plain += [
        at,
        address("section", draft, "rows"),
        address("entry", draft, "windows", "1"),
        address("case", draft, "1"),
    ]
    assert [(page, code) for page in plain if (code := desk.get(page).status_code) != 200] == []
    assert any(word in words(desk.get(address("draft", draft))) for word in ("一个锚点也没有", "原文要加引号"))
    mended = {"text": before, "seen": desk.get(at).context["seen"]}
    assert desk.post(at, mended).status_code == 302
    assert Draft.objects.get().digest == draft.digest


def test_draft_on_which_the_check_itself_trips_opens(desk, pair, monkeypatch, caplog):
    draft = changed(begun(pair[0]), pair[0], ("标题",), "跌倒")

    def trip(files, *, whole):
        raise ZeroDivisionError

    monkeypatch.setattr("chuding.publishing.findings.check_files", trip)
    page = desk.get(address("draft", draft))
    assert (page.status_code, TRIPPED in words(page)) == (200, True)
    assert "the check of a draft failed" in caplog.text


@pytest.mark.parametrize("key", sorted(SECTIONS))
def test_form_sent_back_as_it_came_changes_no_byte(desk, pair, key):
    draft = begun(pair[0])
    at = address("entry", draft, key, "1")
    page = desk.get(at)
    if page.status_code == 404:  # the notice has none of these
        return
    answer = desk.post(at, form_of(page))
    if key == "yields" or SECTIONS[key].entry is None or page.context["form"].value:
        assert answer.status_code == 302, page.context["form"].errors
    assert Draft.objects.get().files == draft.files


def test_date_changed_in_the_form_is_changed_in_the_file(desk, pair):
    draft = begun(pair[0])
    at = address("entry", draft, "windows", "1")
    sent = form_of(desk.get(at)) | {"end_0": "２０２５", "end_1": "11", "end_2": "30"}
    assert desk.post(at, sent).status_code == 302
    assert "  至: 2025-11-30        # 含当日" in Draft.objects.get().files[FILE]


def test_row_added_in_the_form_stands_in_the_table(desk, pair):
    draft = begun(pair[0])
    at = address("entry", draft, "rows", "new")
    sent = {
        "seen": desk.get(at).context["seen"], "clause": "二(一)", "sentence": "见习1年期满", "grants": "员级",
        "kinds": ["中专"], "probation": "2年",
    }  # fmt: skip
    assert desk.post(at, sent).url == address("section", draft, "rows")
    assert load_rows(Draft.objects.get())[-1] == {
        "依据": "二(一)", "原文": "见习1年期满", "授予": "员级", "凭": ["中专"], "见习": "2年",
    }  # fmt: skip


def load_rows(draft):
    from chuding.publishing.yaml_text import data_of  # noqa: PLC0415

    return data_of(draft.files[FILE], FILE)["初定"]


def test_quotation_that_is_not_in_the_text_is_told_at_once_and_kept(desk, pair):
    draft = begun(pair[0])
    at = address("entry", draft, "rows", "1")
    sent = form_of(desk.get(at))
    sent["sentence"] = sent["sentence"].replace("，", ",")
    page = desk.post(at, sent, follow=True)
    assert page.redirect_chain[0][0] == at
    assert "与原文只差标点、空格或者全角半角。原文是“具备大学专科" in words(page)
    assert load_rows(Draft.objects.get())[0]["原文"] == sent["sentence"]
    assert "不是逐字见于二(一)" in words(desk.get(address("draft", draft)))


@pytest.mark.parametrize(
    ("section", "values", "field", "sentence"),
    [
        ("rows", {"probation": "一年"}, "probation", "写成"),
        ("rows", {"probation": "1年", "practice": "3年"}, "probation", "只能写一个"),
        ("rows", {"practice": "{取得后: 3年, 合计: 1年}", "probation": ""}, "practice", "不少于"),
        ("rows", {"practice": "{a: &x 1}", "probation": ""}, "practice", "没有"),
        ("rows", {"matching": "[" * 2000}, "matching", "YAML"),
        ("rows", {"kinds": ["大专", "员级"]}, "kinds", "不能混写"),
        ("gates", {"must": "{非: 外星人}"}, "must", "外星人"),
        ("gates", {"must": "x: y: z"}, "must", "YAML"),
        ("gates", {"also": "没有冒号"}, "also", "条款：原文"),
        ("windows", {"start_0": "2026"}, "start", "晚于"),
        ("windows", {"end_1": "2", "end_2": "30"}, "end", "2月没有30日"),
        ("materials", {"required": "是", "when": "事业单位在编"}, "required", "只能写一个"),
        ("readings", {"question": "满年", "chosen": "停钟"}, "question", "只能取"),
    ],
)
def test_wrong_input_is_told_at_its_field_and_nothing_is_saved(desk, pair, section, values, field, sentence):
    draft = begun(pair[0])
    at = address("entry", draft, section, "1")
    page = desk.post(at, form_of(desk.get(at)) | values)
    errors = page.context["form"].errors
    assert page.status_code == 422
    assert sentence in str(errors.get(field) or errors.get("__all__")), errors
    assert Draft.objects.get().digest == draft.digest


def test_second_of_two_is_told_with_both_texts_on_the_page(desk, pair):
    draft = begun(pair[0])
    at = address("entry", draft, "contact", "1")
    sent = form_of(desk.get(at)) | {"telephone": "0511-81111111"}
    changed(draft, pair[1], ("联系", "电话"), "0511-82222222")
    page = desk.post(at, sent)
    assert (page.status_code, "蒋雨水刚刚改过这里" in words(page)) == (422, True)
    assert ["0511-82222222" in page.content.decode(), 'value="0511-81111111"' in page.content.decode()] == [True, True]
    assert desk.post(at, sent | {"seen": page.context["seen"]}).status_code == 302


def test_entry_is_moved_and_removed(desk, pair):
    draft = begun(pair[0])
    rows = load_rows(draft)
    listed = desk.get(address("section", draft, "rows")).context["rows"]
    desk.post(address("entry_act", draft, "rows", "1"), {"action": "down", "seen": listed[0]["seen"]})
    assert load_rows(Draft.objects.get()) == [rows[1], rows[0], *rows[2:]]
    stale = desk.post(
        address("entry_act", draft, "rows", "1"), {"action": "remove", "seen": listed[0]["seen"]}, follow=True
    )
    assert ("刚刚被别人改过" in words(stale), len(load_rows(Draft.objects.get()))) == (True, 6)
    desk.post(address("entry_act", draft, "rows", "2"), {"action": "remove", "seen": listed[0]["seen"]})
    assert load_rows(Draft.objects.get()) == rows[1:]


def test_pasted_notice_gets_its_anchors_before_it_is_saved(desk, pair):
    draft = begun(pair[0])
    at = address("file", draft, "notice.md")
    seen = desk.get(at).context["seen"]
    page = desk.post(at, {"action": "anchor", "seen": seen, "text": "某协会\n一、范围\n（一）甲\n"})
    assert page.context["text"].splitlines()[2:5] == ['<a id="1"></a>', "一、范围", '<a id="1-1"></a>']
    assert Draft.objects.get().digest == draft.digest
    assert desk.post(at, {"action": "save", "seen": seen, "text": page.context["text"]}).status_code == 302
    assert "锚点" not in words(desk.get(address("draft", draft)))[:200]


@pytest.mark.parametrize(
    ("text", "said"), [("a: 1\na: 1", "写了两次"), ("x: *y", "YAML"), ("\0", "YAML"), ("长" * 200_000, "256 KB")]
)
def test_source_page_keeps_what_was_typed_and_says_why(desk, pair, text, said):
    draft = begun(pair[0])
    at = address("file", draft, "cases.yaml")
    page = desk.post(at, {"action": "save", "seen": desk.get(at).context["seen"], "text": text})
    assert (page.status_code, said in words(page)[:4000] + str(page.context["errors"])) == (422, True)
    assert page.context["text"] == text
    assert Draft.objects.get().digest == draft.digest


# ---- the catalogue ----


def book(rows, sheet="专业目录"):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": True}) as made:
        page = made.add_worksheet(sheet)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                page.write(y, x, cell)
    return SimpleUploadedFile("目录.xlsx", out.getvalue())


def test_catalogue_by_paste_shows_the_difference_first(desk, pair):
    draft = begun(pair[0])
    at = address("catalogue", draft)
    text = draft.files["catalogue.csv"].replace("电力工程,动力工程,动力工程", "电力工程,储能工程,储能工程")
    page = desk.post(at, {"pasted": text})
    diff = page.context["diff"]
    assert (diff.added, diff.removed) == (("电力工程/储能工程/储能工程",), ("电力工程/动力工程/动力工程",))
    assert Draft.objects.get().digest == draft.digest
    desk.post(at, {"action": "take", "text": diff.text, "seen": page.context["seen"]})
    assert "电力工程,储能工程,储能工程" in Draft.objects.get().files["catalogue.csv"]
    assert "“储能工程”不见于附件" in words(desk.get(at))


def test_catalogue_sheet_comes_back_as_it_went(desk, pair):
    draft = begun(pair[0])
    sheet = desk.get(address("catalogue_sheet", draft)).content
    page = desk.post(address("catalogue", draft), {"file": SimpleUploadedFile("x.xlsx", sheet)})
    assert (page.context["diff"].added, page.context["diff"].removed) == ((), ())
    assert page.context["diff"].text == draft.files["catalogue.csv"].replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"pasted": ""}, "请粘贴专业目录"),
        ({"pasted": "一\t二\t三\t四\n"}, "多于三列"),
        ({"pasted": "系列\t大专业\t小专业\n" * 20_000}, "粘贴的内容超过|写了两次|超过 3,000 行"),
        ({"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 no")}, "打不开"),
        ({"file": SimpleUploadedFile("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)}, "旧格式"),
    ],
)
def test_catalogue_that_cannot_be_read_is_refused_in_words(desk, pair, sent, said):
    draft = begun(pair[0])
    page = desk.post(address("catalogue", draft), sent)
    assert page.status_code == 422
    assert re.search(said, page.context["errors"][0]["text"])


def test_sheet_of_100000_rows_is_refused_in_words(desk, pair):
    draft = begun(pair[0])
    page = desk.post(address("catalogue", draft), {"file": book(["机", "械", "规"] for _ in range(100_000))})
    assert (page.status_code, "名单" in page.context["errors"][0]["text"]) == (422, False)
    assert re.search("1,000行|太大", page.context["errors"][0]["text"])


# ---- worked cases ----


def test_case_that_fails_is_shown_first_and_can_follow_the_draft(desk, pair):
    draft = changed(begun(pair[0]), pair[0], ("受理", "至"), __import__("datetime").date(2024, 12, 11))
    page = desk.get(address("cases", draft))
    first = page.context["rows"][0]
    assert (page.context["failing"], first["name"], first["differences"]) == (1, "受理末日次日", ["受理期内应当是“否”"])
    desk.post(address("case_act", draft, first["n"]), {"action": "accept", "seen": first["seen"]})
    assert desk.get(address("cases", draft)).context["failing"] == 0


def test_case_is_added_in_lines(desk, pair):
    draft = begun(pair[0])
    at = address("case", draft, "new")
    sent = {
        "seen": desk.get(at).context["seen"],
        "name": "新来的",
        "facts": "凭: {博士: 2024-06-01}",
        "expected": "期望: {中级: 可}",
    }
    assert desk.post(at, sent).status_code == 302
    assert "- {例: 新来的, 凭: {博士: 2024-06-01}, 期望: {中级: 可}}" in Draft.objects.get().files["cases.yaml"]
    assert desk.get(address("cases", draft)).context["failing"] == 0
    assert "博士学位 2024-06-01 取得" in desk.get(address("cases", draft)).content.decode()


@pytest.mark.parametrize(
    ("facts", "expected", "said"),
    [
        ("申报 2024", "", "每一行写成"),
        ("外星: 是", "", "外星"),
        ("期望: {}", "", "写错了地方"),
        ("", "申报: 2024-07-01", "写错了地方"),
        ("申报: 2024-02-30", "", "没有这个日期"),
        ("", "期望: {员级: 也许}", "期望写成"),
    ],
)
def test_case_that_cannot_be_read_is_not_saved(desk, pair, facts, expected, said):
    draft = begun(pair[0])
    at = address("case", draft, "1")
    page = desk.post(at, {"seen": desk.get(at).context["seen"], "name": "x", "facts": facts, "expected": expected})
    assert (page.status_code, said in str(page.context["errors"])) == (422, True), page.context["errors"]
    assert Draft.objects.get().digest == draft.digest


# ---- the way to publication ----


def test_whole_way_by_two_people(desk, pair):
    draft = begun(pair[0], BASE)
    at = address("entry", draft, "contact", "1")
    desk.post(at, form_of(desk.get(at)) | {"telephone": "0511-81111111"})
    desk.post(address("run", draft))
    for run in Run.objects.all():
        runs.compute(run_id=run.pk, at=NOW)
    assert desk.post(address("propose", draft), {"note": "换了电话"}).status_code == 302
    alone = desk.get(address("release", draft))
    assert ("您是提请人" in words(alone), "生效日期" in words(alone)) == (True, False)
    second = Client()
    second.force_login(pair[1])
    codes = codes_of(pair[1])
    page = second.get(address("release", draft))
    sent = {"seen": draft.digest, "day_0": "2024", "day_1": "9", "day_2": "19", "time": "8：00", "sure": "on"}
    stale = second.post(address("release", draft), sent | {"step_up_code": codes.pop()})
    assert "在您查看之后有变化" in words(stale)
    sent["seen"] = page.context["draft"].digest
    early = second.post(address("release", draft), sent | {"day_2": "18", "time": "9:59", "step_up_code": codes.pop()})
    assert "最早在一分钟以后" in words(early)
    assert "请先勾选" in words(second.post(address("release", draft), {**sent, "sure": ""}))
    done = second.post(address("release", draft), sent | {"step_up_code": codes.pop()})
    version = Version.objects.get()
    assert (done.url, version.effective_at.isoformat()) == (
        reverse("publishing_version", args=[version.ref]), "2024-09-19T00:00:00+00:00",
    )  # fmt: skip
    assert "已定时，未生效" in words(second.get(done.url))
    assert Draft.objects.get().state == DraftState.PUBLISHED
    refused = desk.post(reverse("publishing_withdraw", args=[version.ref]), {"reason": ""})
    assert (refused.status_code, "请写明撤回的理由" in words(refused)) == (422, True)
    desk.post(reverse("publishing_withdraw", args=[version.ref]), {"reason": "再核对一遍"})
    assert Draft.objects.get().state == DraftState.OPEN


def test_publishing_asks_for_a_code_of_its_own(desk, pair):
    """However fresh the sign-in: what is published cannot be taken back once it is in force."""
    draft = computed(begun(pair[0], BASE), pair[0])
    drafts.propose(ref=draft.ref, note="换了电话", by=pair[0], at=NOW)
    second = Client()
    second.force_login(pair[1])
    codes = codes_of(pair[1])
    sent = {"seen": draft.digest, "day_0": "2024", "day_1": "9", "day_2": "19", "time": "8:00", "sure": "on"}
    asked = second.post(address("release", draft), sent)
    assert ("发布政策" in words(asked), Version.objects.count()) == (True, 0)
    assert dict(asked.context["carried"]) == sent
    wrong = second.post(address("release", draft), sent | {"step_up_code": "000000"})
    assert (wrong.status_code, Version.objects.count()) == (422, 0)
    used = codes.pop()
    assert second.post(address("release", draft), sent | {"step_up_code": used}).status_code == 302
    assert (Version.objects.count(), Entry.objects.filter(action="factor.proved").count()) == (1, 1)


def test_replay_names_nobody_in_full(desk, pair):
    stage = Stage()
    file = stage.file_at(State.RECEIVED)
    draft = begun(pair[0], BASE)
    rows = load_rows(draft)
    place = next(i for i, row in enumerate(rows) if row["依据"] == "二(二)")
    draft = computed(changed(draft, pair[0], ("初定", place, "见习"), "30年"), pair[0])
    page = desk.get(address("replay", draft))
    assert (page.context["outcome"]["otherwise"], page.context["outcome"]["losses"]) == (1, 1)
    assert (file.full_name in page.content.decode(), file.number in page.content.decode()) == (False, True)
    one = desk.get(address("replay_file", draft, file.ref))
    assert (one.status_code, file.full_name in one.content.decode()) == (200, False)
    assert desk.get(address("replay_file", draft, "x")).status_code == 404


def test_download_is_the_very_folder(desk, pair):
    draft = begun(pair[0])
    with zipfile.ZipFile(io.BytesIO(desk.get(address("download", draft)).content)) as package:
        content = {name.removeprefix(f"{NEW}/"): package.read(name) for name in package.namelist()}
    assert Files(NEW, content).digest == draft.digest == load_notice(BASE).digest


def test_preview_shows_the_draft_and_not_what_is_in_force(desk, pair):
    draft = changed(begun(pair[0]), pair[0], ("联系", "电话"), "0511-81111111")
    page = words(desk.get(address("preview", draft)))
    assert ["预览：草案" in page, "0511-81111111" in page] == [True, True]
    asked = desk.post(
        address("preview_check", draft),
        {"schooling": "本科", "graduated_on_0": "2020", "graduated_on_1": "6", "graduated_on_2": "20"},
    )
    assert "草案的结论" in words(asked)
    broken = changed(draft, pair[0], ("受理", "至"), "十二月")
    assert "现在还不能预览" in words(desk.get(address("preview", broken)))


def test_list_costs_the_same_for_one_and_for_twenty(desk, pair):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(reverse("publishing")).status_code == 200
        return len(asked)

    begun(pair[0])
    cost()
    one = cost()
    for number in range(19):
        begun(pair[0], f"zhenjiang-2025-{number + 2}")
    assert (cost(), one <= 12) == (one, True)
