"""Finding a file: keeping its terms up to date, and answering a question in bounded work at any number of files."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, Value

from chuding.applications.finding_models import EmployerName, SavedSearch, SearchTerm
from chuding.applications.search_terms import asked_for, terms_of
from chuding.applications.workflow import Declined
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person
    from chuding.applications.models import Application, ApplicationQuerySet

# At most so many rows of the index are looked at for one page; beyond them the person is asked to say more.
MOST_LOOKED_AT = 300
MOST_SHOWN = 25  # as many as any list of the desk has on a page
MOST_EMPLOYERS = 12
MOST_KEPT = 20
_NUMBER = re.compile(r"[A-Za-z]+[0-9]{6,}[0-9A-Za-z]*")
_AFTER_HEX = "g"  # sorts behind every hex digit
_LEAST = "0"  # and this before every longer term


def blind_tail(text: str) -> str:
    """The blind index of the end of an identity number, shortened: it narrows down and names nobody."""
    return blind_index(text, "identity-tail")[:16]


def index_for_search(application: Application) -> None:
    """Write the terms of a file anew, in the caller's transaction: at submission and whenever its identity changes."""
    wanted = terms_of(
        name=application.full_name,
        number=application.number or "",
        identity_number=application.identity_number or "",
        blind=blind_tail,
    )
    held = set(SearchTerm.objects.filter(application=application).values_list("term", flat=True))
    if gone := held - wanted:
        SearchTerm.objects.filter(application=application, term__in=gone).delete()
    SearchTerm.objects.bulk_create(
        [SearchTerm(application=application, term=each) for each in sorted(wanted - held)], ignore_conflicts=True
    )
    if application.employer_name:
        EmployerName.objects.get_or_create(name=application.employer_name)


@dataclass(frozen=True)
class Found:
    """The answer to a question, in order. `more`: there are or may be others than these; the person is asked to say more."""

    keys: list[int]
    more: bool = False


def find(files: ApplicationQuerySet, text: str) -> Found:
    """The keys of the files among `files` (visible and filtered by the caller) that a name, its pinyin or a number's end finds.

    The likeliest first: a whole number exactly, then names in the order of their characters, the shortest (and so the
    exact one) before those that go on. Work is bounded: at most `MOST_LOOKED_AT` rows of the index a kind of term. Where
    there are more and few of those looked at are among `files`, the files are asked instead, each for its terms: what was
    chosen besides the words leaves few, and none of them may be missing because others stood before it.
    """
    if _NUMBER.fullmatch(text.strip()):
        return Found(list(files.filter(number=text.strip().upper()).values_list("pk", flat=True)[:1]))
    asked = asked_for(text, blind=blind_tail)
    hits, more = _at_hand(files, asked)
    if more and len(hits) < MOST_SHOWN:
        hits += _of_the_rest(files, asked, but=hits)
        more = False
    return Found(hits[:MOST_SHOWN], more or len(hits) > MOST_SHOWN)


def _of_the_rest(files: ApplicationQuerySet, asked: Sequence[tuple[str, bool]], *, but: Sequence[int]) -> list[int]:
    """Files that have one of the terms, led by what `files` are narrowed down to: a page of them and one more."""
    of_this = [_terms(word, beginning=beginning).filter(application=OuterRef("pk")) for word, beginning in asked]
    found = reduce(or_, (Q(Exists(terms)) for terms in of_this), Q(pk__in=[]))
    rest = files.filter(found).exclude(pk__in=but).order_by().values_list("pk", flat=True)
    return list(rest[: MOST_SHOWN + 1 - len(but)])


def every(files: ApplicationQuerySet, text: str) -> ApplicationQuerySet:
    """All of `files` that the words find, in no order and however many: what an export holds, where a page shows some."""
    if _NUMBER.fullmatch(text.strip()):
        return files.filter(number=text.strip().upper())
    found = Q(pk__in=[])
    for word, beginning in asked_for(text, blind=blind_tail):
        found |= Q(pk__in=_terms(word, beginning=beginning).values("application_id"))
    return files.filter(found)


def _terms(word: str, *, beginning: bool) -> QuerySet[SearchTerm]:
    return SearchTerm.objects.filter(term__gte=word, term__lt=word + (_AFTER_HEX if beginning else _LEAST))


def _at_hand(files: ApplicationQuerySet, asked: Sequence[tuple[str, bool]]) -> tuple[list[int], bool]:
    """Those of `files` that stand first under the terms asked for, or under all that begin with them, in the terms' order.

    One statement for all of them; each takes its beginning from the index, and only what it took is put in order again
    and looked for among the files. Beside them, whether one had more than were looked at.
    """
    if not asked:
        return [], False
    parts = []
    for place, (word, beginning) in enumerate(asked):
        first = _terms(word, beginning=beginning).order_by("term", "application_id")[:MOST_LOOKED_AT]
        held = SearchTerm.objects.filter(pk__in=first.values("pk")).order_by()
        held = held.annotate(among=Exists(files.filter(pk=OuterRef("application"))))
        parts.append(held.values_list(Value(place), "term", "application_id", "among"))
    found = sorted(parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0])
    full = any(count == MOST_LOOKED_AT for count in Counter(place for place, *_ in found).values())
    return list(dict.fromkeys(key for *_, key, among in found if among)), full


def employers_named(text: str) -> list[str]:
    """Names of employers that contain the text, as they stand in files; at most a dozen."""
    wanted = text.strip()
    if len(wanted) < 2 or wanted.isascii():
        return []
    names = EmployerName.objects.filter(name__contains=wanted).order_by("name")
    return list(names.values_list("name", flat=True)[:MOST_EMPLOYERS])


def keep_search(*, name: str, query: str, by: Person, at: datetime) -> SavedSearch:
    """Keep a search under a name, over an older one of that name. At most `MOST_KEPT` a person; raises Declined."""
    title = name.strip()[:40]
    if not title:
        raise Declined("请给这个查询起个名字，例如“本月电力中级”。")
    if not query:
        raise Declined("还没有任何条件。请先查询，再存起来。")
    own = SavedSearch.objects.filter(person=by)
    if own.exclude(name=title).count() >= MOST_KEPT:
        raise Declined(f"最多存{MOST_KEPT}个查询。请先删去不用的，再存新的。")
    kept, _ = own.update_or_create(person=by, name=title, defaults={"query": query, "saved_at": at})
    return kept


def forget_search(*, name: str, by: Person) -> None:
    """Let one of one's own kept searches go."""
    SavedSearch.objects.filter(person=by, name=name).delete()
