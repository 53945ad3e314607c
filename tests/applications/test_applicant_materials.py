"""Uploads: what each person must give, what a bad file is told, and how a good one is given back."""

import hashlib
import io

import pikepdf
import pytest
from applicant_steps import EMPLOYER, Applicant, make_person, mistakes, pdf, words
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chuding.accounts import tallies
from chuding.ledger.models import Entry
from chuding.storage.clock import now
from chuding.storage.files import FileTooLarge

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(settings, at, data_folder, client):
    settings.CLOCK_OFFSET = at - timezone.now()
    settings.FILE_UPLOAD_TEMP_DIR = data_folder
    return Applicant(client, make_person(at), at).fill(upto="specialty")


def with_script() -> bytes:
    document = pikepdf.open(io.BytesIO(pdf()))
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_materials_say_what_this_person_must_give(me):
    cards = me.get("materials/").context["cards"]
    assert [(card["code"], card["word"]) for card in cards] == [
        ("1", "必交"), ("2", "必交"), ("3", "必交"), ("4", "不用交"), ("5", "暂不用交"), ("6", "选交"),
    ]  # fmt: skip
    assert cards[5]["quote"] == "6.继续教育证明（鼓励提供，不作硬性要求）。"


def test_materials_of_somebody_whose_unit_is_not_known_yet_wait_for_it(me):
    me.file.__class__.objects.filter(ref=me.ref).update(engagement="", employer_kind="")
    assert me.get("materials/").context["cards"][3]["word"] == "按情况"


def test_upload_is_kept_and_shown_with_its_pages(me, run_jobs):
    answer = me.upload("2", pdf(pages=3), name="毕业证书·学位证书.pdf")
    assert answer.url == me.url("materials/") + "#m2"
    material = me.file.current_materials().get()
    assert (material.code, material.name, material.pages) == ("2", "毕业证书·学位证书.pdf", 3)
    card = me.get("materials/").context["cards"][1]
    assert card["file"]["thumbnail"] is None
    run_jobs()
    card = me.get("materials/").context["cards"][1]
    image = me.client.get(card["file"]["thumbnail"])
    assert (image.status_code, image["Content-Type"]) == (200, "image/webp")
    assert b"".join(image.streaming_content)[8:12] == b"WEBP"


def test_refused_upload_is_counted_with_its_cause_and_the_kind_of_browser(me):
    me.client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 13) Chrome/116.0 MicroMessenger/8.0.44"
    me.upload("1", with_script())
    day = now().date()
    assert tallies.sums(tallies.UPLOAD_REFUSED, day, day) == {"script@wechat": 1}


def test_upload_again_replaces_and_keeps_the_earlier_one(me):
    me.upload("1", pdf("one"))
    me.upload("1", pdf("two"))
    assert me.file.materials.count() == 2
    assert [material.name for material in me.file.current_materials()] == ["材料.pdf"]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 3000, "PDF"),
        (b"", "这个文件是空的。请打开它看看内容，再重新选择。"),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "密码"),
        (with_script(), "脚本"),
        (pdf()[:300], "文件不完整"),
    ],
    ids=["picture", "empty", "password", "script", "torn"],
)
def test_upload_of_a_bad_file_says_what_to_do_at_its_card(me, content, part):
    me.upload("1")
    answer = me.upload("2", content)
    assert answer.status_code == 200
    (line,) = mistakes(answer)
    assert line.startswith("材料2：")
    assert part in line
    card = answer.context["cards"][1]
    assert line == f"材料2：{card['problem']}"
    assert [material.code for material in me.file.current_materials()] == ["1"]


def test_upload_without_a_file_says_so(me):
    answer = me.client.post(me.url("materials/3/upload/"))
    assert mistakes(answer) == ["材料3：请先选择一个 PDF 文件，再点“上传”。"]


def test_upload_that_is_too_big_is_cut_off_and_told(me, settings, data_folder):
    settings.UPLOAD_LIMIT = 1024 * 1024
    answer = me.upload("2", b"%PDF-1.7\n" + b"0" * 30 * 1024 * 1024)
    assert mistakes(answer) == ["材料2：文件超过 1 MB，请压缩后重新上传。"]
    assert me.file.current_materials().count() == 0
    left = [path for path in data_folder.rglob("*") if path.is_file() and path.stat().st_size > 1024 * 1024]
    assert left == []


def test_upload_for_an_item_that_does_not_exist_is_404(me):
    assert me.upload("7").status_code == 404


def test_material_comes_back_as_it_was_and_is_never_run_here(me):
    content = pdf("mine")
    me.upload("3", content, name="工作总结.pdf")
    url = me.get("materials/").context["cards"][2]["file"]["href"]
    answer = me.client.get(url)
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E5%B7%A5%E4%BD%9C%E6%80%BB%E7%BB%93.pdf"
    assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )


def test_material_can_be_taken_back_once(me):
    me.upload("3")
    url = me.get("materials/").context["cards"][2]["file"]["remove_href"]
    assert me.client.post(url).url == me.url("materials/") + "#m3"
    assert "这个文件已经删除。" in words(me.client.post(url, follow=True))
    assert me.file.current_materials().count() == 0
    assert Entry.objects.filter(action="save", data__removed="3").count() == 1


def test_materials_of_a_submitted_file_are_closed(me):
    for code in "123":
        me.upload(code)
    me.post("commitment", {"name": "王小明"})
    me.submit()
    assert me.file.state == "received"
    answer = me.client.post(me.url("materials/1/upload/"), follow=True)
    assert answer.redirect_chain == [(me.url(), 302)]
    assert "申报现在是“待受理”，不能修改。需要修改的，请先撤回。" in words(answer)
    assert me.post("employer", EMPLOYER).status_code == 302


def in_parts(me, content, *, code="1", name="扫描件.pdf", step=300, key=""):
    """As upload.js does: part after part from where the server says, then the form that names them."""
    key = key or hashlib.sha256(content).hexdigest()
    offset = 0
    while offset < len(content):
        part = SimpleUploadedFile("part", content[offset : offset + step], "application/octet-stream")
        answer = me.client.post(me.url(f"materials/{code}/parts/"), {"key": key, "offset": offset, "part": part})
        if "problem" in answer.json():
            return answer
        offset = answer.json()["size"]
    return me.client.post(me.url(f"materials/{code}/upload/"), {"part": key, "name": name})


def test_upload_in_parts_is_kept_as_a_whole_one_is_and_once(me, data_folder):
    content = pdf("两页", pages=2)
    assert in_parts(me, content).url == me.url("materials/") + "#m1"
    material = me.file.current_materials().get()
    assert (material.name, material.pages, material.file) == ("扫描件.pdf", 2, hashlib.sha256(content).hexdigest())
    key = hashlib.sha256(content).hexdigest()
    again = me.client.post(me.url("materials/1/upload/"), {"part": key, "name": "扫描件.pdf"})
    assert again.status_code == 302
    assert me.file.materials.count() == 1, "the answer was lost and the form came again"
    assert [path.suffix for path in (data_folder / "incoming").iterdir()] == [".taken"]


def test_same_file_in_parts_again_after_it_was_taken_back(me):
    in_parts(me, pdf())
    me.client.post(me.url(f"materials/{me.file.current_materials().get().ref}/remove/"))
    assert not me.file.current_materials().exists()
    in_parts(me, pdf())
    assert me.file.current_materials().exists()


def test_upload_in_parts_has_the_limits_of_a_whole_one(me, settings, data_folder):
    settings.UPLOAD_LIMIT = 500
    answer = in_parts(me, pdf())
    assert (answer.status_code, answer.json()["problem"]) == (413, str(FileTooLarge(500)))
    settings.UPLOAD_LIMIT = 10_000
    assert "PDF" in mistakes(in_parts(me, b"\xff\xd8\xff no pdf" * 90))[0]
    assert list((data_folder / "incoming").iterdir()) == []


@pytest.mark.parametrize("typed", [{"part": "a" * 64}, {"part": "../x"}])
def test_parts_that_are_not_here_are_asked_for_again(me, typed):
    assert mistakes(me.client.post(me.url("materials/1/upload/"), typed)) == ["材料1：文件没有传完整。请再选一次。"]


def test_parts_of_nobody_elses_file_and_of_no_other_item(me, client, at):
    me.client.force_login(make_person(at, "13812345679"))
    part = SimpleUploadedFile("part", b"x")
    assert me.client.post(me.url("materials/1/parts/"), {"key": "a" * 32, "offset": 0, "part": part}).status_code == 404
