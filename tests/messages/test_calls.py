"""A code said by voice: the same protocol, the same patience, another gateway."""

import pytest
from django.utils import translation
from tempers import Temper

from chuding.connectors.choice import WrongChoiceError
from chuding.messages.delivery import CALL, PATIENCE, deliver
from chuding.messages.models import Message
from chuding.messages.services import carry_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PHONE = "13812345678"
SAID = (
    "您好，这里是职称初定。您用于登录的验证码是：3，8，4，9，2，1。再说一遍：3，8，4，9，2，1。"
    "工作人员不会向您索要验证码，请不要告诉别人。"
)


@pytest.fixture
def voice(settings, outbox):
    """A voice that does what the test says, beside the outbox for texts."""
    settings.VOICE_GATEWAY = {"class": "tempers.Temper"}
    Temper.mode, Temper.sent, Temper.asked = "ok", [], []
    return Temper


def call(at):
    carry_code(phone=PHONE, code="384921", purpose="sign_in", at=at, by_voice=True)
    return Message.objects.get()


def test_code_is_said_figure_by_figure_and_sent_by_no_text(at, voice, outbox, run_jobs):
    message = call(at)
    assert (message.template, message.useless_at > at) == (CALL, True)
    run_jobs()
    message.refresh_from_db()
    assert voice.sent == [(PHONE, SAID, message.ref)]
    assert (outbox.last(1), message.state, message.text, message.values) == ([], "sent", "（验证码已隐去）", "")


@pytest.mark.parametrize(("language", "begins"), [("en", "Hello. "), ("zh-hant", "您好，"), ("zh-hans", "您好，")])
def test_call_speaks_the_language_of_the_page(at, voice, language, begins):
    with translation.override(language):
        assert call(at).text.startswith(begins)


def test_call_that_is_not_taken_is_tried_again_while_the_code_counts(at, voice, run_jobs, clock):
    voice.mode = "away"
    message = call(at)
    run_jobs()
    for wait in PATIENCE[:4]:
        clock[0] += wait
        run_jobs(clock[0])
    message.refresh_from_db()
    assert (message.state, len(voice.sent), message.failure) == ("failed", 4, "")


def test_call_that_is_refused_is_not_tried_again(at, voice, run_jobs):
    voice.mode = "no"
    message = call(at)
    run_jobs()
    message.refresh_from_db()
    assert (message.state, message.failure, len(voice.sent)) == ("failed", "403", 1)


def test_call_left_over_from_a_voice_that_was_taken_away_names_the_setting(at, voice, settings):
    message = call(at)
    settings.VOICE_GATEWAY = None
    with pytest.raises(WrongChoiceError, match="no connector ''"):
        deliver(message.pk, at=at)
