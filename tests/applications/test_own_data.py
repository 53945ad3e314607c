"""What one takes along is everything: no model that refers to a person is in neither the export nor the list of reasons."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

from django.apps import apps
from django.utils import timezone

from chuding.accounts import factors
from chuding.accounts.models import Authenticator, HandOver, RecoveryCode, Visit
from chuding.applications.aftercare_models import Appeal
from chuding.applications.aside.models import Reminder, UnsavedPage
from chuding.applications.models import Application
from chuding.applications.photos.models import PhotoPage
from chuding.applications.readings.models import PaperReading, ReadingState
from chuding.applications.services import appealing, my_data, own_data
from chuding.applications.services.reminders import set_reminder
from chuding.applications.units.models import CoSign, UnitRequest
from chuding.applications.workflow import State
from chuding.certificates.models import RedactedCopy
from chuding.messages.models import Message
from chuding.storage.files import store
from stage import NOW

# What a model refers to when it speaks of a person.
PEOPLE = {"accounts.Person", "applications.Application", "applications.Material", "certificates.Certificate"}
NAMED = {"phone", "phone_index", "subject_ref"}


def about_people():
    return {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("chuding.")
        and any(
            field.name in NAMED or (field.is_relation and field.related_model._meta.label in PEOPLE)
            for field in model._meta.concrete_fields
        )
    }


def test_every_model_about_people_is_exported_or_has_a_reason():
    parts = [*own_data.OF_PERSON.values(), *own_data.OF_FILE.values()]
    exported = {model._meta.label for model, _ in parts} | own_data.TOLD
    assert exported & own_data.LEFT_OUT.keys() == set()
    assert about_people() - exported - own_data.LEFT_OUT.keys() == set(), "say in services/own_data.py where it belongs"
    assert own_data.LEFT_OUT.keys() - about_people() - {"decisions.Objection"} == set()
    assert all(own_data.LEFT_OUT.values())


def test_rows_are_those_of_the_models_they_are_named_after(stage):
    file = stage.file_at(State.ISSUED)
    for model, rows in own_data.OF_PERSON.values():
        assert rows(file.applicant).model is model
    for model, rows in own_data.OF_FILE.values():
        assert rows(file).model is model


def test_package_has_the_parts_that_used_to_be_left_out(stage, client, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    file, draft = stage.file_at(State.REFUSED), stage.file_at(State.DRAFT)
    person, asked = file.applicant, file.updated_at + timedelta(minutes=5)
    appealing.appeal(ref=file.ref, reason="学历证书编号写错了一位，现在附上更正。", by=person, at=asked)
    Application.objects.filter(pk=draft.pk).update(applicant=person, notice_id="another-round")
    PhotoPage.objects.create(
        application=draft, code="2", position=1, file=store().put(b"a photo"), width=1, height=1, added_at=NOW
    )
    UnsavedPage.objects.create(application=draft, section="identity", typed="full_name=王", kept_at=NOW)
    CoSign.objects.create(
        application=draft, token_hash="h" * 64, made_at=NOW, until=NOW, name="孙人事", phone="13911112222"
    )
    UnitRequest.objects.create(
        uscc="91440300708461136T", name="镇江示例", kind="enterprise", address="镇江", asked_by=person, clerk_name="王",
        asked_at=NOW, file=store().put(b"a stamped paper"),
    )  # fmt: skip
    PaperReading.objects.create(material=file.materials.first(), state=ReadingState.READ, pages="[]", read_at=NOW)
    set_reminder(phone=person.phone, due_on=NOW.date(), at=NOW)
    client.force_login(person)
    package = zipfile.ZipFile(io.BytesIO(own_data.take_along(by=person, at=NOW)))
    told = json.loads(package.read("my-data.json"))
    files = {one["number"]: one for one in told["applications"]}
    assert files[file.number]["appeals"][0]["reason"] == Appeal.objects.get().reason
    assert len(files[file.number]["read_on_materials"]) == 1
    assert [len(files[None][part]) for part in ("photo_pages", "not_saved_yet", "links_to_the_unit")] == [1, 1, 1]
    assert [len(told[part]) for part in ("unit_requests", "reminders", "signed_in_devices")] == [
        1,
        1,
        Visit.objects.count(),
    ]
    assert {entry["action"] for entry in told["account_acts"]} >= {"consent.given"}
    names = package.namelist()
    assert [sum(part in name for name in names) for part in ("/photo-2-", "unit-requests/91440300708461136T")] == [1, 1]
    whole = package.read("my-data.json").decode()
    for other in ("孙人事", "13911112222", "h" * 64, person.phone_index, stage.zhou.display_name):
        assert other not in whole


def test_no_officers_number_stands_in_the_export(stage):
    told = own_data.data_of(stage.file_at(State.ISSUED).applicant, at=NOW)
    of_staff = {"reviewer", "second", "rechecker", "signer", "undo_by", "verdict_by", "asked_by", "agreed_by"}
    rows = [told["applications"][0], *told["applications"][0]["materials"], *told["applications"][0]["corrections"]]
    assert [name for row in rows for name in row if name in of_staff] == []


def test_redacted_copies_are_taken_along(stage):
    file = stage.file_at(State.ISSUED)
    certificate = file.applicant.certificates.get()
    RedactedCopy.objects.create(
        certificate=certificate, purpose="租房", until=NOW.date(), made_at=NOW, file=store().put(b"a copy")
    )
    package = zipfile.ZipFile(io.BytesIO(own_data.package_of(file.applicant, at=NOW)))
    assert [name for name in package.namelist() if name.startswith(f"copies/{certificate.number}-")] != []
    assert json.loads(package.read("my-data.json"))["redacted_copies"][0]["purpose"] == "租房"


# ---- closing ----


def test_closing_empties_everything_that_tells_something_of_the_person(
    stage, client, django_capture_on_commit_callbacks
):
    draft, refused = stage.file_at(State.DRAFT), stage.file_at(State.REFUSED)
    person, phone = draft.applicant, draft.applicant.phone
    Application.objects.filter(pk=refused.pk).update(applicant=person)
    Message.objects.filter(subject_ref=refused.ref).update(person=person, phone=phone)
    assert Message.objects.filter(person=person).count() > 0
    photo = store().put(b"a photo of a draft")
    PhotoPage.objects.create(application=draft, code="2", position=1, file=photo, width=1, height=1, added_at=NOW)
    set_reminder(phone=phone, due_on=NOW.date() + timedelta(days=300), at=NOW)
    factors.begin(person=person, at=NOW)
    RecoveryCode.objects.create(person=person, code_hash="x", made_at=NOW)
    HandOver.objects.create(
        person=person, token_hash="t", code_hash="c", path="/", made_at=NOW, expires_at=NOW + timedelta(minutes=10)
    )
    Visit.objects.create(person=person, session_key="s" * 32, device="手机", began_at=NOW)
    before = Message.objects.filter(person=person).count()
    with django_capture_on_commit_callbacks(execute=True):
        my_data.close_account(by=person, at=NOW)
    assert not store().exists(photo)
    for model in (Authenticator, RecoveryCode, HandOver, Visit):
        assert model.objects.filter(person=person).count() == 0
    assert Reminder.objects.count() == 0
    left = Message.objects.filter(person=person)
    assert (left.count(), {(m.phone, m.text, m.values, m.title, m.body) for m in left}) == (before, {("",) * 5})
    assert not left.filter(state=Message.State.PENDING).exists()


def test_photo_that_another_page_holds_too_stays(stage, django_capture_on_commit_callbacks):
    draft, other = stage.file_at(State.DRAFT), stage.file_at(State.DRAFT)
    photo = store().put(b"the very same photo")
    for file in (draft, other):
        PhotoPage.objects.create(application=file, code="2", position=1, file=photo, width=1, height=1, added_at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        my_data.close_account(by=draft.applicant, at=NOW)
    assert store().exists(photo)
