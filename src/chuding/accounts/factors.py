"""The second factor: codes of an authenticator (TOTP, RFC 6238), recovery codes, limits and replay protection.

Staff open their desks by password and authenticator, never by a text message (D2). A code counts once: the time step that
it belongs to is kept, and neither it nor an earlier one counts again (RFC 6238 5.2).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction

from chuding.accounts import limits
from chuding.accounts.identity import plain_code
from chuding.accounts.models import Authenticator, Person, RecoveryCode, Throttle
from chuding.accounts.roles import Role
from chuding.accounts.services import SignInProblem, count_tries
from chuding.ledger.record import record
from chuding.storage.clock import by_the_world
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from datetime import datetime

STEP = 30
DIGITS = 6
# A phone may be half a minute early or late.
DRIFT = (0, -1, 1)
RECOVERY_CODES = 10
ISSUER = "职称初定"
# No letter that is read as another one: 32 of them, so ten are 50 bits.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def authenticator_of(person: Person) -> Authenticator | None:
    """The authenticator that counts for this person: one that was confirmed by a first code."""
    return Authenticator.objects.filter(person=person, confirmed_at__isnull=False).first()


def begin(*, person: Person, at: datetime) -> Authenticator:
    """Make a secret for this person's phone; it counts only once `confirm` has seen a code of it.

    Raises SignInProblem where one counts already: that one is forgotten first.
    """
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        row = Authenticator.objects.filter(person=person).first()
        if row is not None and row.confirmed_at is not None:
            raise SignInProblem("您已经绑定了动态码。换手机时，请先点“更换”。")
        row = row or Authenticator(person=person)
        row.secret, row.made_at, row.last_step = secret, at, 0
        row.save()
    return row


def confirm(*, person: Person, code: str, at: datetime) -> list[str]:
    """Let the authenticator count from now on, on its first right code; the new recovery codes, shown this once.

    Raises SignInProblem for a wrong code, and where nothing was begun.
    """
    _count(person, at)
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(person=person, confirmed_at__isnull=True).first()
        if row is None:
            raise SignInProblem("请先点“开始绑定”，再输入动态码。")
        step = _step_of(row, code, at)
        if step is not None:
            row.confirmed_at, row.last_step = at, step
            row.save(update_fields=["confirmed_at", "last_step"])
            codes = _new_recovery_codes(person, at)
            _forget_tries(person, at)
            _record("factor.enrolled", person, person, at)
    if step is None:
        raise SignInProblem("动态码不对。请核对手机时间是否自动校准，再输入新的6位数字。")
    return codes


def prove(*, person: Person, code: str, act: str, at: datetime) -> None:
    """Take a code of the authenticator, or a recovery code, as this person's second factor for an act.

    Raises SignInProblem when it is wrong, was used before, or after five wrong ones in fifteen minutes. Every answer
    goes into the ledger.
    """
    _count(person, at)
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(person=person, confirmed_at__isnull=False).first()
        if row is None:
            raise SignInProblem("您还没有绑定动态码，请先绑定。")
        way, problem = _spend(row, code, at)
        if problem is None:
            _forget_tries(person, at)
        _record("factor.proved" if problem is None else "factor.wrong", person, person, at, act=act, way=way)
    if problem is not None:
        raise SignInProblem(problem)


def renew_recovery_codes(*, person: Person, at: datetime) -> list[str]:
    """Ten new recovery codes, shown this once; the old ones count no more."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        codes = _new_recovery_codes(person, at)
        _record("factor.codes_renewed", person, person, at)
    return codes


def forget(*, person: Person, by: Person | None, at: datetime) -> None:
    """Take the authenticator and its recovery codes away: for a new phone, or by an administrator for a lost one."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        RecoveryCode.objects.filter(person=person).delete()
        gone, _ = Authenticator.objects.filter(person=person).delete()
        if gone:
            _record("factor.forgotten", person, by, at)


def recovery_codes_left(person: Person) -> int:
    """How many recovery codes were not used yet."""
    return RecoveryCode.objects.filter(person=person, used_at__isnull=True).count()


def address_for_phone(row: Authenticator) -> str:
    """What the QR code says to an authenticator (the otpauth address of Google's key URI format)."""
    name = row.person.display_name or row.person.ref[:8]
    return _totp(row).get_provisioning_uri(name, ISSUER)


def code_at(row: Authenticator, at: datetime) -> str:
    """The next code that still counts: for the demonstration's page and for tests, which have no phone."""
    step = max(_step(at), row.last_step + 1)
    return _totp(row).generate(step * STEP).decode()


def may_show(row: Authenticator, at: datetime) -> bool:
    """Whether that next code counts already, or its time has not come yet."""
    return row.last_step <= _step(at)


def _totp(row: Authenticator) -> TOTP:
    # SHA-1 is what every authenticator knows; HMAC does not rest on its collisions (RFC 6238 1.2, RFC 4226 B.2).
    return TOTP(base64.b32decode(row.secret), DIGITS, SHA1(), STEP)  # noqa: S303 - see above


def _step(at: datetime) -> int:
    return int(by_the_world(at).timestamp()) // STEP


def _step_of(row: Authenticator, code: str, at: datetime) -> int | None:
    """The time step whose code this is, if it is near."""
    typed, now = plain_code(code).encode(), _step(at)
    steps = [now + drift for drift in DRIFT]
    return next((s for s in steps if hmac.compare_digest(_totp(row).generate(max(s, 0) * STEP), typed)), None)


def _spend(row: Authenticator, code: str, at: datetime) -> tuple[str, str | None]:
    """By which way the code counts, or which way it was meant, and the sentence of what is wrong with it."""
    typed = plain_code(code).upper()
    if len(typed) == DIGITS and typed.isascii() and typed.isdigit():
        step = _step_of(row, typed, at)
        if step is None:
            return "totp", "动态码不对。请输入验证器上现在显示的6位数字。"
        if step <= row.last_step:
            return "totp", "这个动态码已经用过。请等验证器显示新的数字（最多30秒），再输入。"
        row.last_step = step
        row.save(update_fields=["last_step"])
        return "totp", None
    if len(typed) != RECOVERY_CODES:
        return "totp", "动态码是6位数字，恢复码是10位字母和数字。请重新输入。"
    open_codes = RecoveryCode.objects.select_for_update().filter(person_id=row.person_id, used_at__isnull=True)
    found = open_codes.filter(code_hash=_hash(row.person, typed)).first()
    if found is None:
        return "recovery", "恢复码不对，或者已经用过。请换一个没有用过的。"
    found.used_at = at
    found.save(update_fields=["used_at"])
    return "recovery", None


def _new_recovery_codes(person: Person, at: datetime) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(person=person, code_hash=_hash(person, code), made_at=at) for code in codes]
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(person: Person, code: str) -> str:
    return blind_index(f"{person.ref}\n{code}", "recovery-code")


def _key(person: Person) -> str:
    return blind_index(person.ref, "factors-per-account")


def _count(person: Person, at: datetime) -> None:
    """Count this try before it is looked at, so that parallel guesses cannot slip past the limit."""
    with transaction.atomic():
        problem = count_tries([(_key(person), limits.FACTORS_PER_ACCOUNT)], at)
    if problem:
        raise SignInProblem(problem)


def _forget_tries(person: Person, at: datetime) -> None:
    Throttle.objects.filter(key=_key(person)).update(marks=[], touched_at=at)


def _record(action: str, person: Person, by: Person | None, at: datetime, **data: str) -> None:
    role = Role.ADMINISTRATOR if by is None or by.pk != person.pk else Role.APPLICANT
    record(action=action, subject=("person", person.ref), by=by, role=role, at=at, data=data)


def forget_factors(person: Person) -> None:
    """Delete the authenticator and every recovery code of somebody who leaves."""
    Authenticator.objects.filter(person=person).delete()
    RecoveryCode.objects.filter(person=person).delete()
