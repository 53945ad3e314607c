"""A code against guessing, replay and races: a model plays beside the service, and threads play against it."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connections

from chuding.accounts import courier
from chuding.accounts.housekeeping import forget_old
from chuding.accounts.models import Person, SignInCode, Throttle
from chuding.accounts.services import SignInProblem, redeem_code, send_code

PHONE = "13812345678"


@pytest.fixture
def caught(monkeypatch):
    """Codes as they leave, instead of on their way to a phone."""
    codes = []
    monkeypatch.setattr(courier, "_registered", [lambda *, phone, code, purpose, at, by_voice: codes.append(code)])
    return codes


class Model:
    """What must be true of one session's codes."""

    def __init__(self):
        self.code, self.sent, self.tries, self.used = None, None, 0, False

    def opens(self, typed, at):
        alive = self.code is not None and not self.used and self.tries < 5 and at < self.sent + timedelta(minutes=10)
        if not alive:
            return False
        if typed == self.code:
            self.used = True
            return True
        self.tries += 1
        return False


def play(seed, caught, at):
    chance = random.Random(seed)
    models = {"s1": Model(), "s2": Model()}
    for _ in range(40):
        session = chance.choice(["s1", "s2"])
        model = models[session]
        match chance.choice(["send", "right", "right", "wrong", "wrong", "other", "wait"]):
            case "send":
                try:
                    send_code(phone=PHONE, session_key=session, ip="192.0.2.1", purpose="sign_in", at=at)
                except SignInProblem:
                    continue
                models[session] = fresh = Model()
                fresh.code, fresh.sent = caught[-1], at
                continue
            case "wait":
                at += timedelta(seconds=chance.choice([1, 59, 60, 599, 600, 4000]))
                continue
            case "right":
                typed = model.code or "123456"
            case "wrong":
                typed = f"{chance.randrange(10**6):06d}"
            case "other":
                typed = models["s2" if session == "s1" else "s1"].code or "123456"
        expected = model.opens(typed, at)
        try:
            redeem_code(phone=PHONE, session_key=session, code=typed, purpose="sign_in", at=at)
            opened = True
        except SignInProblem:
            opened = False
        assert opened is expected, (seed, session, typed)
    return at


@pytest.mark.django_db
def test_code_obeys_its_model_in_every_play(caught, at):
    for seed in range(25):
        at = play(seed, caught, at) + timedelta(days=1)
    assert len(caught) > 50


def together(count, act):
    """Run `act(index)` in so many threads at once; what each answered, or the problem's sentence."""
    barrier, answers = threading.Barrier(count), [None] * count

    def run(index):
        barrier.wait()
        try:
            answers[index] = act(index)
        except SignInProblem as problem:
            answers[index] = problem.sentence
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.mark.django_db(transaction=True)
def test_code_is_sent_once_a_minute_however_many_ask_at_once(caught, at):
    answers = together(
        8, lambda index: send_code(phone=PHONE, session_key=f"s{index}", ip="192.0.2.1", purpose="sign_in", at=at).pk
    )
    assert (
        sorted(str(answer) for answer in answers if not isinstance(answer, int))
        == ["验证码刚刚发过，请60秒后再获取。"] * 7
    )
    assert (len(caught), SignInCode.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_code_opens_once_and_makes_one_person_however_many_redeem_at_once(caught, at):
    send_code(phone=PHONE, session_key="s1", ip="192.0.2.1", purpose="sign_in", at=at)
    answers = together(
        8, lambda index: redeem_code(phone=PHONE, session_key="s1", code=caught[0], purpose="sign_in", at=at).pk
    )
    assert [answer for answer in answers if isinstance(answer, int)] == [Person.objects.get().pk]
    assert answers.count("这个验证码已经用过，请重新获取。") == 7


@pytest.mark.django_db(transaction=True)
def test_code_counts_every_guess_made_at_once(caught, at):
    send_code(phone=PHONE, session_key="s1", ip="192.0.2.1", purpose="sign_in", at=at)
    guess = f"{(int(caught[0]) + 1) % 10**6:06d}"
    answers = together(
        9, lambda index: redeem_code(phone=PHONE, session_key="s1", code=guess, purpose="sign_in", at=at)
    )
    assert answers.count("验证码输错已达5次，已经失效，请重新获取。") == 5
    assert SignInCode.objects.get().tries == 5


@pytest.mark.django_db
def test_codes_and_tries_are_forgotten_after_a_day(caught, at):
    send_code(phone=PHONE, session_key="s1", ip="192.0.2.1", purpose="sign_in", at=at)
    assert forget_old(at=at + timedelta(hours=24)) == 0
    assert forget_old(at=at + timedelta(hours=25)) == 3
    assert (SignInCode.objects.count(), Throttle.objects.count()) == (0, 0)
