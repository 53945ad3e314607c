"""Standing in: a duty lent to a colleague from one day to another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chuding.accounts.absences import AbsenceProblem, end_absence, stand_in
from chuding.accounts.models import Delegation
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.services import review
from chuding.applications.workflow import Declined, State
from stage import NOW

TODAY = date(2024, 9, 18)


def lent(stage, **changes):
    words = {
        "delegate_ref": stage.li.ref,
        "first": TODAY,
        "last": date(2024, 9, 20),
        "by": stage.zhou,
        "at": NOW,
        "on": TODAY,
    }
    return stand_in(**words | changes)


def test_duty_is_lent_from_its_first_to_its_last_day(stage):
    lent(stage, first=date(2024, 9, 19))
    held = {day: Role.RECHECKER in roles_of(stage.li, on=date(2024, 9, day)) for day in (18, 19, 20, 21)}
    assert held == {18: False, 19: True, 20: True, 21: False}


def test_who_stands_in_is_still_not_two_people(stage):
    lent(stage)
    file = stage.file_at(State.RECHECK)
    with pytest.raises(Declined) as refusal:
        review.confirm(ref=file.ref, text="", by=stage.li, at=NOW)
    assert refusal.value.sentence.startswith("初审、复核、签发必须是三个不同的人。")
    end_absence(delegation_id=Delegation.objects.get().pk, by=stage.zhou, at=NOW)
    lent(stage, delegate_ref=stage.wu.ref)
    review.confirm(ref=file.ref, text="", by=stage.wu, at=NOW)
    file.refresh_from_db()
    assert (file.life, file.rechecker) == (State.SIGNING, stage.wu)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"last": date(2024, 9, 17)}, "最后一天早于第一天，请改正日期。"),
        ({"first": date(2024, 9, 1), "last": date(2024, 9, 2)}, "这段时间已经过去了，请改正日期。"),
        ({"last": TODAY + timedelta(days=93)}, "一次最多委托三个月。更长时间请由管理员调整岗位。"),
        ({"delegate_ref": "x"}, "请从名单里选择本机构的一位同事。"),
    ],
)
def test_what_cannot_be_is_said(stage, changes, sentence):
    with pytest.raises(AbsenceProblem) as problem:
        lent(stage, **changes)
    assert problem.value.sentence == sentence


def test_duties_stay_in_their_office_and_are_lent_once(stage):
    with pytest.raises(AbsenceProblem):
        lent(stage, delegate_ref=stage.zhao.ref)
    lent(stage)
    with pytest.raises(AbsenceProblem) as problem:
        lent(stage, delegate_ref=stage.wu.ref)
    assert problem.value.sentence == "这段时间已经委托过了。需要改的，请先结束原来的委托。"


def test_absence_page_lends_and_ends(stage, client, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    client.force_login(stage.zhou)
    bad = client.post("/desk/absence/", {"delegate": stage.li.ref, "first": "9月18日", "last": ""})
    errors = {key: list(said) for key, said in bad.context["form"].errors.items()}
    assert errors == {"first": ["第一天请写成 2024-09-18 这样。"], "last": ["请填写最后一天。"]}
    turned = client.post("/desk/absence/", {"delegate": stage.li.ref, "first": "2024.9.20", "last": "2024年9月18日"})
    assert turned.context["form"].errors == {"last": ["最后一天早于第一天，请改正日期。"]}
    assert turned.status_code == 422
    client.post("/desk/absence/", {"delegate": stage.li.ref, "first": "2024-09-18", "last": "2024-09-20"})
    ((row, duty),) = client.get("/desk/absence/").context["rows"]
    assert (row.delegate, duty) == (stage.li, "协会复核员")
    client.post("/desk/absence/", {"end": str(row.pk)})
    assert client.get("/desk/absence/").context["rows"] == []
