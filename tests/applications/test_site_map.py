"""网站地图: nothing that a link can lead to is missing on it, and nobody is led to a page that refuses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import NoReverseMatch, reverse

from chuding.accounts.roles import MATRIX, Role
from chuding.applications.views.site_map import OPEN, SIGNED_IN
from chuding.applications.workflow import State

if TYPE_CHECKING:
    from django.test import Client

    from stage import Stage

pytestmark = pytest.mark.django_db
# Why a page of one address is not on the map.
NO_PAGE = {
    "api_assess", "api_catalogue", "api_notice", "api_notices", "api_openapi", "healthz", "jwks", "status_list",
}  # for programs  # fmt: skip
ON_THE_WAY = {
    "consent", "recovery_codes", "reminder", "reminder_code", "reminder_set", "second_factor", "self_check_result", "sign_in_code", "step_up",
}  # somebody is led there, and there is nothing to do before  # fmt: skip
ACTS = {
    "application_new", "authenticator_replace", "consent_withdraw", "inbox_read", "my_data_export", "reminder_cancel",
    "self_check_begin", "self_check_paper", "session_end", "session_extend", "set_display", "sign_in_resend", "sign_out",
}  # a button, and no page  # fmt: skip
DEMONSTRATION = {"outbox"}


def named(*parts: tuple[object, ...]) -> list[str]:
    return [name for part in parts for each in part for name, _ in each.pages]  # type: ignore[attr-defined]


def of_one_address(role: Role) -> set[str]:
    """The pages of this role whose address takes nothing."""
    found = set()
    for name in (name for name, roles in MATRIX.items() if role in roles):
        try:
            reverse(name)
        except NoReverseMatch:
            continue
        found.add(name)
    return found


@pytest.mark.parametrize("role", [Role.ANYONE, Role.APPLICANT])
def test_map_leaves_out_no_page_without_a_reason(role: Role) -> None:
    assert of_one_address(role) - NO_PAGE - ON_THE_WAY - ACTS - DEMONSTRATION == of_one_address(role) & set(
        named(OPEN, SIGNED_IN)
    )


def test_map_names_every_page_once_and_the_public_ones_open_for_anyone() -> None:
    names = named(OPEN, SIGNED_IN)
    assert len(names) == len(set(names))
    assert [name for name in named(OPEN) if Role.ANYONE not in MATRIX[name]] == []


def test_map_leads_everybody_only_where_the_door_opens(stage: Stage, client: Client) -> None:
    applicant = stage.file_at(State.DRAFT).applicant
    closed: dict[str, list[str]] = {}
    for who in (None, applicant, stage.li):
        client.logout() if who is None else client.force_login(who)
        main = re.search(r"<main.*</main>", client.get("/map/").text, re.DOTALL)
        assert main is not None
        assert "我的数据" in main[0]
        for address in re.findall(r'href="(/[^"]*)"', main[0]):
            if client.get(address).status_code not in {200, 302}:
                closed.setdefault(str(who), []).append(address)
    assert closed == {}


def test_every_page_links_to_the_map_in_its_foot(client: Client) -> None:
    foot = client.get("/help/").text.partition("<footer")[2]
    assert 'href="/map/">网站地图</a>' in foot
