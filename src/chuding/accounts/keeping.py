"""Who keeps a page that was sent after its session had ended.

The door stands below the rooms whose pages these are, so a room that wants its pages kept registers here when the site
starts, as the courier of codes does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chuding.accounts.models import Person


class Keeper(Protocol):
    """Keeps what was typed for the person whose session it was; answers whether it did."""

    def __call__(
        self, *, person: Person, name: str, places: Mapping[str, str], typed: Mapping[str, Sequence[str]], at: datetime
    ) -> bool:
        """`name` and `places` are the URL's name and arguments."""


_registered: list[Keeper] = []


def register(keeper: Keeper) -> None:
    """Let this keeper be asked from now on."""
    if keeper not in _registered:
        _registered.append(keeper)


def keep(
    *, person: Person, name: str, places: Mapping[str, str], typed: Mapping[str, Sequence[str]], at: datetime
) -> bool:
    """Ask the keepers in turn; answers whether one of them kept it."""
    return any(keeper(person=person, name=name, places=places, typed=typed, at=at) for keeper in _registered)
