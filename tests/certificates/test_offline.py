"""The second code of an issued certificate, where it leads, and the list that tells what was revoked."""

from __future__ import annotations

import json

import pypdfium2
import pytest
from django.conf import settings as site
from django.utils import timezone

from chuding.applications.workflow import State
from chuding.certificates.award import LEVEL_DIGIT
from chuding.certificates.models import Certificate, StatusPublication
from chuding.certificates.statuses import publish, published
from chuding.decisions.services import revocations
from chuding.jobs.worker import run_pending
from chuding.paper.credential import LEVELS, credential_of, read_credential, same_holder
from chuding.paper.keys import load_certificate, load_signer
from chuding.paper.scan import codes_in
from chuding.paper.status import certificates_in, read_status_file
from chuding.storage.files import store
from stage import NOW


@pytest.fixture
def certificate(stage, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return Certificate.objects.get(number=stage.file_at(State.ISSUED).certificate_number)


def offline_code(certificate):
    codes = codes_in(store().path(certificate.file).read_bytes())
    assert len(codes) == 2
    return next(code for code in codes if "/V/" in code)


def issuers(settings):
    return load_signer(settings.SIGNING_FOLDER, "association").certificate_chain[:1]


def lists(settings):
    return read_status_file(
        published(), issuers(settings) + load_signer(settings.SIGNING_FOLDER, "city").certificate_chain
    )


def test_certificate_carries_a_code_that_says_what_it_says(certificate, settings):
    verdict = read_credential(offline_code(certificate), issuers(settings), at=NOW)
    award = json.loads(certificate.award)
    assert verdict.valid is True
    claims = verdict.claims
    assert (claims.number, claims.issuer, claims.level, claims.qualification) == (
        certificate.number, award["issuer"], award["level"], award["qualification"],
    )  # fmt: skip
    assert claims.qualified_on.isoformat() == award["qualified_on"]
    assert claims.status_url == f"{settings.PUBLIC_ADDRESS}/v/{certificate.token}"
    assert award["holder_name"] not in json.dumps(claims.__dict__, default=str, ensure_ascii=False)
    person = {"name": award["holder_name"], "identity_number": award["identity_number"]}
    assert same_holder(claims, **person) is True
    assert same_holder(claims, **(person | {"name": "别人"})) is False


def test_second_decoder_reads_both_codes(certificate):
    """ZBar, nothing of which is in the decoder that we ship, on the page drawn at 200 dpi; the host is exactly ours."""
    pyzbar = pytest.importorskip("pyzbar.pyzbar", reason="libzbar0 is not installed", exc_type=ImportError)
    with store().path(certificate.file).open("rb") as file, pypdfium2.PdfDocument(file.read()) as document:
        picture = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    found = {code.data.decode("ascii") for code in pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])}
    assert found == set(codes_in(store().path(certificate.file).read_bytes()))
    assert {address.split("/")[2].lower() for address in found} == {site.PUBLIC_ADDRESS.split("/")[2]}


def test_levels_of_the_code_are_those_of_the_certificate_number():
    assert {level: str(place) for place, level in enumerate(LEVELS, start=1)} == LEVEL_DIGIT


def test_code_leads_to_the_public_page(certificate, client):
    path = "/" + offline_code(certificate).split("/", 3)[3]
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/v/{certificate.token}")


def test_code_that_nobody_signed_is_not_found(certificate, client):
    path = "/" + offline_code(certificate).split("/", 3)[3]
    for bent in (path[:-9] + "A" * 9, path[:40], "/V/x"):
        response = client.get(bent)
        assert response.status_code == 404
        assert "没有" in response.content.decode()


def test_status_list_is_not_there_before_it_was_made(db, client):
    assert client.get("/status.json").status_code == 404


def test_revocation_is_on_the_list_as_soon_as_the_worker_ran(certificate, stage, client, settings):
    publish(at=NOW)
    code = offline_code(certificate)
    assert read_credential(code, issuers(settings), at=NOW, status=lists(settings)).revoked is False
    proposal = revocations.propose(number=certificate.number, reason="学历不实。", clause="二", by=stage.wu, at=NOW)
    revocations.decide(revocation_id=proposal.pk, agree=True, by=stage.second_signer, at=NOW)
    run_pending()
    verdict = read_credential(code, issuers(settings), at=NOW, status=lists(settings))
    assert (verdict.valid, verdict.revoked) == (False, True)
    served = client.get("/status.json")
    assert (served.content, served["Content-Type"]) == (published(), "application/json")
    assert certificate.token.encode() not in served.content


def test_status_file_carries_the_offices_certificates_and_no_root(certificate, settings):
    publish(at=NOW)
    root = load_certificate(settings.SIGNING_FOLDER / "root.pem")
    carried = certificates_in(published())
    assert len(carried) == 3
    assert root not in carried


def test_newest_publication_is_served_and_the_old_are_kept_for_a_season(certificate):
    first = publish(at=NOW)
    second = publish(at=NOW + (first.until - first.made_at))
    assert published() == bytes(second.content) != bytes(first.content)
    publish(at=NOW + 30 * (first.until - first.made_at))
    assert StatusPublication.objects.count() == 1


def test_code_of_an_issued_certificate_is_small_enough_to_print(certificate):
    assert len(credential_of(offline_code(certificate))) < 300
