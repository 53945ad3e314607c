"""A gateway that does what the test says, at the edge of the world outside."""

from datetime import UTC, datetime

from chuding.connectors.sms import GatewayRefused, GatewayUnavailable, Receipt


class Temper:
    """Named in settings.SMS_GATEWAY; every instance shares what was sent and what comes next."""

    mode = "ok"
    sent: list[tuple[str, str, str]] = []

    def send(self, *, phone: str, text: str, reference: str) -> Receipt:
        Temper.sent.append((phone, text, reference))
        if Temper.mode == "away":
            raise GatewayUnavailable("503")
        if Temper.mode == "no":
            raise GatewayRefused("403")
        return Receipt("m-1", datetime.now(UTC))
