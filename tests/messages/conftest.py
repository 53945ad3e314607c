import pytest

from chuding.accounts.models import Person
from chuding.accounts.people import phone_index
from chuding.connectors.sms import OutboxGateway


@pytest.fixture
def wang(db, at):
    """王, who applies."""
    phone = "13812345678"
    return Person.objects.create(phone=phone, phone_index=phone_index(phone), display_name="王小明", joined_at=at)


@pytest.fixture
def outbox(settings, tmp_path):
    settings.DEMONSTRATION = False
    settings.CLOCK_OFFSET = None
    settings.SMS_GATEWAY = {"class": "chuding.connectors.sms.OutboxGateway", "options": {"folder": str(tmp_path)}}
    return OutboxGateway(str(tmp_path))


@pytest.fixture
def clock(monkeypatch, at):
    """The moment at which jobs and pages of this room read the time; `clock[0]` may be moved."""
    hand = [at]
    for module in ("messages.delivery", "messages.views", "messages.phone_change", "accounts.step_up"):
        monkeypatch.setattr(f"chuding.{module}.now", lambda: hand[0])
    return hand


@pytest.fixture
def person_named_zhou(db, at):
    """周, who rechecks, and has an inbox of her own."""
    phone = "13900000002"
    return Person.objects.create(phone=phone, phone_index=phone_index(phone), display_name="周敏", joined_at=at)
