"""A clamd at the edge: it speaks INSTREAM as clamd(8) does, on a socket, and then does what its mode says."""

import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

# The harmless test file of the European Institute for Computer Antivirus Research, in two parts so that no scanner takes
# this source for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class FakeClamd:
    """Modes: ok (EICAR is found, everything else clean), silent, deaf, cut_off, garbage, hang_up, full (over its StreamMaxLength)."""

    mode: str = "ok"
    address: str = ""
    seen: list = field(default_factory=list)


def _handler(clamd):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            if clamd.mode == "hang_up":
                return
            if clamd.mode == "deaf":
                time.sleep(1.5)
                return
            command = self.rfile.read(len(b"zINSTREAM\0"))
            if command != b"zINSTREAM\0":
                self.wfile.write(b"UNKNOWN COMMAND\0")
                return
            content = b""
            while size := int.from_bytes(self.rfile.read(4), "big"):
                content += self.rfile.read(size)
                if clamd.mode == "full":
                    self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            clamd.seen.append(content)
            found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
            if clamd.mode == "silent":
                time.sleep(1.5)
                return
            self.wfile.write({"cut_off": found[:-1], "garbage": b"\xff\xfe OK\0"}.get(clamd.mode, found))

    return Handler


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class _PortServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def clamd_at(path=None):
    """A running one, at a socket's path or, without one, at a port of this machine."""
    clamd = FakeClamd()
    server = _UnixServer(str(path), _handler(clamd)) if path else _PortServer(("127.0.0.1", 0), _handler(clamd))
    clamd.address = str(path) if path else f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield clamd
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
