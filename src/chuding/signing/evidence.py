"""Does a decision stand behind this signature? Looked up in the register and the ledger, not taken from whoever asks.

A certificate, and the form that goes with it, needs a roster that its office's signer signed as it now stands, a file on it, and two people in the ledger who
decided on that file; what the award says must be what the file says. A list of the register is made again here and compared.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from chuding.accounts.masking import mask_name
from chuding.certificates.models import Certificate, Standing
from chuding.certificates.statements import list_payload, payload_of
from chuding.certificates.statuses import ended_addresses
from chuding.decisions.contents import list_digest
from chuding.decisions.models import Roster, RosterEntry, RosterState
from chuding.decisions.workflow import RosterAction
from chuding.ledger.models import Entry
from chuding.ledger.record import entries_about
from chuding.paper import cms, cose, jose
from chuding.paper.credential import CredentialError, claims_of
from chuding.paper.mandate import SignerRefused
from chuding.paper.statement import KIND
from chuding.paper.status import digests_in, digests_of
from chuding.storage.clock import SHANGHAI, today

if TYPE_CHECKING:
    from cryptography import x509

    from chuding.applications.models import Application
    from chuding.paper.mandate import Mandate

# Acts in which a person decides on somebody's file.
DECIDING = frozenset({"recommend", "confirm", "approve"})
# A certificate that replaces another says something else than the file: two people changed it.
CHANGING = frozenset(
    {"propose_replacement", "confirm_replacement", "propose_correction", "confirm_correction", "replace_certificate"}
)
LETTERS = {
    "receipt": frozenset({"submit", "endorse", "resubmit"}),
    "correction": frozenset({"send_back"}),
    "refusal": frozenset({"refuse"}),
    "appeal": frozenset({"uphold", "annul"}),
}
_PEOPLE = 2
_STEPS = 3


class Evidence:
    """The desk's own look at the site's records. A roster that was found decided is remembered by its digest."""

    def __init__(self) -> None:
        self._decided: dict[tuple[int, str], str] = {}

    def require(self, office: str, mandate: Mandate, data: bytes, leaf: x509.Certificate) -> None:
        """Raise SignerRefused, in words, unless the mandate holds and `data` has the form that its purpose has."""
        match mandate.purpose:
            case "certificate" | "form":
                _is_a_file(data, leaf)
                self._award(office, mandate)
            case "credential":
                _is_credential_of(self._award(office, mandate), data, leaf)
            case "document":
                _is_a_file(data, leaf)
                self._roster(office, Roster.objects.filter(ref=mandate.subject[1]).first())
            case "letter":
                _is_a_file(data, leaf)
                _letter(mandate)
            case "status":
                _is_status_list(office, data)
            case "statement":
                _is_statement(office, mandate, data, leaf)
            case _:
                raise SignerRefused("签名服务不认识这种用途。")

    def _award(self, office: str, mandate: Mandate) -> dict[str, Any]:
        award = json.loads(mandate.claim)
        entry = (
            RosterEntry.objects.select_related("application", "roster")
            .filter(application__number=award["application_number"])
            .first()
        )
        if entry is None:
            raise SignerRefused("没有发文名单写着这件申报。")
        self._roster(office, entry.roster)
        application = entry.application
        said = (award["level"], award["holder_name"], award["identity_number"])
        if said != (application.level, application.full_name, application.identity_number) and not _changed(
            application
        ):
            raise SignerRefused("证书内容与批准的申报不一致，也没有两个人办理的更正。")
        if award["office"] != office or award["issuer"] != settings.OFFICE_NAMES[office]:
            raise SignerRefused("证书写的发证机关不对。")
        return dict(award)

    def _roster(self, office: str, roster: Roster | None) -> None:
        """The roster was signed for this office, as it stands, and two people decided on each file of it."""
        if roster is None or roster.office != office:
            raise SignerRefused("没有这个单位的发文名单。")
        if roster.state in {RosterState.DRAFT, RosterState.VERIFIED} or roster.signed_by_id is None:
            raise SignerRefused("名单还没有签发。")
        three = {roster.drafted_by_id, roster.verified_by_id, roster.signed_by_id} - {None}
        if len(three) < _STEPS and not roster.predates_verification:
            raise SignerRefused("发文没有经过拟稿、核稿、签发三个人。")
        if self._decided.get((roster.pk, roster.list_digest)) == roster.ref:
            return
        files = {entry.application.ref: entry.application for entry in roster.entries.select_related("application")}
        acts = list(entries_about(("roster", roster.ref)))
        drafted = [act.data.get("numbers") for act in acts if act.action == RosterAction.DRAFT]
        # What is issued moves on, so its files' versions differ from the list that was signed; who is on it does not.
        as_signed = roster.state == RosterState.ISSUED or list_digest(roster) == roster.list_digest
        if drafted != [[application.number for application in files.values()]] or not as_signed:
            raise SignerRefused("名单与签发时不一致。")
        signed = [
            act.data.get("list_digest")
            for act in acts
            if act.action == RosterAction.SIGN and act.by_id == roster.signed_by_id
        ]
        if roster.list_digest not in signed:
            raise SignerRefused("账本里没有签发这份名单的记录。")
        people: dict[str, set[int]] = {ref: set() for ref in files}
        for ref, by in Entry.objects.filter(
            subject_kind="application", subject_ref__in=list(files), action__in=DECIDING
        ).values_list("subject_ref", "by"):
            people[ref].add(by)
        for ref, application in files.items():
            if len(people[ref] - {application.applicant_id, None}) < _PEOPLE:
                raise SignerRefused(f"申报 {application.number} 没有两个人的审核记录。")
        self._decided[roster.pk, roster.list_digest] = roster.ref


def _changed(application: Application) -> bool:
    acts = Entry.objects.filter(
        subject_kind="certificate", subject_ref=application.certificate_number or "-", action__in=CHANGING
    )
    return len(set(acts.values_list("by", flat=True)) - {application.applicant_id, None}) >= _PEOPLE


def _letter(mandate: Mandate) -> None:
    acts = set(entries_about(mandate.subject).values_list("action", flat=True))
    if not acts or not acts & LETTERS.get(mandate.claim, acts):
        raise SignerRefused("账本里没有这份文书所依据的记录。")


def _is_a_file(data: bytes, leaf: x509.Certificate) -> None:
    """What is signed for a PDF is its digest and our certificate's, in one form: nothing else can be had under this name."""
    try:
        cms.digest_in(data, leaf)
    except cms.CmsError as error:
        raise SignerRefused("要签的内容不是文件摘要。") from error


def _payload(data: bytes) -> bytes:
    """What a COSE signature is over (RFC 9052 4.4)."""
    try:
        match cose.decode(data):
            case ["Signature1", bytes(), b"", bytes() as payload]:
                return payload
    except cose.CoseError as error:
        raise SignerRefused("要签的内容不是凭证。") from error
    raise SignerRefused("要签的内容不是凭证。")


def _is_credential_of(award: dict[str, Any], data: bytes, leaf: x509.Certificate) -> None:
    try:
        claims = claims_of(_payload(data))
    except (CredentialError, cose.CoseError) as error:
        raise SignerRefused("要签的内容不是凭证。") from error
    said = (claims.issuer, claims.level, claims.qualification, claims.masked_name, claims.sample)
    decided = (
        award["issuer"], award["level"], award["qualification"], mask_name(award["holder_name"]), settings.DEMONSTRATION,
    )  # fmt: skip
    if said != decided or claims.approved_on.isoformat() != award["approved_on"]:
        raise SignerRefused("凭证内容与批准的不一致。")
    begun = leaf.not_valid_before_utc.astimezone(SHANGHAI).date()
    if claims.issued_on is not None and not begun <= claims.issued_on <= today():
        raise SignerRefused("凭证写的发证日期不对。")


def _is_statement(office: str, mandate: Mandate, data: bytes, leaf: x509.Certificate) -> None:
    """A credential or a status list as the register gives it now, word for word."""
    head, _, body = data.decode("ascii").partition(".")
    header, payload = (json.loads(jose.from_base64url(part)) for part in (head, body))
    match mandate.subject:
        case ("certificate", number):
            found = Certificate.objects.filter(number=number, office=office, standing=Standing.VALID).first()
            expected = payload_of(found, leaf) if found else None
        case ("status", block):
            since, until = (datetime.fromisoformat(payload[key]) for key in ("validFrom", "validUntil"))
            expected = list_payload(office, int(block), since=since, until=until)
        case _:
            expected = None
    if expected is None or payload != expected or header.get("typ") != KIND:
        raise SignerRefused("凭证内容与登记簿不一致。")


def _is_status_list(office: str, data: bytes) -> None:
    """The list must be the one that the register gives now: a revocation can be neither left out nor invented."""
    found = digests_in(_payload(data))
    if found is None or found != (settings.OFFICE_NAMES[office], digests_of(ended_addresses(office))):
        raise SignerRefused("状态表与登记簿不一致。")
