"""What keeps a file from being approved that this room does not know of.

The desk stands below the rooms that draw files by lot or publish them, so a room with a reason to hold an approval up
registers here when the site starts, as the keepers of unsaved pages do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chuding.applications.models import Application


class Obstacle(Protocol):
    """Says in a sentence why this file cannot be approved yet; empty where nothing stands in the way."""

    def __call__(self, application: Application, /) -> str: ...


_registered: list[Obstacle] = []


def register(obstacle: Obstacle) -> None:
    """Let this be asked before every approval from now on."""
    if obstacle not in _registered:
        _registered.append(obstacle)


def to_approving(application: Application) -> str:
    """The first reason, in a sentence, why this file cannot be approved yet; empty where there is none."""
    return next((why for obstacle in _registered if (why := obstacle(application))), "")
