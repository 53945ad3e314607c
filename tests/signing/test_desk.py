"""Whoever has taken the site over and may ask the signing desk anything gets no signature that no decision stands behind."""

from __future__ import annotations

import json
import random
import string
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.certificates.statuses import publish
from chuding.decisions.contents import list_digest
from chuding.decisions.models import Roster, RosterEntry, RosterState
from chuding.decisions.services import rosters
from chuding.ledger.models import Entry
from chuding.paper import cms, cose
from chuding.paper.mandate import PURPOSES, Mandate, MandatedSigner, SignerRefused, SignerUnavailable
from chuding.paper.status import make_status_list
from chuding.signing.desk import stopped
from stage import NOW


def refused(desk, question):
    with pytest.raises(SignerRefused) as said:
        desk.sign(*question)
    return str(said.value)


def test_decided_certificate_is_signed_and_written_down(desk, question):
    office, mandate, data = question
    signature = desk.sign(*question)
    desk.material(office).certificate_chain[0].public_key().verify(signature, data, ec.ECDSA(hashes.SHA256()))
    (line,) = (desk._folder / "journal.jsonl").read_text().splitlines()
    written = json.loads(line)
    assert (written["office"], written["purpose"], written["subject"]) == (office, "certificate", list(mandate.subject))
    assert json.loads(mandate.claim)["holder_name"] not in line


def test_arbitrary_bytes_are_never_signed(desk, question, award):
    office, mandate, data = question
    chance = random.Random(1)
    for purpose in (*PURPOSES, "", "root"):
        for text in (
            b"",
            b"x",
            data[:-1],
            data + b"\0",
            chance.randbytes(200),
            cose.canonical(["Signature1", b"", b"", b"x"]),
        ):
            assert refused(desk, (office, replace(mandate, purpose=purpose), text))
    assert refused(desk, ("root", mandate, data)) == "没有这个签名单位。"


def test_arbitrary_questions_get_no_signature(desk, question, issued):
    """A thousand made-up mandates: every purpose, office and subject, claims bent in one place."""
    _office, mandate, data = question
    award = json.loads(mandate.claim)
    chance = random.Random(2)
    given = 0
    for _ in range(1000):
        claim = dict(award)
        key = chance.choice(["application_number", "level", "holder_name", "identity_number", "office", "issuer"])
        claim[key] = "".join(chance.choices(string.ascii_letters, k=8))
        purpose = chance.choice(["certificate", "credential", "document", "form", "letter", "status"])
        subject = (chance.choice(["application", "roster", "x"]), chance.choice(["", "x", "9" * 40, "\x00"]))
        bent = Mandate(purpose, subject, json.dumps(claim))
        try:
            desk.sign(chance.choice(["association", "city"]), bent, data)
            given += 1
        except (SignerRefused, SignerUnavailable):
            pass
    assert given == 0
    assert not (desk._folder / "journal.jsonl").exists()


def test_form_needs_what_its_certificate_needs_and_gives_no_code(desk, question, award):
    office, mandate, data = question
    form = replace(mandate, purpose="form")
    assert desk.sign(office, form, data)
    bent = replace(form, claim=json.dumps(award | {"holder_name": "另一个"}))
    assert "不一致" in refused(desk, (office, bent, data))
    code = cose.canonical(["Signature1", b"", b"", b"x"])
    assert refused(desk, (office, form, code)) == "要签的内容不是文件摘要。"


@pytest.mark.parametrize("field", ["level", "holder_name", "identity_number"])
def test_award_that_says_something_else_than_the_file_is_refused(desk, question, award, field):
    office, mandate, data = question
    bent = replace(mandate, claim=json.dumps(award | {field: "另一个"}))
    assert "不一致" in refused(desk, (office, bent, data))


def test_other_office_does_not_sign_what_this_one_decided(desk, question):
    _, mandate, _ = question
    leaf = desk.material("city").certificate_chain[0]
    assert refused(desk, ("city", mandate, cms.signed_attributes(bytes(32), leaf))) == "没有这个单位的发文名单。"


def test_file_on_no_roster_or_an_unsigned_one_is_refused(desk, question, award, stage):
    office, mandate, data = question
    other = stage.file_at(State.APPROVED)
    claim = award | {
        "application_number": other.number,
        "level": other.level,
        "holder_name": other.full_name,
        "identity_number": other.identity_number,
    }
    bent = replace(mandate, claim=json.dumps(claim))
    assert refused(desk, (office, bent, data)) == "没有发文名单写着这件申报。"
    rosters.draft(refs=[other.ref], by=stage.wu, at=NOW)
    assert refused(desk, (office, bent, data)) == "名单还没有签发。"


def test_state_set_in_the_database_alone_does_not_help(desk, question, award, stage):
    """Somebody who can write rows, but not act as two people: the ledger has no such act."""
    office, mandate, data = question
    other = stage.file_at(State.APPROVED)
    roster = rosters.draft(refs=[other.ref], by=stage.wu, at=NOW)
    people = {"verified_by": stage.second_signer, "signed_by": stage.person("何立冬", "19922222222")}
    Roster.objects.filter(pk=roster.pk).update(state=RosterState.SIGNED, list_digest=list_digest(roster), **people)
    claim = award | {
        "application_number": other.number,
        "level": other.level,
        "holder_name": other.full_name,
        "identity_number": other.identity_number,
    }
    bent = replace(mandate, claim=json.dumps(claim))
    assert refused(desk, (office, bent, data)) == "账本里没有签发这份名单的记录。"
    document = Mandate("document", ("roster", roster.ref))
    assert refused(desk, (office, document, data)) == "账本里没有签发这份名单的记录。"


def test_list_that_changed_after_it_was_signed_is_refused(desk, question, issued):
    _, roster, file = issued
    Roster.objects.filter(pk=roster.pk).update(state=RosterState.SIGNED)
    Application.objects.filter(pk=file.pk).update(version=99)
    assert refused(desk, question) == "名单与签发时不一致。"


def test_somebody_added_to_an_issued_list_is_refused(desk, question, issued, stage):
    other = stage.file_at(State.APPROVED)
    RosterEntry.objects.create(roster=issued[1], application=other, position=99)
    assert refused(desk, question) == "名单与签发时不一致。"


def test_file_that_only_one_person_decided_is_refused(desk, question, issued, intruder):
    office, mandate, data = question
    entries = Entry.objects.filter(subject_ref=issued[2].ref, action__in=["recommend", "confirm", "approve"])
    one = entries[0].by_id
    others = [entry.pk for entry in entries if entry.by_id != one]
    intruder(*(f"UPDATE ledger_entry SET by_id = {one} WHERE id = {pk}" for pk in others))
    assert "没有两个人的审核记录" in refused(desk, (office, mandate, data))


def test_status_list_can_neither_hide_nor_invent_a_revocation(desk, issued, settings):
    publish(at=NOW)
    for revoked in (["https://x/v/1"], [f"{settings.PUBLIC_ADDRESS}/v/{issued[0].token}"]):
        signer = MandatedSigner(desk, "association", Mandate("status", ("office", "association")))
        with pytest.raises(SignerRefused, match="登记簿"):
            make_status_list(
                issuer=settings.OFFICE_NAMES["association"], made_at=NOW, until=NOW, revoked=revoked, signer=signer
            )


def test_letter_needs_the_act_that_it_tells_of(desk, question, issued):
    office, _, data = question
    about = ("application", issued[2].ref)
    assert desk.sign(office, Mandate("letter", about, "receipt"), data)
    assert "账本" in refused(desk, (office, Mandate("letter", about, "refusal"), data))
    assert "账本" in refused(desk, (office, Mandate("letter", ("application", "nobody"), "receipt"), data))


def test_switch_stops_every_signature_until_it_is_set_back(desk, question):
    (desk._folder / "stopped").write_text("密钥可能泄露\n")
    with pytest.raises(SignerUnavailable, match="密钥可能泄露"):
        desk.sign(*question)
    (desk._folder / "stopped").unlink()
    assert desk.sign(*question)
    assert stopped(desk._folder) is None


def test_an_hour_has_a_limit(desk, question):
    for _ in range(50):
        desk.sign(*question)
    with pytest.raises(SignerUnavailable, match="上限 50"):
        desk.sign(*question)
