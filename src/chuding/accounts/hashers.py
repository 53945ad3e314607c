"""How passwords rest: argon2id with OWASP's smallest recommended cost."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class FrugalArgon2Hasher(Argon2PasswordHasher):
    """argon2id t=2, 19 MiB, p=1: 20 ms of one core instead of 218, so that a deadline's rush can still sign in."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
