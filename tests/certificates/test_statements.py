"""The certificate as a W3C Verifiable Credential: our reader, a library nobody here wrote, and what a stranger bends."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import jwt
import pytest
from click.testing import CliRunner
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.certificates.models import Certificate
from chuding.certificates.statements import list_address, place_of, statement
from chuding.certificates.statuses import publish
from chuding.decisions.services import revocations
from chuding.paper.commands import verify
from chuding.paper.jose import JoseError, base64url, read
from chuding.paper.keys import load_certificate
from chuding.paper.statement import LIST_LENGTH, encoded_list, is_set, read_statement
from stage import NOW


@pytest.fixture
def certificate(stage, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return Certificate.objects.get(number=stage.file_at(State.ISSUED).certificate_number)


@pytest.fixture
def root(certificate, settings):
    return load_certificate(settings.SIGNING_FOLDER / "root.pem")


@pytest.fixture
def text(certificate):
    return statement(certificate)


def served_list(client, certificate):
    address = json.loads(json.dumps(read(statement(certificate)).payload))["credentialStatus"]["statusListCredential"]
    return client.get("/" + address.split("/", 3)[3])


def test_statement_says_what_the_certificate_says(text, certificate, root, settings):
    verdict = read_statement(text, [root], at=NOW)
    assert (verdict.valid, verdict.signer, verdict.revoked) == (True, "演示协会·文件签名（样张）", None)
    award = json.loads(certificate.award)
    subject = verdict.claims["credentialSubject"]
    assert (subject["name"], subject["certificateNumber"], subject["sample"]) == (
        award["holder_name"], certificate.number, True,
    )  # fmt: skip
    assert award["identity_number"] not in json.dumps(verdict.claims, ensure_ascii=False)
    assert statement(certificate) == text


def test_statement_has_what_the_data_model_demands(text, certificate):
    """VC Data Model 2.0, 4: context first, type, issuer, subject; 4.10 and Bitstring Status List 1.0, 2.1: the entry."""
    jws = read(text)
    assert (jws.header["alg"], jws.header["typ"], jws.header["cty"]) == ("ES256", "vc+jwt", "vc")
    payload = jws.payload
    assert payload["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert payload["type"][0] == "VerifiableCredential"
    assert {"issuer", "validFrom", "credentialSubject", "credentialStatus", "id"} <= set(payload)
    assert not {"iss", "nbf", "vc", "exp"} & set(payload)
    words = {key for key in payload["credentialSubject"] if key != "name"}
    assert words <= set(payload["@context"][1])
    status = payload["credentialStatus"]
    assert (status["type"], status["statusPurpose"]) == ("BitstringStatusListEntry", "revocation")
    assert status["id"] == f"{status['statusListCredential']}#{status['statusListIndex']}"


def test_statement_and_list_hold_to_the_schema_of_the_recommendations(text, certificate, client):
    """A validator nobody here wrote; the schema is ours, from the recommendations' own words (vc.schema.json)."""
    schema = jsonschema_rs.validator_for(json.loads(Path(__file__).with_name("vc.schema.json").read_text("utf-8")))
    publish(at=NOW)
    credential, listed = (read(one).payload for one in (text, served_list_of(client, certificate)))
    assert [error.message for one in (credential, listed) for error in schema.iter_errors(one)] == []
    spoilt = [
        credential | {"@context": credential["@context"][::-1]},
        credential | {"type": [credential["type"][1]]},
        credential | {"validFrom": credential["validFrom"][:-6]},
        credential | {"issuer": {"name": "no identifier"}},
        credential | {"credentialSubject": {}},
        credential | {"credentialStatus": credential["credentialStatus"] | {"statusListIndex": 7}},
        credential | {"vc": {}},
        listed | {"credentialSubject": listed["credentialSubject"] | {"encodedList": "H4sI"}},
    ]
    assert [place for place, one in enumerate(spoilt) if schema.is_valid(one)] == []


def test_library_nobody_here_wrote_verifies_with_the_published_key(text, client):
    """PyJWT, with the key that the issuer's document and the key set publish."""
    issuer = jwt.decode(text, options={"verify_signature": False})["issuer"]["id"]
    document = client.get("/" + issuer.split("/", 3)[3]).json()
    header = jwt.get_unverified_header(text)
    (method,) = [one for one in document["verificationMethod"] if one["id"] == header["kid"]]
    assert (method["controller"], document["assertionMethod"]) == (issuer, [header["kid"]])
    keys = client.get("/.well-known/jwks.json").json()
    assert method["publicKeyJwk"] in keys["keys"]
    key = jwt.PyJWK(method["publicKeyJwk"]).key
    assert jwt.decode(text, key, algorithms=["ES256"])["credentialSubject"]["sample"] is True
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(text[:-8] + "AAAAAAAA", key, algorithms=["ES256"])


def test_revocation_stands_in_the_bitstring_list(certificate, text, root, client, stage):
    publish(at=NOW)
    response = served_list(client, certificate)
    assert response["Content-Type"] == "application/vc+jwt"
    assert read_statement(text, [root], at=NOW, status=response.content.decode()).revoked is False
    proposal = revocations.propose(number=certificate.number, reason="学历不实。", clause="二", by=stage.wu, at=NOW)
    revocations.decide(revocation_id=proposal.pk, agree=True, by=stage.second_signer, at=NOW)
    publish(at=NOW)
    status = served_list_of(client, certificate)
    verdict = read_statement(text, [root], at=NOW, status=status)
    assert (verdict.valid, verdict.revoked) == (False, True)


def served_list_of(client, certificate):
    block, _ = place_of(certificate)
    address = list_address(certificate.office, block)
    return client.get("/" + address.split("/", 3)[3]).content.decode()


def test_list_that_is_old_or_anothers_answers_nothing(certificate, text, root, client):
    made = publish(at=NOW)
    status = served_list_of(client, certificate)
    late = read_statement(text, [root], at=made.until + (made.until - made.made_at), status=status)
    assert (late.valid, late.revoked) == (False, None)
    other = client.get("/issuers/city/status/0").content.decode()
    assert read_statement(text, [root], at=NOW, status=other).reasons[0].startswith("这不是凭证所指的状态表")
    assert read_statement(text, [root], at=NOW, status=text).valid is False
    assert read_statement(text, [root], at=NOW, status="").valid is False


def test_statement_that_was_bent_is_refused(text, root):
    head, body, signature = text.split(".")
    payload = read(text).payload
    payload["credentialSubject"]["level"] = "中级"
    bent = base64url(json.dumps(payload, ensure_ascii=False).encode())
    none = base64url(b'{"alg":"none","typ":"vc+jwt"}')
    variants = [
        f"{head}.{bent}.{signature}",
        f"{none}.{body}.",
        f"{none}.{body}.{signature}",
        text[:-1],
        text + ".",
        "",
        "x",
    ]
    variants += [
        text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :] for place in range(0, len(text), 61)
    ]
    assert [one for one in variants if read_statement(one, [root], at=NOW).valid] == []
    assert read_statement(text, [], at=NOW).valid is False


def test_list_holds_every_place_once():
    places = {place * 48_271 % LIST_LENGTH for place in range(LIST_LENGTH)}
    assert len(places) == LIST_LENGTH
    encoded = encoded_list([0, 7, 8, LIST_LENGTH - 1])
    assert [is_set(encoded, place) for place in (0, 1, 7, 8, 9, LIST_LENGTH - 1)] == [
        True,
        False,
        True,
        True,
        False,
        True,
    ]
    with pytest.raises(JoseError):
        is_set(encoded, LIST_LENGTH)
    with pytest.raises(JoseError):
        is_set("u" + base64url(b"no gzip"), 0)


def test_holder_downloads_it_and_the_command_line_verifies_it(certificate, client, settings, tmp_path, stage):
    file = Application.objects.get(certificate_number=certificate.number)
    client.force_login(file.applicant)
    response = client.get(f"/applications/{file.ref}/certificate.jwt")
    assert (response.status_code, response["Content-Type"]) == (200, "application/vc+jwt")
    publish(at=timezone.now())  # the command line goes by the clock, and lists grow old
    (tmp_path / "c.jwt").write_bytes(response.content)
    (tmp_path / "list.jwt").write_text(served_list_of(client, certificate))
    root = str(settings.SIGNING_FOLDER / "root.pem")
    done = CliRunner().invoke(verify, ["--json", "--offline", "--root", root, str(tmp_path / "c.jwt")])
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["valid"], answer["revoked"]) == (0, True, None)
    with_list = ["--json", "--offline", "--status", str(tmp_path / "list.jwt"), "--root", root, str(tmp_path / "c.jwt")]
    done = CliRunner().invoke(verify, with_list)
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["valid"], answer["revoked"]) == (0, True, False)
    proposal = revocations.propose(number=certificate.number, reason="学历不实。", clause="二", by=stage.wu, at=NOW)
    revocations.decide(revocation_id=proposal.pk, agree=True, by=stage.second_signer, at=NOW)
    publish(at=timezone.now())
    (tmp_path / "list.jwt").write_text(served_list_of(client, certificate))
    done = CliRunner().invoke(verify, with_list)
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["valid"], answer["revoked"]) == (1, False, True)
    (tmp_path / "bad.jwt").write_text("eyJ.x.y")
    done = CliRunner().invoke(verify, ["--offline", "--root", root, str(tmp_path / "bad.jwt")])
    assert (done.exit_code, done.stdout.splitlines()[0][-12:]) == (1, "无效 NOT VALID"[-12:])
