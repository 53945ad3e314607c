"""Handing in: in time to the second, once, whole; corrected later; withdrawn and taken up again."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from desk_steps import judge_all
from django.db import connection, transaction

from chuding.applications.checks import check_number_letters
from chuding.applications.models import Application, NumberSeries, SocialInsuranceState
from chuding.applications.numbering import check_digit, is_number, take_number
from chuding.applications.services import drafting, review, submission
from chuding.applications.workflow import Declined, State
from chuding.connectors.social_insurance import Answer, EmbeddedSocialInsurance, LookUp
from chuding.demonstration.town import fill_in
from chuding.messages.models import Message
from chuding.policy.issuer import Issuer
from stage import NOW, SHANGHAI, Stage

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

LAST_SECOND = datetime(2024, 12, 10, 23, 59, 59, tzinfo=SHANGHAI)
NOBODY_HOME = EmbeddedSocialInsurance("/nonexistent")


class Says:
    """A social insurance that always gives one answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def look_up(self, **_: object) -> LookUp:
        return LookUp(self.answer)


def draft(stage: Stage, at: datetime = NOW, upto: int = 7) -> Application:
    who = stage.character("助理级", State.DRAFT, online=False)
    person = stage.person(who.name, who.phone)
    file = drafting.start(notice=stage.town.notice, by=person, at=at)
    fill_in(stage.town, file.ref, who, person, at, upto=upto)
    file.refresh_from_db()
    return file


def test_last_second_counts(stage: Stage) -> None:
    file = draft(stage)
    file = submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=LAST_SECOND)
    assert (file.life, file.submitted_at) == (State.RECEIVED, LAST_SECOND)


def test_a_second_later_is_refused_with_the_reason_and_nothing_lost(stage: Stage) -> None:
    file = draft(stage)
    given = file.current_materials().count()
    with pytest.raises(Declined) as refusal:
        submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=LAST_SECOND + timedelta(seconds=1))
    assert refusal.value.sentence == (
        "申报期限是2024年3月20日至2024年12月10日24时（通知条款：八），现在不在期限内，不能提交。您填写的内容已经保存。"
    )
    file.refresh_from_db()
    assert (file.life, file.number, file.current_materials().count()) == (State.DRAFT, None, given)


def test_what_was_filed_in_time_may_be_corrected_after_the_window(stage: Stage) -> None:
    file = draft(stage)
    submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=LAST_SECOND)
    review.take(ref=file.ref, by=stage.li, at=LAST_SECOND + timedelta(hours=10))
    judge_all(file, stage.li, at=LAST_SECOND + timedelta(hours=10))
    defects = review.Defects({"work": "请补写岗位"})
    review.send_back(ref=file.ref, defects=defects, by=stage.li, at=LAST_SECOND + timedelta(hours=11))
    with pytest.raises(Declined) as refusal:
        submission.resubmit(ref=file.ref, by=file.applicant, at=LAST_SECOND + timedelta(days=5))
    assert refusal.value.sentence == "还有1项没有修改：填写工作经历和考核。全部改好后再提交。"
    rows = [
        {
            "employer_name": "江苏润江",
            "post": "工艺员",
            "started_on": date(2020, 7, 1),
            "ended_on": None,
            "in_specialty": True,
        }
    ]
    drafting.declare_work(ref=file.ref, rows=rows, values={}, by=file.applicant, at=LAST_SECOND + timedelta(days=5))
    file = submission.resubmit(ref=file.ref, by=file.applicant, at=LAST_SECOND + timedelta(days=5))
    assert file.life is State.REVIEWING
    assert submission.filing_day(file, LAST_SECOND + timedelta(days=5)) == LAST_SECOND.date()


def test_submitting_twice_gives_one_number_and_one_message(stage: Stage) -> None:
    file = draft(stage)
    first = submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=NOW)
    second = submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=NOW)
    assert first.number == second.number
    assert Message.objects.filter(person=file.applicant, template="submitted").count() == 1


def test_incomplete_file_names_every_gap_at_once(stage: Stage) -> None:
    file = draft(stage, upto=2)
    with pytest.raises(submission.Incomplete) as refusal:
        submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=NOW)
    assert {key for key, gaps in refusal.value.gaps.items() if gaps} == {
        "work", "employer", "specialty", "materials", "commitment",
    }  # fmt: skip


def test_not_found_by_the_social_insurance_asks_for_upload_5(stage: Stage) -> None:
    file = draft(stage)
    with pytest.raises(submission.Incomplete) as refusal:
        submission.submit(ref=file.ref, connector=Says(Answer.NOT_FOUND), by=file.applicant, at=NOW)
    assert refusal.value.gaps["materials"] == ["请上传材料5：社保缴费证明"]
    file.refresh_from_db()
    assert (file.life, file.social_insurance) == (State.DRAFT, SocialInsuranceState.NOT_FOUND)


@pytest.mark.parametrize("answer", [Answer.FOUND, Answer.NO_ANSWER])
def test_found_or_silent_social_insurance_never_blocks(stage: Stage, answer: Answer) -> None:
    file = draft(stage)
    file = submission.submit(ref=file.ref, connector=Says(answer), by=file.applicant, at=NOW)
    assert (file.life, file.social_insurance) == (State.RECEIVED, str(answer))


def test_the_same_person_through_a_second_account_is_told_so(stage: Stage) -> None:
    file = draft(stage)
    submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=NOW)
    who = stage.character("助理级", State.DRAFT, online=False)
    other = stage.person("换号的人", "19922222222")
    second = drafting.start(notice=stage.town.notice, by=other, at=NOW)
    fill_in(stage.town, second.ref, who, other, NOW, upto=7)
    drafting.declare(
        ref=second.ref, section="identity", values={"identity_number": file.identity_number}, by=other, at=NOW
    )
    second.refresh_from_db()
    drafting.commit(ref=second.ref, name=second.full_name, by=other, at=NOW)
    with pytest.raises(Declined) as refusal:
        submission.submit(ref=second.ref, connector=NOBODY_HOME, by=other, at=NOW)
    assert refusal.value.sentence.startswith("本年度已有一份使用同一证件号码的申报")


def test_a_change_after_the_promise_wants_a_new_promise(stage: Stage) -> None:
    file = draft(stage)
    drafting.declare(ref=file.ref, section="identity", values={"retired": False}, by=file.applicant, at=NOW)
    file.refresh_from_db()
    assert file.commitment_at is None


def test_withdrawn_file_is_taken_up_again_with_everything_in_it(stage: Stage) -> None:
    file = draft(stage)
    submission.submit(ref=file.ref, connector=NOBODY_HOME, by=file.applicant, at=NOW)
    submission.withdraw(ref=file.ref, by=file.applicant, at=NOW)
    again = drafting.start(notice=stage.town.notice, by=file.applicant, at=NOW)
    assert again.ref != file.ref
    assert (again.full_name, again.specialty, again.identity_index) == (
        file.full_name,
        file.specialty,
        file.identity_index,
    )
    assert [m.file for m in again.current_materials()] == [m.file for m in file.current_materials()]
    assert (again.educations.count(), again.spells.count(), again.commitment_at) == (1, 1, None)


def test_a_stranger_cannot_touch_a_file(stage: Stage) -> None:
    file = draft(stage)
    for act in (
        lambda: drafting.declare(ref=file.ref, section="identity", values={"full_name": "钱"}, by=stage.qian, at=NOW),
        lambda: submission.withdraw(ref=file.ref, by=stage.qian, at=NOW),
        lambda: submission.submit(ref=file.ref, connector=NOBODY_HOME, by=stage.qian, at=NOW),
    ):
        with pytest.raises(Application.DoesNotExist):
            act()


def test_number_has_year_serial_and_check_digit(db: None) -> None:
    with transaction.atomic():
        numbers = [take_number(at=NOW) for _ in range(3)]
    assert [number[:14] for number in numbers] == ["ZJCD2024000001", "ZJCD2024000002", "ZJCD2024000003"]
    assert all(is_number(number) for number in numbers)
    # ISO 7064 MOD 11,10: the standard's own example 0794 has check digit 5
    assert check_digit("0794") == "5"


@pytest.mark.parametrize(
    ("issuer", "letters"),
    [
        ("镇江市职工技术协会", "ZJCD"), ("江苏省南京市人力资源和社会保障局", "NJCD"), ("杭州市（发文机关以原件为准）", "HZCD"),
        ("重庆市某会", "CQCD"), ("恩施土家族苗族自治州人社局", "ESCD"), ("市职工技术协会", "ZCCD"), ("", "ZCCD"),
    ],
)  # fmt: skip
def test_number_begins_with_the_letters_of_the_notices_city(issuer: str, letters: str) -> None:
    assert Issuer(issuer).number_letters == letters


def test_numbers_of_other_letters_remain_good_and_serials_go_on(db: None, settings: SettingsWrapper) -> None:
    with transaction.atomic():
        first = take_number(at=NOW)
        settings.NUMBER_LETTERS = "NJCD"
        second = take_number(at=NOW)
    assert (first[:14], second[:14]) == ("ZJCD2024000001", "NJCD2024000002")
    assert [is_number(each) for each in (first, second)] == [True, True]
    wrong = (
        second[:-1] + str((int(second[-1]) + 1) % 10),
        second.lower(),
        second[1:],
        f" {second}",
        "NJCD２０２４0000012",
        "",
    )
    assert [each for each in wrong if is_number(each)] == []
    assert check_number_letters(app_configs=None) == []
    for letters in ("", "NJC", "NJCDE", "南京CD", "njcd"):
        settings.NUMBER_LETTERS = letters
        assert [error.id for error in check_number_letters(app_configs=None)] == ["chuding.E008"]


@pytest.mark.django_db(transaction=True)
def test_numbers_under_concurrency_have_no_gap_and_no_double() -> None:
    taken: list[str] = []

    def take(fail: bool) -> None:
        try:
            with transaction.atomic():
                number = take_number(at=NOW)
                if fail:
                    raise RuntimeError
                taken.append(number)
        except RuntimeError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(n % 3 == 0,)) for n in range(18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(number[8:14]) for number in taken) == list(range(1, 13))
    assert NumberSeries.objects.get().last == 12


def test_two_saves_from_the_same_page_do_not_overwrite_each_other(stage: Stage) -> None:
    file = draft(stage, upto=1)
    page = file.version
    drafting.declare(ref=file.ref, section="identity", values={"retired": False}, by=file.applicant, at=NOW, seen=page)
    with pytest.raises(Declined) as refusal:
        drafting.declare(
            ref=file.ref, section="identity", values={"retired": True}, by=file.applicant, at=NOW, seen=page
        )
    assert refusal.value.sentence.startswith("这份申报刚刚在别的页面或设备上改过")
    file.refresh_from_db()
    assert file.retired is False
