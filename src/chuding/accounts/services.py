"""Signing in: codes by text message, passwords, and the people, units and duties behind them.

Every service answers with a row or raises SignInProblem with one sentence for the person. What a failed try must
leave behind (a counted try, a ledger entry) is committed before the sentence is raised.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from chuding.accounts import limits
from chuding.accounts.courier import courier
from chuding.accounts.identity import plain_code
from chuding.accounts.models import Person, SignInCode, Throttle
from chuding.accounts.passwords import problem_with_password
from chuding.accounts.people import phone_index
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.ledger.record import record
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chuding.accounts.limits import Limit

# What a code may be asked for; the words stand in the text message.
PURPOSES: dict[str, str] = {
    "sign_in": "登录",
    "submit": "提交申报",
    "change_phone": "更换手机号",
    "reminder": "设置提醒",
    "confirm": "确认本人",
}
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
_WRONG_PAIR = "手机号或密码不正确。忘记密码时，请改用短信验证码登录。"
_SWITCHED_OFF = "这个账户已停用。如有疑问，请致电协会。"


class SignInProblem(Exception):  # noqa: N818 - a problem of the person, not an error of ours
    """Signing in did not work; `sentence` tells the person what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def send_code(
    *, phone: str, session_key: str, ip: str, purpose: str, at: datetime, by_voice: bool = False
) -> SignInCode:
    """Send a new six-digit code, good for ten minutes, one use and five tries, in this session only.

    `by_voice`: a call says it, for whom the text message does not reach. New and known numbers are treated alike, so
    nothing shows who has an account. Raises SignInProblem for a number that cannot be one, and when a limit is reached
    (per phone 1/60 s, 5/h, 10/d, of these 3/d calls; per network 20/h).
    """
    number, problem = clean_phone(phone)
    if problem:
        raise SignInProblem(problem)
    index = phone_index(number)
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        problem = count_tries(_code_limits(number, ip, by_voice=by_voice), at)
        if problem is None:
            sent = SignInCode.objects.create(
                phone=number,
                phone_index=index,
                session_hash=blind_index(session_key, "session"),
                purpose=purpose,
                code_hash=_code_hash(code, session_key, purpose, number),
                sent_at=at,
                expires_at=at + CODE_LIFE,
            )
            courier()(phone=number, code=code, purpose=purpose, at=at, by_voice=by_voice)
        record(
            action="code.limited" if problem else "code.sent",
            subject=("phone", index),
            by=None,
            role=Role.ANYONE,
            at=at,
            data={"purpose": purpose} | ({"way": "voice"} if by_voice else {}),
        )
    if problem:
        raise SignInProblem(problem)
    return sent


def code_is_out(*, phone: str, session_key: str, purpose: str, at: datetime) -> bool:
    """Whether this session has been sent a code to this phone that still counts: the box for it is wanted then."""
    return SignInCode.objects.filter(
        phone_index=phone_index(clean_phone(phone)[0]),
        session_hash=blind_index(session_key, "session"),
        purpose=purpose,
        used_at=None,
        expires_at__gt=at,
    ).exists()


def next_code_in(*, phone: str, at: datetime) -> int:
    """In how many whole seconds this phone may ask for its next code; 0: at once, as far as the phone's own limits go."""
    row = Throttle.objects.filter(key=_phone_key(phone)).first()
    refused = limits.refused_by(limits.CODES_PER_PHONE, row.marks, at.timestamp()) if row else None
    return refused.seconds if refused else 0


def redeem_code(*, phone: str, session_key: str, code: str, purpose: str, at: datetime) -> Person:
    """Sign in by a code: the person of this number, made now if this is the first time.

    Raises SignInProblem when the code is wrong, used, expired, tried five times or from another session.
    """
    number, problem = clean_phone(phone)
    if problem:
        raise SignInProblem(problem)
    with transaction.atomic():
        problem = _spend(number, session_key, code, purpose, at)
        if problem is None:
            person, new = _person_of(number, at)
            if person.is_active:
                _record_person("person.signed_in", person, at, {"way": "code", "first": new})
            else:
                problem = _SWITCHED_OFF
    if problem:
        raise SignInProblem(problem)
    return person


def confirm_code(*, person: Person, session_key: str, code: str, purpose: str, at: datetime) -> None:
    """Spend a code as the second factor of an act by someone already signed in. Raises SignInProblem."""
    with transaction.atomic():
        problem = _spend(person.phone, session_key, code, purpose, at)
        if problem is None:
            _record_person("person.confirmed", person, at, {"purpose": purpose})
    if problem:
        raise SignInProblem(problem)


def confirm_phone(*, phone: str, session_key: str, code: str, purpose: str, at: datetime) -> str:
    """Spend a code to show that a phone is in somebody's hand, without any account; the phone in canonical form.

    Raises SignInProblem as `redeem_code` does.
    """
    number, problem = clean_phone(phone)
    if problem is None:
        with transaction.atomic():
            problem = _spend(number, session_key, code, purpose, at)
    if problem:
        raise SignInProblem(problem)
    return number


def sign_in_by_password(*, phone: str, password: str, at: datetime) -> Person:
    """The person of this number and password.

    Raises SignInProblem, in the same words and after the same work whether the number is known or not; after
    five wrong tries in fifteen minutes it refuses without looking at the password.
    """
    number, problem = clean_phone(phone)
    if problem:
        raise SignInProblem(problem)
    key = blind_index(number, "passwords-per-account")
    with transaction.atomic():
        # The try is counted before the hash is computed: parallel guesses cannot slip past the limit.
        problem = count_tries([(key, limits.PASSWORDS_PER_ACCOUNT)], at)
    if problem:
        raise SignInProblem(problem)
    person = Person.objects.filter(phone_index=phone_index(number)).first()
    if person is None:
        make_password(password)  # the same 20 ms as for a known number
        right = False
    else:
        right = person.check_password(password) and person.is_active
    with transaction.atomic():
        if person is None or not right:
            record(action="password.wrong", subject=("phone", phone_index(number)), by=None, role=Role.ANYONE, at=at)
        else:
            Throttle.objects.filter(key=key).update(marks=[], touched_at=at)
            _record_person("person.signed_in", person, at, {"way": "password"})
    if person is None or not right:
        raise SignInProblem(_WRONG_PAIR)
    return person


def check_password(*, person: Person, password: str, at: datetime) -> None:
    """Whether somebody signed in knows the password. Raises SignInProblem; tries count as for signing in."""
    key = blind_index(person.phone, "passwords-per-account")
    with transaction.atomic():
        problem = count_tries([(key, limits.PASSWORDS_PER_ACCOUNT)], at)
    if problem:
        raise SignInProblem(problem)
    right = person.check_password(password)
    with transaction.atomic():
        if right:
            Throttle.objects.filter(key=key).update(marks=[], touched_at=at)
        else:
            _record_person("password.wrong", person, at, {})
    if not right:
        raise SignInProblem("密码不正确，请重新输入。")


def set_password(*, person: Person, password: str, current: str | None, at: datetime) -> None:
    """Set or change the password; every other session of this person ends with it.

    Raises SignInProblem when a password exists and `current` is not it, and when the new one is too weak.
    """
    if person.has_usable_password() and person.password and not person.check_password(current or ""):
        raise SignInProblem("现在的密码不正确。请重新输入；忘记时请退出，用短信验证码登录后联系协会重置。")
    problem = problem_with_password(password, phone=person.phone)
    if problem:
        raise SignInProblem(problem)
    encoded = make_password(password)
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person.pk)
        row.password = encoded
        row.save(update_fields=["password"])
        _record_person("password.set", row, at, {})
    person.password = encoded


def set_display_name(*, person: Person, name: str, at: datetime) -> None:
    """Keep the name by which pages greet this person (already cleaned by `identity.clean_name`)."""
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person.pk)
        if row.display_name == name:
            return
        row.display_name = name
        row.save(update_fields=["display_name"])
        _record_person("person.named", row, at, {})
    person.display_name = name


def count_public_try(*, address: str, kind: str, rules: Sequence[Limit], at: datetime) -> None:
    """Count one anonymous try of a kind (a certificate check) from a network. Raises SignInProblem past a limit."""
    with transaction.atomic():
        problem = count_tries([(blind_index(_network(address) or address, f"public-{kind}"), rules)], at)
    if problem:
        raise SignInProblem(problem)


def count_persons_try(*, person: Person, kind: str, rules: Sequence[Limit], at: datetime) -> None:
    """Count one try of a kind (a file sent) by a person who is signed in. Raises SignInProblem past a limit."""
    with transaction.atomic():
        problem = count_tries([(blind_index(person.ref, f"person-{kind}"), rules)], at)
    if problem:
        raise SignInProblem(problem)


def note_sign_out(*, person: Person, at: datetime) -> None:
    """Record that this person signed out."""
    with transaction.atomic():
        _record_person("person.signed_out", person, at, {})


def _record_person(action: str, person: Person, at: datetime, data: dict[str, Any]) -> None:
    record(action=action, subject=("person", person.ref), by=person, role=Role.APPLICANT, at=at, data=data)


def _person_of(number: str, at: datetime) -> tuple[Person, bool]:
    person, new = Person.objects.get_or_create(
        phone_index=phone_index(number),
        defaults={"phone": number, "joined_at": at},
    )
    if new:
        _record_person("person.joined", person, at, {})
    return person, new


def count_tries(wanted: Sequence[tuple[str, Sequence[Limit]]], at: datetime) -> str | None:
    """In the caller's transaction, count one try under every key, or under none: the sentence of the first limit that refuses."""
    now = at.timestamp()
    rows: list[tuple[Throttle, Sequence[Limit]]] = []
    for key, rules in wanted:
        Throttle.objects.get_or_create(key=key, defaults={"touched_at": at})
        row = Throttle.objects.select_for_update().get(key=key)
        if sentence := limits.refused_by(rules, row.marks, now):
            return sentence
        rows.append((row, rules))
    for row, rules in rows:
        row.marks = [*limits.kept(rules, row.marks, now), now]
        row.touched_at = at
        row.save(update_fields=["marks", "touched_at"])
    return None


def _spend(number: str, session_key: str, code: str, purpose: str, at: datetime) -> str | None:
    """Use up the newest code of this phone, session and purpose; the sentence of what is wrong, or None."""
    # The commas are the pauses of the voice on the phone.
    typed = plain_code(code).replace(",", "")
    if len(typed) != 6 or not typed.isascii() or not typed.isdigit():
        return "验证码是6位数字。请对照短信重新输入。"
    row = (
        SignInCode.objects.select_for_update()
        .filter(
            phone_index=phone_index(number),
            session_hash=blind_index(session_key, "session"),
            purpose=purpose,
        )
        .order_by("-sent_at", "-id")
        .first()
    )
    if row is None:
        return "请先获取验证码，并在同一个浏览器里输入。"
    if problem := _dead(row, at):
        return problem
    if hmac.compare_digest(row.code_hash, _code_hash(typed, session_key, purpose, number)):
        row.used_at = at
        row.save(update_fields=["used_at"])
        return None
    row.tries += 1
    row.save(update_fields=["tries"])
    record(
        action="code.wrong",
        subject=("phone", row.phone_index),
        by=None,
        role=Role.ANYONE,
        at=at,
        data={"purpose": purpose, "tries": row.tries},
    )
    left = CODE_TRIES - row.tries
    if left == 0:
        return "验证码输错已达5次，已经失效，请重新获取。"
    return f"验证码不对，还可以再试{left}次。请核对短信里的6位数字。"


def _dead(row: SignInCode, at: datetime) -> str | None:
    if row.used_at is not None:
        return "这个验证码已经用过，请重新获取。"
    if at >= row.expires_at:
        return "验证码已过期（10分钟内有效），请重新获取。"
    if row.tries >= CODE_TRIES:
        return "验证码输错已达5次，已经失效，请重新获取。"
    return None


def _code_hash(code: str, session_key: str, purpose: str, number: str) -> str:
    return blind_index(f"{code}\n{session_key}\n{purpose}\n{number}", "sign-in-code")


def _code_limits(number: str, ip: str, *, by_voice: bool) -> list[tuple[str, Sequence[Limit]]]:
    wanted: list[tuple[str, Sequence[Limit]]] = [(_phone_key(number), limits.CODES_PER_PHONE)]
    if by_voice:
        wanted.append((blind_index(number, "calls-per-phone"), limits.CALLS_PER_PHONE))
    if network := _network(ip):
        wanted.append((blind_index(network, "codes-per-address"), limits.CODES_PER_ADDRESS))
    return wanted


def _phone_key(number: str) -> str:
    return blind_index(number, "codes-per-phone")


def _network(ip: str) -> str | None:
    """What counts as one network: an IPv4 address, or the /64 that an IPv6 household gets.

    None for this very machine: everyone behind a proxy that hides addresses would otherwise share one limit.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if address.is_loopback:
        return None
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
