import pytest

from chuding.accounts import consent
from chuding.accounts.consent import ConsentMissingError
from chuding.accounts.models import Consent
from chuding.ledger.record import entries_about

pytestmark = pytest.mark.django_db


def test_consent_asks_two_necessary_purposes_one_of_them_for_what_is_sensitive_and_two_free_ones():
    assert [(p.key, p.required) for p in consent.purposes()] == [
        ("handling", True),
        ("sensitive", True),
        ("follow_up", False),
        ("next_round", False),
    ]
    assert len({p.digest for p in consent.purposes()}) == 4


def test_consent_is_kept_with_the_words_it_was_given_to(person, at):
    someone = person()
    assert consent.due(someone) is True
    consent.give_consent(person=someone, keys=["handling", "sensitive", "follow_up"], at=at)
    assert consent.due(someone) is False
    assert consent.standing(someone) == {"handling", "sensitive", "follow_up"}
    digests = {p.key: p.digest for p in consent.purposes()}
    assert {row.purpose: row.text_digest for row in Consent.objects.all()} == {
        k: digests[k] for k in ("handling", "sensitive", "follow_up")
    }
    entries = list(entries_about(("person", someone.ref)))
    assert [(entry.action, entry.data["purpose"]) for entry in entries] == [
        ("consent.given", "handling"),
        ("consent.given", "sensitive"),
        ("consent.given", "follow_up"),
    ]


def test_consent_given_twice_stands_once(person, at):
    someone = person()
    consent.give_consent(person=someone, keys=["handling", "sensitive"], at=at)
    assert consent.give_consent(person=someone, keys=["handling", "sensitive"], at=at) == []
    assert Consent.objects.count() == 2


def test_consent_to_old_words_is_due_again(person, at):
    someone = person()
    consent.give_consent(person=someone, keys=["handling", "sensitive"], at=at)
    Consent.objects.update(text_digest="0" * 64)
    assert consent.due(someone) is True


def test_consent_without_the_necessary_one_is_refused_whole(person, at):
    someone = person()
    with pytest.raises(ConsentMissingError, match="没有前两项同意就无法为您办理"):
        consent.give_consent(person=someone, keys=["follow_up"], at=at)
    for only in ("handling", "sensitive"):
        with pytest.raises(ConsentMissingError):
            consent.give_consent(person=someone, keys=[only], at=at)
    assert Consent.objects.count() == 0


def test_consent_can_be_taken_back_and_given_again(person, at):
    someone = person()
    consent.give_consent(person=someone, keys=["handling", "sensitive", "follow_up"], at=at)
    assert consent.withdraw_consent(person=someone, key="follow_up", at=at) == 1
    assert consent.withdraw_consent(person=someone, key="follow_up", at=at) == 0
    assert consent.standing(someone) == {"handling", "sensitive"}
    consent.give_consent(person=someone, keys=["follow_up"], at=at)
    assert consent.standing(someone) == {"handling", "sensitive", "follow_up"}


def test_consent_that_is_necessary_is_not_taken_back_alone(person, at):
    someone = person()
    consent.give_consent(person=someone, keys=["handling", "sensitive"], at=at)
    with pytest.raises(ConsentMissingError, match="请先撤回申报"):
        consent.withdraw_consent(person=someone, key="handling", at=at)
    assert consent.standing(someone) == {"handling", "sensitive"}
