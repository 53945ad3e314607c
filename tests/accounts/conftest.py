"""The pages of these two rooms on a site of their own: the rooms above stand in as empty pages of the same names."""

import re
import types
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from chuding.accounts.models import Employer, EmployerClerk, OfficeRole, Person
from chuding.accounts.people import phone_index
from chuding.accounts.roles import MATRIX
from chuding.connectors.sms import OutboxGateway


def _empty(request, **kwargs):
    return HttpResponse("an empty page")


def _site():
    own = [include("chuding.accounts.urls"), include("chuding.messages.urls")]
    named = {pattern.name for module, _, _ in own for pattern in module.urlpatterns}
    site = types.ModuleType("two_rooms")
    site.urlpatterns = [
        *(path("", each) for each in own),
        path("unnamed/", _empty, name="in_no_matrix"),
        path("nameless/", _empty),
        path("application/<str:ref>/", _empty, name="application"),
        *(path(f"stand-in/{name}/", _empty, name=name) for name in sorted(set(MATRIX) - named - {"application"})),
    ]
    return site


SITE = _site()


@pytest.fixture
def site(settings, tmp_path):
    """These rooms' pages, an outbox of this test's own, and no context from the rooms above."""
    settings.ROOT_URLCONF = SITE
    settings.DEMONSTRATION = False
    settings.CLOCK_OFFSET = None
    settings.SMS_GATEWAY = {"class": "chuding.connectors.sms.OutboxGateway", "options": {"folder": str(tmp_path)}}
    templates = dict(django_settings.TEMPLATES[0])
    kept = [name for name in templates["OPTIONS"]["context_processors"] if not name.startswith("chuding.")]
    settings.TEMPLATES = [{**templates, "OPTIONS": {**templates["OPTIONS"], "context_processors": kept}}]
    return settings


@pytest.fixture
def outbox(site, tmp_path):
    return OutboxGateway(str(Path(tmp_path)))


@pytest.fixture
def newest_code(outbox, run_jobs):
    """Call it to deliver what is due and read the newest code from the phone."""

    def read(moment=None):
        run_jobs(moment)
        return re.search(r"验证码(\d{6})", outbox.last(1)[0].text)[1]

    return read


@pytest.fixture
def person(db, at):
    """Makes a person with this phone."""

    def make(phone="13812345678", **values):
        return Person.objects.create(phone=phone, phone_index=phone_index(phone), joined_at=at, **values)

    return make


@pytest.fixture
def staff(person):
    """Makes a person with one duty in an office."""

    def make(office, duty, phone="13900000001"):
        someone = person(phone)
        OfficeRole.objects.create(person=someone, office=office, role=duty)
        return someone

    return make


@pytest.fixture
def clerk(person, at):
    """Makes someone who acts for a unit, verified or not."""

    def make(*, verified=True, phone="13900000009"):
        someone = person(phone)
        employer = Employer.objects.create(
            name="镇江示例机械有限公司",
            uscc="91440300708461136T",
            kind="enterprise",
            verified_at=at if verified else None,
        )
        EmployerClerk.objects.create(person=someone, employer=employer)
        return someone

    return make


@pytest.fixture
def clock(monkeypatch, at):
    """The moment that views read; `clock.at` may be moved."""
    hand = types.SimpleNamespace(at=at)
    for module in (
        "accounts.views.sign_in",
        "accounts.step_up",
        "accounts.views.factors",
        "accounts.views.me",
        "accounts.middleware",
        "messages.views",
        "messages.delivery",
    ):
        monkeypatch.setattr(f"chuding.{module}.now", lambda: hand.at)
    return hand


@pytest.fixture
def client_of():
    """Another browser."""
    return Client
