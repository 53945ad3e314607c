"""Several text message services behind one another: what the first does not take goes to the next. Pure."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from chuding.connectors.choice import WrongChoiceError
from chuding.connectors.sms import GatewayUnavailable, Receipt, Report, gateway

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chuding.connectors.sms import Sms

REST = 60.0


class Failover:
    """Tries the services in their order; one that did not take a message stands last for a minute.

    A refusal (the number does not exist) is final and asked of nobody else. After an unclear answer the next service
    is asked too: a message that comes twice is better than one that does not come.
    """

    # Shared by all of this process: a gateway is made anew for every message.
    _resting_until: ClassVar[dict[str, float]] = {}

    def __init__(self, gateways: Sequence[Mapping[str, Any]]) -> None:
        self._gateways: dict[str, Any] = {made.name: made for made in map(gateway, gateways)}  # type: ignore[attr-defined]
        if len(self._gateways) < len(gateways) or not gateways:
            raise WrongChoiceError("Failover wants one or more different gateways")

    def send(self, *, phone: str, sms: Sms, reference: str) -> Receipt:
        """The first receipt; `standby` where it is not the first service's. Raises GatewayUnavailable with every reason."""
        first, reasons = next(iter(self._gateways)), []
        for name in sorted(self._gateways, key=self._rests):
            try:
                receipt: Receipt = self._gateways[name].send(phone=phone, sms=sms, reference=reference)
            except GatewayUnavailable as fault:
                self._resting_until[name] = time.monotonic() + REST
                reasons.append(f"{name}: {fault}")
                continue
            self._resting_until.pop(name, None)
            return replace(receipt, gateway=name, standby=name != first)
        raise GatewayUnavailable("; ".join(reasons))

    def report(self, *, phone: str, reference: str, receipt: Receipt) -> Report:
        """Ask the service that took it. Raises GatewayUnavailable where the settings no longer name that one."""
        taker = self._gateways.get(receipt.gateway)
        if taker is None:
            raise GatewayUnavailable(f"{receipt.gateway!r} is no gateway any more")
        report: Report = taker.report(phone=phone, reference=reference, receipt=receipt)
        return report

    def _rests(self, name: str) -> bool:
        return self._resting_until.get(name, 0.0) > time.monotonic()
