"""`chuding sms`: what to register with a text message service, and one text to try it. Import after `django.setup()`."""

from __future__ import annotations

import secrets

import click
from django.conf import settings

from chuding.accounts.phone import clean_phone
from chuding.connectors.choice import WrongChoiceError
from chuding.connectors.sms import GatewayRefused, GatewayUnavailable, Sms, gateway
from chuding.messages.templates import fill, keys, registered

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
def try_out(phone: str) -> None:
    """用现在的设置给一个手机号发一条验证码模板的短信（验证码 000000，不能用来登录）。"""
    number, problem = clean_phone(phone)
    if problem:
        raise click.ClickException(problem)
    text = fill("code", {"code": "000000", "act": "测试"})
    try:
        receipt = gateway(settings.SMS_GATEWAY).send(
            phone=number, sms=Sms(text.sms, "code", text.values), reference=secrets.token_hex(16)
        )
    except WrongChoiceError as wrong:
        raise click.ClickException(f"CHUDING_SMS_GATEWAY 写得不对：{wrong}") from wrong
    except (GatewayRefused, GatewayUnavailable) as fault:
        raise click.ClickException(f"没有发出：{fault}") from fault
    click.echo(f"已交给 {receipt.gateway}，回执 {receipt.gateway_id}")
