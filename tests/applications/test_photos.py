from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from applicant_steps import make_person
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from chuding.accounts.limits import PHOTOS_PER_PERSON
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import Application, Material
from chuding.applications.photos.models import PhotoPage
from chuding.applications.readings.filling import filled, offers_of
from chuding.applications.readings.models import PaperReading, ReadingState
from chuding.applications.services.drafting import Upload, attach_material, start
from chuding.applications.services.photos import forget_old_photos
from chuding.applications.tasks import read_material
from chuding.applications.translate import notice_of
from chuding.applications.uploads import receive_material
from chuding.applications.workflow import Declined
from chuding.paper.photos import PhotoPage as MadePage
from chuding.paper.photos import PhotoRefused, page_from_photo, pdf_of
from chuding.policy.notice import load_notice
from chuding.storage.files import store
from stage import NOW

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import scans


@pytest.fixture
def file(settings, data_folder, client, db):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    person = make_person(NOW)
    client.force_login(person)
    return start(notice=load_notice("zhenjiang-2024-1"), by=person, at=NOW)


def jpeg(colour="white", size=(60, 85), **options):
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **options)
    return out.getvalue()


def photographed(fonts, kind="diploma", seed=3):
    """A sheet on a table, as a phone sends it: on its side, with the place where it was taken in its metadata."""
    paper, dice = scans.paper(0, seed, fonts, (kind,))
    picture = Image.fromarray(scans.photo(paper.picture, dice)[:, :, ::-1]).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter
    exif[0x010F] = "SecretPhone"
    out = BytesIO()
    picture.save(out, "JPEG", quality=88, exif=exif)
    return paper, out.getvalue()


def urls(file, code="2"):
    return f"/applications/{file.ref}/materials/{code}/photos/"


def test_photo_becomes_an_upright_page_without_metadata(fonts, tmp_path):
    paper, data = photographed(fonts)
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    page = page_from_photo(path)
    height, width = paper.picture.shape[:2]
    assert page.width / page.height == pytest.approx(width / height, rel=0.07)
    assert (max(page.width, page.height) <= 2000, page.hints) == (True, ())
    assert b"SecretPhone" not in page.jpeg
    assert b"Exif" not in page.jpeg


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_photo_on_its_side_or_head_is_put_upright_without_metadatas_help(fonts, tmp_path, quarters):
    paper, dice = scans.paper(0, 3, fonts, ("diploma",))
    page = made_of(np.rot90(scans.photo(paper.picture, dice), quarters), tmp_path)
    assert page.shape[0] < page.shape[1]
    upright = likeness(page, paper.picture)
    assert upright > 0.4
    assert upright > likeness(np.rot90(page, 2), paper.picture) + 0.2


@pytest.mark.parametrize("slant", [-6, 3])
def test_slanted_sheet_is_made_straight(fonts, tmp_path, slant):
    """What lies askew under the glass of a scanner; its edges are not seen, so the lines alone say how."""
    paper, _dice = scans.paper(0, 3, fonts, ("endorsement",))
    askew = turned_by(paper.picture, slant)
    assert slant_of(askew) == pytest.approx(slant, abs=0.5)
    assert slant_of(made_of(askew, tmp_path)) == pytest.approx(0, abs=0.5)


def made_of(picture, folder):
    """The page that the system makes of a picture, as pixels."""
    path = folder / "photo.jpg"
    cv2.imwrite(str(path), np.ascontiguousarray(picture))
    made = page_from_photo(path)
    return cv2.imdecode(np.frombuffer(made.jpeg, np.uint8), cv2.IMREAD_COLOR)


def turned_by(picture, degrees):
    """The picture turned clockwise by so many degrees on white."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height), borderValue=(255, 255, 255))


def likeness(page, truth):
    """How alike two pages are, seen from far: correlation, 1 for the same."""
    seen, wanted = (cv2.resize(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), (120, 85)).astype(float) for p in (page, truth))
    return float(np.corrcoef(seen.ravel(), wanted.ravel())[0, 1])


def slant_of(picture):
    """Degrees clockwise by which the lines of a page slope: where the rows of ink stand out most."""
    grey = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    angles = np.arange(-9, 9.1, 0.25)
    inks = [255 - turned_by(grey, -angle).mean(axis=2)[40:-40, 40:-40] for angle in angles]
    return float(angles[int(np.argmax([ink.sum(axis=1).var() for ink in inks]))])


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"%PDF-1.7", "选择 PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"GIF89a", "不是 JPG 或 PNG 照片"),
        (b"", "不是 JPG 或 PNG 照片"),
        (b"\xff\xd8\xff broken", "照片打不开"),
        (b"\x89PNG\r\n\x1a\n broken", "照片打不开"),
    ],
)
def test_photo_that_is_none_says_what_to_do(tmp_path, data, part):
    path = tmp_path / "photo"
    path.write_bytes(data)
    with pytest.raises(PhotoRefused) as caught:
        page_from_photo(path)
    assert part in caught.value.sentence
    assert caught.value.sentence.endswith("。")


def test_pages_become_one_pdf_in_their_order_and_turned():
    made = pdf_of([MadePage(jpeg("red", (60, 85)), 60, 85), MadePage(jpeg("blue", (85, 60)), 85, 60, turn=1)])
    assert made == pdf_of([MadePage(jpeg("red", (60, 85)), 60, 85), MadePage(jpeg("blue", (85, 60)), 85, 60, turn=1)])
    with pikepdf.open(BytesIO(made)) as document:
        boxes = [[round(float(side)) for side in page.mediabox] for page in document.pages]
        assert boxes == [[0, 0, 594, 842], [0, 0, 842, 594]]
        assert [int(page.get("/Rotate", 0)) for page in document.pages] == [0, 90]


def made_quickly(monkeypatch, *hints):
    """Pages whose making is not what the test is about."""

    def make(path):
        data = Path(path).read_bytes()
        with Image.open(BytesIO(data)) as picture:
            return MadePage(data, *picture.size, hints=hints)

    monkeypatch.setattr("chuding.applications.uploads.page_from_photo", make)


def send(client, file, *photos, code="2"):
    sent = [SimpleUploadedFile(f"{n}.jpg", data, content_type="image/jpeg") for n, data in enumerate(photos)]
    return client.post(urls(file, code), {"photos": sent})


def colours(file):
    found = []
    for page in PhotoPage.objects.filter(application=file):
        with Image.open(BytesIO(store().path(page.file).read_bytes())) as picture:
            red, _green, blue = picture.convert("RGB").getpixel((5, 5))
            found.append("red" if red > 128 > blue else "blue" if blue > 128 > red else "white")
    return found


def test_several_photos_are_ordered_turned_taken_away_and_become_the_material(
    file, client, monkeypatch, django_capture_on_commit_callbacks
):
    made_quickly(monkeypatch)
    assert client.get(urls(file)).status_code == 200
    assert send(client, file, jpeg("red"), jpeg("blue"), jpeg("white")).status_code == 302
    assert colours(file) == ["red", "blue", "white"]
    first, second, third = PhotoPage.objects.all()
    for act, page in (
        ("down", first),
        ("up", third),
        ("turn", second),
        ("remove", first),
        ("up", second),
        ("remove", first),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(urls(file), {act: page.ref}).status_code == 302
    assert colours(file) == ["blue", "white"]
    assert not store().exists(first.file)
    page = client.get(urls(file)).content.decode()
    assert "共 2 页" in page
    picture = client.get(f"/applications/{file.ref}/photos/{second.ref}/")
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert b"".join(picture.streaming_content).startswith(b"\xff\xd8\xff")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(urls(file), {"finish": "1"}).status_code == 302
    material = Material.objects.get(application=file, code="2")
    assert (material.pages, material.name) == (2, "材料2（拍照）.pdf")
    assert not PhotoPage.objects.exists()
    assert not store().exists(second.file)


def test_photo_sent_twice_is_one_page_until_it_is_taken_away(file, client, monkeypatch):
    made_quickly(monkeypatch)
    for _ in range(3):  # a lost answer, and somebody who chose all of them again
        assert send(client, file, jpeg("red"), jpeg("blue")).status_code == 302
    assert colours(file) == ["red", "blue"]
    assert send(client, file, jpeg("red"), code="3").status_code == 302
    assert PhotoPage.objects.filter(code="3").count() == 1
    PhotoPage.objects.filter(code="3").delete()
    client.post(urls(file), {"remove": PhotoPage.objects.filter(code="2").first().ref})
    send(client, file, jpeg("red"))
    assert colours(file) == ["blue", "red"]


def test_way_back_to_what_the_photos_are_read_for_survives_every_act(file, client, monkeypatch):
    """Scan first: ?schooling decides where 合成 leads, so no act on a page may drop it."""
    made_quickly(monkeypatch)
    code = code_of(notice_of(file), Kind.SCHOOLING)
    at = urls(file, code) + "?schooling"
    photos = [SimpleUploadedFile(f"{n}.jpg", jpeg(colour)) for n, colour in enumerate(("red", "blue"))]
    at = client.post(at, {"photos": photos}).headers["Location"]
    page = PhotoPage.objects.filter(code=code).last()
    for act in ("up", "down", "turn", "remove"):
        at = client.post(at, {act: page.ref}).headers["Location"]
    assert client.post(at, {"finish": "1"}).headers["Location"] == f"/applications/{file.ref}/schooling/scan/"


def test_photo_that_is_there_is_not_looked_at_again(file, client, monkeypatch):
    made_quickly(monkeypatch)
    send(client, file, jpeg("red"))

    def never(path):
        raise AssertionError(path)

    monkeypatch.setattr("chuding.applications.uploads.page_from_photo", never)
    assert send(client, file, jpeg("red")).status_code == 302


def test_photo_that_is_none_keeps_the_others(file, client, monkeypatch):
    answer = send(client, file, b"nothing", b"%PDF-1.7")
    said = answer.content.decode()
    assert (answer.status_code, PhotoPage.objects.count()) == (422, 0)
    assert "第1张照片：这不是 JPG 或 PNG 照片" in said
    assert "第2张照片：这是 PDF 文件" in said
    made_quickly(monkeypatch)
    assert send(client, file, jpeg()).status_code == 302
    assert client.post(urls(file)).status_code == 422
    assert PhotoPage.objects.count() == 1


def test_finishing_without_pages_says_so(file, client):
    assert "还没有照片" in client.post(urls(file), {"finish": "1"}).content.decode()


def test_page_says_what_nobody_can_read(file, client, monkeypatch):
    made_quickly(monkeypatch, "blurred")
    send(client, file, jpeg())
    assert "第1页太模糊，看不清文字，建议重拍。" in client.get(urls(file)).content.decode()


def test_photos_of_others_do_not_exist(file, client, monkeypatch):
    made_quickly(monkeypatch)
    send(client, file, jpeg())
    page = PhotoPage.objects.get()
    client.force_login(make_person(NOW, "13812345679"))
    assert client.get(urls(file)).status_code == 404
    assert client.get(f"/applications/{file.ref}/photos/{page.ref}/").status_code == 404
    assert client.post(urls(file), {"remove": page.ref}).status_code == 404
    assert PhotoPage.objects.count() == 1


def test_thirty_pages_are_enough(file, client, monkeypatch):
    made_quickly(monkeypatch)
    assert send(client, file, *[jpeg(size=(60, 60 + n)) for n in range(30)]).status_code == 302
    assert "最多30页" in send(client, file, jpeg("red")).content.decode()


def test_pages_that_nobody_finished_are_forgotten_after_a_week(
    file, client, monkeypatch, django_capture_on_commit_callbacks
):
    made_quickly(monkeypatch)
    send(client, file, jpeg())
    digest = PhotoPage.objects.get().file
    assert forget_old_photos(at=NOW + timedelta(days=6)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_old_photos(at=NOW + timedelta(days=8)) == 1
    assert not store().exists(digest)


def test_uploads_are_bounded_by_size(file, monkeypatch):
    upload = Upload(code="3", name="x.pdf", digest=store().put(b"x"), size=9, pages=1)

    def given():
        return attach_material(ref=file.ref, upload=upload, by=file.applicant, at=NOW)

    monkeypatch.setattr("chuding.applications.services.drafting.MOST_BYTES", 8)
    with pytest.raises(Declined, match="60 MB"):
        given()


def test_files_of_a_day_are_bounded_refused_ones_too(file, client):
    """Each look in the sandbox costs up to twenty seconds of processor: what was refused has cost it as well."""
    url = f"/applications/{file.ref}/materials/3/upload/"

    def send_pdf():
        return client.post(url, {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7 broken")}).content.decode()

    said = [send_pdf() for _ in range(40)]
    assert all("文件不完整" in each for each in said)
    assert "24小时内上传的文件已达40个（没有通过检查的也算）" in send_pdf()
    other = make_person(NOW, "13812345679")
    receive_material(SimpleUploadedFile("x.pdf", pdf_of([MadePage(jpeg(), 60, 85)])), code="", by=other)


def test_photos_of_a_day_are_bounded(file, client, monkeypatch):
    made_quickly(monkeypatch)
    monkeypatch.setattr(
        "chuding.accounts.limits.PHOTOS_PER_PERSON", tuple(replace(rule, count=2) for rule in PHOTOS_PER_PERSON)
    )
    said = send(client, file, jpeg("red"), jpeg("blue"), jpeg("white")).content.decode()
    assert "第3张照片：24小时内添加的照片已达200张" in said
    assert colours(file) == ["red", "blue"]


def test_photos_that_would_make_too_large_a_pdf_are_refused_when_added(file, client, monkeypatch, settings):
    """Not when everything is put together: then nobody knows which one to leave out."""
    made_quickly(monkeypatch)
    settings.UPLOAD_LIMIT = 2 * 1024 * 1024
    page = jpeg("red") + b"\0" * 1_060_000
    assert send(client, file, page).status_code == 302
    answer = send(client, file, page + b"\0", jpeg("blue"))
    assert "第2张照片" not in answer.content.decode()
    assert "第1张照片：加上这一张，合成的 PDF 会超过 2 MB，所以没有加。" in answer.content.decode()
    assert colours(file) == ["red", "blue"]
    assert client.post(urls(file), {"finish": "1"}).status_code == 302
    assert Material.objects.get(application=file).size <= settings.UPLOAD_LIMIT


# ---- scan first, type less ----


def given_diploma(file, fonts):
    paper, _dice = scans.paper(0, 9, fonts, ("diploma",))
    digest = store().put(paper.pdf)
    material = Material.objects.create(
        application=file, code="2", name="x.pdf", file=digest, size=1, pages=1, uploaded_at=NOW, pages_ready=True
    )
    return paper, material


def test_scan_page_goes_from_nothing_to_waiting_to_offers(file, client, fonts):
    url = f"/applications/{file.ref}/schooling/scan/"
    assert "拍毕业证书" in client.get(url).content.decode()
    paper, material = given_diploma(file, fonts)
    assert "data-reload" in client.get(url).content.decode()
    read_material.call(material_id=material.pk)
    page = client.get(url).content.decode()
    assert paper.truth["school"] in page
    keys = re.findall(r'name="take" value="([^"]+)"', page)
    assert {"1-school", "1-major", "1-graduated_on", "1-schooling_number"} <= set(keys)
    form = client.get(f"/applications/{file.ref}/schooling/", {"take": ["1-school", "1-graduated_on"]}).content.decode()
    assert f'value="{paper.truth["school"]}"' in form
    assert form.count(paper.truth["major"]) == form.count(f'<option value="{paper.truth["major"]}">') == 1, (
        "known, not filled in"
    )
    assert "还没有保存" in form
    assert not Application.objects.get(pk=file.pk).educations.exists()


def test_reading_that_failed_or_said_nothing_asks_to_type(file, client, fonts):
    _paper, material = given_diploma(file, fonts)
    reading = PaperReading.objects.create(material=material, state=ReadingState.FAILED, pages="[]", read_at=NOW)
    url = f"/applications/{file.ref}/schooling/scan/"
    assert "没能读出来" in client.get(url).content.decode()
    PaperReading.objects.filter(pk=reading.pk).update(state=ReadingState.READ)
    assert "没有认出" in client.get(url).content.decode()


def test_confirmed_values_join_the_schooling_they_belong_to(file, fonts):
    paper, material = given_diploma(file, fonts)
    read_material.call(material_id=material.pk)
    offers = offers_of(file)
    keys = [offer.key for page in offers.pages for offer in page.offers]
    school, other = paper.truth["school"], {"school": "另一所大学", "schooling": "中专"}
    assert [row.get("school") for row in filled([other, {"school": school}], offers, keys)] == ["另一所大学", school]
    assert [row.get("school") for row in filled([other], offers, keys)] == ["另一所大学", school]
    assert filled([other], offers, []) == [other]
    assert filled([{}], offers, ["1-school"]) == [{"school": school}]
