"""The desk behind its socket: the same answers, to our own processes only, and a client that waits while it is away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from chuding.paper.keys import make_demonstration_keys
from chuding.paper.mandate import Mandate, SignerRefused, SignerUnavailable
from chuding.paper.remote import SocketDesk, address_of, receive, send
from chuding.signing.server import serve
from stage import NOW


class FakeDesk:
    """Only for what goes over the line; what is signed is tested at the desk itself."""

    def material(self, office):
        raise SignerUnavailable("证书读不到")

    def sign(self, office, mandate, data):
        if data == b"no":
            raise SignerRefused("没有这份决定。")
        return b"|".join([office.encode(), mandate.purpose.encode(), *map(str.encode, mandate.subject), data])


@pytest.fixture
def served(tmp_path, mandate):
    """A server over a desk, and a client of it."""
    path, stop = tmp_path / "signer.sock", threading.Event()
    thread = threading.Thread(target=serve, args=(FakeDesk(), path), kwargs={"peers": [os.getuid()], "stop": stop})
    thread.start()
    while not path.exists():
        time.sleep(0.01)
    yield path
    stop.set()
    thread.join()
    assert not path.exists()


@pytest.fixture
def mandate():
    return Mandate("document", ("roster", "r1"))


def test_question_goes_over_the_socket_and_comes_back(served, mandate):
    client = SocketDesk(str(served))
    assert client.sign("city", mandate, b"\x00\xff") == b"city|document|roster|r1|\x00\xff"
    with pytest.raises(SignerRefused, match="没有这份决定"):
        client.sign("city", mandate, b"no")
    with pytest.raises(SignerUnavailable, match="证书读不到"):
        client.material("city")


def test_socket_is_the_owners_alone(served):
    assert served.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("junk", [b"", b"\x00", b"\x00\x00\x00\x05hello", b"\xff" * 64, b"\x00\x00\x00\x02[]"])
def test_junk_does_not_disturb_the_next_question(served, mandate, junk):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(served))
        line.sendall(junk)
    assert SocketDesk(str(served)).sign("city", mandate, b"x")


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"ask": "key"},
        {"ask": "sign", "office": 1},
        {"ask": "sign", "office": "city", "purpose": "p", "subject": ["a"], "claim": "", "data": ""},
    ],
)
def test_question_that_is_none_is_refused(served, question):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(served))
        send(line, question)
        assert receive(line) == {"refused": "签名服务看不懂这个请求。"}


def test_signer_that_is_away_is_said(tmp_path, mandate):
    with pytest.raises(SignerUnavailable, match="没有应答"):
        SocketDesk(str(tmp_path / "nobody.sock")).sign("city", mandate, b"x")


def test_folder_may_lie_deep(tmp_path):
    deep = tmp_path / ("深" * 40) / "signer.sock"
    deep.parent.mkdir()
    with address_of(deep) as address:
        assert len(address) < 100
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
    assert deep.exists()


def test_process_of_its_own_answers_and_holds_the_key_alone(tmp_path):
    """`chuding signer run` as the service starts it; the client sees certificates, and a refusal without a decision."""
    data = tmp_path / "data"
    data.mkdir()
    make_demonstration_keys(data / "signing", NOW)
    path = data / "signer.sock"
    environment = os.environ | {
        "CHUDING_DATA": str(data),
        "CHUDING_DATABASE_URL": "sqlite",
        "CHUDING_SIGNER_SOCKET": str(path),
    }
    chuding = Path(sys.executable).parent / "chuding"
    process = subprocess.Popen([chuding, "signer", "run"], env=environment, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while not path.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        client = SocketDesk(str(path))
        assert len(client.material("association").certificate_chain) == 3
        with pytest.raises((SignerRefused, SignerUnavailable)):
            client.sign("association", Mandate("letter", ("application", "x"), "receipt"), b"x")
    finally:
        process.terminate()
        process.wait(timeout=20)
        assert process.stderr is not None
        process.stderr.close()
    assert (process.returncode, path.exists()) == (0, False)
