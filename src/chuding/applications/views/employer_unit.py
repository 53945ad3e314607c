"""For which of their units somebody is working on the employer's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import Http404

from chuding.accounts.people import employers_of

if TYPE_CHECKING:
    from chuding.accounts.models import Employer
    from chuding.applications.views.desk_access import StaffRequest

CHOSEN = "employer_unit"


def unit_of(request: StaffRequest) -> tuple[Employer, list[Employer]]:
    """The unit named by `?unit=`, the one chosen last, or the first; and all of theirs. 404 for somebody else's."""
    units = list(employers_of(request.user))
    if not units:
        raise Http404
    by_code = {unit.uscc: unit for unit in units}
    if wanted := request.GET.get("unit"):
        if wanted not in by_code:
            raise Http404
        request.session[CHOSEN] = wanted
        return by_code[wanted], units
    return by_code.get(request.session.get(CHOSEN, ""), units[0]), units


def unit_tabs(units: list[Employer], current: Employer, address: str) -> list[dict[str, object]]:
    """Tabs between one's units; none where there is one."""
    if len(units) < 2:
        return []
    return [
        {"href": f"{address}?{urlencode({'unit': unit.uscc})}", "text": unit.name, "current": unit == current}
        for unit in units
    ]
