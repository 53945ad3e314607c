"""People and files for tests, made by the demonstration's own services: 王 applies, 孙 is her employer's HR, 李 reviews,
周 rechecks, 吴 signs for the association, 赵 signs at the city office, 钱 is a stranger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from chuding.accounts import factors
from chuding.accounts.appointments import add_person
from chuding.accounts.consent import give_consent, purposes
from chuding.accounts.models import Authenticator, Employer, Person
from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.decisions.models import Document, Roster
from chuding.decisions.services import issuing, rosters
from chuding.demonstration.cast import OFFICERS, RED, UNITS, Character, characters
from chuding.demonstration.town import Town, write_social_insurance
from chuding.paper.keys import make_demonstration_keys
from snapshots import Snapshots, changes, nothing_happened, place

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2024, 9, 18, 10, 0, tzinfo=SHANGHAI)
_QIAN = "19911111111"
_kept = Snapshots()


def signing_keys() -> None:
    """The demonstration's keys, once a test process."""
    if not (settings.SIGNING_FOLDER / "root.pem").exists():
        make_demonstration_keys(settings.SIGNING_FOLDER, NOW)


def code_of(person: Person, at: datetime) -> str:
    """What somebody's authenticator shows at this moment."""
    return factors.code_at(Authenticator.objects.get(person=person), at)


class Stage:
    """A founded town without applicants; `file_at` brings one person to a state."""

    def __init__(self) -> None:
        signing_keys()
        write_social_insurance(characters())
        self.town = Town(NOW.replace(month=3, day=18))
        alone = self._found()
        self.wang, self.sun, self.li, self.zhou, self.wu, self.zhao = list(self.town.officers.values())[:6]
        self.second_signer = self.town.officers["郑小寒"]
        self._used = 0
        self._done: tuple[object, ...] = ("founded",)
        self._untouched = (*place(), changes() if alone else None)

    def _found(self) -> bool:
        """Found the town; the second time in a process its rows are put back (a founding costs a second).

        Answers whether nothing but the town is in the database.
        """
        fresh = nothing_happened()
        if fresh and _kept.bring_back(("founded",)):
            by_phone = {person.phone: person for person in Person.objects.all()}
            self.town.officers = {officer.name: by_phone[officer.phone] for officer in OFFICERS}
            by_code = {employer.uscc: employer for employer in Employer.objects.all()}
            self.town.employers = {unit.key: by_code[unit.code] for unit in UNITS}
            self.qian = by_phone[_QIAN]
            return True
        self.town.found()
        self.qian = self.person("钱谷子", _QIAN)
        if fresh:
            _kept.keep(("founded",))
        return fresh

    def clerk_of(self, file: Application) -> Person:
        """The clerk of the unit that somebody works for."""
        return self.town.clerk(next(key for key, unit in self.town.employers.items() if unit == file.employer))

    def person(self, name: str, phone: str) -> Person:
        """Somebody who has signed in once and given the necessary consent."""
        person = add_person(phone=phone, name=name, at=NOW)
        give_consent(person=person, keys=[p.key for p in purposes() if p.required], at=NOW)
        return person

    def character(self, level: str, goal: State, *, online: bool | None = None) -> Character:
        """A fresh invented applicant whose life ends at `goal`."""
        found = [
            c
            for c in characters()
            if c.level == level and c.insured is True and c.goal not in RED and c.identity["identity"] == "mainland"
        ]
        if online is not None:
            found = [c for c in found if (c.unit in {"machine", "ship", "power"}) == online]
        chosen = found[self._used % len(found)]
        self._used += 1
        return replace(chosen, goal=goal, insured=True)

    def file_at(self, goal: State, level: str = "助理级", *, online: bool | None = None) -> Application:
        """One person's file, driven to a state by the services themselves."""
        who = self.character(level, goal, online=online)
        self._live(who, (goal, level, online))
        file = Application.objects.filter(full_name=who.name).latest("id")
        if goal is State.ISSUED:
            self.issued([file])
            file.refresh_from_db()
        return file

    def _live(self, who: Character, asked: tuple[object, ...]) -> None:
        """Let the person live up to the goal; where nothing else was done since the founding, rows of the last time do."""
        before, self._done = self._done, (*self._done, asked)
        untouched = len(before) == 1 and self._untouched == (*place(), changes()) != (*place(), None)
        if not untouched or not _kept.bring_back(self._done):
            for _ in self.town.life_of(who):
                pass
            if untouched:
                _kept.keep(self._done, before)

    def drafted(self, files: list[Application]) -> Roster:
        """The roster of these files, drafted by the office's clerk of documents."""
        office = "city" if files[0].level == "中级" else "association"
        return rosters.draft(refs=[file.ref for file in files], by=self.town.officer(office, "drafter"), at=NOW)

    def signed(self, files: list[Application]) -> Roster:
        """Drafted, verified and signed by three people."""
        return self.town.sign(self.drafted(files), NOW)

    def issued(self, files: list[Application]) -> Document:
        """All the way to the document."""
        return issuing.issue_roster(ref=self.signed(files).ref, at=NOW)
