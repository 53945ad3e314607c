from datetime import date

import pytest
from applicant_steps import IDENTITY, Applicant, insure, make_person, words
from django.utils import timezone

from chuding.applications.models import Application
from chuding.messages.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings, at, data_folder):
    settings.CLOCK_OFFSET = at - timezone.now()
    settings.SOCIAL_INSURANCE = {
        "class": "chuding.connectors.social_insurance.EmbeddedSocialInsurance",
        "options": {"file": str(data_folder / "social_insurance.json")},
    }
    return data_folder


@pytest.fixture
def me(site, client, at):
    return Applicant(client, make_person(at), at)


def test_walk_from_draft_to_receipt(me, site):
    insure(site, (IDENTITY["identity_number"], "王小明"))
    assert "已完成 0 / 7" in words(me.get())
    me.fill()
    assert "已完成 7 / 7" in words(me.get())
    page = words(me.get("check/"))
    assert "可以申报 ：助理级（助理工程师）" in page
    assert me.submit().url == me.url("submitted/")
    file = me.file
    assert (file.state, file.social_insurance, file.number) == ("received", "found", "ZJCD20240000018"[:4] + file.number[4:])
    assert file.number in words(me.get("submitted/"))
    assert [m.template for m in Message.objects.filter(person=me.person)] == ["submitted"]
