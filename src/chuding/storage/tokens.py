"""Random names that stand in addresses."""

from __future__ import annotations

import secrets


def new_ref() -> str:
    """An unguessable reference for addresses (96 bits); a printed number is guessable and never in one."""
    return secrets.token_urlsafe(12)
