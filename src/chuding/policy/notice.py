"""A notice as frozen data: load, cite, digest. Everything the law decides comes from the notice's folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from chuding.policy.conditions import Condition, Counting, any_of
from chuding.policy.issuer import THIS_CITY, Contact, about_of, city_of, place_of
from chuding.policy.named import examined, permits
from chuding.policy.schema import NoticeEntry, PublicityEntry, RowEntry, problems_of
from chuding.policy.source import Clause, Document, Files, NoticeError, Problem, read_files, read_yaml
from chuding.policy.speech import CHINESE, Kinds, Own, Series
from chuding.policy.surroundings import Surroundings, read_surroundings
from chuding.policy.terms import Level, Tier
from chuding.policy.vocabulary import RowCondition, RowScope, Vocabulary, row_sayings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from chuding.policy.catalogue import Catalogue
    from chuding.policy.dates import AsOf

FOLDER: Final = Path(__file__).parent / "notices"
FILE: Final = "notice.yaml"
NOT_STATED: Final = "通知未载明"
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which applications are taken; both inclusive, Asia/Shanghai. `levels` empty: for every level; `clause`: by which."""

    start: date
    end: date
    levels: tuple[Level, ...] = ()
    clause: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class LevelRule:
    """A level of the notice: its tier, the title it confers, who approves, which division is chosen."""

    level: Level
    tier: Tier
    title: Own
    authority: Own
    division: Own


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading (口径) chosen where the text is silent or double."""

    question: str
    chosen: str
    clause: Clause
    sentence: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition asked of every applicant, whatever the level."""

    name: str
    words: Own
    clause: Clause
    sentence: str
    also: tuple[tuple[Clause, str], ...]
    advice: Own
    condition: Condition


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of the decision table of 二."""

    level: Level
    clause: Clause
    sentence: str
    entry: RowEntry
    kinds: Kinds
    said: Series
    rule: RowCondition

    @property
    def words(self) -> str:
        """Its conditions in plain Chinese."""
        return CHINESE.text(self.said)


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """A document to upload (五(三)). `required` None: decided by `when`. `instead` takes its place for some people."""

    code: str
    name: Own
    clause: Clause
    sentence: str
    note: Own
    required: bool | None
    when: Condition | None
    instead: Own | None
    instead_when: Condition | None

    @property
    def asked(self) -> tuple[Condition, ...]:
        """The conditions it looks at, none where it is asked of everyone."""
        return tuple(each for each in (self.when, self.instead_when) if each is not None)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Notice:
    """A notice, whole and frozen; `digest` (SHA-256, hexadecimal) is stored with every verdict."""

    id: str
    digest: str
    number: str
    title: Own
    issuer: str
    published: date
    series: str
    windows: tuple[Window, ...]
    contact: Contact
    levels: tuple[LevelRule, ...]
    readings: tuple[Reading, ...]
    gates: tuple[Gate, ...]
    rows: tuple[Row, ...]
    yields_to: tuple[Clause, Own] | None
    loaded_conditions: tuple[str, ...]
    materials: tuple[MaterialRule, ...]
    clauses: tuple[Clause, ...]
    catalogue: Catalogue
    examined: frozenset[str]
    effects: bool
    text: str
    words: Mapping[str, Mapping[str, str]]
    entry: NoticeEntry

    def __repr__(self) -> str:
        return f"<Notice {self.id} {self.digest[:12]}>"

    def clause(self, key: str) -> Clause:
        """A clause by anchor (`2-1`) or citation (`二(一)`); KeyError if there is none."""
        for clause in self.clauses:
            if key in (clause.id, clause.label):
                return clause
        raise KeyError(key)

    def own(self, text: str) -> Own:
        """Words of this notice that were kept as a plain text, with their translations again."""
        return Own(text, self.words.get(text))

    @property
    def city(self) -> Own:
        """The city, as its issuer's name has it: 镇江市; 本市 where that names none."""
        return self.own(city_of(self.issuer))

    @property
    def place(self) -> Own:
        """The city as a sentence names it: 镇江."""
        return self.own(place_of(self.city))

    @property
    def about(self) -> Own:
        """What its title says it is about: 综合工程专业; "" where it names nothing."""
        return self.own(about_of(self.title))

    @property
    def shown_words(self) -> tuple[Own, ...]:
        """Its own words that pages show: title, levels, offices, conditions, advice, papers. Its sentences are quoted."""
        words: list[Own | None] = [self.title, self.city, self.place, self.about]
        words += [each.title for each in self.levels]
        words += [text for gate in self.gates for text in (gate.words, gate.advice)]
        words += [text for rule in self.materials for text in (rule.name, rule.note, rule.instead)]
        words += [text for rule in self.levels for text in (rule.authority, rule.division)]
        words += [] if self.yields_to is None else [self.yields_to[1]]
        words += [permit for permit in self.permits if isinstance(permit, Own)]
        return tuple(dict.fromkeys(text for text in words if text and text != THIS_CITY))

    def level(self, level: Level) -> LevelRule:
        """The rule of a level; KeyError if the notice does not confer it."""
        for rule in self.levels:
            if rule.level == level:
                return rule
        raise KeyError(level)

    def title_of(self, level: Level) -> Own:
        """资格名称: 技术员, 助理工程师, 工程师."""
        return self.level(level).title

    def knows(self, specialty: str) -> bool:
        """Whether a specialty is a choice of the catalogue or an examination series of 四（一）."""
        return specialty in self.examined or self.catalogue.find(specialty) is not None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition of its gates and materials."""
        return (*(gate.condition for gate in self.gates), *(each for rule in self.materials for each in rule.asked))

    @property
    def permits(self) -> tuple[str, ...]:
        """The permits of foreign nationals that its conditions name: codes of the contract, then its own, by name."""
        return permits(self.conditions)

    @property
    def window(self) -> Window:
        """From the first day of the first window to the last day of the last, whatever the level."""
        return Window(self.windows[0].start, max(window.end for window in self.windows))

    def windows_of(self, level: Level | None = None) -> tuple[Window, ...]:
        """The windows in which a level (None: any) may be applied for, in order."""
        return tuple(each for each in self.windows if level is None or not each.levels or level in each.levels)

    @property
    def publicity(self) -> PublicityEntry | None:
        """公示: where and for how many working days names are public; None where the notice does not ask for it."""
        return self.entry.publicity

    def reading(self, question: str) -> Reading | None:
        """The reading chosen for a question (`满年`, `截至日`, …)."""
        return next((reading for reading in self.readings if reading.question == question), None)

    def window_open(self, at: datetime, level: Level | None = None) -> bool:
        """Whether an application (for a level; None: any) sent at this moment (aware) is in time.

        By the day in Asia/Shanghai.
        """
        if at.tzinfo is None:
            raise ValueError("the moment must carry its time zone")
        day = at.astimezone(SHANGHAI).date()
        return any(window.start <= day <= window.end for window in self.windows_of(level))


def list_notices(root: Path = FOLDER) -> tuple[str, ...]:
    """The ids of the notices at hand, sorted."""
    return tuple(sorted(folder.name for folder in root.iterdir() if (folder / FILE).is_file()))


@lru_cache(maxsize=32)
def load_notice(identifier: str) -> Notice:
    """The notice of that id, loaded once; KeyError for an unknown id, `NoticeError` for a folder that is broken."""
    if identifier not in list_notices():
        raise KeyError(identifier)
    return read_notice(FOLDER / identifier)


def read_notice(place: Path | Files) -> Notice:
    """Read a notice from its folder or its files; raises `NoticeError` with file and line of every fault of shape."""
    files = place if isinstance(place, Files) else read_files(place)
    document = read_yaml(files.text(FILE), FILE)
    entry = read_entry(document)
    return build_notice(document, read_surroundings(files, entry.series))


def build_notice(document: Document, surroundings: Surroundings) -> Notice:
    """Build the notice from the data of notice.yaml and what stands beside it; raises `NoticeError`."""
    return _Builder(document, read_entry(document), surroundings).build()


def read_entry(document: Document) -> NoticeEntry:
    """Validate the data of notice.yaml; raises `NoticeError` with the lines."""
    try:
        return NoticeEntry.model_validate(document.data)
    except ValidationError as error:
        raise NoticeError(problems_of(error, document)) from None


class _Builder:
    """Turns the validated entries into rules, collecting what does not fit."""

    def __init__(self, document: Document, entry: NoticeEntry, beside: Surroundings) -> None:
        self._document = document
        self._entry = entry
        self._beside = beside
        self._clauses = {clause.label: clause for clause in beside.clauses}
        self._problems: list[Problem] = []
        self._chosen = {reading.question: reading.chosen for reading in entry.readings}
        counting = Counting(
            restart=self._chosen.get("累计") == "连续",
            next_day=self._chosen.get("满年") == "次日",
            as_of=cast("AsOf", self._chosen.get("计算至", "申报日")),
        )
        self._equal = {each.kind: each.as_kind for each in entry.equivalences}
        self._words = Vocabulary(
            frozenset(choice.path for choice in beside.catalogue.choices()), counting, beside.words
        )

    def build(self) -> Notice:
        """The notice; raises `NoticeError` with everything that does not fit."""
        entry, beside = self._entry, self._beside
        gates = tuple(self._gate(index) for index in range(len(entry.gates)))
        notice = Notice(
            id=beside.id,
            digest=beside.digest,
            number=entry.number or "",
            title=self._own(entry.title),
            issuer=entry.issuer,
            published=entry.published or min(window.start for window in entry.windows),
            series=entry.series,
            windows=self._windows(),
            contact=self._contact(),
            levels=self._levels(),
            readings=tuple(
                Reading(reading.question, reading.chosen, self._clause(reading.clause, "口径", index), reading.sentence)
                for index, reading in enumerate(entry.readings)
            ),
            gates=gates,
            rows=tuple(self._row(index) for index in range(len(entry.rows))),
            yields_to=None
            if entry.yields is None
            else (self._clause(entry.yields.clause, "让位"), self._own(entry.yields.to)),
            loaded_conditions=() if entry.yields is None else tuple(entry.yields.loaded),
            materials=tuple(self._material(index) for index in range(len(entry.materials))),
            clauses=beside.clauses,
            catalogue=beside.catalogue,
            examined=examined(gate.condition for gate in gates),
            effects=any(row.effective for row in entry.rows),
            text=beside.text,
            words=beside.words,
            entry=entry,
        )
        if self._problems:
            raise NoticeError(self._problems)
        return notice

    def _own(self, text: str) -> Own:
        return Own(text, self._beside.words.get(text))

    def _clause(self, label: str, *path: str | int) -> Clause:
        if label not in self._clauses:
            self._problem(Problem(FILE, self._document.line((*path, "依据")), f"notice.md 里没有条款“{label}”"))
            return Clause("", label, "", "", 0)
        return self._clauses[label]

    def _condition(self, words: Any, quoted: str, *path: str | int) -> Condition:
        try:
            return self._words.condition(words, quoted)
        except ValueError as error:
            self._problems.append(Problem(FILE, self._document.line(path), str(error)))
            return any_of([])

    def _windows(self) -> tuple[Window, ...]:
        for index, each in enumerate(self._entry.windows):
            self._clause(each.clause, "受理", index)
        windows = [Window(each.start, each.end, tuple(each.levels), each.clause) for each in self._entry.windows]
        return tuple(sorted(windows, key=lambda window: (window.start, window.end)))

    def _contact(self) -> Contact:
        contact = self._entry.contact
        return Contact("", "", "") if contact is None else Contact(contact.name, contact.telephone, contact.wechat)

    def _levels(self) -> tuple[LevelRule, ...]:
        authority = {entry.tier: entry.authority for entry in self._entry.authorities}
        division = {entry.tier: entry.division for entry in self._entry.divisions}
        return tuple(
            LevelRule(
                entry.level,
                entry.tier,
                self._own(entry.title),
                self._own(authority.get(entry.tier, NOT_STATED)),
                self._own(division.get(entry.tier, NOT_STATED)),
            )
            for entry in self._entry.levels.levels
        )

    def _gate(self, index: int) -> Gate:
        entry = self._entry.gates[index]
        return Gate(
            name=entry.name,
            words=self._own(entry.condition),
            clause=self._clause(entry.clause, "准入", index),
            sentence=entry.sentence,
            also=tuple(
                (self._clause(quote.clause, "准入", index, "另见", position), quote.sentence)
                for position, quote in enumerate(entry.also)
            ),
            advice=self._own(entry.advice),
            condition=self._condition(entry.must, entry.quoted, "准入", index, "须"),
        )

    def _row(self, index: int) -> Row:
        entry = self._entry.rows[index]
        level = Level(self._chosen["初级职称"]) if entry.grants == "初级职称" else entry.grants
        last_day = None
        if entry.awarded_by is not None:
            last_day = entry.awarded_by.toordinal() - (self._chosen.get("截至日") == "不含当日")
        if entry.effective is not None:
            self._clause(entry.effective.clause, "初定", index, "生效")
        scope = RowScope(self._with_equals(entry.kinds), self._with_equals(entry.also_held), self._closed_to(level))
        return Row(
            level=level,
            clause=self._clause(entry.clause, "初定", index),
            sentence=entry.sentence,
            entry=entry,
            kinds=Kinds(scope.kinds),
            said=row_sayings(entry, scope),
            rule=self._words.row(entry, last_day, scope),
        )

    def _with_equals(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """The kinds, and what counts as one of them (等同)."""
        return (*kinds, *(kind for kind, as_kind in self._equal.items() if as_kind in kinds))

    def _closed_to(self, level: Level) -> frozenset[str]:
        """The specialties of the series in which nothing as low as the level is conferred (起点)."""
        order = list(Level)
        closed: list[str] = []
        for index, floor in enumerate(self._entry.floors):
            self._clause(floor.clause, "起点", index)
            if floor.series not in self._beside.catalogue.series():
                line = self._document.line(("起点", index, "系列"))
                self._problem(Problem(FILE, line, f"专业目录里没有系列“{floor.series}”"))
            if order.index(level) < order.index(floor.lowest):
                choices = self._beside.catalogue.choices()
                closed += [choice.path for choice in choices if choice.series == floor.series]
        return frozenset(closed)

    def _problem(self, problem: Problem) -> None:
        if problem not in self._problems:
            self._problems.append(problem)

    def _material(self, index: int) -> MaterialRule:
        entry = self._entry.materials[index]
        instead = entry.instead
        return MaterialRule(
            code=entry.code,
            name=self._own(entry.name),
            clause=self._clause(entry.clause, "材料", index),
            sentence=entry.sentence,
            note=self._own(entry.note),
            required=entry.required,
            when=None if entry.when is None else self._condition(entry.when, entry.sentence, "材料", index, "仅当"),
            instead=None if instead is None else self._own(instead.name),
            instead_when=None
            if instead is None
            else self._condition(instead.when, entry.sentence, "材料", index, "替代", "仅当"),
        )
