"""A time-stamp authority of the world outside with a temper: it speaks RFC 3161 over HTTP and does what its mode says."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import cms, tsp
from cryptography.hazmat.primitives import serialization

from chuding.connectors.timestamp import Answer, make_token
from chuding.paper.keys import load_certificate

POLICY = "1.3.6.1.4.1.13762.3"


@dataclass
class FakeAuthority:
    """Modes: ok, granted_with_mods, mods_without_nonce, slow, dripping, broken (500), gone (404), redirect, rejection,
    waiting, wrong_nonce, no_nonce, wrong_imprint, wrong_policy, wrong_time, expired, garbage, empty, half, hang_up."""

    folder: object
    at: object
    mode: str = "ok"
    url: str = ""
    asked: list = field(default_factory=list)

    def answer(self, body):
        request = tsp.TimeStampReq.load(body, strict=True)
        self.asked.append(request.native)
        imprint = request["message_imprint"]
        assert (imprint["hash_algorithm"]["algorithm"].native, request["cert_req"].native) == ("sha256", True)
        if self.mode in {"rejection", "waiting"}:
            return Answer({"status": {"status": self.mode}}).dump()
        nonce, digest = request["nonce"].native, imprint["hashed_message"].native
        nonce = {"wrong_nonce": nonce ^ 1, "no_nonce": None, "mods_without_nonce": None}.get(self.mode, nonce)
        digest = bytes(32) if self.mode == "wrong_imprint" else digest
        moment = self.at + timedelta(days=9000 if self.mode == "expired" else 2 if self.mode == "wrong_time" else 0)
        key = serialization.load_pem_private_key((self.folder / "time-key.pem").read_bytes(), None)
        token = make_token(
            digest,
            at=moment,
            certificate=load_certificate(self.folder / "time.pem"),
            key=key,
            policy="1.2.3.4" if self.mode == "wrong_policy" else POLICY,
            nonce=nonce,
        )
        status = "granted_with_mods" if "mods" in self.mode else "granted"
        return Answer({"status": {"status": status}, "token": cms.ContentInfo.load(token)}).dump()


def _handler(authority):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            mode = authority.mode
            if mode == "hang_up":
                return self.connection.close()
            if mode in {"broken", "gone", "redirect"}:
                return self._say({"broken": 500, "gone": 404, "redirect": 302}[mode], b"no")
            if mode == "slow":
                time.sleep(1.5)
            answer = (
                {"garbage": b"<html>", "empty": b""}.get(mode)
                if mode in {"garbage", "empty"}
                else authority.answer(body)
            )
            return self._say(200, answer)

        def _say(self, code, body):
            # The caller may have given up, which is the point of some modes.
            with suppress(OSError):
                self.send_response(code)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", authority.url)
                self.end_headers()
                if authority.mode == "half":
                    self.wfile.write(body[: len(body) // 2])
                    return self.connection.close()
                if authority.mode == "dripping":
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(0.02)
                    return None
                return self.wfile.write(body)

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A caller that hangs up is no error of the fake's."""


class Served:
    """The authority behind an address, until it is stopped."""

    def __init__(self, folder, at):
        self.authority = FakeAuthority(folder, at)
        self._server = _Quiet(("127.0.0.1", 0), _handler(self.authority))
        self.authority.url = f"http://127.0.0.1:{self._server.server_port}/tsa"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
