"""The approved people who wait for a document: a page of them, a filter, and which of them a form means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Subquery, Value

from chuding.applications.workflow import Declined
from chuding.decisions.services import publicity
from chuding.decisions.services.rosters import approved, waiting_for_roster
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet
    from django.http import QueryDict

    from chuding.applications.models import Application

# More than this in one document wants a second one: the list must be readable on one page before it is signed.
MOST_PEOPLE = 500
A_PAGE = 25
# So many of those whom publicity keeps back are named; the page of publicity has them all.
_NAMED = 20
_LONGEST_WORD = 40
COLUMNS = (
    "ref", "number", "full_name", "level", "specialty", "employer_name", "approved_at", "notice_id",
)  # fmt: skip


@dataclass(frozen=True)
class Narrowed:
    """What the list is narrowed to: a series, and a part of a name, a unit or a number."""

    series: str = ""
    words: str = ""

    @property
    def query(self) -> str:
        """The same as a query string."""
        return urlencode({name: value for name, value in (("series", self.series), ("q", self.words)) if value})

    def __bool__(self) -> bool:
        return bool(self.series or self.words)

    def of(self, files: QuerySet[Application]) -> QuerySet[Application]:
        """Those of `files` that it lets through."""
        if self.series:
            files = files.filter(series=self.series)
        if self.words:
            said = Q(full_name__contains=self.words) | Q(employer_name__contains=self.words)
            files = files.filter(said | Q(number__endswith=self.words.upper()))
        return files


def narrowed_by(form: QueryDict) -> Narrowed:
    """The filter that an address or a form carries."""
    return Narrowed(form.get("series", "").strip()[:_LONGEST_WORD], " ".join(form.get("q", "").split())[:_LONGEST_WORD])


def waiting_context(office: str, query: QueryDict, form: QueryDict, *, on: date) -> dict[str, Any]:
    """A page of who waits. `query`: filter and place of the page; `form`: what was ticked on a form that was declined."""
    files = approved(office)
    # One statement for the series, how many there are, which notices ask for publicity, and whether anybody was public.
    counts = {"n": Count("pk"), "public": Count("pk", filter=publicity.was_public())}
    groups = list(files.order_by("series").values_list("series", "notice_id", "notice_digest").annotate(**counts))
    asked = publicity.asking_among({(name, digest) for _, name, digest, *_ in groups})
    held = publicity.held_back(files, on=on, asked=asked)
    place = form if "shown" in form else query
    narrowed = narrowed_by(place)
    mine = narrowed.of(files.exclude(pk__in=held.values("pk")))
    every = Subquery(mine.order_by().values(one=Value(1)).annotate(n=Count("pk")).values("n"))
    listed = keyset_page(
        (mine if groups else mine.none()).annotate(every=every).only(*COLUMNS, "series"),
        order=("approved_at", "id"),
        after=place.get("after"),
        size=A_PAGE,
    )
    count = vars(listed.rows[0])["every"] if listed.rows else 0
    may_be_held = bool(asked) or any(public for *_, public in groups)
    kept_back, held_count = publicity.held_people(held, on=on, most=_NAMED) if may_be_held else ([], 0)
    total = sum(n for *_, n, _ in groups) - held_count
    return {
        "waiting": listed.rows,
        "waiting_page": listed,
        "after": place.get("after", ""),
        "waiting_total": total,
        "count": count,
        "count_words": f"共 {count} 人",
        "over": count > MOST_PEOPLE,
        "most": MOST_PEOPLE,
        "narrowed": narrowed,
        "narrows": total > A_PAGE or bool(narrowed),
        "series": sorted({name for name, *_ in groups if name}),
        "scope": form.get("scope", "ticked"),
        "chosen": frozenset(form.getlist("refs")),
        "held": kept_back,
        "held_count": held_count,
    }


def refs_meant(office: str, form: QueryDict, *, on: date) -> list[str]:
    """Whom a form means: the ticked, or all of its filter but those on its page that were unticked. Raises Declined.

    All of a filter is only what the page said that they were: nobody comes on a list unseen because they came in between.
    """
    ticked = form.getlist("refs")
    if form.get("scope") != "all":
        return ticked
    files = narrowed_by(form).of(waiting_for_roster(office, on))
    refs = list(files.order_by("approved_at", "id").values_list("ref", flat=True))
    if str(len(refs)) != form.get("count", ""):
        raise Declined(f"打开页面以后，符合筛选的人员有了变化，现在是{len(refs)}人。没有拟稿，请核对后再提交。")
    unticked = set(form.getlist("shown")) - set(ticked)
    meant = [ref for ref in refs if ref not in unticked]
    if len(meant) > MOST_PEOPLE:
        raise Declined(f"一份公文最多{MOST_PEOPLE}名，符合筛选的有{len(meant)}名。请先用系列或单位筛选，分几份拟稿。")
    return meant
