"""The signing desk as a process: one Unix socket, one question a connection, one after the other."""

from __future__ import annotations

import base64
import logging
import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import Error, close_old_connections, connection

from chuding.paper.mandate import Mandate, SignerRefused, SignerUnavailable
from chuding.paper.remote import address_of, pack_material, receive, send

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection
    from pathlib import Path

    from chuding.signing.desk import Desk

log = logging.getLogger("chuding.signing")

# A client that falls silent holds up everybody else for no longer than this.
_PATIENCE = 5.0
_PEER = struct.Struct("3i")


def serve(desk: Desk, path: Path, *, peers: Collection[int], stop: threading.Event) -> None:
    """Answer until `stop` is set. Only processes of the users `peers` (by uid) are answered."""
    with socket.socket(socket.AF_UNIX) as listener:
        with suppress(FileNotFoundError):
            path.unlink()
        before = os.umask(0o177 if len(set(peers)) == 1 else 0o117)
        try:
            with address_of(path) as address:
                listener.bind(address)
        finally:
            os.umask(before)
        listener.listen(64)
        listener.settimeout(0.3)
        while not stop.is_set():
            try:
                line, _ = listener.accept()
            except TimeoutError:
                continue
            with line:
                _serve_one(desk, line, peers)
    with suppress(FileNotFoundError):
        path.unlink()
    connection.close()


def _serve_one(desk: Desk, line: socket.socket, peers: Collection[int]) -> None:
    line.settimeout(_PATIENCE)
    _, uid, _ = _PEER.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    try:
        if uid not in peers:
            log.warning("a process of user %s asked for a signature", uid)
            return
        send(line, _answer(desk, receive(line)))
    except (OSError, ValueError) as error:
        log.warning("a question was not finished: %s", type(error).__name__)


def _answer(desk: Desk, question: dict[str, Any]) -> dict[str, Any]:
    """The desk's word, or why there is none."""
    try:
        close_old_connections()
        match question:
            case {"ask": "material", "office": str(office)}:
                return dict(pack_material(desk.material(office)))
            case {
                "ask": "sign", "office": str(office), "purpose": str(purpose), "subject": [str(kind), str(ref)],
                "claim": str(claim), "data": str(data),
            }:  # fmt: skip
                mandate = Mandate(purpose, (kind, ref), claim)
                signature = desk.sign(office, mandate, base64.b64decode(data, validate=True))
                return {"signature": base64.b64encode(signature).decode("ascii")}
    except SignerRefused as refusal:
        log.warning("refused: %s", refusal)
        return {"refused": str(refusal)}
    except SignerUnavailable as problem:
        log.warning("unavailable: %s", problem)
        return {"unavailable": str(problem)}
    except Error as error:
        connection.close()
        log.exception("the database did not answer")
        return {"unavailable": f"签名服务读不到登记簿（{type(error).__name__}）"}
    except (ValueError, TypeError):
        pass
    return {"refused": "签名服务看不懂这个请求。"}
