"""A6: a character that cannot be typed comes as a picture; an officer puts it in; nothing is signed before."""

import io

import pytest
from applicant_steps import make_person
from desk_steps import judge_all, reread, version_of
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from chuding.accounts.models import Person
from chuding.accounts.names import PLACEHOLDER, clean_name
from chuding.accounts.services import set_display_name
from chuding.applications.characters import require_drawn
from chuding.applications.models import Application, SocialInsuranceState
from chuding.applications.photos.models import NameWriting
from chuding.applications.services import review
from chuding.applications.services.drafting import declare, start
from chuding.applications.services.my_data import close_account
from chuding.applications.services.own_data import data_of
from chuding.applications.services.submission import ask_social_insurance
from chuding.applications.services.writing import read_writing
from chuding.applications.workflow import Declined, State
from chuding.ledger.models import Entry
from chuding.policy.notice import load_notice
from chuding.storage.files import store
from stage import NOW


@pytest.fixture
def draft(settings, data_folder, client, db):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    person = make_person(NOW)
    client.force_login(person)
    return start(notice=load_notice("zhenjiang-2024-1"), by=person, at=NOW)


def picture(colour="white"):
    out = io.BytesIO()
    Image.new("RGB", (60, 60), colour).save(out, "JPEG")
    return SimpleUploadedFile("字.jpg", out.getvalue(), content_type="image/jpeg")


def url(file):
    return f"/applications/{file.ref}/identity/writing/"


def name_typed(client, file, name):
    """What the page says of the name after it was saved with this one."""
    data = {"version": version_of(file), "full_name": name}
    form = client.post(f"/applications/{file.ref}/identity/", data).context["form"]
    return form.errors.get("full_name", [])


def waiting(stage):
    """A file with a character to be put in, in the reviewer's hands, and its picture."""
    file = stage.file_at(State.REVIEWING)
    name = f"王{PLACEHOLDER}明"
    Application.objects.filter(pk=file.pk).update(full_name=name, commitment_name=name)
    digest = store().put(b"\xff\xd8\xff picture")
    NameWriting.objects.create(application=file, file=digest, width=60, height=60, added_at=NOW)
    return reread(file)


def test_placeholder_stands_in_a_name_only_where_there_is_a_picture():
    name = f"王{PLACEHOLDER}"
    assert clean_name(name, pictured=True) == (name, None)
    assert clean_name(name)[1].startswith("用“〓”代替打不出的字，要先上传这个字的写法。")
    assert clean_name("王*明", pictured=True)[1].startswith("姓名里不能用“*”")


def test_picture_lets_the_name_be_saved_and_is_shown_to_its_owner(client, draft):
    assert name_typed(client, draft, "王〓明") == [clean_name("王〓明")[1]]
    assert url(draft) in client.get(f"/applications/{draft.ref}/identity/").text
    assert client.post(url(draft), {"picture": picture()}).url == f"/applications/{draft.ref}/identity/"
    assert name_typed(client, draft, "王〓明") == []
    assert f"{url(draft)}picture/" in client.get(url(draft)).text
    shown = client.get(f"{url(draft)}picture/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert shown.getvalue().startswith(b"\xff\xd8\xff")
    client.force_login(make_person(NOW, "13900000055"))
    assert Entry.objects.filter(action="name_writing.kept").count() == 1
    assert client.get(f"{url(draft)}picture/").status_code == 404


def test_picture_is_replaced_by_the_next_one(client, draft):
    client.post(url(draft), {"picture": picture()})
    first = NameWriting.objects.get().file
    client.post(url(draft), {"picture": picture("red")})
    assert NameWriting.objects.get().file != first


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (None, "请先拍照或者选择照片，再点“上传”。"),
        (b"%PDF-1.7", "这是 PDF 文件，不是照片。"),
        (b"GIF89a", "这不是 JPG 或 PNG 照片。"),
    ],
)
def test_what_is_no_photo_is_refused_in_words_at_the_field(client, draft, sent, words):
    data = {} if sent is None else {"picture": SimpleUploadedFile("x.jpg", sent)}
    answer = client.post(url(draft), data)
    assert answer.status_code == 422
    assert answer.context["errors"][0]["href"] == "#picture"
    assert words in answer.text
    assert not NameWriting.objects.exists()


def test_picture_is_told_and_goes_with_the_account(client, draft, django_capture_on_commit_callbacks):
    client.post(url(draft), {"picture": picture()})
    file = NameWriting.objects.get().file
    told = data_of(draft.applicant, at=NOW)["applications"][0]["name_writing"]
    assert [each["file"] for each in told] == [file]
    with django_capture_on_commit_callbacks(execute=True):
        close_account(by=draft.applicant, at=NOW)
    assert (NameWriting.objects.exists(), store().exists(file)) == (False, False)


def test_reviewer_sees_the_picture_and_puts_the_character_in(stage, client):
    file = waiting(stage)
    client.force_login(stage.li)
    page = client.get(f"/desk/{file.ref}/").text
    assert "姓名里有一个字没有输入" in page
    assert client.get(f"/desk/{file.ref}/name/picture/").getvalue() == b"\xff\xd8\xff picture"
    wrong = client.post(f"/desk/{file.ref}/name/", {"character": "ab"})
    assert (wrong.status_code, wrong.text.count("请输入一个汉字，或者它的编码")) == (422, 2), "on top, and at the box"
    assert 'value="ab" aria-invalid="true" aria-describedby="character-error"' in wrong.text
    assert client.post(f"/desk/{file.ref}/name/", {"character": "U+4DAE"}).status_code == 302
    file = reread(file)
    assert (file.full_name, file.commitment_name) == ("王䶮明", "王䶮明")
    entry = Entry.objects.get(action="name_writing.read")
    assert (entry.data["code_point"], entry.role) == ("U+4DAE", "reviewer")
    assert "姓名里的“䶮”按照片录入" in client.get(f"/desk/{file.ref}/").text
    with pytest.raises(Declined, match="没有等待录入的字"):
        read_writing(ref=file.ref, text="䶮", by=stage.li, at=NOW)


def test_file_with_the_placeholder_is_neither_recommended_nor_signed(stage):
    file = waiting(stage)
    judge_all(file, stage.li)
    with pytest.raises(Declined, match="姓名里还有没有录入的字"):
        review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    with pytest.raises(Declined, match="王〓明：姓名里还有"):
        require_drawn([file])


def test_character_is_put_in_by_whoever_holds_the_file_only(stage, client):
    file = waiting(stage)
    with pytest.raises((Declined, Application.DoesNotExist)):
        read_writing(ref=file.ref, text="䶮", by=stage.zhou, at=NOW)
    client.force_login(stage.zhou)
    assert "录入“〓”的位置" not in client.get(f"/desk/{file.ref}/").text


def test_social_insurance_is_not_asked_about_half_a_name(stage):
    file = waiting(stage)
    answer = ask_social_insurance(ref=file.ref, connector=None, by=file.applicant, at=NOW)
    assert answer is SocialInsuranceState.NO_ANSWER


def test_person_is_greeted_by_the_name_of_the_file_unless_an_office_has_named_them(draft):
    person = draft.applicant

    def named(name):
        declare(ref=draft.ref, section="identity", values={"full_name": name}, by=person, at=NOW)
        return Person.objects.get(pk=person.pk).display_name

    assert [named("王小明"), named("王晓明")] == ["王小明", "王晓明"]
    set_display_name(person=person, name="王经办", at=NOW)
    assert named("王小明") == "王经办"
