from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from chuding.accounts import consent
from chuding.accounts.models import Consent, Person
from chuding.accounts.people import phone_index
from chuding.accounts.roles import Role
from chuding.accounts.services import SignInProblem, sign_in_by_password
from chuding.applications.aftercare_models import FileView, Rating
from chuding.applications.models import Application, Material
from chuding.applications.services import my_data
from chuding.applications.services.aftercare import Opinion, answer_rating, note_view, rate
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import RedactedCopy
from chuding.ledger.models import Entry
from chuding.messages.models import Message
from chuding.storage.clock import today
from chuding.storage.files import store
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


# ---- who looked ----


def test_view_is_noted_once_a_day_and_shown_to_the_owner_by_role(stage, client):
    file = stage.file_at(State.REVIEWING)
    for hour in (1, 2):
        note_view(file, by=stage.li, roles={Role.REVIEWER, Role.APPLICANT}, at=NOW + timedelta(hours=hour))
    note_view(file, by=stage.zhou, roles={Role.RECHECKER}, at=NOW)
    note_view(file, by=file.applicant, roles={Role.REVIEWER}, at=NOW)
    note_view(file, by=stage.qian, roles={Role.APPLICANT}, at=NOW)
    views = FileView.objects.filter(application=file, person__in=[stage.li, stage.zhou, stage.qian, file.applicant])
    assert sorted(views.values_list("role", "last_at")) == [
        (Role.RECHECKER, NOW),
        (Role.REVIEWER, NOW + timedelta(hours=2)),
    ]
    client.force_login(file.applicant)
    page = client.get("/me/data/").content.decode()
    assert "协会审核员" in page
    assert stage.li.display_name not in page


def test_list_of_what_was_agreed_to_says_what_for_when_and_how_to_take_it_back(stage, client):
    file = stage.file_at(State.ISSUED)
    person, certificate = file.applicant, file.applicant.certificates.get()
    Consent.objects.filter(person=person).delete()
    consent.give_consent(person=person, keys=["handling", "sensitive", "follow_up", "next_round"], at=NOW)
    consent.withdraw_consent(person=person, key="next_round", at=NOW + timedelta(days=1))
    Consent.objects.filter(person=person, purpose="handling").update(text_digest="0" * 64, text_version="2023-1")
    for purpose, until, stopped in (("租房", 1, None), ("过期的", -1, None), ("停用的", 1, NOW)):
        RedactedCopy.objects.create(
            certificate=certificate,
            purpose=purpose,
            until=today() + timedelta(days=until),
            made_at=NOW,
            withdrawn_at=stopped,
        )
    client.force_login(person)
    page = client.get("/me/data/")
    listed = [(each.row.purpose, each.in_these_words, bool(each.row.withdrawn_at)) for each in page.context["consents"]]
    assert listed == [
        ("handling", False, False),
        ("sensitive", True, False),
        ("follow_up", True, False),
        ("next_round", True, True),
    ]
    words = {purpose.key: purpose.text for purpose in consent.purposes()}
    assert [words[key] in page.text for key in ("handling", "sensitive", "follow_up", "next_round")] == [True] * 3 + [
        False
    ]
    assert page.text.count("版本 2023-1") == page.text.count("您同意的是较早的版本") == 1
    assert page.text.count("要撤回，请先撤回申报，再注销账户") == 2
    assert re.findall(r'name="purpose" value="(\w+)"', page.text) == ["follow_up"]
    assert [(owner.pk, copy.purpose) for owner, copy in page.context["copies"]] == [(file.pk, "租房")]
    assert client.post("/me/consent/withdraw/", {"purpose": "follow_up"}).url == "/me/data/"
    assert consent.standing(person) == {"handling", "sensitive"}


def test_opening_a_file_at_the_desk_is_noted(stage, client):
    file = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    client.get(f"/desk/{file.ref}/")
    assert list(FileView.objects.values_list("application", "person", "role")) == [(file.pk, stage.li.pk, "reviewer")]


def test_a_clerk_opening_a_file_is_noted(stage, client):
    file = stage.file_at(State.EMPLOYER, online=True)
    clerk = Person.objects.get(clerkships__employer=file.employer, clerkships__active=True)
    client.force_login(clerk)
    client.get(f"/employer/{file.ref}/")
    assert list(FileView.objects.values_list("person", "role")) == [(clerk.pk, "employer_clerk")]


# ---- taking along ----


def test_package_holds_everything_and_nothing_of_others(stage, client):
    file, other = stage.file_at(State.ISSUED), stage.file_at(State.RECEIVED)
    client.force_login(file.applicant)
    package = zipfile.ZipFile(io.BytesIO(client.post("/me/data/export/").content))
    told = json.loads(package.read("my-data.json"))
    assert [one["number"] for one in told["applications"]] == [file.number]
    mine = told["applications"][0]
    assert mine["identity_number"] == file.identity_number
    assert [len(mine[part]) for part in ("educations", "materials", "assessments")] == [
        file.educations.count(),
        file.materials.count(),
        file.assessments.count(),
    ]
    names = set(package.namelist())
    assert {f"{file.number}/declaration.pdf", f"{file.number}/certificate-{file.certificate_number}.pdf"} <= names
    assert sum("/upload-" in name for name in names) == file.materials.count()
    whole = package.read("my-data.json").decode()
    for secret in (other.number, other.full_name, file.applicant.phone_index, stage.li.display_name):
        assert secret not in whole
    assert Entry.objects.filter(action="data.exported", subject_ref=file.applicant.ref).count() == 1


# ---- closing ----


def test_account_with_a_file_in_hand_cannot_be_closed(stage):
    file = stage.file_at(State.REVIEWING)
    with pytest.raises(Declined, match=f"申报 {file.number} 正在办理"):
        my_data.close_account(by=file.applicant, at=NOW)


def test_clerks_and_officers_cannot_close_their_account(stage):
    for person, word in ((stage.sun, "经办人"), (stage.li, "工作人员")):
        with pytest.raises(Declined, match=word):
            my_data.close_account(by=person, at=NOW)


def test_closing_takes_the_draft_and_the_person_and_leaves_the_record(
    stage, client, django_capture_on_commit_callbacks
):
    issued, draft = stage.file_at(State.ISSUED), stage.file_at(State.DRAFT)
    kept_file = issued.materials.first().file
    Material.objects.filter(application=draft).update(file=kept_file)
    own = store().put(b"%PDF-1.7 a draft's own paper")
    Material.objects.create(application=draft, code="2", name="x", file=own, size=1, pages=1, uploaded_at=NOW)
    person, phone = draft.applicant, draft.applicant.phone
    client.force_login(person)
    assert client.post("/me/close/").context["errors"][0]["href"] == "#sure"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/me/close/", {"sure": "yes"})["Location"] == "/"
    assert not Application.objects.filter(pk=draft.pk).exists()
    assert not store().exists(own)
    assert store().exists(kept_file)
    person.refresh_from_db()
    assert (person.phone, person.display_name, person.is_active) == ("", "", False)
    assert not Person.objects.filter(phone_index=phone_index(phone)).exists()
    assert not Consent.objects.filter(person=person, withdrawn_at__isnull=True).exists()
    assert client.get("/me/").status_code == 302
    assert Entry.objects.filter(action="account.closed").count() == 1


def test_closing_keeps_what_was_decided(stage):
    file = stage.file_at(State.ISSUED)
    my_data.close_account(by=file.applicant, at=NOW)
    file.refresh_from_db()
    assert (file.life, file.full_name != "") == (State.ISSUED, True)
    with pytest.raises(SignInProblem):
        sign_in_by_password(phone="19900000099", password="x" * 12, at=NOW)


# ---- grading ----


def graded(file, grade, **changes):
    words = {"aspects": {"speed": 5, "x": 9}, "comment": "", "anonymous": False} | changes
    return rate(ref=file.ref, opinion=Opinion(grade, **words), by=file.applicant, at=NOW)


def test_service_is_graded_once_by_its_applicant_when_it_is_done(stage):
    waiting, file = stage.file_at(State.RECEIVED), stage.file_at(State.ISSUED)
    with pytest.raises(Declined, match="办结以后"):
        graded(waiting, 5)
    with pytest.raises(Application.DoesNotExist):
        rate(ref=file.ref, opinion=Opinion(5), by=stage.qian, at=NOW)
    with pytest.raises(Declined, match="请选择"):
        graded(file, 6)
    assert graded(file, 4).aspects == {"speed": 5}
    with pytest.raises(Declined, match="已经评价过"):
        graded(file, 5)


def test_bad_grade_is_answered_once_and_the_person_is_told(stage, client):
    file = stage.file_at(State.ISSUED)
    client.force_login(file.applicant)
    client.post(f"/applications/{file.ref}/rating/", {"grade": "2", "comment": "等了太久", "anonymous": "on"})
    rating = Rating.objects.get()
    assert (rating.grade, rating.comment, rating.anonymous) == (2, "等了太久", True)
    client.force_login(stage.wu)
    page = client.get("/desk/ratings/").content.decode()
    assert "等了太久" in page
    assert file.number not in page
    client.post(f"/desk/ratings/{rating.pk}/answer/", {"answer": "短"})
    assert Rating.objects.get().answered_at is None
    client.post(f"/desk/ratings/{rating.pk}/answer/", {"answer": "已核实，增派了人手。"})
    assert Message.objects.filter(person=file.applicant, template="rating_answered").count() == 1
    with pytest.raises(Declined, match="已经有人答复"):
        answer_rating(rating_id=rating.pk, text="再答复一次吧", by=stage.wu, at=NOW)
    client.force_login(file.applicant)
    assert "已核实，增派了人手。" in client.get(f"/applications/{file.ref}/rating/").content.decode()
