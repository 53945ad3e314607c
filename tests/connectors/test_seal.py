"""The seal service's contract, from recordings that we wrote after the standard's fields; and its bad days."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from chuding.connectors.seal import SealRefused, SealUnavailable, seal_service

RECORDED = Path(__file__).parent / "seal"
REQUEST, ANSWER = (json.loads((RECORDED / f"{name}.json").read_text("utf-8")) for name in ("request", "answer"))
PAPER = base64.b64decode(REQUEST["file"])


@pytest.fixture
def sealed(service):
    """Seals the recorded paper through the service as it is."""
    service.answer = dict(ANSWER)
    options = {"url": service.url, "key": "town", "secret_variable": "TOWN_SECRET", "timeout": 20}

    def ask(**other):
        connector = seal_service({"class": "chuding.connectors.seal.HttpSealService", "options": options | other})
        return connector.seal(PAPER, seal_id=REQUEST["esID"], form=REQUEST["form"], reference=REQUEST["reference"])

    return ask


def test_request_and_answer_are_those_recorded(sealed, service):
    paper = sealed()
    assert service.requests == [REQUEST]
    assert (paper.seal_id, paper.seal_name, paper.signed_at.isoformat()) == (
        ANSWER["esID"], ANSWER["name"], ANSWER["timeInfo"],
    )  # fmt: skip
    assert paper.file == base64.b64decode(ANSWER["file"])
    assert paper.file.startswith(PAPER)


@pytest.mark.parametrize("mode", ["broken", "busy", "redirect", "garbage", "no_object", "hang_up"])
def test_service_that_is_away_is_waited_for(sealed, service, mode):
    service.mode = mode
    with pytest.raises(SealUnavailable, match="没有应答"):
        sealed()


def test_slow_service_is_given_up(sealed, service):
    service.mode = "slow"
    with pytest.raises(SealUnavailable):
        sealed(timeout=0.2)


def test_service_that_says_no_is_for_a_person(sealed, service):
    service.mode = "refuse"
    with pytest.raises(SealRefused, match="403"):
        sealed()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"esID": "another"}, "不是关于"),
        ({"dataHash": "0" * 64}, "不是关于"),
        ({"signAlgID": "1.2.840.10045.4.3.2"}, "国密"),
        ({"file": "no base 64"}, "看不懂"),
        ({"file": base64.b64encode(b"PK\x03\x04").decode()}, "看不懂"),
        ({"timeInfo": "2024-09-18T10:00:00"}, "看不懂"),
        ({"timeInfo": None}, "看不懂"),
        ({"name": ""}, "看不懂"),
    ],
)
def test_answer_about_something_else_is_refused(sealed, service, change, words):
    service.answer = ANSWER | change
    with pytest.raises(SealRefused, match=words):
        sealed()


def test_there_is_no_seal_by_default():
    assert seal_service(None) is None
