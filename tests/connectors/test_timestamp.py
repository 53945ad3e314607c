"""RFC 3161 over HTTP against an authority with a temper, and the demonstration's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tsa import POLICY, Served

from chuding.connectors.choice import WrongChoiceError
from chuding.connectors.timestamp import NoTimeStampError, time_stamping
from chuding.paper import stamps
from chuding.paper.keys import make_demonstration_keys

AT = datetime(2024, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
DIGEST = bytes(range(32))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tsa") / "keys"
    make_demonstration_keys(folder, AT)
    chain = b"".join((folder / f"{name}.pem").read_bytes() for name in ("time", "issuing", "root"))
    (folder / "chain.pem").write_bytes(chain)
    (folder / "lists.pem").write_bytes((folder / "issuing.crl").read_bytes() + (folder / "root.crl").read_bytes())
    return folder


@pytest.fixture
def authority(folder):
    served = Served(folder, AT + timedelta(seconds=3))
    yield served.authority
    served.stop()


@pytest.fixture
def connector(authority, folder, request):
    # A busy machine may be slow to answer; only what is slow on purpose is given up soon.
    hasty = getattr(request.node, "callspec", None) and request.node.callspec.params.get("mode") in {"slow", "dripping"}
    options = {"url": authority.url, "chain": str(folder / "chain.pem"), "lists": str(folder / "lists.pem")}
    options |= {"policy": POLICY, "timeout": 0.4 if hasty else 20}
    return time_stamping({"class": "chuding.connectors.timestamp.HttpTimeStamping", "options": options})


@pytest.mark.parametrize("mode", ["ok", "granted_with_mods"])
def test_authority_stamps_what_was_asked(connector, authority, mode):
    authority.mode = mode
    token = connector.stamp(DIGEST, at=AT)
    stamp = stamps.check(token, DIGEST, connector.certificate_chain)
    assert (stamp.moment, stamp.authority[:5]) == (AT + timedelta(seconds=3), "演示时间戳")
    (asked,) = authority.asked
    assert (asked["message_imprint"]["hashed_message"], asked["req_policy"]) == (DIGEST, POLICY)


def test_each_question_has_a_nonce_of_its_own(connector, authority):
    for _ in range(5):
        connector.stamp(DIGEST, at=AT)
    nonces = {asked["nonce"] for asked in authority.asked}
    assert (len(nonces), {nonce.bit_length() for nonce in nonces}) == (5, {64})


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("slow", "没有应答"),
        ("dripping", "太慢|没有应答"),
        ("broken", "500"),
        ("gone", "404"),
        ("redirect", "302"),
        ("rejection", "拒绝"),
        ("waiting", "拒绝"),
        ("wrong_nonce", "随机数"),
        ("no_nonce", "随机数"),
        ("mods_without_nonce", "随机数"),
        ("wrong_imprint", "摘要"),
        ("wrong_policy", "策略"),
        ("wrong_time", "时钟"),
        ("garbage", "看不懂"),
        ("empty", "看不懂"),
        ("half", "没有应答|中断"),
        ("hang_up", "没有应答"),
    ],
)
def test_answer_that_is_none_is_said_in_words(connector, authority, mode, words):
    authority.mode = mode
    with pytest.raises(NoTimeStampError, match=words):
        connector.stamp(DIGEST, at=AT)


def test_expired_certificate_is_found_where_the_token_is_judged(connector, authority):
    authority.mode = "expired"
    token = connector.stamp(DIGEST, at=AT + timedelta(days=9000))
    with pytest.raises(stamps.StampError, match="not valid at that time"):
        stamps.check(token, DIGEST, connector.certificate_chain)


def test_authority_that_is_not_there_is_waited_for(folder):
    choice = {"url": "http://127.0.0.1:9/tsa", "chain": str(folder / "chain.pem"), "timeout": 0.3}
    connector = time_stamping({"class": "chuding.connectors.timestamp.HttpTimeStamping", "options": choice})
    with pytest.raises(NoTimeStampError, match="没有应答"):
        connector.stamp(DIGEST, at=AT)
    assert connector.revocation_lists == ()


def test_files_that_are_missing_are_named(tmp_path):
    choice = {"url": "http://127.0.0.1:9/", "chain": str(tmp_path / "a.pem"), "lists": str(tmp_path / "b.pem")}
    connector = time_stamping({"class": "chuding.connectors.timestamp.HttpTimeStamping", "options": choice})
    with pytest.raises(NoTimeStampError, match=r"a\.pem"):
        _ = connector.certificate_chain
    with pytest.raises(NoTimeStampError, match=r"b\.pem"):
        _ = connector.revocation_lists


def test_no_authority_is_the_default_and_a_wrong_one_is_said():
    assert time_stamping(None) is None
    with pytest.raises(WrongChoiceError):
        time_stamping(
            {"class": "chuding.connectors.timestamp.HttpTimeStamping", "options": {"url": "ftp://x", "chain": ""}}
        )


def test_demonstration_stamps_our_own_time_and_says_that_it_proves_nothing(folder, tmp_path):
    choice = {"class": "chuding.connectors.timestamp.DemonstrationTimeStamping", "options": {"folder": str(folder)}}
    connector = time_stamping(choice)
    token = connector.stamp(DIGEST, at=AT)
    stamp = stamps.check(token, DIGEST, connector.certificate_chain)
    assert (stamp.moment, stamp.authority) == (AT, "演示时间戳（样张，不能向他人证明时间）")
    assert connector.stamp(DIGEST, at=AT) == token
    assert len(connector.revocation_lists) == 2
    with pytest.raises(NoTimeStampError, match=r"time\.pem"):
        time_stamping(choice | {"options": {"folder": str(tmp_path)}}).stamp(DIGEST, at=AT)
