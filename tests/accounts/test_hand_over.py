"""接力: one device shows a code, another goes on; once, for ten minutes, for applicants."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from chuding.accounts.handover import ALPHABET, accept, offer
from chuding.accounts.housekeeping import forget_old
from chuding.accounts.models import HandOver
from chuding.accounts.services import SignInProblem
from chuding.ledger.models import Entry
from chuding.storage.clock import SHANGHAI
from stage import NOW, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("middleware", "views.sign_in", "views.hand_over"):
        monkeypatch.setattr(f"chuding.accounts.{module}.now", lambda: NOW)


@pytest.fixture
def shown(stage: Stage, client: Client) -> tuple[str, str]:
    """The code and the address behind the picture, as 钱's computer shows them."""
    client.force_login(stage.qian)
    page = client.post("/hand-over/", {"next": "/applications/"}).content.decode()
    code = re.search(r'hand-over-letters reference">([^<]+)<', page)
    assert code is not None
    return code[1], page


def test_hand_over_by_letters_goes_on_at_the_same_page(shown: tuple[str, str], stage: Stage) -> None:
    phone = Client()
    answer = phone.post("/over/", {"code": f" {shown[0].lower()} "})
    assert answer.url == "/applications/"
    assert phone.get("/applications/").status_code == 200
    assert Entry.objects.filter(subject_ref=stage.qian.ref).last().data == {"way": "hand_over"}  # type: ignore[union-attr]


def test_hand_over_by_picture_asks_before_it_is_used_up(stage: Stage) -> None:
    made = offer(by=stage.qian, path="/applications/", at=NOW)
    phone = Client()
    assert "继续我的申报" in phone.get(f"/over/{made.token}/").content.decode()
    assert phone.post(f"/over/{made.token}/").url == "/applications/"
    assert "这个码已经失效" in Client().get(f"/over/{made.token}/").content.decode()
    assert "请在原来的设备上重新生成一个" in Client().post(f"/over/{made.token}/").content.decode()


def test_hand_over_works_once_and_for_ten_minutes(stage: Stage) -> None:
    made = offer(by=stage.qian, path="/applications/", at=NOW)
    assert accept(code=made.code, at=NOW + timedelta(minutes=9)) == (stage.qian, "/applications/")
    with pytest.raises(SignInProblem):
        accept(token=made.token, at=NOW)
    late = offer(by=stage.qian, path="/applications/", at=NOW)
    with pytest.raises(SignInProblem):
        accept(code=late.code, at=NOW + timedelta(minutes=10))


def test_hand_over_ends_with_the_next_one(stage: Stage) -> None:
    first = offer(by=stage.qian, path="/", at=NOW)
    offer(by=stage.qian, path="/", at=NOW)
    with pytest.raises(SignInProblem):
        accept(code=first.code, at=NOW)


def test_hand_over_is_for_applicants_only(stage: Stage, client: Client) -> None:
    for officer in (stage.li, stage.zhao, stage.sun):
        client.force_login(officer)
        assert client.get("/hand-over/").status_code == 404
        made = offer(by=officer, path="/", at=NOW)
        with pytest.raises(SignInProblem):
            accept(code=made.code, at=NOW)


def test_hand_over_keeps_no_code_and_leads_to_own_paths_only(stage: Stage, client: Client) -> None:
    client.force_login(stage.qian)
    client.post("/hand-over/", {"next": "https://evil.example/"})
    row = HandOver.objects.get()
    assert row.path == "/applications/"
    made = offer(by=stage.qian, path="/", at=NOW)
    stored = str(HandOver.objects.values().get())
    assert [made.token in stored, made.code.replace("-", "") in stored] == [False, False]
    assert set(made.code) <= {*ALPHABET, "-"}


def test_wrong_codes_are_limited_by_network(stage: Stage, settings: pytest.FixtureRequest) -> None:
    phone = Client(REMOTE_ADDR="203.0.113.9")
    said = [phone.post("/over/", {"code": "AAAA-AAAA"}).content.decode() for _ in range(11)]
    assert ["尝试次数过多" in page for page in said] == [False] * 10 + [True]


def test_hand_over_that_is_over_is_forgotten(stage: Stage) -> None:
    forget_old(at=NOW)  # what founding the town left
    offer(by=stage.qian, path="/", at=NOW)
    assert forget_old(at=datetime(2024, 9, 18, 10, 11, tzinfo=SHANGHAI)) == 1
