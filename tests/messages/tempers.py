"""A gateway that does what the test says, at the edge of the world outside."""

from datetime import UTC, datetime

from chuding.connectors.sms import Fate, GatewayRefused, GatewayUnavailable, Receipt, Report, Sms


class Temper:
    """Named in settings.SMS_GATEWAY; every instance shares what was sent and what comes next."""

    mode = "ok"
    fate = Report(Fate.WAITING)
    sent: list[tuple[str, str, str]] = []
    asked: list[tuple[str, str, Receipt]] = []

    def send(self, *, phone: str, sms: Sms, reference: str) -> Receipt:
        Temper.sent.append((phone, sms.text, reference))
        if Temper.mode == "away":
            raise GatewayUnavailable("503")
        if Temper.mode == "no":
            raise GatewayRefused("403")
        return Receipt(
            "m-1", datetime.now(UTC), "temper", Temper.mode == "standby", Temper.mode in {"reports", "no_report"}
        )

    def report(self, *, phone: str, reference: str, receipt: Receipt) -> Report:
        Temper.asked.append((phone, reference, receipt))
        if Temper.mode == "no_report":
            raise GatewayUnavailable("503")
        return Temper.fate
