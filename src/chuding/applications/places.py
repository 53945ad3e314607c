"""The city of a notice in the sentences of the pages: its name is the notice's own, in the language of the page."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext

from chuding.applications.templatetags.notice_words import plainly
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from chuding.policy.issuer import Contact
    from chuding.policy.notice import Notice


def contact_of(notice: Notice) -> Contact:
    """Whom pages and letters tell people to ask: as the notice has it, at the telephone that the installation names."""
    return replace(notice.contact, telephone=settings.TELEPHONE) if settings.TELEPHONE else notice.contact


def in_city(sentence: StrOrPromise, notice: Notice, **more: str) -> str:
    """The sentence with {city} (镇江市), {place} (镇江) and what else it names filled in."""
    return str(sentence).format(city=plainly(notice.city), place=plainly(notice.place), **more)


def round_of(notice: Notice) -> str:
    """2024年度综合工程专业职称初定, as a page's head names the round of a notice."""
    about, year = plainly(notice.about), notice.published.year
    if not about:
        return gettext("%(year)s年度职称初定") % {"year": year}
    return gettext("%(year)s年度%(about)s职称初定") % {"year": year, "about": about}


@cache
def _said() -> dict[str, dict[str, str]]:
    read: Any = yaml.safe_load((Path(__file__).parent / "places.yaml").read_text(encoding="utf-8"))
    return dict(read)


def _of(notice: Notice, key: str) -> str:
    words = _said().get(notice.city, {}).get(key, "")
    return gettext(words) if words else ""


def districts_included(notice: Notice) -> str:
    """Which districts belong to the city, for the question whether somebody works in it."""
    return _of(notice, "here") or gettext("包括所辖的各区、县（市）。")


def _district_example() -> str:
    return _of(current(now()), "example") or gettext("单位登记地址所在的区、县（市）。")


#: What a district is written like, where the notice in force is from.
DISTRICT_EXAMPLE = lazy(_district_example, str)()
#: 镇江, of the notice in force.
PLACE_NOW = lazy(lambda: str(plainly(current(now()).place)), str)()
