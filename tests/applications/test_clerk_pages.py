from __future__ import annotations

import pytest
from django.utils import timezone

from chuding.accounts.clerks import clerks_of
from chuding.accounts.models import EmployerClerk, Person
from chuding.accounts.people import phone_index
from chuding.messages.models import Message
from stage import NOW

PAGE = "/employer/clerks/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def test_a_clerk_is_added_told_and_ended_on_the_page(stage, client):
    client.force_login(stage.sun)
    assert "唯一的经办人" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"name": "何立秋", "phone": "139 0000 1111"})["Location"] == PAGE
    new = Person.objects.get(phone_index=phone_index("13900001111"))
    assert Message.objects.filter(person=new, template="clerk_added").count() == 1
    page = client.get(PAGE).content.decode()
    assert ("139****1111" in page, "13900001111" in page) == (True, False)
    client.post(f"{PAGE}end/", {"person": new.ref})
    unit = stage.town.employers["machine"]
    assert [row.person for row in clerks_of(unit)] == [stage.sun]
    assert Message.objects.filter(person=new, template="clerk_ended").count() == 1
    client.post(f"{PAGE}end/", {"person": stage.sun.ref})
    assert [row.person for row in clerks_of(unit)] == [stage.sun]


def test_what_was_typed_wrong_stands_at_its_field_and_stays(stage, client):
    client.force_login(stage.sun)
    page = client.post(PAGE, {"name": "何立秋", "phone": "12"})
    assert (page.status_code, list(page.context["form"].errors), 'value="何立秋"' in page.content.decode()) == (
        422,
        ["phone"],
        True,
    )


def test_who_acts_for_two_units_chooses_and_never_a_third(stage, client):
    units = stage.town.employers
    EmployerClerk.objects.create(person=stage.sun, employer=units["ship"])
    client.force_login(stage.sun)
    assert len(client.get(PAGE).context["units"]) == 2
    chosen = client.get(PAGE, {"unit": units["ship"].uscc})
    assert chosen.context["employer"] == units["ship"]
    assert client.get("/employer/staff/").context["employer"] == units["ship"]
    assert client.get(PAGE, {"unit": units["power"].uscc}).status_code == 404
