"""`chuding sms`: what to register with a text message service, and one text to try it. Import after `django.setup()`."""

from __future__ import annotations

import secrets

import click
from django.conf import settings

from chuding.accounts.phone import clean_phone
from chuding.connectors.choice import WrongChoiceError
from chuding.connectors.sms import GatewayRefused, GatewayUnavailable, Sms, gateway
from chuding.messages.delivery import CALL
from chuding.messages.templates import fill, keys, registered, spoken

# How a service writes the place of a value: Aliyun by name, Tencent by number.
SLOTS = {"aliyun": lambda _, name: f"${{{name}}}", "tencent": lambda number, _: f"{{{number}}}"}


@click.group()
def sms() -> None:
    """短信：列出要在短信服务商登记的模板，发一条试一试。"""


@sms.command("templates")
@click.argument("service", type=click.Choice(sorted(SLOTS)))
def templates(service: str) -> None:
    """按服务商的写法列出全部模板，一行一个：名称、内容（不含签名）。"""
    for key in keys():
        click.echo(f"{key}\t{registered(key, SLOTS[service])}")


@sms.command("try")
@click.argument("phone")
@click.option("--voice", is_flag=True, help="不发短信，打一次语音电话")
def try_out(phone: str, voice: bool) -> None:
    """用现在的设置给一个手机号发一条验证码模板的短信，或者打一次电话（验证码 000000，不能用来登录）。"""
    number, problem = clean_phone(phone)
    if problem:
        raise click.ClickException(problem)
    values = {"code": "000000", "act": "测试"}
    text = spoken(values, "zh-hans") if voice else fill("code", values)
    choice = (settings.VOICE_GATEWAY or {}) if voice else settings.SMS_GATEWAY
    sms = Sms(text.sms, CALL if voice else "code", text.values)
    try:
        receipt = gateway(choice).send(phone=number, sms=sms, reference=secrets.token_hex(16))
    except WrongChoiceError as wrong:
        name = "CHUDING_VOICE_GATEWAY" if voice else "CHUDING_SMS_GATEWAY"
        raise click.ClickException(f"{name} 写得不对：{wrong}") from wrong
    except (GatewayRefused, GatewayUnavailable) as fault:
        raise click.ClickException(f"没有发出：{fault}") from fault
    click.echo(f"已交给 {receipt.gateway}，回执 {receipt.gateway_id}")
