"""`chuding staff` and `chuding employer`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from chuding.accounts import factors
from chuding.accounts.commands import employer, staff
from chuding.accounts.models import Authenticator, Employer, EmployerClerk, OfficeRole
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.demonstration.cast import social_credit_code
from chuding.storage.clock import now

pytestmark = pytest.mark.django_db


def run(group: object, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(group, list(words))  # type: ignore[arg-type]
    return done.exit_code, done.output.strip()


def test_staff_is_appointed_and_listed() -> None:
    words = ("--phone", "19900000099", "--name", "严立秋", "--office", "association", "--duty", "reviewer")
    assert run(staff, "appoint", *words) == (0, "严立秋 可以用 19900000099 登录，岗位：协会审核")
    assert Role.REVIEWER in roles_of(OfficeRole.objects.get().person)
    assert run(staff, "list") == (0, "协会\t审核\t严立秋")


def test_staff_authenticator_is_reset_for_a_lost_phone() -> None:
    run(staff, "appoint", "--phone", "19900000099", "--name", "严立秋", "--office", "association", "--duty", "reviewer")
    factors.begin(person=OfficeRole.objects.get().person, at=now())
    said = "已取消动态码。本人下次登录时重新绑定。请当面或打电话核实过是本人。"
    assert run(staff, "reset", "--phone", "19900000099") == (0, said)
    assert not Authenticator.objects.exists()
    assert run(staff, "reset", "--phone", "19900000098") == (1, "没有这个手机号的人员，请核对。")


def test_city_office_has_no_reviewer() -> None:
    words = ("--phone", "19900000099", "--name", "严立秋", "--office", "city", "--duty", "reviewer")
    assert run(staff, "appoint", *words) == (
        1,
        "市职称办只有文书、签发和管理岗位：初审和复核由协会办理。",
    )
    assert not OfficeRole.objects.exists()


def test_employer_is_entered_with_its_clerk_once() -> None:
    code = social_credit_code(200300)
    words = (
        "add",
        "--name",
        "镇江某某有限公司",
        "--code",
        code,
        "--kind",
        "enterprise",
        "--clerk-phone",
        "19900000098",
        "--clerk-name",
        "何小雪",
    )
    assert run(employer, *words) == (0, f"已登记 镇江某某有限公司（{code}）")
    assert EmployerClerk.objects.get().employer.verified_at is not None
    assert run(employer, *words) == (1, f"代码 {code} 的单位已经登记。")


def test_wrong_code_is_refused_in_words() -> None:
    code, text = run(employer, "add", "--name", "某某", "--code", "91321100MA1001010X", "--kind", "enterprise")
    assert code == 1
    assert text.startswith("统一社会信用代码")
    assert not Employer.objects.exists()
