"""`chuding staff` and `chuding employer`: enter people with duties, and employers with their clerks, from the machine itself."""

from __future__ import annotations

import sys

import click

from chuding.accounts import factors
from chuding.accounts.appointments import add_employer, add_person, appoint, appoint_clerk
from chuding.accounts.models import Employer, OfficeRole, Person
from chuding.accounts.names import clean_name
from chuding.accounts.people import phone_index
from chuding.storage.clock import now


def _named(name: str) -> str:
    cleaned, problem = clean_name(name)
    if problem:
        sys.exit(problem)
    return cleaned


@click.group()
def staff() -> None:
    """协会和市职称办的工作人员。"""


@staff.command("appoint")
@click.option("--phone", required=True, help="手机号，用来登录")
@click.option("--name", required=True, help="姓名")
@click.option("--office", required=True, type=click.Choice([str(value) for value in OfficeRole.Office.values]))
@click.option("--duty", required=True, type=click.Choice([str(value) for value in OfficeRole.Duty.values]))
def appoint_staff(phone: str, name: str, office: str, duty: str) -> None:
    """给一个人一个岗位；记入账本。"""
    if office == "city" and duty in {"reviewer", "rechecker"}:
        sys.exit("市职称办只有文书、签发和管理岗位：初审和复核由协会办理。")
    try:
        person = add_person(phone=phone, name=_named(name), at=now())
    except ValueError as error:
        sys.exit(str(error))
    appoint(person=person, office=office, duty=duty, at=now())
    click.echo(f"{name} 可以用 {phone} 登录，岗位：{OfficeRole.Office(office).label}{OfficeRole.Duty(duty).label}")


@staff.command("reset")
@click.option("--phone", required=True, help="手机号")
def reset_factor(phone: str) -> None:
    """手机和恢复码都丢了：取消这个人的动态码，由本人重新绑定；记入账本。"""
    person = Person.objects.filter(phone_index=phone_index(phone)).first()
    if person is None:
        sys.exit("没有这个手机号的人员，请核对。")
    factors.forget(person=person, by=None, at=now())
    click.echo("已取消动态码。本人下次登录时重新绑定。请当面或打电话核实过是本人。")


@staff.command("list")
def list_staff() -> None:
    """列出在岗的工作人员。"""
    for row in OfficeRole.objects.filter(active=True).select_related("person").order_by("office", "role", "id"):
        click.echo(
            f"{OfficeRole.Office(row.office).label}\t{OfficeRole.Duty(row.role).label}\t{row.person.display_name}"
        )


@click.group()
def employer() -> None:
    """用人单位和它的经办人。"""


@employer.command("add")
@click.option("--name", required=True, help="单位全称，与公章一致")
@click.option("--code", required=True, help="18位统一社会信用代码")
@click.option("--kind", required=True, type=click.Choice([str(value) for value in Employer.Kind.values]))
@click.option("--clerk-phone", help="经办人手机号")
@click.option("--clerk-name", help="经办人姓名")
def add(name: str, code: str, kind: str, clerk_phone: str | None, clerk_name: str | None) -> None:
    """登记一个已核验的单位，可同时指定经办人。"""
    if Employer.objects.filter(uscc=code).exists():
        sys.exit(f"代码 {code} 的单位已经登记。")
    try:
        row = add_employer(name=name, uscc=code, kind=kind, verified=True, at=now())
        if clerk_phone:
            clerk = add_person(phone=clerk_phone, name=_named(clerk_name or ""), at=now())
            appoint_clerk(person=clerk, employer=row, at=now())
    except ValueError as error:
        sys.exit(str(error))
    click.echo(f"已登记 {row.name}（{row.uscc}）")
