"""Fill a fresh database with the invented town, through the same services that the pages call, in the order of time."""

from __future__ import annotations

import heapq
import json
import secrets
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F

from chuding.accounts import factors
from chuding.accounts.appointments import add_employer, add_person, appoint, appoint_clerk
from chuding.accounts.consent import give_consent, purposes
from chuding.accounts.services import set_password
from chuding.applications.models import NO_UNIT, Application, Verdict
from chuding.applications.services import appealing, drafting, employer, review, submission
from chuding.applications.services.viewing import note_pages
from chuding.applications.translate import local_day
from chuding.applications.workflow import State
from chuding.connectors.social_insurance import EmbeddedSocialInsurance
from chuding.decisions.contents import list_digest
from chuding.decisions.services import issuing, revocations, rosters
from chuding.demonstration.cast import OFFICERS, UNIT, UNITS, Character, characters
from chuding.demonstration.next_year import begin_next_year
from chuding.demonstration.papers import sample_paper
from chuding.jobs.models import Job
from chuding.notices.shelf import current
from chuding.paper.glyphs import fonts_folder
from chuding.storage.clock import SHANGHAI
from chuding.storage.files import store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from chuding.accounts.models import Employer, Person
    from chuding.decisions.models import Roster

_BEHIND = 20
_AFTER_SUBMIT = {State.EMPLOYER, State.EMPLOYER_RETURNED, State.RECEIVED, State.WITHDRAWN}
_DEFECTS = {
    "2": ("证书编号看不清。请重新扫描，或改传学信网电子注册备案表。", "number-unreadable"),
    "3": ("工作总结里的工作时间与填写的工作经历不一致。请核对以后更正。", "time-differs"),
}
# What the reviewer marks on the work summary of somebody who is refused: the decision shows it as its evidence (A17).
_AGAINST = ("3", "工作总结里写的上岗时间，到申报之日不满1年。", [[1, 80, 205, 840, 50]])
_REFUSED = {State.REFUSED, State.APPEALED}
_SENT_BACK = {State.CORRECTION, State.EXPIRED, State.LEAD}


def demonstration_password() -> str:
    """The password of the demonstration's officers: made once for this data folder, shown by `make run`, in no file of ours."""
    file = settings.DATA_FOLDER / "demonstration-password.txt"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"zj-{secrets.token_urlsafe(9)}", encoding="ascii")
    return file.read_text(encoding="ascii")


class Town:
    """The stage manager: knows the officers, drives each person's life, and signs rosters on their days."""

    def __init__(self, at: datetime) -> None:
        self.began = at
        self.notice = current(at)
        self.insurance = EmbeddedSocialInsurance(settings.SOCIAL_INSURANCE["options"]["file"])
        self.officers: dict[str, Person] = {}
        self.employers: dict[str, Employer] = {}

    @cached_property
    def fonts(self) -> Path:
        """The faces that sample papers are set in: looked through, which takes a moment, when the first paper is."""
        return fonts_folder(settings.DATA_FOLDER)

    def found(self) -> None:
        """Employers, officers and what the embedded social insurance knows."""
        for unit in UNITS:
            self.employers[unit.key] = add_employer(
                name=unit.name, uscc=unit.code, kind=unit.kind, verified=True, at=self.began
            )
        for officer in OFFICERS:
            person = add_person(phone=officer.phone, name=officer.name, at=self.began)
            give_consent(person=person, keys=[p.key for p in purposes() if p.required], at=self.began)
            self.officers[officer.name] = person
            set_password(person=person, password=demonstration_password(), current=None, at=self.began)
            if officer.duty:
                appoint(person=person, office=officer.office, duty=officer.duty, at=self.began)
                authenticator = factors.begin(person=person, at=self.began)
                factors.confirm(person=person, code=factors.code_at(authenticator, self.began), at=self.began)
            if officer.unit:
                appoint_clerk(person=person, employer=self.employers[officer.unit], at=self.began)

    def officer(self, office: str, duty: str) -> Person:
        """The first officer with this duty."""
        return self.officers[next(o.name for o in OFFICERS if (o.office, o.duty) == (office, duty))]

    def clerk(self, unit: str) -> Person:
        """The clerk of an employer."""
        return self.officers[next(o.name for o in OFFICERS if o.unit == unit)]

    def life_of(self, who: Character) -> Iterator[datetime]:
        """One person's acts, each yielded with its moment before it happens."""
        at = who.starts
        yield at
        person = add_person(phone=who.phone, name=who.name, at=at)
        give_consent(person=person, keys=[p.key for p in purposes() if p.required], at=at)
        file = drafting.start(notice=self.notice, by=person, at=at)
        fill_in(self, file.ref, who, person, at, upto=3 if who.goal is State.DRAFT and who.starts.day % 2 else 7)
        if who.goal is State.DRAFT:
            return
        at += timedelta(minutes=38)
        yield at
        submission.submit(ref=file.ref, connector=self.insurance, by=person, at=at)
        if who.goal is State.WITHDRAWN:
            at += timedelta(days=2)
            yield at
            submission.withdraw(ref=file.ref, by=person, at=at, reason="工作单位有变动，想核实后再报")
            return
        yield from self._through_employer(file, who, at)

    def _through_employer(self, file: Application, who: Character, at: datetime) -> Iterator[datetime]:
        if UNIT[who.unit].clerk:
            if who.goal is State.EMPLOYER:
                return
            at += timedelta(hours=22)
            yield at
            seen = Application.objects.get(ref=file.ref).version
            if who.goal is State.EMPLOYER_RETURNED:
                why = "岗位名称与劳动合同不一致，请改为“工艺员”。"
                employer.return_to_applicant(ref=file.ref, version=seen, reason=why, by=self.clerk(who.unit), at=at)
                return
            employer.endorse(ref=file.ref, version=seen, by=self.clerk(who.unit), at=at)
        if who.goal in _AFTER_SUBMIT:
            return
        at += timedelta(days=2, hours=3)
        yield at
        yield from self._through_review(file, who, at)

    def _through_review(self, file: Application, who: Character, at: datetime) -> Iterator[datetime]:
        reviewer = self.officer("association", "reviewer")
        review.take(ref=file.ref, by=reviewer, at=at)
        if who.goal is State.REVIEWING:
            return
        pages = {m.ref: range(1, m.pages + 1) for m in file.current_materials()}
        note_pages(application=file, pages=pages, by=reviewer, at=at)
        at += timedelta(minutes=9)
        yield at
        defect = "2" if who.goal in _SENT_BACK else ""
        against = who.goal in _REFUSED
        self._judge(file, reviewer, defect, at, against=against)
        if who.goal is State.LEAD:
            yield from self._through_a_second_return(file, who, at)
            return
        if defect:
            review.send_back(ref=file.ref, defects=review.Defects(), by=reviewer, at=at)
            if who.goal is State.EXPIRED:
                at += timedelta(days=40)
                yield at
                review.close_overdue(ref=file.ref, reason="逾期未补正，已电话提醒两次。", by=reviewer, at=at)
            return
        text = "见习尚不满1年，不符合二（二）或二（一）。" if against else ""
        if who.goal is State.SECOND:
            text = "单位证明实习期已在本专业岗位，合计满1年，建议通过。"
        review.recommend(ref=file.ref, favourable=not against, text=text, by=reviewer, at=at)
        if who.goal is not State.SECOND:
            yield from self._through_decision(file, who, at)

    def _judge(self, file: Application, reviewer: Person, defect: str, at: datetime, *, against: bool = False) -> None:
        """Every document judged fit, but the one of this code; `against` the person, what speaks against them is marked."""
        for material in file.current_materials():
            judgement = review.Judgement(Verdict.FIT)
            if material.code == defect:
                judgement = review.Judgement(Verdict.DEFECT, *_DEFECTS[defect], [[1, 540, 640, 400, 60]])
            elif against and material.code == _AGAINST[0]:
                judgement = review.Judgement(Verdict.DEFECT, _AGAINST[1], marks=_AGAINST[2])
            review.judge_material(ref=file.ref, material_ref=material.ref, judgement=judgement, by=reviewer, at=at)

    def _through_a_second_return(self, file: Application, who: Character, at: datetime) -> Iterator[datetime]:
        """Sent back, mended, and wanting again: the lead is asked."""
        reviewer = self.officer("association", "reviewer")
        review.send_back(ref=file.ref, defects=review.Defects(), by=reviewer, at=at)
        at += timedelta(days=1, hours=5)
        yield at
        person = file.applicant
        pdf = sample_paper(who, "2", fonts=self.fonts, at=at)
        upload = drafting.Upload(
            code="2", name="材料2（重新扫描）.pdf", digest=store().put(pdf), size=len(pdf), pages=1
        )
        drafting.attach_material(ref=file.ref, upload=upload, by=person, at=at)
        submission.resubmit(ref=file.ref, by=person, at=at)
        at += timedelta(hours=4)
        yield at
        review.take(ref=file.ref, by=reviewer, at=at)
        pages = {m.ref: range(1, m.pages + 1) for m in file.current_materials()}
        note_pages(application=file, pages=pages, by=reviewer, at=at)
        self._judge(file, reviewer, "3", at)
        missed = "上次只核对了学历证书，没有看工作总结里的工作时间。"
        review.send_back(ref=file.ref, defects=review.Defects(missed=missed), by=reviewer, at=at)

    def _through_decision(self, file: Application, who: Character, at: datetime) -> Iterator[datetime]:
        if who.goal is State.RECHECK:
            return
        at += timedelta(days=1, hours=2)
        yield at
        rechecker = self.officer("association", "rechecker")
        if who.goal in _REFUSED:
            clause = "二(一)" if who.level == "员级" else "二(二)"
            review.refuse(
                ref=file.ref, clause=clause, reason="至申报之日在本专业技术岗位见习不满1年。", by=rechecker, at=at
            )
            if who.appeals or who.goal is State.APPEALED:
                yield from self._through_appeal(file, who, at)
            return
        review.confirm(ref=file.ref, text="", by=rechecker, at=at)
        if who.goal in {State.SIGNING, State.CITY}:
            return
        at += timedelta(days=3, hours=1)
        yield at
        office = "city" if who.level == "中级" else "association"
        review.approve(ref=file.ref, by=self.officer(office, "signer"), at=at)

    def _through_appeal(self, file: Application, who: Character, at: datetime) -> Iterator[datetime]:
        """Asked to be looked at again; where the refusal stands, by the lead, who had no part in it."""
        at += timedelta(days=2, hours=4)
        yield at
        reason = "劳动合同上的上岗日期早于系统里填写的日期，见习应当从合同日期算起，合同已经交给单位核对。"
        appealing.appeal(ref=file.ref, reason=reason, by=file.applicant, at=at)
        if who.goal is State.APPEALED:
            return
        at += timedelta(days=3, hours=2)
        yield at
        answer = "已向单位核对劳动合同和考勤，上岗日期与申报填写的一致，至申报之日见习不满1年，维持原决定。"
        lead = self.officer("association", "lead")
        appealing.decide_appeal(ref=file.ref, upheld=True, answer=answer, by=lead, at=at)

    def roster_day(self, office: str, at: datetime) -> Iterator[datetime]:
        """On its day an office puts everyone approved on a roster and issues the document."""
        yield at
        refs = list(rosters.waiting_for_roster(office, local_day(at)).values_list("ref", flat=True))
        if not refs:
            return
        roster = rosters.draft(refs=refs, by=self.officer(office, "drafter"), at=at)
        at += timedelta(minutes=25)
        yield at
        self.sign(roster, at)
        issuing.issue_roster(ref=roster.ref, at=at)

    def sign(self, roster: Roster, at: datetime) -> Roster:
        """Verified by the office's second signer, signed by its first."""
        first, second = self.signers(roster.office)
        rosters.verify(ref=roster.ref, seen=list_digest(roster), by=second, at=at)
        return rosters.sign(ref=roster.ref, seen=list_digest(roster), by=first, at=at)

    def signers(self, office: str) -> list[Person]:
        """The office's signers, in order."""
        return [self.officers[o.name] for o in OFFICERS if (o.office, o.duty) == (office, "signer")]

    def revocation_day(self, at: datetime, who: Character) -> Iterator[datetime]:
        """One certificate is revoked by two people, so that the town shows what that looks like."""
        yield at
        number = Application.objects.get(full_name=who.name, state=State.ISSUED).certificate_number
        signers = self.signers("association")
        proposal = revocations.propose(
            number=number, reason="经核实，毕业证书编号与学校记录不一致。", clause="二(五)", by=signers[0], at=at
        )
        yield at + timedelta(hours=5)
        revocations.decide(revocation_id=proposal.pk, agree=True, by=signers[1], at=at + timedelta(hours=5))


def fill_in(town: Town, ref: str, who: Character, person: Person, at: datetime, upto: int) -> None:
    """Fill in the first `upto` sections as this person would."""
    unit = UNIT[who.unit]
    unit_values: dict[str, Any] = dict(who.employer)
    if who.employer["engagement"] == "freelance":
        unit_values |= {"employer": town.employers[who.unit], "employer_name": NO_UNIT}
    else:
        unit_values |= {
            "employer": town.employers[who.unit],
            "employer_name": unit.name,
            "employer_uscc": unit.code,
            "employer_kind": unit.kind,
        }
    steps = (
        lambda: drafting.declare(ref=ref, section="identity", values=who.identity, by=person, at=at),
        lambda: drafting.declare_educations(ref=ref, rows=who.educations, by=person, at=at),
        lambda: drafting.declare_work(
            ref=ref, rows=who.spells, values={"assessed_fit": True, "continuing_education_hours": 90}, by=person, at=at
        ),
        lambda: drafting.declare(ref=ref, section="employer", values=unit_values, by=person, at=at),
        lambda: drafting.declare(
            ref=ref, section="specialty", values={"level": who.level, "specialty": who.specialty}, by=person, at=at
        ),
        lambda: upload_all(town, ref, who, person, at),
        lambda: drafting.commit(ref=ref, name=who.identity["full_name"], by=person, at=at),
    )
    for step in steps[:upto]:
        step()


def upload_all(town: Town, ref: str, who: Character, person: Person, at: datetime) -> None:
    """Upload what this person must, and the encouraged 继续教育 now and then."""
    codes = ["1", "2", "3"]
    if who.employer.get("established_post"):
        codes.append("4")
    if who.insured is not True:
        codes.append("5")
    if at.minute % 3 == 0:
        codes.append("6")
    for code in codes:
        pdf = sample_paper(who, code, fonts=town.fonts, at=at)
        upload = drafting.Upload(code=code, name=f"材料{code}.pdf", digest=store().put(pdf), size=len(pdf), pages=1)
        drafting.attach_material(ref=ref, upload=upload, by=person, at=at)


def write_social_insurance(cast: list[Character]) -> None:
    """What the embedded look-up answers: found, not found, or (for a few) no answer."""
    rows = []
    for who in cast:
        base = {"identity_number": who.identity["identity_number"], "name": who.identity["full_name"]}
        began = who.spells[0]["started_on"].strftime("%Y-%m")
        if who.insured is None:
            rows.append(base | {"employer": "", "from": began, "to": None, "result": "no_answer"})
        elif who.insured:
            rows.append(base | {"employer": who.spells[0]["employer_name"], "from": began, "to": None})
    file = settings.DATA_FOLDER / "social_insurance.json"
    file.write_text(json.dumps({"people": rows}, ensure_ascii=False, indent=1), encoding="utf-8")


def build(at: datetime) -> int:
    """Build the whole town as of `at`; returns how many files it has."""
    cast = characters()
    write_social_insurance(cast)
    began = at.astimezone(SHANGHAI).replace(month=3, day=18, hour=9)
    town = Town(began)
    town.found()
    revoked = next(who for who in cast if who.goal is State.REVOKED)
    day = began.replace
    lives: list[Iterator[datetime]] = [
        *(town.life_of(who) for who in cast),
        town.roster_day("association", day(month=6, day=14, hour=15)),
        town.roster_day("city", day(month=6, day=20, hour=15)),
        town.revocation_day(day(month=8, day=1, hour=10), revoked),
    ]
    queue: list[tuple[datetime, int]] = []
    for number, life in enumerate(lives):
        heapq.heappush(queue, (next(life), number))
    while queue:
        _, number = heapq.heappop(queue)
        moment = next(lives[number], None)
        if moment is not None:
            heapq.heappush(queue, (moment, number))
    begin_next_year(by=town.officer("association", "administrator"), at=at)
    # A year's work comes due at once here; what a visitor does is not to wait behind it.
    Job.objects.filter(state="ready").update(priority=F("priority") - _BEHIND)
    return Application.objects.count()
