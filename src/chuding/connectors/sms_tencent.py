"""Tencent Cloud's text messages (sms of 2021-01-11) over Tencent's own library, an extra: requirements/sms.in. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import PullSmsSendStatusByPhoneNumberRequest, SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

from chuding.connectors.sms import Fate, GatewayRefused, GatewayUnavailable, Receipt, Report
from chuding.connectors.sms_account import TemplateAccount, reason_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chuding.connectors.sms import Sms

# What no second try and no other service mends.
_FINAL = frozenset({"InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberParseFail"})
_FATES = {"SUCCESS": Fate.DELIVERED, "FAIL": Fate.FAILED}
_AROUND = timedelta(minutes=10)


class TencentGateway:
    """Sends by templates that were registered with Tencent, whose values have no names but an order."""

    name = "tencent"

    def __init__(
        self,
        *,
        key_id: str,
        app_id: str,
        signature: str,
        templates: Mapping[str, str],
        url: str = "https://sms.tencentcloudapi.com",
        timeout: float = 5.0,
    ) -> None:
        self._app_id = app_id
        self._account = TemplateAccount(
            key_id, "CHUDING_SMS_TENCENT_SECRET", signature, url, templates=templates, timeout=timeout
        )

    def send(self, *, phone: str, sms: Sms, reference: str) -> Receipt:
        """Hand over by template; a number that cannot be is GatewayRefused, everything else GatewayUnavailable."""
        request = SendSmsRequest()
        request.PhoneNumberSet = [_international(phone)]
        request.SmsSdkAppId = self._app_id
        request.SignName = self._account.signature
        request.TemplateId = self._account.template_of(sms)
        request.TemplateParamSet = [value for _, value in sms.values]
        request.SessionContext = reference
        statuses = self._call("SendSms", request).SendStatusSet
        if not statuses:
            raise GatewayUnavailable("the answer carries no status")
        status = statuses[0]
        if status.Code != "Ok":
            error = GatewayRefused if status.Code in _FINAL else GatewayUnavailable
            raise error(reason_code(status.Code, status.Message))
        return Receipt(status.SerialNo[:64], datetime.now(UTC), self.name, reports=True)

    def report(self, *, phone: str, reference: str, receipt: Receipt) -> Report:
        """Ask for what was sent to the phone since, and find our serial number among it."""
        del reference
        request = PullSmsSendStatusByPhoneNumberRequest()
        request.PhoneNumber = _international(phone)
        request.SmsSdkAppId = self._app_id
        request.BeginTime = int((receipt.accepted_at - _AROUND).timestamp())
        request.EndTime = int((receipt.accepted_at + timedelta(days=3)).timestamp())
        request.Offset, request.Limit = 0, 100
        rows = self._call("PullSmsSendStatusByPhoneNumber", request).PullSmsSendStatusSet or []
        found = next((row for row in rows if row.SerialNo == receipt.gateway_id), None)
        if found is None:
            return Report(Fate.WAITING)
        fate = _FATES.get(found.ReportStatus, Fate.WAITING)
        had = datetime.fromtimestamp(found.UserReceiveTime, UTC) if found.UserReceiveTime else None
        return Report(
            fate,
            had if fate is Fate.DELIVERED else None,
            reason_code(found.Description) if fate is Fate.FAILED else "",
        )

    def _call(self, action: str, request: Any) -> Any:
        profile = HttpProfile(
            protocol=self._account.scheme, endpoint=self._account.host, reqTimeout=self._account.timeout
        )
        client = SmsClient(
            Credential(self._account.key_id, self._account.secret), "ap-nanjing", ClientProfile(httpProfile=profile)
        )
        try:
            return getattr(client, action)(request)
        except TencentCloudSDKException as error:
            refused = error.get_code() in _FINAL
            kind = GatewayRefused if refused else GatewayUnavailable
            raise kind(reason_code(error.get_code(), error.get_message())) from error


def _international(phone: str) -> str:
    """E.164, as Tencent wants every number."""
    return phone if phone.startswith("+") else f"+86{phone}"
