"""`{% menu as links %}`: the site's main menu for whoever is looking."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from chuding.accounts.people import NOBODY
from chuding.accounts.roles import Role
from chuding.applications.places import contact_of
from chuding.notices.shelf import shipped

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

register = template.Library()
_DESKS = frozenset({Role.REVIEWER, Role.LEAD, Role.RECHECKER, Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER})
_PAPERS = frozenset({Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER, Role.ASSOCIATION_DRAFTER, Role.CITY_DRAFTER})
_WORKS = _DESKS | {Role.EMPLOYER_CLERK}


@register.simple_tag(takes_context=True)
def foot_without_context(context: dict[str, Any]) -> str:
    """What the foot reads, on the pages of faults, to which nobody gives a context: from the first notice, without a question."""
    if "organiser" not in context:
        context["contact"] = contact_of(shipped())
        context["organiser"] = settings.OFFICE_NAMES["association"]
        context["registrations"] = settings.REGISTRATIONS
    return ""


class Link(NamedTuple):
    """One link of the menu. `current`: this page (`page`), or a page above it (`true`), as ARIA says it."""

    url: str
    text: _StrPromise | str
    current: str = ""


@register.simple_tag(takes_context=True)
def menu(context: Any) -> list[Link]:
    """The links that concern the person of this page's request, in their order; an address that does not exist is left out."""
    request = context.get("request")
    path, roles = getattr(request, "path", ""), getattr(request, "roles", NOBODY)
    signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
    return [link._replace(current=_mark(link.url, path)) for link in _links(roles, signed_in)]


def _mark(url: str, path: str) -> str:
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""


@lru_cache(maxsize=256)
def _links(roles: frozenset[Role], signed_in: bool) -> tuple[Link, ...]:
    wanted: tuple[tuple[bool, str, _StrPromise | str], ...] = (
        (not signed_in, "home", _("首页")),
        (bool(roles & _DESKS), "desk", _("审核工作台")),
        (bool(roles & _PAPERS), "decisions_home", _("发文与证书")),
        (Role.ADMINISTRATOR in roles, "publishing", "通知发布"),
        (Role.EMPLOYER_CLERK in roles, "employer_home", _("单位审核")),
        (not roles & _WORKS, "self_check", _("申报自查")),
        (Role.APPLICANT in roles, "my_applications", _("我的申报")),
        (True, "guide", _("办事指南")),
        (True, "notice", _("通知原文")),
        (True, "verify", _("证书验证")),
        (True, "help", _("帮助")),
    )
    return tuple(Link(url, text) for shown, name, text in wanted if shown and (url := _address(name)))


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
