"""An account at a service of registered templates: its secret, our templates' numbers there, its address. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chuding.connectors.signed_http import require_https, secret_of
from chuding.connectors.sms import GatewayUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chuding.connectors.sms import Sms

# Both services tell the days and hours of China.
CHINA = timezone(timedelta(hours=8))
_LONGEST_CODE = 80


@dataclass(frozen=True)
class TemplateAccount:
    """Who we are at a service. The secret stands in the environment variable `secret_variable`, never in the settings.

    `templates` names the service's number of each of our templates; `url` is the service's address, https outside of
    this machine; `timeout` in seconds.
    """

    key_id: str
    secret_variable: str
    signature: str
    url: str
    templates: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 5.0

    def __post_init__(self) -> None:
        require_https(self.url)

    @property
    def secret(self) -> str:
        """The secret. Raises GatewayUnavailable."""
        return secret_of(self.secret_variable, GatewayUnavailable)

    @property
    def scheme(self) -> str:
        """The address's scheme, http or https."""
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        """The address without its scheme, as the services' own libraries want it."""
        return urlsplit(self.url).netloc

    def template_of(self, sms: Sms) -> str:
        """The service's number of the message's template. Raises GatewayUnavailable: it may be registered before a retry."""
        number = self.templates.get(sms.template, "")
        if not number:
            raise GatewayUnavailable(f"template {sms.template!r} has no number in the setting SMS_GATEWAY")
        return number


def local_time(text: str | None) -> datetime | None:
    """A service's "2024-07-01 10:00:05" as an aware moment; None for what is no time."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None


def reason_code(*parts: object) -> str:
    """A service's code and sentence, short enough to keep. Its library may hand an answer through as bytes."""
    words = [part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in parts if part]
    return " ".join(words)[:_LONGEST_CODE]
