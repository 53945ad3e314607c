"""What the unit's list of files is narrowed down to, read from and written into its address."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from chuding.applications.material_kinds import Kind
from chuding.applications.services.holding import holding
from chuding.applications.views.desk_filters import one_of, plain_words
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import QueryDict

    from chuding.applications.models import ApplicationQuerySet

HAS_LETTER = {"yes": "有盖章证明", "no": "没有盖章证明"}


@dataclass(frozen=True)
class UnitFilters:
    """A part of a name, a level, and whether there is a stamped letter; what is none of the choices narrows nothing."""

    name: str = ""
    level: str = ""
    letter: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """The filters of a query string."""
        return cls(
            name=plain_words(query.get("name", ""))[:40],
            level=one_of(query, "level", levels()),
            letter=one_of(query, "letter", HAS_LETTER),
        )

    def apply(self, files: ApplicationQuerySet) -> ApplicationQuerySet:
        """Narrow the files down."""
        if self.name:
            files = files.filter(full_name__contains=self.name)
        if self.level:
            files = files.filter(level=self.level)
        if self.letter:
            held = holding(Kind.ENDORSEMENT)
            files = files.filter(held if self.letter == "yes" else ~held)
        return files

    def query(self, **more: str) -> str:
        """The query string that leads to this list again."""
        values = more | {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in values.items() if value})


def levels() -> list[str]:
    """The levels of the notice in force, to choose from."""
    return [rule.level.value for rule in current(now()).levels]
