"""Time stamps on what is issued: issuing waits for the authority, the proof is prolonged, and old copies stay good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from tsa import Served

from chuding.applications.letters import receipt_of
from chuding.applications.models import Application
from chuding.applications.services.moves import subject_of
from chuding.applications.services.papers import carry_out
from chuding.applications.workflow import State
from chuding.certificates import archiving
from chuding.certificates.archiving import MARGIN, due, renew, renew_archives
from chuding.certificates.models import Certificate, EarlierFile, Paper, PaperKind
from chuding.certificates.papers import Order, issue_paper
from chuding.certificates.press import time_stamper
from chuding.certificates.verification import check_file
from chuding.decisions.models import Document, Roster, RosterState
from chuding.decisions.services import replacements, revocations
from chuding.jobs.leases import NotYet
from chuding.jobs.models import Job, JobState
from chuding.jobs.worker import run_pending
from chuding.ledger.record import entries_about
from chuding.storage.files import store
from stage import NOW

DEMONSTRATION = "chuding.connectors.timestamp.DemonstrationTimeStamping"


@pytest.fixture
def stamped(settings):
    settings.TIME_STAMPING = {"class": DEMONSTRATION, "options": {"folder": str(settings.SIGNING_FOLDER)}}


@pytest.fixture
def authority(stage, settings, tmp_path):
    """An authority over HTTP whose certificates the site knows, at the stage's time."""
    keys = Path(settings.SIGNING_FOLDER)
    (tmp_path / "chain.pem").write_bytes(
        b"".join((keys / f"{n}.pem").read_bytes() for n in ("time", "issuing", "root"))
    )
    (tmp_path / "lists.pem").write_bytes(b"".join((keys / f"{n}.crl").read_bytes() for n in ("issuing", "root")))
    served = Served(keys, NOW)
    options = {"url": served.authority.url, "chain": str(tmp_path / "chain.pem"), "lists": str(tmp_path / "lists.pem")}
    settings.TIME_STAMPING = {"class": "chuding.connectors.timestamp.HttpTimeStamping", "options": options}
    settings.CLOCK_OFFSET = NOW - timezone.now()
    yield served.authority
    served.stop()


@pytest.fixture
def certificate(stage, stamped, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return Certificate.objects.get(number=stage.file_at(State.ISSUED).certificate_number)


def checked(certificate, at=NOW):
    return check_file(store().path(certificate.file).read_bytes(), at=at + timedelta(minutes=1))


def test_certificate_is_issued_with_its_proof_inside(certificate):
    answer = checked(certificate)
    assert (answer.valid, answer.verdict.level, answer.verdict.time_stamped) == (True, "B-LT", True)
    assert certificate.provable_until == time_stamper().certificate_chain[0].not_valid_after_utc
    document = Document.objects.get(number=certificate.document_number)
    verdict = check_file(store().path(document.file).read_bytes(), at=NOW + timedelta(minutes=1)).verdict
    assert (verdict.valid, verdict.level) == (True, "B-LT")


def test_archive_comes_at_issue_where_the_office_wants_it(stage, stamped, settings):
    settings.ARCHIVE_AT_ISSUE = True
    certificate = Certificate.objects.get(number=stage.file_at(State.ISSUED).certificate_number)
    assert (checked(certificate).valid, checked(certificate).verdict.level) == (True, "B-LTA")
    assert EarlierFile.objects.count() == 0


def test_proof_is_prolonged_before_it_ends_and_the_old_copy_stays_good(certificate, stamped):
    ends = certificate.provable_until
    Certificate.objects.update(provable_until=NOW + MARGIN - timedelta(days=1))
    before = store().path(certificate.file).read_bytes()
    assert due(at=NOW) == [certificate.number]
    renew(number=certificate.number, at=NOW)
    certificate.refresh_from_db()
    after = store().path(certificate.file).read_bytes()
    assert after.startswith(before)
    assert (certificate.provable_until, due(at=NOW)) == (ends, [])
    assert (checked(certificate).valid, checked(certificate).verdict.level) == (True, "B-LTA")
    old = check_file(before, at=NOW + timedelta(minutes=1))
    assert (old.valid, old.registered.number) == (True, certificate.number)
    last = entries_about(("certificate", certificate.number)).last()
    assert (last.action, last.role, last.data["file"]) == ("archive_certificate", "machine", certificate.file)


def test_nothing_is_due_while_the_authority_would_prolong_nothing(certificate, settings):
    assert due(at=certificate.provable_until - timedelta(days=1)) == []
    settings.TIME_STAMPING = None
    Certificate.objects.update(provable_until=NOW)
    assert due(at=NOW) == []
    with pytest.raises(NotYet, match="没有配置"):
        renew(number=certificate.number, at=NOW)


def test_issuing_waits_while_the_authority_is_away_and_goes_on_by_itself(stage, authority):
    """Eight failed rounds are more than a job's five attempts: it waits as long as it takes, and nothing is half issued."""
    file = stage.file_at(State.APPROVED)
    roster = stage.signed([file])
    before = Certificate.objects.count()
    at = NOW
    for mode in (
        "broken",
        "wrong_nonce",
        "wrong_imprint",
        "garbage",
        "half",
        "rejection",
        "hang_up",
        "mods_without_nonce",
    ):
        authority.mode = mode
        run_pending(at)
        at += timedelta(minutes=3)
        waiting = Roster.objects.get(ref=roster.ref)
        assert (waiting.state, waiting.problem[:8]) == (RosterState.SIGNED, "等待时间戳服务：")
        assert (Certificate.objects.count(), Document.objects.filter(roster=roster).exists()) == (before, False)
    job = Job.objects.get(task__endswith="issue_signed_roster", state=JobState.READY)
    assert job.attempts == 0
    authority.mode = "granted_with_mods"
    run_pending(at)
    done = Roster.objects.get(ref=roster.ref)
    assert (done.state, done.problem) == (RosterState.ISSUED, "")
    (certificate,) = Certificate.objects.order_by("-id")[:1]
    assert (checked(certificate).valid, checked(certificate).verdict.level) == (True, "B-LT")


def test_night_that_meets_no_authority_goes_on_later(certificate, authority, settings):
    Certificate.objects.update(provable_until=NOW + timedelta(days=1))
    authority.mode = "broken"
    renew_archives.enqueue()
    run_pending(NOW)
    assert EarlierFile.objects.count() == 0
    authority.mode = "ok"
    run_pending(NOW + timedelta(minutes=5))
    assert EarlierFile.objects.count() == 1


# ---- nobody who writes waits for the authority ----


@pytest.fixture
def depths(certificate, authority):
    """How many transactions the worker was in at each question to the authority, beyond the test's own."""
    held, found, answer = connections["default"], [], authority.answer
    begun = len(held.atomic_blocks)

    def noting(body):
        found.append(len(held.atomic_blocks) - begun)
        return answer(body)

    authority.answer = noting
    return found


def test_authority_is_asked_outside_of_any_transaction_when_a_proof_is_prolonged(certificate, depths):
    renew(number=certificate.number, at=NOW)
    assert (depths, EarlierFile.objects.count()) == ([0], 1)


def test_authority_is_asked_outside_of_any_transaction_for_a_replacement(stage, certificate, depths):
    proposal = replacements.propose(
        number=certificate.number, kind="replace", typed={}, reason="原件损毁。", by=stage.wu, at=NOW
    )
    revocations.decide(revocation_id=proposal.pk, agree=True, by=stage.second_signer, at=NOW)
    new = replacements.carry_out(revocation_id=proposal.pk, at=NOW)
    assert (set(depths), checked(new).valid) == ({0}, True)


def test_authority_is_asked_outside_of_any_transaction_for_a_letter(certificate, depths):
    file = Application.objects.get(certificate_number=certificate.number)
    order = Order(PaperKind.RECEIPT, subject_of(file), "again", file.applicant, "association")
    paper = issue_paper(order, receipt_of(file), at=NOW)
    assert (set(depths), issue_paper(order, receipt_of(file), at=NOW)) == ({0}, paper)


def test_file_that_changed_while_the_authority_thought_is_left_alone(certificate, authority):
    other = "0" * 64
    before = archiving.archived

    def and_then(signed, *, at):
        made = before(signed, at=at)
        Certificate.objects.filter(pk=certificate.pk).update(file=other)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archiving, "archived", and_then)
        assert renew(number=certificate.number, at=NOW).file == other
    assert EarlierFile.objects.count() == 0


def test_letter_that_the_desk_refuses_is_no_dying_job(certificate):
    file = Application.objects.get(certificate_number=certificate.number)
    order = Order(PaperKind.REFUSAL, subject_of(file), "", file.applicant, "association")  # nobody refused this file
    assert carry_out(order, receipt_of(file), at=NOW) == ""
    assert not Paper.objects.filter(kind=PaperKind.REFUSAL).exists()
