"""How a code reaches its phone.

Messages stand above accounts, so accounts cannot call them: the room of messages registers its courier here when
the site starts (`chuding.messages.apps`), and sign-in hands the code over without knowing who carries it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Courier(Protocol):
    """Takes a code for a phone. Called inside the caller's transaction; must not wait for the world outside."""

    def __call__(self, *, phone: str, code: str, purpose: str, at: datetime, by_voice: bool = False) -> None:
        """Queue one text message, or one call that says the code; `purpose` is a key of `services.PURPOSES`."""


class NoCourierError(RuntimeError):
    """Nobody carries codes: the room of messages is not installed."""


_registered: list[Courier] = []


def register(courier: Courier) -> None:
    """Let this courier carry all codes from now on."""
    _registered[:] = [courier]


def courier() -> Courier:
    """The registered courier. Raises NoCourierError when there is none."""
    if not _registered:
        raise NoCourierError("no courier for sign-in codes: add chuding.messages to INSTALLED_APPS")
    return _registered[0]
