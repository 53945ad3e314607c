"""How `chuding verify --offline` tells its answer: as JSON for programs, in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.paper.credential import Claims, CredentialVerdict
    from chuding.paper.statement import StatementVerdict
    from chuding.paper.verify import Step

_NAMES = {
    "issuer": "发证机关 issuer",
    "number": "证书编号 number",
    "name": "持证人 holder",
    "level": "级别 level",
    "qualification": "资格 qualification",
    "field": "专业 field",
    "qualified_on": "取得时间 since",
    "approved_on": "批准日期 approved",
    "issued_on": "发证日期 issued",
    "status_url": "现行状态 status",
}


def describe_offline(
    given: str, verdict: CredentialVerdict | None, reasons: Iterable[str], same_holder: bool | None = None
) -> dict[str, Any]:
    """One code's answer as JSON-ready values; the schema that other programs rely on.

    `revoked` and `same_holder` are null where nothing was asked: null is never read as no.
    """
    claims = verdict.claims if verdict else None
    return {
        "given": given,
        "valid": verdict is not None and verdict.valid and same_holder is not False,
        "reasons": list(reasons),
        "signer": verdict.signer if verdict else None,
        "revoked": verdict.revoked if verdict else None,
        "replaced_by": verdict.replaced_by if verdict else None,
        "status_at": verdict.status_at.isoformat() if verdict and verdict.status_at else None,
        "same_holder": same_holder,
        "sample": claims.sample if claims else None,
        "claims": _claims(claims) if claims else None,
        "steps": described(verdict.steps if verdict else ()),
    }


def describe_statement(given: str, verdict: StatementVerdict | None, reasons: Iterable[str]) -> dict[str, Any]:
    """One Verifiable Credential's answer as JSON-ready values; `claims` is its payload, `revoked` null where not asked."""
    return {
        "given": given,
        "valid": verdict is not None and verdict.valid,
        "reasons": list(reasons),
        "signer": verdict.signer if verdict else None,
        "revoked": verdict.revoked if verdict else None,
        "claims": verdict.claims if verdict else None,
        "steps": described(verdict.steps if verdict else ()),
    }


def lines_statement(answer: dict[str, Any]) -> Iterable[str]:
    """The same for a person at a terminal."""
    yield f"{answer['given']}: {'有效 VALID' if answer['valid'] else '无效 NOT VALID'}"
    yield from step_lines(answer)
    if answer["claims"]:
        yield f"  签署者 signer: {answer['signer']}"
        yield from (f"  {key}: {value}" for key, value in answer["claims"]["credentialSubject"].items())


_MARKS = {True: "✓", False: "✗", None: "–"}


def described(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Numbered steps as JSON-ready values; `ok` is null for a step that was not examined."""
    return [{"number": step.number, "name": step.name, "ok": step.ok, "sentence": step.sentence} for step in steps]


def step_lines(answer: dict[str, Any]) -> Iterable[str]:
    """The steps of an answer for a person at a terminal, or its reasons where it has none."""
    for step in answer["steps"]:
        yield f"  {_MARKS[step['ok']]} {step['number']} {step['sentence']}"
    if not answer["steps"]:
        yield from (f"  ✗ {reason}" for reason in answer["reasons"])


def _claims(claims: Claims) -> dict[str, str]:
    return {
        "issuer": claims.issuer,
        "number": claims.number,
        "name": claims.masked_name,
        "level": claims.level,
        "qualification": claims.qualification,
        "field": claims.field,
        "qualified_on": claims.qualified_on.isoformat(),
        "approved_on": claims.approved_on.isoformat(),
        "issued_on": (claims.issued_on or claims.approved_on).isoformat(),
        "status_url": claims.status_url,
    }


def lines_offline(answer: dict[str, Any]) -> Iterable[str]:
    """The same answer for a person at a terminal."""
    given = answer["given"]
    shown = given if len(given) <= 60 else f"{given[:57]}…"
    yield f"{shown}: {'有效 VALID' if answer['valid'] else '无效 NOT VALID'}"
    yield from step_lines(answer)
    if answer["claims"]:
        yield from (f"  {_NAMES[key]}: {value}" for key, value in answer["claims"].items())
        yield f"  签署者 signer: {answer['signer']}"
        yield _status_line(answer)
    if answer["same_holder"] is not None:
        yield f"  {'✓ 姓名和证件号码相符。' if answer['same_holder'] else '✗ 姓名或证件号码不符。'}" + (
            "The person matches." if answer["same_holder"] else "The person does not match."
        )
    if answer["sample"]:
        yield "  演示证书签发的样张，没有法律效力。Signed with a demonstration certificate: a sample without legal effect."


def _status_line(answer: dict[str, Any]) -> str:
    if answer["revoked"] is None:
        return "  ？ 是否已撤销：没有可用的状态表，不知道。Whether it was revoked is not known: no current status list."
    if answer["replaced_by"]:
        return f"  状态表 status list {answer['status_at']}: 已换发 REPLACED → {answer['replaced_by']}"
    word = "已撤销 REVOKED" if answer["revoked"] else "没有撤销 not revoked"
    return f"  状态表 status list {answer['status_at']}: {word}"
