"""Aliyun's text messages (dysmsapi of 2017-05-25) over Aliyun's own library, an extra: requirements/sms.in. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, SendSmsRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from chuding.connectors.sms import Fate, GatewayRefused, GatewayUnavailable, Receipt, Report
from chuding.connectors.sms_account import CHINA, TemplateAccount, local_time, reason_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chuding.connectors.sms import Sms

# What no second try and no other service mends: the number, or this phone's own limit for today.
_FINAL = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.PHONE_NUMBER_ILLEGAL", "isv.DENY_IP_RANGE_PHONE"})
_FATES = {2: Fate.FAILED, 3: Fate.DELIVERED}


class UnclearAnswer(GatewayUnavailable):
    """Aliyun may have taken the message: the line broke, or its answer is none."""


class AliyunGateway:
    """Sends by templates that were registered with Aliyun, and asks what became of a message.

    Aliyun does not recognise a repeat, so after an unclear answer we ask whether our reference has arrived there.
    """

    name = "aliyun"

    def __init__(
        self,
        *,
        key_id: str,
        signature: str,
        templates: Mapping[str, str],
        url: str = "https://dysmsapi.aliyuncs.com",
        timeout: float = 5.0,
    ) -> None:
        self._account = TemplateAccount(
            key_id, "CHUDING_SMS_ALIYUN_SECRET", signature, url, templates=templates, timeout=timeout
        )

    def send(self, *, phone: str, sms: Sms, reference: str) -> Receipt:
        """Hand over by template; a number that cannot be is GatewayRefused, everything else GatewayUnavailable."""
        request = SendSmsRequest(
            phone_numbers=phone.removeprefix("+"),
            sign_name=self._account.signature,
            template_code=self._account.template_of(sms),
            template_param=json.dumps(dict(sms.values), ensure_ascii=False),
            out_id=reference,
        )
        try:
            body = self._call("send_sms_with_options", request)
        except UnclearAnswer:
            if not self._details(phone, reference, datetime.now(CHINA)):
                raise
            return Receipt(reference, datetime.now(UTC), self.name, reports=True)
        if body.code != "OK":
            error = GatewayRefused if body.code in _FINAL else GatewayUnavailable
            raise error(reason_code(body.code, body.message))
        return Receipt((body.biz_id or reference)[:64], datetime.now(UTC), self.name, reports=True)

    def report(self, *, phone: str, reference: str, receipt: Receipt) -> Report:
        """Ask for the details of this day's messages to the phone, and find ours among them."""
        found = self._details(phone, reference, receipt.accepted_at.astimezone(CHINA))
        if not found:
            return Report(Fate.WAITING)
        fate = _FATES.get(found[0].send_status, Fate.WAITING)
        return Report(
            fate,
            local_time(found[0].receive_date) if fate is Fate.DELIVERED else None,
            reason_code(found[0].err_code) if fate is Fate.FAILED else "",
        )

    def _details(self, phone: str, reference: str, day: datetime) -> list[Any]:
        request = QuerySendDetailsRequest(
            phone_number=phone.removeprefix("+"), send_date=f"{day:%Y%m%d}", page_size=50, current_page=1
        )
        body = self._call("query_send_details_with_options", request)
        if body.code != "OK":
            raise GatewayUnavailable(reason_code(body.code, body.message))
        rows = body.sms_send_detail_dtos.sms_send_detail_dto if body.sms_send_detail_dtos else []
        return [row for row in rows or [] if row.out_id == reference]

    def _call(self, method: str, request: Any) -> Any:
        milliseconds = int(self._account.timeout * 1000)
        config = Config(
            access_key_id=self._account.key_id,
            access_key_secret=self._account.secret,
            endpoint=self._account.host,
            protocol=self._account.scheme,
            region_id="cn-hangzhou",
        )
        runtime = RuntimeOptions(
            autoretry=False, connect_timeout=milliseconds, read_timeout=milliseconds, max_attempts=1
        )
        try:
            body = getattr(Client(config), method)(request, runtime).body
        except AlibabaCloudException as error:
            if (error.status_code or 0) >= 500:
                raise UnclearAnswer(reason_code(error.code, error.message)) from error
            raise GatewayUnavailable(reason_code(error.code, error.message)) from error
        except Exception as error:  # the library lets the errors of its HTTP layer through as they come
            raise UnclearAnswer(reason_code(type(error).__name__, str(error))) from error
        if body is None or body.code is None:
            raise UnclearAnswer("the answer carries no code")
        return body
