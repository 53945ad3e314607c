"""The main job in one call: one junior and one intermediate applicant, from self-check to a verified certificate.

Everything goes through the services that the pages call, on the site's own database; no browser is needed.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings

from chuding.accounts.consent import give_consent, purposes
from chuding.accounts.models import Employer, Person
from chuding.accounts.people import phone_index
from chuding.accounts.services import redeem_code, send_code
from chuding.applications.models import Application, Verdict
from chuding.applications.services import drafting, employer, review, submission
from chuding.applications.services.viewing import note_pages
from chuding.applications.translate import assess_file, local_day
from chuding.applications.uploads import take_in
from chuding.applications.workflow import State
from chuding.certificates.models import Certificate
from chuding.certificates.verification import look_up
from chuding.connectors.sms import OutboxGateway
from chuding.connectors.social_insurance import social_insurance
from chuding.decisions.services import rosters
from chuding.demonstration.cast import OFFICERS, UNIT, UNITS, Character, characters, resident_number
from chuding.demonstration.papers import sample_paper
from chuding.demonstration.town import Town, fill_in
from chuding.jobs.worker import run_pending
from chuding.messages.models import Message
from chuding.notices.shelf import current
from chuding.paper.keys import load_certificate
from chuding.paper.verify import verify_pdf
from chuding.policy.terms import Level
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _applicant(level: str, number: int) -> Character:
    """A new invented person each time, so that the command can be run as often as one likes."""
    model = next(c for c in characters() if c.level == level and UNIT[c.unit].clerk == (level == "助理级"))
    born = date(1994, 1, 1) + timedelta(days=secrets.randbelow(360))
    identity_number = resident_number(born, secrets.randbelow(900) + 100)
    name = {"助理级": "林知夏", "中级": "高望舒"}[level]
    identity = model.identity | {
        "full_name": name,
        "identity_number": identity_number,
        "born_on": born,
        "sex": "女" if int(identity_number[16]) % 2 == 0 else "男",
    }
    return replace(model, name=name, phone=f"198{number:08d}", identity=identity)


class NotThroughError(RuntimeError):
    """The two cases could not be carried through; the sentence says what did not come."""


def _until(holds: Callable[[], bool], otherwise: str, seconds: int = 60) -> None:
    """Run what is due, here or in the site's own worker, until something holds; `NotThroughError` says what did not come.

    One job at a time: a site that has just been filled has hundreds waiting, the urgent ones first.
    """
    for _ in range(seconds * 4):
        while run_pending(now(), most=1):
            if holds():
                return
        if holds():
            return
        time.sleep(0.25)
    raise NotThroughError(otherwise)


def _code_of(phone: str) -> str:
    """The newest sign-in code of a phone, read where a visitor of the demonstration reads it; empty before it came."""
    for sent in OutboxGateway(**settings.SMS_GATEWAY["options"]).last(1000):
        if sent.phone == phone and (found := re.search(r"验证码(\d{6})", sent.text)):
            return found[1]
    return ""


def _sign_in(who: Character, at: datetime) -> Person:
    """By SMS code."""
    session = secrets.token_urlsafe(16)
    send_code(phone=who.phone, session_key=session, ip="127.0.0.1", purpose="sign_in", at=at)
    _until(lambda: bool(_code_of(who.phone)), "没有等到短信验证码")
    person = redeem_code(phone=who.phone, session_key=session, code=_code_of(who.phone), purpose="sign_in", at=now())
    give_consent(person=person, keys=[p.key for p in purposes() if p.required], at=at)
    return person


class Stage:
    """The site as the two cases find it: the town's officers and employers, made now if this is a fresh database."""

    def __init__(self) -> None:
        self.town = Town(now())
        if not Employer.objects.exists():
            self.town.found()
            return
        codes = {unit.code: unit.key for unit in UNITS}
        for row in Employer.objects.filter(uscc__in=codes):
            self.town.employers[codes[row.uscc]] = row
        for officer in OFFICERS:
            self.town.officers[officer.name] = Person.objects.get(phone_index=phone_index(officer.phone))

    def one_case(self, level: str, out: Path) -> dict[str, Any]:
        """Drive one person through everything and leave the papers in `out`."""
        who = _applicant(level, secrets.randbelow(10**8))
        at = now()
        person = _sign_in(who, at)
        file = drafting.start(notice=self.town.notice, by=person, at=at)
        self._fill(file.ref, who, person, at)
        connector = social_insurance(settings.SOCIAL_INSURANCE)
        file = submission.submit(ref=file.ref, connector=connector, by=person, at=now())
        if file.life is State.EMPLOYER:
            employer.endorse(ref=file.ref, version=file.version, by=self.town.clerk(who.unit), at=now())
        self._decide(file.ref, level)
        _until(lambda: Application.objects.get(ref=file.ref).life is State.ISSUED, "没有等到证书")
        return self._papers(Application.objects.get(ref=file.ref), level, out)

    def _fill(self, ref: str, who: Character, person: Person, at: datetime) -> None:
        fill_in(self.town, ref, who, person, at, upto=5)
        codes = ["1", "2", "3", "5"] if who.insured is not True else ["1", "2", "3"]
        if who.employer.get("established_post"):
            codes.append("4")
        for code in sorted({*codes, "5"}):
            pdf = sample_paper(who, code, fonts=self.town.fonts, at=at)
            upload = take_in([pdf], code=code, name=f"材料{code}.pdf")
            drafting.attach_material(ref=ref, upload=upload, by=person, at=at)
        drafting.commit(ref=ref, name=who.name, by=person, at=at)

    def _decide(self, ref: str, level: str) -> None:
        reviewer = self.town.officer("association", "reviewer")
        office = "city" if level == "中级" else "association"
        signer = self.town.officer(office, "signer")
        file = review.take(ref=ref, by=reviewer, at=now())
        for material in file.current_materials():
            note_pages(application=file, pages={material.ref: range(1, material.pages + 1)}, by=reviewer, at=now())
            fit = review.Judgement(Verdict.FIT)
            review.judge_material(ref=ref, material_ref=material.ref, judgement=fit, by=reviewer, at=now())
        review.recommend(ref=ref, favourable=True, text="", by=reviewer, at=now())
        review.confirm(ref=ref, text="", by=self.town.officer("association", "rechecker"), at=now())
        review.approve(ref=ref, by=signer, at=now())
        roster = rosters.draft(refs=[ref], by=self.town.officer(office, "drafter"), at=now())
        self.town.sign(roster, now())

    def _papers(self, file: Application, level: str, out: Path) -> dict[str, Any]:
        key = {"助理级": "junior", "中级": "intermediate"}[level]
        certificate = Certificate.objects.get(number=file.certificate_number)
        document = file.roster_entry.roster.document
        for kind, digest in (
            ("certificate", certificate.file),
            ("declaration", file.declaration_file),
            ("document", document.file),
        ):
            shutil.copyfile(store().path(digest), out / f"{kind}-{key}.pdf")
        root = load_certificate(settings.SIGNING_FOLDER / "root.pem")
        verdict = verify_pdf(store().path(certificate.file).read_bytes(), [root], at=now())
        report = assess_file(file, local_day(file.submitted_at or now()))
        answer = look_up(certificate.token, at=now())
        return {
            "level": level,
            "application_number": file.number,
            "document_number": document.number,
            "certificate_number": certificate.number,
            "clauses": list(report.levels[Level(level)].clauses),
            "state": file.state,
            "sms": list(Message.objects.filter(person=file.applicant).order_by("id").values_list("text", flat=True)),
            "certificate_valid": verdict.valid,
            "certificate_reasons": list(verdict.reasons),
            "public_answer": answer.to_json(),
            "notice": file.notice_id,
            "notice_digest": file.notice_digest,
        }


def drive(out: Path) -> dict[str, Any]:
    """Drive one junior and one intermediate case; write the six PDFs and summary.json into `out`; return the summary."""
    out.mkdir(parents=True, exist_ok=True)
    stage = Stage()
    cases = [stage.one_case(level, out) for level in ("助理级", "中级")]
    summary = {"notice": current(now()).id, "made_at": now().isoformat(timespec="seconds"), "cases": cases}
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return summary
