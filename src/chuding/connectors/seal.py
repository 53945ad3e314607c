"""The state's electronic seal (GB/T 38540-2020: SM2 keys, seals on OFD and PDF): what a seal service is asked and answers. Pure.

Only a seal that the state's seal system issued is official (国令716 art. 9-10); nothing here draws or imitates one. Without a
service in the settings there is no sealed version, and certificates say that they bear no statutory electronic seal.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from chuding.connectors.choice import WrongChoiceError, make
from chuding.connectors.signed_http import Account, NoAnswerError, RefusedError, post

if TYPE_CHECKING:
    from collections.abc import Mapping

# GM/T 0006: SM2 with SM3.
_SM2_WITH_SM3 = "1.2.156.10197.1.501"
_LARGEST = 20 * 1024 * 1024
_FORMATS = {"pdf": b"%PDF-", "ofd": b"PK\x03\x04"}


class SealUnavailable(Exception):  # noqa: N818 - it says how the service is
    """The seal service did not seal now; asking again with the same reference may help."""


class SealRefused(Exception):  # noqa: N818 - it says what the service did
    """The seal service will not seal this, or its answer is not what was asked for: a person must look."""


@dataclass(frozen=True, slots=True)
class SealedPaper:
    """The sealed file, and what the seal says of itself (GB/T 38540 6.1, 7.1): for the register, judged by the service."""

    file: bytes
    seal_id: str
    seal_name: str
    signed_at: datetime


class SealService(Protocol):
    """Puts an office's official seal on a finished paper."""

    def seal(self, paper: bytes, *, seal_id: str, form: str, reference: str) -> SealedPaper:
        """The paper with the seal of this identifier; `form` is pdf or ofd, `reference` names this act once and for all.

        Asking again with the same reference gives the same sealed file. Raises SealRefused or SealUnavailable.
        """


class HttpSealService:
    """A seal service behind an adapter that speaks our signed HTTP: one POST, `{esID, form, digest, reference, file}`.

    The answer's fields carry the names of GB/T 38540: `esID`, `name`, `signAlgID`, `timeInfo`, `dataHash` (SM3 or SHA-256
    of the paper that was sealed, here SHA-256) and the sealed `file` in base 64.
    """

    def __init__(
        self,
        url: str,
        key: str,
        secret_variable: str = "CHUDING_SEAL_SECRET",  # noqa: S107 - a variable's name
        timeout: float = 30.0,
    ) -> None:
        self._account = Account(url, key, secret_variable, timeout, longest_answer=2 * _LARGEST)

    def seal(self, paper: bytes, *, seal_id: str, form: str, reference: str) -> SealedPaper:
        """Ask once; the answer must be about this paper and this seal, by SM2, in the form that was asked for."""
        digest = hashlib.sha256(paper).hexdigest()
        question = {
            "esID": seal_id,
            "form": form,
            "digest": digest,
            "reference": reference,
            "file": base64.b64encode(paper).decode("ascii"),
        }
        try:
            answer = post(self._account, question)
        except NoAnswerError as error:
            raise SealUnavailable(f"签章服务没有应答：{error}") from error
        except RefusedError as error:
            raise SealRefused(f"签章服务拒绝了请求（{error.code}）") from error
        return _examined(answer, seal_id=seal_id, form=form, digest=digest)


def _examined(answer: dict[str, Any], *, seal_id: str, form: str, digest: str) -> SealedPaper:
    if (answer.get("esID"), answer.get("dataHash")) != (seal_id, digest):
        raise SealRefused("签章服务的答复不是关于这份文件和这枚印章的")
    if answer.get("signAlgID") != _SM2_WITH_SM3:
        raise SealRefused("签章不是用国密算法（SM2/SM3）作出的")
    try:
        file = base64.b64decode(answer["file"], validate=True)
        signed_at = datetime.fromisoformat(answer["timeInfo"])
        name = str(answer["name"])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise SealRefused("签章服务的答复看不懂") from error
    if not file.startswith(_FORMATS[form]) or len(file) > _LARGEST or signed_at.tzinfo is None or not name:
        raise SealRefused("签章服务的答复看不懂")
    return SealedPaper(file, seal_id, name, signed_at)


@dataclass(frozen=True, slots=True)
class SealOf:
    """The seal of one office: the service, the seal's identifier there (esID), and the form in which it gives sealed files."""

    service: SealService
    seal_id: str
    form: str


def seal_of(choice: Mapping[str, Any] | None, office: str) -> SealOf | None:
    """What the setting SEAL_SERVICE says for an office; None without a service, or where it has no seal for this office.

    Beside `class` and `options`: `seals` (office → esID) and `form` (pdf or ofd). Raises choice.WrongChoiceError.
    """
    service = seal_service(choice)
    if choice is None or service is None:
        return None
    seals, form = choice.get("seals"), choice.get("form", "pdf")
    if not isinstance(seals, dict) or form not in _FORMATS:
        raise WrongChoiceError("SEAL_SERVICE needs `seals` (office to esID) and a `form` of pdf or ofd")
    return SealOf(service, str(seals[office]), form) if seals.get(office) else None


def seal_service(choice: Mapping[str, Any] | None) -> SealService | None:
    """The connector that the setting SEAL_SERVICE names; None where there is none. Raises choice.WrongChoiceError."""
    return cast("SealService", make(choice)) if choice else None
