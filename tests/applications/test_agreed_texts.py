"""Who agreed is asked how the service was, and told of the next round: once, and nobody else."""

from __future__ import annotations

from datetime import timedelta

from chuding.accounts import consent
from chuding.applications.services.aftercare import Opinion, rate
from chuding.applications.services.agreed_texts import ask_for_ratings, tell_of_next_round
from chuding.applications.workflow import State
from chuding.messages.models import Message
from stage import NOW

DAY = timedelta(days=1)


def agree(person, key):
    consent.give_consent(person=person, keys=["handling", "sensitive", key], at=NOW)


def told(template):
    return list(Message.objects.filter(template=template).values_list("person", flat=True))


def test_whoever_agreed_is_asked_once_a_day_after_the_decision(stage):
    file, silent = stage.file_at(State.REFUSED), stage.file_at(State.EXPIRED)
    agree(file.applicant, "follow_up")
    done = file.updated_at
    assert ask_for_ratings(at=done + DAY - timedelta(seconds=1)) == 0
    assert [ask_for_ratings(at=done + n * DAY) for n in (1, 2, 3)] == [1, 0, 0]
    message = Message.objects.get(template="rate_asked")
    assert (message.person, message.subject_ref) == (file.applicant, file.ref)
    assert file.number[-4:] in message.text
    assert silent.applicant_id not in told("rate_asked")


def test_whoever_said_already_took_back_or_was_done_long_ago_is_not_asked(stage):
    said, back, old = (stage.file_at(State.REFUSED) for _ in range(3))
    for file in (said, back, old):
        agree(file.applicant, "follow_up")
    rate(ref=said.ref, opinion=Opinion(5), by=said.applicant, at=NOW)
    consent.withdraw_consent(person=back.applicant, key="follow_up", at=NOW)
    assert ask_for_ratings(at=max(file.updated_at for file in (said, back, old)) + 8 * DAY) == 0
    assert ask_for_ratings(at=old.updated_at + 2 * DAY) == 1
    assert told("rate_asked") == [old.applicant_id]


def test_next_round_is_told_once_to_whoever_agreed_before_it_and_has_no_file_in_it(stage):
    before, without, in_it = stage.qian, stage.person("李小满", "19911111122"), stage.file_at(State.RECEIVED).applicant
    start, end = stage.town.notice.window.start, stage.town.notice.window.end
    early = NOW.replace(year=start.year, month=start.month, day=start.day) - 30 * DAY
    for person in (before, in_it):
        agree(person, "next_round")
        person.consents.filter(purpose="next_round").update(given_at=early)
    agree(without, "next_round")  # within the window: that is for the next one
    assert tell_of_next_round(at=early) == 0
    assert [tell_of_next_round(at=NOW + n * DAY) for n in (0, 1)] == [1, 0]
    message = Message.objects.get(template="next_round")
    assert message.person == before
    assert f"{end.month}月{end.day}日24时截止" in message.text
    assert message.title == "新一年度申报已经开始"


def test_nobody_is_told_of_a_round_after_taking_it_back(stage):
    agree(stage.qian, "next_round")
    stage.qian.consents.filter(purpose="next_round").update(given_at=NOW - 300 * DAY)
    consent.withdraw_consent(person=stage.qian, key="next_round", at=NOW)
    assert tell_of_next_round(at=NOW) == 0
