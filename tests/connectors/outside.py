"""A service of the world outside with a temper: it checks our signature and then does what its mode says."""

import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "invented-secret"
MODES = {
    "broken": (500, {}),
    "busy": (429, {}),
    "refuse": (403, {"error": "no"}),
    "redirect": (302, {}),
    "garbage": (200, b"<html>"),
    "no_object": (200, ["id"]),
}


@dataclass
class FakeService:
    """`answer` is a JSON object, or what makes one of the question. Modes: ok, slow, broken (500), busy (429), refuse (403), redirect, garbage, no_object, hang_up, accept_then_silent."""

    mode: str = "ok"
    answer: object = field(default_factory=lambda: {"id": "m-1"})
    requests: list = field(default_factory=list)
    delivered: dict = field(default_factory=dict)
    url: str = ""


def _handler(service):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.requests.append(json.loads(body))
            if not self._signed(body):
                return self._say(401, {"error": "signature"})
            if service.mode in {"ok", "accept_then_silent"}:
                data = json.loads(body)
                service.delivered[data.get("reference", "")] = data
            if service.mode == "hang_up":
                return self.connection.close()
            if service.mode in {"slow", "accept_then_silent"}:
                time.sleep(0.6)
            right = service.answer(json.loads(body)) if callable(service.answer) else service.answer
            code, answer = MODES.get(service.mode, (200, right))
            return self._say(code, answer, location=service.url)

        def _signed(self, body):
            lines = "\n".join(("POST", self.path, self.headers["X-Chuding-Time"], hashlib.sha256(body).hexdigest()))
            expected = hmac.new(SECRET.encode(), lines.encode(), hashlib.sha256).hexdigest()
            fresh = abs(time.time() - int(self.headers["X-Chuding-Time"])) < 60
            return fresh and self.headers["X-Chuding-Key"] == "town" and expected == self.headers["X-Chuding-Signature"]

        def _say(self, code, data, location=""):
            body = data if isinstance(data, bytes) else json.dumps(data).encode()
            # The caller may have given up, which is the point of some modes.
            with suppress(OSError):
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(body)

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A caller that hangs up is no error of the fake's."""


@contextmanager
def serving():
    """A fake service that answers on this machine, until the block ends."""
    fake = FakeService()
    server = _Quiet(("127.0.0.1", 0), _handler(fake))
    fake.url = f"http://127.0.0.1:{server.server_port}/v1/send?town=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
