"""A million invented files in a table, for `size.py`: straight into the database, in the shape that the services leave.

What the pages read is there (people, files, one assessment, terms of search); papers are not. Streets, names and numbers
are drawn with a fixed seed, so two databases hold the same rows.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from chuding.accounts.models import Employer, Person
from chuding.applications.finding_models import EmployerName, SearchTerm
from chuding.applications.models import Application, Assessment
from chuding.applications.search_terms import IDENTITY_TAIL, NUMBER_TAIL, term, terms_of
from chuding.applications.workflow import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
FIRST = datetime(2016, 3, 20, tzinfo=UTC)
LAST = datetime(2024, 9, 1, tzinfo=UTC)


def copy_rows(model: type[Any], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
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


def _stored(value: Any) -> Any:
    """A value as this database keeps it (SQLite: times as text without a zone)."""
    if isinstance(value, datetime) and connection.vendor == "sqlite":
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value


def _defaults(model: type[Any], chosen: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """Every column of a model: what is chosen, else what an empty object of it would hold."""
    blank = model()
    names, values = [], []
    for field in model._meta.concrete_fields:
        names.append(field.name)
        value = chosen.get(field.name, field.get_db_prep_save(getattr(blank, field.attname), connection))
        values.append(value)
    return names, values


def employers(count: int) -> list[Employer]:
    made = [
        Employer(name=f"镇江{w}第{n}有限公司", uscc=f"MILLION{n:011d}", kind="enterprise", verified_at=LAST)
        for n in range(count)
        for w in ["机械电力纺织化工船舶材料轻工药业"[n % 8 * 2 : n % 8 * 2 + 2]]
    ]
    return Employer.objects.bulk_create(made, batch_size=400)


def fill(count: int, staff: dict[str, Person], specialties: Sequence[str], sample: Application) -> None:
    """Put `count` files into the table, each with an applicant of its own; `sample` gives notice and assessment."""
    dice = random.Random(20240901)
    units = employers(3000)
    base = (Person.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1000
    first = (Application.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1000
    with transaction.atomic():
        names, row = _defaults(Person, {})
        at = {name: index for index, name in enumerate(names)}

        def people() -> Iterator[tuple[Any, ...]]:
            for n in range(count):
                one = list(row)
                one[at["id"]] = base + n
                one[at["phone_index"]] = f"million-{n}"
                one[at["ref"]] = f"million{n}"
                one[at["joined_at"]] = _stored(FIRST)
                yield tuple(one)

        copy_rows(Person, names, people())
        copy_rows(*_files(count, dice, base, first, units, staff, specialties, sample))
        copy_rows(*_assessments(count, first, sample))
        copy_rows(*_terms(count, first))
        EmployerName.objects.bulk_create([EmployerName(name=unit.name) for unit in units], batch_size=400)
    _settle()


def _files(count, dice, base, first, units, staff, specialties, sample):  # type: ignore[no-untyped-def]
    names, row = _defaults(Application, {"notice_id": sample.notice_id, "notice_digest": sample.notice_digest})
    at = {name: index for index, name in enumerate(names)}
    states, weights = zip(*SHARES, strict=True)
    days = (LAST - FIRST).days
    reviewer, rechecker, signer = (staff[name].pk for name in ("reviewer", "rechecker", "signer"))

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(count):
            one = list(row)
            state = dice.choices(states, weights)[0]
            done = state in {State.ISSUED, State.REFUSED, State.APPROVED, State.WITHDRAWN}
            day = FIRST + timedelta(days=dice.randrange(days)) if done else LAST - timedelta(days=dice.randrange(40))
            when = day + timedelta(seconds=dice.randrange(36000))
            path = dice.choice(specialties)
            unit = units[int(len(units) * dice.random() ** 2)]
            name = dice.choice(SURNAMES) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2, 2))))
            level = "中级" if state is State.CITY or (state is not State.SIGNING and dice.random() < 0.2) else "助理级"
            for key, value in {
                "id": first + n, "ref": f"million{n:09d}", "number": f"ZJCD{when.year}{n:08d}", "applicant": base + n,
                "state": str(state), "version": 3, "created_at": _stored(when), "saved_at": _stored(when),
                "submitted_at": _stored(when), "updated_at": _stored(when), "full_name": name,
                "identity": "mainland", "identity_type": "resident_id", "identity_index": f"million-{n}", "sex": "男",
                "level": level, "specialty": path, "series": path.split("/")[0], "employer": unit.pk,
                "employer_name": unit.name, "employer_uscc": unit.uscc, "employer_kind": "enterprise",
            }.items():  # fmt: skip
                one[at[key]] = value
            if state not in {State.RECEIVED, State.WITHDRAWN}:
                one[at["reviewer"]] = reviewer
            if state in {State.SIGNING, State.CITY, State.APPROVED, State.ISSUED}:
                one[at["rechecker"]] = rechecker
                one[at["rechecked_at"]] = _stored(when)
            if state in {State.APPROVED, State.ISSUED}:
                one[at["signer"]] = signer
                one[at["approved_at"]] = _stored(when)
            yield tuple(one)

    return Application, names, rows()


def _assessments(count, first, sample):  # type: ignore[no-untyped-def]
    """One in a hundred: the detail page reads the one of its own file; a million copies would only fill the disk."""
    kept = sample.assessments.latest()
    with connection.cursor() as cursor:  # as it is stored: encrypted for its column, not for its row
        cursor.execute(f"SELECT facts FROM {Assessment._meta.db_table} WHERE id = %s", [kept.pk])
        facts = cursor.fetchone()[0]
    values = (_stored(kept.at), str(kept.filed_on), kept.notice_digest, facts, json.dumps(kept.report))

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(0, count, 100):
            yield (first + n, *values)

    return Assessment, ["application", "at", "filed_on", "notice_digest", "facts", "report"], rows()


def _terms(count, first):  # type: ignore[no-untyped-def]
    """The words that each file is found by; the blind index of an identity tail is any sixteen digits here."""
    files = Application.objects.filter(pk__gte=first).order_by("id").values_list("id", "full_name", "number")

    def rows() -> Iterator[tuple[Any, ...]]:
        known: dict[str, frozenset[str]] = {}
        for number, (key, name, printed) in enumerate(list(files)):
            if name not in known:
                known[name] = terms_of(name=name, number="", identity_number="", blind=str)
            tails = (term(NUMBER_TAIL, printed[-4:]), term(IDENTITY_TAIL, f"{number % 10000:016x}"))
            yield from ((key, word) for word in sorted({*known[name], *tails}))

    del count
    return SearchTerm, ["application", "term"], rows()


def _settle() -> None:
    """Let the planner know what is there."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for model in (Person, Application, Assessment, SearchTerm):
                name = model._meta.db_table
                table, key = name, model._meta.pk.column
                cursor.execute(
                    f"""SELECT setval(pg_get_serial_sequence('"{table}"', %s), (SELECT max("{key}") FROM "{table}"))""",
                    [key],
                )
        cursor.execute("ANALYZE")
