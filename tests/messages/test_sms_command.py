from click.testing import CliRunner
from tempers import Temper

from chuding.messages.commands import sms
from chuding.messages.templates import keys


def test_templates_are_listed_as_each_service_writes_them():
    aliyun = CliRunner().invoke(sms, ["templates", "aliyun"]).output.splitlines()
    tencent = CliRunner().invoke(sms, ["templates", "tencent"]).output.splitlines()
    place = keys().index("code")
    assert aliyun[place] == "code\t验证码${code}，用于${act}，10分钟内有效。工作人员不会向您索要验证码，请勿转发。"
    assert tencent[place] == "code\t验证码{1}，用于{2}，10分钟内有效。工作人员不会向您索要验证码，请勿转发。"
    assert [line.partition("\t")[0] for line in aliyun] == keys()


def test_try_sends_one_text_and_says_who_took_it(settings):
    settings.SMS_GATEWAY = {"class": "tempers.Temper"}
    Temper.mode, Temper.sent = "ok", []
    done = CliRunner().invoke(sms, ["try", "138 1234 5678"])
    assert (done.output, done.exit_code) == ("已交给 temper，回执 m-1\n", 0)
    assert [phone for phone, _, _ in Temper.sent] == ["13812345678"]


def test_try_says_what_is_wrong(settings):
    settings.SMS_GATEWAY = {"class": "tempers.Temper"}
    Temper.mode = "away"
    assert CliRunner().invoke(sms, ["try", "13812345678"]).output == "Error: 没有发出：503\n"
    assert CliRunner().invoke(sms, ["try", "1381234"]).output.startswith("Error: 手机号应为11位，您输入了7位。")
    settings.SMS_GATEWAY = {"class": "chuding.connectors.sms.Nothing"}
    assert "CHUDING_SMS_GATEWAY 写得不对" in CliRunner().invoke(sms, ["try", "13812345678"]).output


def test_try_by_voice_calls_once(settings):
    settings.VOICE_GATEWAY = {"class": "tempers.Temper"}
    Temper.mode, Temper.sent = "ok", []
    assert CliRunner().invoke(sms, ["try", "--voice", "13812345678"]).exit_code == 0
    assert [text[:23] for _, text, _ in Temper.sent] == ["您好，这里是职称初定。您用于测试的验证码是：0"]
    settings.VOICE_GATEWAY = None
    assert "CHUDING_VOICE_GATEWAY 写得不对" in CliRunner().invoke(sms, ["try", "--voice", "13812345678"]).output
