"""A small signed HTTP protocol for services without an SDK: JSON bodies, HMAC-SHA256 over what matters. Pure.

The signature covers method, path, time and the SHA-256 of the body, so a request can be neither altered nor replayed
later than the receiver's tolerance. Redirects are never followed and proxies of the environment are not used: a
request goes to the address in the settings or nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

KEY_HEADER = "X-Chuding-Key"
TIME_HEADER = "X-Chuding-Time"
SIGNATURE_HEADER = "X-Chuding-Signature"
_LONGEST_ANSWER = 1 << 16
_LOCAL = {"127.0.0.1", "localhost", "::1"}


class NoAnswerError(Exception):
    """The service did not answer in time, or with something that is no answer: trying again may help."""


class RefusedError(Exception):
    """The service understood and said no (4xx); `code` is its status. Trying the same again does not help."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


def require_https(url: str) -> None:
    """Raise ValueError unless an outside service is called over https; this machine may be asked over http."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise ValueError(f"{url}: an outside service is called over https")


def secret_of(variable: str, missing: type[Exception]) -> str:
    """The secret in this environment variable. Raises `missing` where the operator has not set it: it may be set before a retry."""
    secret = os.environ.get(variable, "")
    if not secret:
        raise missing(f"the environment variable {variable} is not set")
    return secret


@dataclass(frozen=True)
class Account:
    """Where a service is and how we sign in to it. The secret comes from the environment variable `secret_variable`."""

    url: str
    key: str
    secret_variable: str
    timeout: float = 5.0
    longest_answer: int = _LONGEST_ANSWER

    def __post_init__(self) -> None:
        require_https(self.url)

    @property
    def secret(self) -> bytes:
        """The shared secret. Raises NoAnswerError."""
        return secret_of(self.secret_variable, NoAnswerError).encode()


def signature(secret: bytes, *, method: str, path: str, at: str, body: bytes) -> str:
    """HMAC-SHA256 in hex over the four lines method, path with query, POSIX time, SHA-256 of the body."""
    lines = "\n".join((method, path, at, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        """Stay where the settings point: the redirect becomes an error."""


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def post(account: Account, data: dict[str, Any]) -> dict[str, Any]:
    """Send one signed request and return the JSON object of the answer.

    Raises RefusedError on 4xx (but 408, 425 and 429 ask to come again), NoAnswerError on everything else: time-outs, 5xx,
    redirects, connections that break, answers that are no JSON object or longer than 64 KiB.
    """
    body = json.dumps(data, ensure_ascii=False).encode()
    parts = urlsplit(account.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    at = str(int(time.time()))
    request = urllib.request.Request(  # noqa: S310 - Account allows https and this machine only
        account.url,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            KEY_HEADER: account.key,
            TIME_HEADER: at,
            SIGNATURE_HEADER: signature(account.secret, method="POST", path=path, at=at, body=body),
        },
    )
    try:
        with OPENER.open(request, timeout=account.timeout) as response:
            answer = json.loads(response.read(account.longest_answer + 1)[: account.longest_answer])
    except urllib.error.HTTPError as error:
        with error:
            if 400 <= error.code < 500 and error.code not in {408, 425, 429}:
                raise RefusedError(error.code, error.reason) from error
        raise NoAnswerError(f"{error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswerError(f"{type(error).__name__}: {error}") from error
    if not isinstance(answer, dict):
        raise NoAnswerError("the answer is no JSON object")
    return answer
