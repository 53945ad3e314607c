import pytest

from chuding.accounts import courier
from chuding.messages.services import carry_code


def test_courier_is_the_room_of_messages():
    assert courier.courier() is carry_code


def test_courier_missing_is_said_plainly(monkeypatch):
    monkeypatch.setattr(courier, "_registered", [])
    with pytest.raises(courier.NoCourierError, match="no courier for sign-in codes"):
        courier.courier()
