"""An office renews its key: what was issued before stays good, and what is made afterwards is good at once."""

from __future__ import annotations

import shutil
from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from chuding.applications.workflow import State
from chuding.certificates.models import Certificate
from chuding.certificates.statements import list_address, place_of, statement
from chuding.certificates.statuses import publish, published
from chuding.certificates.verification import check_file, known_issuers
from chuding.decisions.services import replacements, revocations
from chuding.paper import jose
from chuding.paper.cose import key_id
from chuding.paper.credential import read_credential, trusted_issuers
from chuding.paper.keys import authority_certificates, load_certificate, office_certificates, renew
from chuding.paper.scan import codes_in
from chuding.paper.statement import read_statement
from chuding.paper.status import certificates_in, read_status_file
from chuding.storage.clock import SHANGHAI
from chuding.storage.files import store
from stage import NOW

RENEWED = NOW + timedelta(days=400)
LATER = RENEWED + timedelta(days=1)


@pytest.fixture
def certificate(stage, settings, tmp_path):
    """Issued with the key that is renewed later; the folder is this test's own."""
    settings.SIGNING_FOLDER = shutil.copytree(settings.SIGNING_FOLDER, tmp_path / "signing")
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return Certificate.objects.get(number=stage.file_at(State.ISSUED).certificate_number)


@pytest.fixture
def root(certificate, settings):
    return load_certificate(settings.SIGNING_FOLDER / "root.pem")


@pytest.fixture
def renewed(certificate, root, settings):
    """The key's renewal, to be called; afterwards it is a day later."""

    def act():
        renew(settings.SIGNING_FOLDER, certificate.office, RENEWED)
        settings.CLOCK_OFFSET = LATER - timezone.now()

    return act


def code_of(certificate):
    return next(text for text in codes_in(store().path(certificate.file).read_bytes()) if "/V/" in text)


def status_of(client, certificate):
    address = list_address(certificate.office, place_of(certificate)[0])
    return client.get("/" + address.split("/", 3)[3]).content.decode()


def test_old_code_still_leads_to_its_page_and_is_read_without_us(certificate, client, root, renewed):
    code = code_of(certificate)
    renewed()
    response = client.get("/" + code.split("/", 3)[3])
    assert (response.status_code, response["Location"]) == (302, f"/v/{certificate.token}")
    publish(at=LATER)
    issuers = trusted_issuers(certificates_in(published()), [root])
    verdict = read_credential(code, issuers, at=LATER, status=read_status_file(published(), issuers))
    assert (verdict.valid, verdict.revoked) == (True, False)
    assert check_file(store().path(certificate.file).read_bytes(), at=LATER).valid


def test_old_key_is_published_beside_the_new(certificate, client, settings, renewed):
    renewed()
    held = office_certificates(settings.SIGNING_FOLDER, certificate.office)
    assert len(held) == 2
    assert held[0] == load_certificate(settings.SIGNING_FOLDER / f"{certificate.office}.pem")
    assert {key_id(one).hex() for one in held} <= {one["key"] for one in known_issuers()}
    names = {jose.jwk_of(one)["kid"] for one in held}
    methods = client.get(f"/issuers/{certificate.office}").json()["verificationMethod"]
    assert {method["publicKeyJwk"]["kid"] for method in methods} == names
    assert names <= {key["kid"] for key in client.get("/.well-known/jwks.json").json()["keys"]}


def test_keys_beside_certificates_are_never_taken_for_certificates(certificate, settings):
    folder = settings.SIGNING_FOLDER
    shutil.copy(folder / "association-key.pem", folder / "association-2024-key.pem")
    shutil.copy(folder / "issuing.pem", folder / "issuing-2024.pem")
    assert len(office_certificates(folder, "association")) == 1
    assert len(authority_certificates(folder)) == 1  # the same twice is one


def test_credential_held_before_is_checked_with_a_list_signed_after(certificate, client, root, renewed):
    held = statement(certificate)
    renewed()
    publish(at=LATER)
    verdict = read_statement(held, [root], at=LATER, status=status_of(client, certificate))
    assert (verdict.valid, verdict.revoked) == (True, False)


def test_credential_of_an_old_certificate_is_good_under_the_new_key(certificate, client, root, renewed):
    renewed()
    publish(at=LATER)
    verdict = read_statement(statement(certificate), [root], at=LATER, status=status_of(client, certificate))
    assert (verdict.reasons, verdict.revoked) == ((), False)
    assert verdict.claims["validFrom"] == RENEWED.replace(microsecond=0).astimezone(UTC).isoformat(timespec="seconds")


def test_replacement_under_the_new_key_has_a_code_that_is_good(certificate, stage, settings, renewed, run_jobs):
    renewed()
    proposal = replacements.propose(
        number=certificate.number, kind="replace", typed={}, reason="原件损毁。", by=stage.wu, at=LATER
    )
    revocations.decide(revocation_id=proposal.pk, agree=True, by=stage.second_signer, at=LATER)
    run_jobs(LATER)
    certificate.refresh_from_db()
    new = certificate.replaced_by
    verdict = read_credential(
        code_of(new), office_certificates(settings.SIGNING_FOLDER, certificate.office), at=LATER + timedelta(hours=1)
    )
    assert verdict.reasons == ()
    assert verdict.claims.issued_on == LATER.astimezone(SHANGHAI).date()
    assert verdict.claims.approved_on < verdict.claims.issued_on
