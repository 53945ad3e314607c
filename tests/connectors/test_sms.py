import json
import os
import threading
from datetime import UTC, datetime

import pytest

from chuding.connectors.choice import WrongChoiceError
from chuding.connectors.signed_http import Account, signature
from chuding.connectors.sms import GatewayRefused, GatewayUnavailable, HttpGateway, OutboxGateway, Sms, gateway

TEXT = "【职称初定】您的申报（尾号1237）已受理。"


def http_gateway(service, timeout=0.3):
    return HttpGateway(service.url, "town", "TOWN_SECRET", timeout)


def test_outbox_keeps_what_was_sent_newest_first(tmp_path):
    outbox = OutboxGateway(str(tmp_path / "outbox"))
    before = datetime.now(UTC).replace(microsecond=0)
    receipt = outbox.send(phone="13812345678", sms=Sms(TEXT), reference="a")
    outbox.send(phone="+85261234567", sms=Sms("𬙋\n第二行"), reference="b")
    newest, oldest = outbox.last(5)
    assert (newest.phone, newest.text, newest.reference) == ("+85261234567", "𬙋\n第二行", "b")
    assert (oldest.gateway_id, oldest.phone, oldest.text) == (receipt.gateway_id, "13812345678", TEXT)
    assert before <= receipt.accepted_at <= datetime.now(UTC)
    assert outbox.last(1) == [newest]


def test_outbox_is_empty_before_the_first_text(tmp_path):
    assert OutboxGateway(str(tmp_path)).last(3) == []


def test_outbox_sends_a_reference_once(tmp_path):
    outbox = OutboxGateway(str(tmp_path))
    first = outbox.send(phone="13812345678", sms=Sms(TEXT), reference="same")
    again = outbox.send(phone="13812345678", sms=Sms(TEXT), reference="same")
    assert again.gateway_id == first.gateway_id
    assert len(outbox.last(10)) == 1


def test_outbox_is_readable_by_its_owner_only(tmp_path):
    OutboxGateway(str(tmp_path)).send(phone="13812345678", sms=Sms(TEXT), reference="a")
    assert (tmp_path / "sms.jsonl").stat().st_mode & 0o777 == 0o600


def test_outbox_loses_nothing_to_concurrency(tmp_path):
    outbox = OutboxGateway(str(tmp_path))
    threads = [
        threading.Thread(target=outbox.send, kwargs={"phone": "13812345678", "sms": Sms(TEXT), "reference": str(i)})
        for i in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "sms.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(json.loads(line)["reference"] for line in lines) == sorted(map(str, range(24)))


def test_outbox_on_a_full_disk_takes_back_its_half_line(tmp_path, monkeypatch):
    outbox = OutboxGateway(str(tmp_path))
    outbox.send(phone="13812345678", sms=Sms(TEXT), reference="a")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:10]))
    with pytest.raises(GatewayUnavailable):
        outbox.send(phone="13812345678", sms=Sms(TEXT), reference="b")
    monkeypatch.undo()
    outbox.send(phone="13812345678", sms=Sms(TEXT), reference="c")
    assert [sent.reference for sent in outbox.last(5)] == ["c", "a"]


def test_http_gateway_hands_over_a_signed_request(service):
    receipt = http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")
    assert receipt.gateway_id == "m-1"
    assert service.delivered == {"r-1": {"phone": "13812345678", "text": TEXT, "reference": "r-1"}}


@pytest.mark.parametrize("mode", ["slow", "broken", "busy", "redirect", "garbage", "no_object", "hang_up"])
def test_http_gateway_is_unavailable_when_the_answer_is_unclear(service, mode):
    service.mode = mode
    with pytest.raises(GatewayUnavailable):
        http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")
    assert len(service.requests) == 1  # a redirect is not followed


def test_http_gateway_tries_again_under_the_same_reference_after_silence(service):
    service.mode = "accept_then_silent"
    with pytest.raises(GatewayUnavailable):
        http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")
    service.mode = "ok"
    http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")
    assert list(service.delivered) == ["r-1"]


def test_http_gateway_reports_a_refusal(service):
    service.mode = "refuse"
    with pytest.raises(GatewayRefused, match="403"):
        http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")


def test_http_gateway_without_id_in_the_answer_is_unavailable(service):
    service.answer = {"id": 7}
    with pytest.raises(GatewayUnavailable, match="no id"):
        http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")


def test_http_gateway_with_a_wrong_secret_is_refused(service, monkeypatch):
    monkeypatch.setenv("TOWN_SECRET", "another")
    with pytest.raises(GatewayRefused, match="401"):
        http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")


def test_http_gateway_without_secret_says_which_variable_is_missing(service, monkeypatch):
    monkeypatch.delenv("TOWN_SECRET")
    with pytest.raises(GatewayUnavailable, match="TOWN_SECRET"):
        http_gateway(service).send(phone="13812345678", sms=Sms(TEXT), reference="r-1")
    assert service.requests == []


def test_http_gateway_that_nobody_serves_is_unavailable(monkeypatch):
    monkeypatch.setenv("TOWN_SECRET", "x")
    with pytest.raises(GatewayUnavailable):
        HttpGateway("http://127.0.0.1:1/", "town", "TOWN_SECRET", 0.3).send(phone="1", sms=Sms(TEXT), reference="r")


def test_outside_services_are_called_over_https_only():
    with pytest.raises(ValueError, match="https"):
        Account("http://sms.example.com/send", "town", "TOWN_SECRET")
    assert Account("https://sms.example.com/send", "town", "TOWN_SECRET").timeout == 5.0


def test_signature_covers_every_part():
    whole = {"method": "POST", "path": "/a", "at": "1720000000", "body": b"{}"}
    changed = [
        {**whole, "method": "GET"},
        {**whole, "path": "/b"},
        {**whole, "at": "1720000001"},
        {**whole, "body": b"[]"},
    ]
    signatures = {signature(b"secret", **parts) for parts in [whole, *changed]}
    assert len(signatures) == 5


def test_gateway_is_chosen_by_settings(tmp_path):
    choice = {"class": "chuding.connectors.sms.OutboxGateway", "options": {"folder": str(tmp_path)}}
    assert isinstance(gateway(choice), OutboxGateway)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"class": "chuding.connectors.sms.Nothing"}, "no connector 'chuding.connectors.sms.Nothing'"),
        ({"class": "nowhere.Gateway"}, "no connector 'nowhere.Gateway'"),
        ({}, "no connector ''"),
        ({"class": "chuding.connectors.sms.OutboxGateway", "options": {"file": "x"}}, "does not take these options"),
    ],
)
def test_gateway_that_cannot_be_made_names_the_setting(choice, words):
    with pytest.raises(WrongChoiceError, match=words):
        gateway(choice)


def test_outbox_tells_calls_from_texts(tmp_path):
    OutboxGateway(str(tmp_path)).send(phone="13812345678", sms=Sms(TEXT), reference="a")
    OutboxGateway(str(tmp_path), channel="voice").send(phone="13812345678", sms=Sms("3，8"), reference="b")
    assert [(sent.text, sent.channel) for sent in OutboxGateway(str(tmp_path)).last(5)] == [
        ("3，8", "voice"),
        (TEXT, "sms"),
    ]


def test_outbox_of_before_there_were_calls_is_read(tmp_path):
    line = {"gateway_id": "g", "accepted_at": "2024-07-01T10:00:00+00:00", "phone": "1", "text": "t", "reference": "r"}
    (tmp_path / "sms.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert [sent.channel for sent in OutboxGateway(str(tmp_path)).last(5)] == ["sms"]
