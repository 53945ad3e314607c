"""Aliyun's and Tencent's gateways, and the change from one to the other, against services that speak their protocols."""

from datetime import UTC, datetime, timedelta

import pytest
from sms_services import SECRET, AliyunHandler, TencentHandler, served

from chuding.connectors import sms_failover
from chuding.connectors.choice import WrongChoiceError
from chuding.connectors.sms import Fate, GatewayRefused, GatewayUnavailable, Receipt, Sms, gateway
from chuding.connectors.sms_aliyun import AliyunGateway
from chuding.connectors.sms_failover import REST, Failover
from chuding.connectors.sms_tencent import TencentGateway
from chuding.messages.templates import fill, keys, longest_values, registered

PHONE, REFERENCE = "13812345678", "0123456789abcdef0123456789abcdef"
ALIYUN = {key: f"SMS_{n}" for n, key in enumerate(keys())}
TENCENT = {key: f"{n}" for n, key in enumerate(keys())}


@pytest.fixture
def aliyun(monkeypatch):
    monkeypatch.setenv("CHUDING_SMS_ALIYUN_SECRET", SECRET)
    for service in served(AliyunHandler):
        service.templates = {ALIYUN[key]: registered(key, lambda _, name: f"${{{name}}}") for key in keys()}
        yield service


@pytest.fixture
def tencent(monkeypatch):
    monkeypatch.setenv("CHUDING_SMS_TENCENT_SECRET", SECRET)
    for service in served(TencentHandler):
        service.templates = {TENCENT[key]: registered(key, lambda n, _: f"{{{n}}}") for key in keys()}
        yield service


@pytest.fixture(autouse=True)
def rested():
    Failover._resting_until.clear()


def choice_of(service):
    """What the setting says of a service."""
    common = {"key_id": "town", "signature": "职称初定", "url": service.url, "timeout": 0.3}
    if any(name.startswith("SMS_") for name in service.templates):
        path, options = "chuding.connectors.sms_aliyun.AliyunGateway", common | {"templates": ALIYUN}
    else:
        path = "chuding.connectors.sms_tencent.TencentGateway"
        options = common | {"templates": TENCENT, "app_id": "1400006666"}
    return {"class": path, "options": options}


def message(key="correction"):
    text = fill(key, longest_values())
    return Sms(text.sms, key, text.values)


def send(service, key="correction", phone=PHONE):
    return gateway(choice_of(service)).send(phone=phone, sms=message(key), reference=REFERENCE)


@pytest.fixture(params=["aliyun", "tencent"])
def service(request):
    return request.getfixturevalue(request.param)


def test_every_template_reaches_the_phone_word_for_word(service):
    for key in keys():
        assert send(service, key).reports is True
    assert [one["text"] for one in service.taken] == [fill(key, longest_values()).sms for key in keys()]
    assert {one["reference"] for one in service.taken} == {REFERENCE}


def test_phone_is_named_as_each_service_wants_it(aliyun, tencent):
    for phone in (PHONE, "+85261234567"):
        send(aliyun, phone=phone)
        send(tencent, phone=phone)
    assert [one["phone"] for one in aliyun.taken] == ["13812345678", "85261234567"]
    assert [one["phone"] for one in tencent.taken] == ["+8613812345678", "+85261234567"]


@pytest.mark.parametrize("mode", ["slow", "hang_up", "broken", "garbage"])
def test_service_without_a_clear_answer_is_unavailable_and_has_nothing(service, mode):
    service.mode = mode
    with pytest.raises(GatewayUnavailable):
        send(service)
    assert service.taken == []


@pytest.mark.parametrize("code", ["isv.AMOUNT_NOT_ENOUGH", "isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR"])
def test_aliyun_that_cannot_now_is_unavailable_and_says_why(aliyun, code):
    aliyun.mode = code
    with pytest.raises(GatewayUnavailable, match=code):
        send(aliyun)
    assert aliyun.calls == ["SendSms"]


@pytest.mark.parametrize(
    "code", ["FailedOperation.InsufficientBalanceInSmsPackage", "LimitExceeded.PhoneNumberThirtySecondLimit"]
)
def test_tencent_that_cannot_now_is_unavailable_and_says_why(tencent, code):
    tencent.mode = code
    with pytest.raises(GatewayUnavailable, match=code):
        send(tencent)


def test_number_that_does_not_exist_is_refused(aliyun, tencent):
    aliyun.mode, tencent.mode = "isv.MOBILE_NUMBER_ILLEGAL", "InvalidParameterValue.IncorrectPhoneNumber"
    for service in (aliyun, tencent):
        with pytest.raises(GatewayRefused, match=service.mode):
            send(service)


def test_wrong_secret_is_said_by_the_service(service, monkeypatch):
    for name in ("ALIYUN", "TENCENT"):
        monkeypatch.setenv(f"CHUDING_SMS_{name}_SECRET", "another")
    with pytest.raises(GatewayUnavailable, match="Signature"):
        send(service)
    assert service.taken == []


def test_secret_that_is_not_set_names_the_variable(service, monkeypatch):
    for name in ("ALIYUN", "TENCENT"):
        monkeypatch.delenv(f"CHUDING_SMS_{name}_SECRET", raising=False)
    with pytest.raises(GatewayUnavailable, match=r"the environment variable CHUDING_SMS_.*_SECRET is not set"):
        send(service)
    assert service.calls == []


def test_template_that_is_not_registered_waits_for_the_operator(service):
    sms = Sms("【职称初定】新的一种。", "no_such", ())
    with pytest.raises(GatewayUnavailable, match="no_such"):
        gateway(choice_of(service)).send(phone=PHONE, sms=sms, reference=REFERENCE)


def test_aliyun_that_took_it_and_fell_silent_is_asked_and_not_sent_twice(aliyun):
    aliyun.mode = "silent"
    receipt = send(aliyun)
    assert (receipt.gateway_id, len(aliyun.taken), aliyun.calls) == (REFERENCE, 1, ["SendSms", "QuerySendDetails"])
    aliyun.fates["100^0"] = {"SendStatus": 3, "ReceiveDate": "2024-07-01 10:00:05"}
    report = gateway(choice_of(aliyun)).report(phone=PHONE, reference=REFERENCE, receipt=receipt)
    assert (report.fate, report.at) == (Fate.DELIVERED, datetime(2024, 7, 1, 2, 0, 5, tzinfo=UTC))


ALIYUN_FATES = [
    ({"SendStatus": 1}, Fate.WAITING, ""),
    ({"SendStatus": 3, "ReceiveDate": "2024-07-01 10:00:05", "ErrCode": "DELIVERED"}, Fate.DELIVERED, ""),
    ({"SendStatus": 2, "ErrCode": "MK:0001"}, Fate.FAILED, "MK:0001"),
]
TENCENT_FATES = [
    (None, Fate.WAITING, ""),
    ({"ReportStatus": "SUCCESS", "UserReceiveTime": 1719799205, "Description": "DELIVRD"}, Fate.DELIVERED, ""),
    ({"ReportStatus": "FAIL", "UserReceiveTime": 0, "Description": "关机"}, Fate.FAILED, "关机"),
]


@pytest.mark.parametrize(
    ("name", "fate", "said", "reason"),
    [("aliyun", *row) for row in ALIYUN_FATES] + [("tencent", *row) for row in TENCENT_FATES],
)
def test_service_says_what_became_of_a_message(request, name, fate, said, reason):
    service = request.getfixturevalue(name)
    receipt = send(service)
    if fate is not None:
        service.fates[receipt.gateway_id] = fate
    report = gateway(choice_of(service)).report(phone=PHONE, reference=REFERENCE, receipt=receipt)
    expected = datetime(2024, 7, 1, 2, 0, 5, tzinfo=UTC) if said is Fate.DELIVERED else None
    assert (report.fate, report.at, report.reason) == (said, expected, reason)


def both(*services):
    return {
        "class": "chuding.connectors.sms_failover.Failover",
        "options": {"gateways": [choice_of(service) for service in services]},
    }


def test_second_service_takes_what_the_first_does_not(aliyun, tencent):
    choice = both(aliyun, tencent)
    aliyun.mode = "isv.AMOUNT_NOT_ENOUGH"
    receipt = gateway(choice).send(phone=PHONE, sms=message(), reference=REFERENCE)
    assert (receipt.gateway, receipt.standby, len(aliyun.taken), len(tencent.taken)) == ("tencent", True, 0, 1)
    tencent.fates[receipt.gateway_id] = TENCENT_FATES[1][0]
    report = gateway(choice).report(phone=PHONE, reference=REFERENCE, receipt=receipt)
    assert report.fate is Fate.DELIVERED


def test_service_that_failed_rests_a_minute_and_is_then_the_first_again(aliyun, tencent, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(sms_failover.time, "monotonic", lambda: clock[0])
    choice = both(aliyun, tencent)
    aliyun.mode = "isp.SYSTEM_ERROR"
    takers = []
    for wait in (0, REST - 1, 2):
        clock[0] += wait
        takers.append(gateway(choice).send(phone=PHONE, sms=message(), reference=REFERENCE).gateway)
        aliyun.mode = "ok"
    assert (takers, len(aliyun.calls)) == (["tencent", "tencent", "aliyun"], 2)


def test_refusal_is_asked_of_nobody_else(aliyun, tencent):
    aliyun.mode = "isv.MOBILE_NUMBER_ILLEGAL"
    with pytest.raises(GatewayRefused):
        gateway(both(aliyun, tencent)).send(phone=PHONE, sms=message(), reference=REFERENCE)
    assert tencent.calls == []


def test_two_services_that_fail_give_both_reasons(aliyun, tencent):
    aliyun.mode, tencent.mode = "isv.AMOUNT_NOT_ENOUGH", "broken"
    with pytest.raises(GatewayUnavailable, match=r"aliyun: isv.AMOUNT_NOT_ENOUGH.*; tencent: "):
        gateway(both(aliyun, tencent)).send(phone=PHONE, sms=message(), reference=REFERENCE)


def test_report_of_a_service_that_was_taken_out_is_unavailable(aliyun):
    receipt = Receipt("1", datetime.now(UTC) - timedelta(days=1), "tencent")
    with pytest.raises(GatewayUnavailable, match="tencent"):
        gateway(both(aliyun)).report(phone=PHONE, reference=REFERENCE, receipt=receipt)


def test_failover_between_a_service_and_itself_is_a_wrong_choice(aliyun):
    for gateways in ([], [choice_of(aliyun)] * 2):
        with pytest.raises(WrongChoiceError, match="different gateways"):
            gateway({"class": "chuding.connectors.sms_failover.Failover", "options": {"gateways": gateways}})


@pytest.mark.parametrize("kind", [AliyunGateway, TencentGateway])
def test_services_are_called_over_https_only(kind):
    options = {"key_id": "town", "signature": "职称初定", "templates": {}, "url": "http://sms.example.com"}
    with pytest.raises(ValueError, match="https"):
        kind(**options, **({"app_id": "1"} if kind is TencentGateway else {}))
