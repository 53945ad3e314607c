"""A million invented files in a table, for `size.py`: straight into the database, in the shape that the services leave.

Everything that the desks read of a file is there, as many rows a file as a real one has: materials with what was read on
them, schooling, work, an assessment, the ledger's entries, corrections, who had which page on the screen, deadlines, the
words it is found by. The papers themselves are not: their digests name nothing. Names, units and numbers are drawn with a
fixed seed, so two databases hold the same rows.
"""

from __future__ import annotations

import hashlib
import json
import random
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max

from chuding.accounts.models import Employer, Person
from chuding.applications.aftercare_models import FileView
from chuding.applications.finding_models import EmployerName, SearchTerm
from chuding.applications.models import Application, Assessment, Correction, Education, Material, WorkSpell
from chuding.applications.readings.models import PaperReading
from chuding.applications.reviewing.models import Viewing
from chuding.applications.search_terms import IDENTITY_TAIL, NUMBER_TAIL, term, terms_of
from chuding.applications.workflow import State
from chuding.ledger.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华建国文辉玲红梅鑫宇浩然子涵欣怡梓轩雨泽一诺思远晨曦嘉雪瑞博志成"
)
# What the table holds after years: nearly all of it is done; some thousands wait at each desk.
SHARES = (
    (State.ISSUED, 0.90), (State.REFUSED, 0.03), (State.WITHDRAWN, 0.02), (State.APPROVED, 0.004),
    (State.RECEIVED, 0.02), (State.REVIEWING, 0.004), (State.CORRECTION, 0.006), (State.RECHECK, 0.008),
    (State.SIGNING, 0.005), (State.CITY, 0.003),
)  # fmt: skip
# Sent back once before they went on.
RETURNED = 0.15
WAITING = frozenset({State.RECEIVED, State.REVIEWING, State.RECHECK, State.SIGNING, State.CITY})
DECIDED = frozenset({State.APPROVED, State.ISSUED})
PAST_RECHECK = frozenset({State.SIGNING, State.CITY}) | DECIDED
FILLED = (
    Person, Application, Education, WorkSpell, Assessment, Correction, Material, PaperReading, Viewing, Entry, FileView,
    SearchTerm,
)  # fmt: skip
FIRST = datetime(2016, 3, 20, tzinfo=UTC)
LAST = datetime(2024, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Drawn:
    """What was drawn for one file; its other rows follow from it."""

    key: int
    number: int
    name: str
    state: State
    when: datetime
    unit: str
    returned: bool

    @property
    def judged(self) -> bool:
        return self.state not in {State.RECEIVED, State.WITHDRAWN, State.REVIEWING}


# ---- writing rows ----


def copy_rows(model: type[Any], names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows by the fastest way each database has; `names` are field names."""
    table = model._meta.db_table
    columns = [model._meta.get_field(name).column for name in names]
    listed = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" for _ in columns)
    connection.ensure_connection()
    connection.connection.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', rows)


def stored(value: Any, in_text: bool) -> Any:
    """A value as the database keeps it (SQLite: times and days in text, times without a zone)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ") if in_text else value
    return str(value) if isinstance(value, date) else value


@contextmanager
def indexes_afterwards(*models: type[Any]) -> Iterator[None]:
    """Leave out indexes and triggers while millions of rows come, and make the indexes from the rows that are there.

    An index that is made at once is written in its order; one that grows row by row is read and written all over.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
                f" AND tbl_name IN ({', '.join(['%s'] * len(tables))})",
                tables,
            )
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end would forbid new indexes
            cursor.execute("SET session_replication_role = replica")  # no trigger, no look at each foreign key
            cursor.execute(
                "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
                " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
                [tables],
            )
        found = cursor.fetchall()
        for kind, name, _ in found:
            cursor.execute(f'DROP {kind} "{name}"')
        yield
        for _, _, made in found:
            cursor.execute(made)
        if connection.vendor != "sqlite":
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class Rows:
    """Rows of one model: what is not said holds what `like` holds, or an empty object of the model."""

    def __init__(self, model: type[Any], *, like: Any = None, key: bool = False) -> None:
        self._model, self._in_text = model, connection.vendor == "sqlite"
        fields = [f for f in model._meta.concrete_fields if key or not f.primary_key]
        self.names = [field.name for field in fields]
        self._at = {name: index for index, name in enumerate(self.names)}
        pattern = like or model()
        self._blank = [field.get_db_prep_save(getattr(pattern, field.attname), connection) for field in fields]

    def row(self, **values: Any) -> tuple[Any, ...]:
        made = list(self._blank)
        for name, value in values.items():
            made[self._at[name]] = stored(value, self._in_text)
        return tuple(made)

    def write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        copy_rows(self._model, self.names, rows)


# ---- the files ----


def employers(count: int) -> list[Employer]:
    made = [
        Employer(name=f"镇江{w}第{n}有限公司", uscc=f"MILLION{n:011d}", kind="enterprise", verified_at=LAST)
        for n in range(count)
        for w in ["机械电力纺织化工船舶材料轻工药业"[n % 8 * 2 : n % 8 * 2 + 2]]
    ]
    return Employer.objects.bulk_create(made, batch_size=400)


def fill(count: int, staff: dict[str, Person], specialties: Sequence[str], sample: Application) -> int:
    """Put `count` files into the table, each with an applicant of its own, and answer how many rows that were.

    `sample` is a file that the services brought to its certificate: every invented one looks like it.
    """
    dice = random.Random(20240901)
    units = employers(min(3000, max(20, count // 300)))
    people = (Person.objects.aggregate(last=Max("id"))["last"] or 0) + 1000
    first = (Application.objects.aggregate(last=Max("id"))["last"] or 0) + 1000
    drawn: list[Drawn] = []
    with transaction.atomic(), indexes_afterwards(*FILLED):
        person = Rows(Person, like=sample.applicant, key=True)
        person.write(
            person.row(id=people + n, phone_index=f"million-{n}", ref=f"million{n}", joined_at=FIRST)
            for n in range(count)
        )
        _files(count, dice, (people, first), units, staff, specialties, sample, drawn)
        total = 2 * count + sum(part(drawn, sample, staff) for part in (_parts, _materials, _ledger, _looks, _terms))
        EmployerName.objects.bulk_create([EmployerName(name=unit.name) for unit in units], ignore_conflicts=True)
    _settle()
    return total


def _files(count, dice, keys, units, staff, specialties, sample, drawn):  # type: ignore[no-untyped-def]
    people, first = keys
    states, weights = zip(*SHARES, strict=True)
    days = (LAST - FIRST).days
    blank = {
        "reviewer": None, "rechecker": None, "signer": None, "second": None, "due_on": None, "lease_until": None,
        "approved_at": None, "rechecked_at": None, "undo_by": None, "undo_until": None, "alike": False, "remarked": False,
    }  # fmt: skip
    files = Rows(Application, like=sample, key=True)

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(count):
            state = dice.choices(states, weights)[0]
            done = state in {State.ISSUED, State.REFUSED, State.APPROVED, State.WITHDRAWN}
            day = FIRST + timedelta(days=dice.randrange(days)) if done else LAST - timedelta(days=dice.randrange(40))
            when = day + timedelta(seconds=dice.randrange(36000))
            path = dice.choice(specialties)
            unit = units[int(len(units) * dice.random() ** 2)]
            name = dice.choice(SURNAMES) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2, 2))))
            level = "中级" if state is State.CITY or (state is not State.SIGNING and dice.random() < 0.2) else "助理级"
            returned = state is State.CORRECTION or (state in PAST_RECHECK and dice.random() < RETURNED)
            drawn.append(Drawn(first + n, n, name, state, when, unit.name, returned))
            yield files.row(**blank | {
                "id": first + n, "ref": f"million{n:09d}", "number": f"ZJCD{when.year}{n:08d}", "applicant": people + n,
                "state": str(state), "version": 3, "created_at": when, "saved_at": when, "submitted_at": when,
                "updated_at": when, "full_name": name, "identity_index": f"million-{n}", "level": level,
                "specialty": path, "series": path.split("/")[0], "employer": unit.pk, "employer_name": unit.name,
                "employer_uscc": unit.uscc, "employer_kind": "enterprise", "certificate_number": "",
                "declaration_file": "", "document_number": "", "stage_since": when.date(),
            } | _offices(state, when, staff, dice))  # fmt: skip

    files.write(rows())


def _offices(state: State, when: datetime, staff: dict[str, Person], dice: random.Random) -> dict[str, Any]:
    """Who has had which part, and until when the next part is to be done."""
    found: dict[str, Any] = {}
    if state in WAITING:
        found["due_on"] = (when + timedelta(days=dice.randrange(1, 30))).date()
    if state not in {State.RECEIVED, State.WITHDRAWN}:
        found["reviewer"] = staff["reviewer"].pk
    if state is State.REVIEWING:
        found["lease_until"] = when + timedelta(minutes=30)
    if state in PAST_RECHECK or state is State.REFUSED:
        found |= {"rechecker": staff["rechecker"].pk, "rechecked_at": when}
    if state in DECIDED:
        found |= {"signer": staff["signer"].pk, "approved_at": when}
    if state is State.REFUSED:
        found |= {"refused_clause": "二(二)", "refused_reason": "年限不够。"}
    return found


# ---- what belongs to a file ----


def _parts(drawn: list[Drawn], sample: Application, _staff: dict[str, Person]) -> int:
    """Schooling, work, the law engine's report, and what was sent back."""
    total = 0
    for model, like, say in (
        (Education, list(sample.educations.all()), lambda _: {}),
        (WorkSpell, list(sample.spells.all()), lambda file: {"employer_name": file.unit}),
        (Assessment, [sample.assessments.latest()], lambda file: {"at": file.when, "filed_on": file.when.date()}),
    ):
        total += _twins(drawn, model, like, say)
    back = Rows(Correction)
    sent = [file for file in drawn if file.returned]
    items = json.dumps(
        [{"part": "material:2", "reason": "第2页太模糊，请重拍。", "code": "blurred"}], ensure_ascii=False
    )
    back.write(
        back.row(
            application=file.key, asked_by=_staff["reviewer"].pk, asked_at=file.when, items=items,
            due_on=(file.when + timedelta(days=15)).date(),
            mended_at=None if file.state is State.CORRECTION else file.when + timedelta(days=3),
        )
        for file in sent
    )  # fmt: skip
    return total + len(sent)


def _twins(drawn: list[Drawn], model: type[Any], like: list[Any], say: Callable[[Drawn], dict[str, Any]]) -> int:
    """A file's rows of this model as the sample has them."""
    for pattern in like:
        rows = Rows(model, like=pattern)
        rows.write(rows.row(application=file.key, **say(file)) for file in drawn)
    return len(like) * len(drawn)


def _materials(drawn: list[Drawn], sample: Application, staff: dict[str, Person]) -> int:
    """Every material of the sample, with its reading, and that the reviewer and the rechecker had its pages on the screen."""
    first = (Material.objects.aggregate(last=Max("id"))["last"] or 0) + 1000
    given = list(sample.current_materials().select_related("reading"))
    total, whole = 0, {m.pk: json.dumps(list(range(1, m.pages + 1))) for m in given}
    for turn, pattern in enumerate(given):
        rows, key = Rows(Material, like=pattern, key=True), first + turn * len(drawn)
        rows.write(
            rows.row(
                id=key + file.number, application=file.key, ref=f"m{turn}-{file.number}", uploaded_at=file.when,
                file=hashlib.sha256(b"%d-%d" % (turn, file.number)).hexdigest(), pages_ready=True,
                verdict="fit" if file.judged else "pending", verdict_by=staff["reviewer"].pk if file.judged else None,
            )
            for file in drawn
        )  # fmt: skip
        total += len(drawn)
        reading = getattr(pattern, "reading", None)
        if reading is not None:
            read = Rows(PaperReading, like=reading)
            read.write(read.row(material=key + file.number, read_at=file.when) for file in drawn)
            total += len(drawn)
        seen = Rows(Viewing)
        for part, states in (("reviewer", None), ("rechecker", PAST_RECHECK)):
            by = [file for file in drawn if (file.state in states if states else file.judged)]
            seen.write(
                seen.row(
                    material=key + file.number, person=staff[part].pk, pages=whole[pattern.pk], whole=True,
                    first_at=file.when, last_at=file.when,
                )
                for file in by
            )  # fmt: skip
            total += len(by)
    return total


_ACTS = (
    ("submit", "applicant", None), ("endorse", "employer_clerk", None), ("take", "reviewer", "reviewer"),
    *(("judge_material", "reviewer", "reviewer"),) * 4, ("recommend", "reviewer", "reviewer"),
    ("confirm", "rechecker", "rechecker"), ("approve", "association_signer", "signer"),
    ("issue", "association_signer", "signer"),
)  # fmt: skip
_ACTS_UNTIL = {
    State.RECEIVED: 2, State.WITHDRAWN: 2, State.REVIEWING: 3, State.CORRECTION: 7, State.RECHECK: 8, State.REFUSED: 9,
    State.SIGNING: 9, State.CITY: 9, State.APPROVED: 10, State.ISSUED: 11,
}  # fmt: skip


def _ledger(drawn: list[Drawn], _sample: Application, staff: dict[str, Person]) -> int:
    """What happened to each file. The chain's hashes are counted, not computed: nobody verifies this ledger."""
    entries = Rows(Entry, key=True)
    last = begun = Entry.objects.aggregate(last=Max("id"))["last"] or 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal last
        for file in drawn:
            for step, (action, role, who) in enumerate(_ACTS[: _ACTS_UNTIL[file.state]]):
                last += 1
                data = {"code": str(step - 1), "verdict": "fit"} if action == "judge_material" else {"opinion": "for"}
                yield entries.row(
                    id=last, at=file.when + timedelta(hours=step), by=staff[who].pk if who else None, role=role,
                    action=action, subject_kind="application", subject_ref=f"million{file.number:09d}",
                    data=json.dumps(data), previous=f"{last - 1:064x}", hash=f"{last:064x}",
                )  # fmt: skip

    entries.write(rows())
    return last - begun


def _looks(drawn: list[Drawn], _sample: Application, staff: dict[str, Person]) -> int:
    """That somebody of an office opened the file."""
    views, total = Rows(FileView), 0
    for part, states in (("reviewer", None), ("rechecker", PAST_RECHECK), ("signer", DECIDED)):
        by = [file for file in drawn if (file.state in states if states else file.judged)]
        views.write(
            views.row(application=file.key, person=staff[part].pk, role=part, day=file.when.date(), last_at=file.when)
            for file in by
        )
        total += len(by)
    return total


def _terms(drawn: list[Drawn], _sample: Application, _staff: dict[str, Person]) -> int:
    """The words that each file is found by; the blind index of an identity tail is any sixteen digits here."""
    known: dict[str, frozenset[str]] = {}
    total = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal total
        for file in drawn:
            if file.name not in known:
                known[file.name] = terms_of(name=file.name, number="", identity_number="", blind=str)
            tails = (
                term(NUMBER_TAIL, f"{file.number:04d}"[-4:]),
                term(IDENTITY_TAIL, f"{file.number % 10000:016x}"),
            )
            for word in sorted({*known[file.name], *tails}):
                total += 1
                yield file.key, word

    copy_rows(SearchTerm, ["application", "term"], rows())
    return total


def _settle() -> None:
    """Let the planner know what is there, and numbers go on after the last that was given."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for model in (Person, Application, Material):
                table, key = model._meta.db_table, model._meta.pk.column
                cursor.execute(
                    f"""SELECT setval(pg_get_serial_sequence('"{table}"', %s), (SELECT max("{key}") FROM "{table}"))""",
                    [key],
                )
        cursor.execute("ANALYZE")
