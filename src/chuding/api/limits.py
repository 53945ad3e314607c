"""How often a network may ask the HTTP API."""

from __future__ import annotations

from typing import Final

from chuding.accounts.limits import Limit

TRIES_PER_ADDRESS: Final = (
    Limit(120, 60, "请求过多，请{wait}后再试。"),
    Limit(2_000, 3600, "您所在网络1小时内请求过多，请{wait}后再试。"),
)
RETRY_AFTER: Final = 60  # seconds; where a limit does not say its own
BODY_LIMIT: Final = 64 * 1024  # one person's facts take 1 KB
