"""Signing a test client in as the pages do: for the tests, and for the benchmarks that open the desks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client

from chuding.accounts import visits
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from chuding.accounts.models import Person

SHOWN = (visits.PASSWORD, visits.FACTOR, visits.PROVED)


def show_both_factors(client: Client) -> None:
    """Password and authenticator were shown just now: desks open to such a session only (D2)."""
    session = client.session
    session.update(dict.fromkeys(SHOWN, now().isoformat()))
    session.save()


def with_both_factors(login: Callable[..., None]) -> Callable[..., None]:
    """A client's `_login` that shows both factors besides."""

    def sign_in(client: Client, *args: Any, **kwargs: Any) -> None:
        login(client, *args, **kwargs)
        show_both_factors(client)

    return sign_in


def signed_in(person: Person) -> Client:
    """A client of somebody who has given password and authenticator."""
    client = Client()
    client.force_login(person)
    show_both_factors(client)
    return client
