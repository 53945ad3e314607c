"""What cannot be bent: by the services in words, and by the database for a service that forgets."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from desk_steps import crowd, judge_all, reread, returned_and_mended, show_all
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuding.accounts.appointments import add_person, appoint, appoint_clerk
from chuding.applications.models import NO_UNIT, Application, Correction, Verdict
from chuding.applications.reviewing import guards
from chuding.applications.reviewing.models import Likeness, LikenessKind, SecondLook, Tie, TieKind, Viewing
from chuding.applications.reviewing.ties import ties_of, years_before
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.services import handing_over, likenesses, review, ties, undoing
from chuding.applications.services.review import Defects, Judgement
from chuding.applications.services.viewing import note_pages
from chuding.applications.views.applicant_correct import marked_sheets
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import entries_about
from chuding.messages.models import Message
from chuding.storage import triggers
from chuding.storage.clock import SHANGHAI
from stage import NOW


def sentence_of(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**{"at": NOW, **values})
    return refusal.value.sentence


def colleague(stage, name, duty, phone):
    person = stage.person(name, phone)
    appoint(person=person, office="association", duty=duty, at=NOW)
    return person


def refused_by_the_database(file, **changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=file.pk).update(**changes)


# ---- pages on the screen ----


def test_a_page_that_was_never_shown_keeps_the_file_from_passing(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    Viewing.objects.all().delete()
    first, *others = file.current_materials()
    note_pages(application=file, pages={m.ref: range(1, m.pages + 1) for m in others}, by=stage.li, at=NOW)
    first.pages = 2
    first.save()
    note_pages(application=file, pages={first.ref: [2, 2, 99, 0, -1]}, by=stage.li, at=NOW)
    assert sentence_of(review.recommend, ref=file.ref, favourable=True, text="", by=stage.li) == (
        f"还有页面没有打开看过：材料{first.code}第1页。看过每一页，才能判为合格。"
    )
    refused_by_the_database(file, state=State.RECHECK, opinion="for")
    note_pages(application=file, pages={first.ref: [1]}, by=stage.li, at=NOW)
    review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    assert reread(file).life is State.RECHECK


def test_what_others_saw_does_not_count(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    Viewing.objects.all().delete()
    show_all(file, stage.zhou)
    sentence = sentence_of(review.recommend, ref=file.ref, favourable=True, text="", by=stage.li)
    assert sentence.startswith("还有页面没有打开看过：材料1第1页；")


def test_the_rest_is_fit_only_where_every_page_was_shown(stage):
    file = stage.file_at(State.REVIEWING)
    assert sentence_of(review.recommend, ref=file.ref, favourable=True, text="", rest_fit=True, by=stage.li).startswith(
        "还有页面没有打开看过：材料1第1页；"
    )
    assert {m.verdict for m in file.current_materials()} == {Verdict.PENDING}
    show_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=True, text="", rest_fit=True, by=stage.li, at=NOW)
    assert {m.verdict for m in file.current_materials()} == {Verdict.FIT}
    assert entries_about(("application", file.ref)).filter(action="judge_material").count() == 3


def test_nothing_is_called_fit_unseen_and_then_returned(stage):
    file = stage.file_at(State.REVIEWING)
    first, other, *_ = file.current_materials()
    fit = {"ref": file.ref, "material_ref": first.ref, "judgement": Judgement(Verdict.FIT), "by": stage.li}
    assert sentence_of(review.judge_material, **fit) == (
        f"还有页面没有打开看过：材料{first.code}第1页。看过每一页，才能判为合格。"
    )
    note_pages(application=file, pages={first.ref: range(1, first.pages + 1)}, by=stage.li, at=NOW)
    review.judge_material(**fit, at=NOW)
    # A defect may be said of what one has not looked at to its end.
    defect = Judgement(Verdict.DEFECT, "缺页。")
    review.judge_material(ref=file.ref, material_ref=other.ref, judgement=defect, by=stage.li, at=NOW)
    assert [m.verdict for m in file.current_materials()][:2] == [Verdict.FIT, Verdict.DEFECT]


def test_the_database_calls_nothing_fit_that_was_not_on_that_persons_screen(stage):
    file = stage.file_at(State.REVIEWING)
    material = file.current_materials().first()
    held = file.materials.filter(pk=material.pk)
    for changes in ({"verdict": Verdict.FIT}, {"verdict": Verdict.FIT, "verdict_by": stage.li}):
        with pytest.raises(IntegrityError), transaction.atomic():
            held.update(**changes)
    show_all(file, stage.li)
    assert held.update(verdict=Verdict.FIT, verdict_by=stage.li) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        held.update(verdict_by=stage.zhou)


# ---- whoever judged has reviewed ----


def handed_over_after_judging(stage):
    """Judged by one who also rechecks, handed to another, who looks and passes it on those verdicts."""
    judge = colleague(stage, "何立冬", "reviewer", "19922222222")
    appoint(person=judge, office="association", duty="rechecker", at=NOW)
    file = stage.file_at(State.RECEIVED)
    review.take(ref=file.ref, by=judge, at=NOW)
    judge_all(file, judge)
    handing_over.hand_over(ref=file.ref, to=stage.li.ref, reason="请您接着看。", by=judge, at=NOW)
    show_all(file, stage.li)
    return judge, reread(file)


def test_whoever_judged_the_materials_neither_rechecks_nor_signs_after_a_hand_over(stage, client, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    judge, file = handed_over_after_judging(stage)
    review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    declined = "判断过材料的人，不能再办这份申报的第二人审核、复核或签发。请由没有判断过材料的人办理。"
    assert sentence_of(review.confirm, ref=file.ref, text="", by=judge) == declined
    assert sentence_of(review.refuse, ref=file.ref, clause="二(二)", reason="不满1年。", by=judge) == declined
    for part in ("second", "rechecker", "signer"):
        refused_by_the_database(file, **{part: judge})
    client.force_login(judge)
    page = client.get(f"/desk/{file.ref}/")
    assert page.context["acts"].isdisjoint({"confirm", "refuse"})
    assert "您判断过这份申报的材料，第二人审核、复核和审批都须由没有判断过的人办理。" in page.context["obstacle"]
    review.confirm(ref=file.ref, text="", by=stage.zhou, at=NOW)
    assert reread(file).rechecker == stage.zhou


def test_whoever_judged_before_the_lease_ran_out_does_not_concur_either(stage):
    judge = colleague(stage, "何立冬", "reviewer", "19922222222")
    file = stage.file_at(State.RECEIVED)
    unknown_to_the_rules(file)
    review.take(ref=file.ref, by=judge, at=NOW)
    judge_all(file, judge)
    later = NOW + timedelta(minutes=31)
    review.take(ref=file.ref, by=stage.li, at=later)
    show_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=True, text="合计满1年。", by=stage.li, at=later)
    assert reread(file).life is State.SECOND
    assert sentence_of(review.concur, ref=file.ref, text="同意。", by=judge, at=later).startswith("判断过材料的人，")
    third = colleague(stage, "申某", "reviewer", "19966660000")
    review.concur(ref=file.ref, text="同意。", by=third, at=later)
    assert reread(file).second == third


# ---- all defects at once, and the second time ----


def test_the_database_takes_no_return_with_an_unjudged_material(stage):
    file = stage.file_at(State.REVIEWING)
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(
            application=file, asked_by=stage.li, asked_at=NOW, due_on=date(2024, 10, 8), items=[{"part": "material:1"}]
        )


def test_the_database_takes_no_return_that_leaves_something_out(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    defect = file.current_materials().first()
    held = file.materials.filter(pk=defect.pk)
    told = {"application": file, "asked_by": stage.li, "asked_at": NOW, "due_on": date(2024, 10, 8)}
    for changes in ({"verdict_reason": ""}, {"verdict_reason": "印章看不清。", "verdict_by": None}):
        with pytest.raises(IntegrityError, match="no reason"), transaction.atomic():
            held.update(verdict=Verdict.DEFECT, **changes)
    held.update(verdict=Verdict.DEFECT, verdict_reason="印章看不清。", verdict_by=stage.li)
    with pytest.raises(IntegrityError, match="without saying"), transaction.atomic():
        Application.objects.filter(pk=file.pk).update(state=State.CORRECTION)
    section = {"part": "section:work", "reason": "请补上日期。"}
    for items in ([], [section]):
        with pytest.raises(IntegrityError, match=r"leaves a defect out|names nothing"), transaction.atomic():
            Correction.objects.create(items=items, **told)
    material = {"part": f"material:{defect.code}", "reason": "印章看不清。"}
    assert Correction.objects.create(items=[section, material], **told).pk


def test_the_database_takes_no_second_return_without_why_it_was_missed(stage):
    file = returned_and_mended(stage)
    told = {"application": file, "asked_by": stage.li, "asked_at": NOW, "due_on": date(2024, 10, 8)}
    items = [{"part": f"material:{each.code}", "reason": "看不清。"} for each in file.current_materials()]
    judge_all(file, stage.li)
    with pytest.raises(IntegrityError, match="why it was missed"), transaction.atomic():
        Correction.objects.create(items=items, **told)
    assert Correction.objects.create(items=items, missed="第一次没有看到背面。", **told).pk


def test_the_database_takes_no_word_against_somebody_or_the_rules_without_a_reason(stage):
    file = stage.file_at(State.REVIEWING)
    unknown_to_the_rules(file)
    held = Application.objects.filter(pk=file.pk)
    show_all(file, stage.li)
    for opinion in ("against", "for"):
        with pytest.raises(IntegrityError, match="gives no reason"), transaction.atomic():
            held.update(state=State.SECOND, opinion=opinion)
    third = colleague(stage, "朱芒种", "reviewer", "19955555555")
    with pytest.raises(IntegrityError, match="second reviewer gives no reason"), transaction.atomic():
        held.update(second=third)
    assert held.update(second=third, second_text="材料能说明情况。") == 1


def test_second_return_needs_the_lead_and_why_it_was_missed(stage, run_jobs):
    lead = colleague(stage, "尤芒种", "lead", "19944444444")
    file = returned_and_mended(stage)
    run_jobs(NOW)
    told = Message.objects.filter(person=file.applicant, template="correction").count()
    again = {"ref": file.ref, "by": stage.li}
    assert sentence_of(review.send_back, defects=Defects({"schooling": "毕业时间不对。"}), **again) == (
        "这份申报已经退回过一次。再次退回要组长同意，请写明上次为什么没有一并告知。"
    )
    review.send_back(defects=Defects({"schooling": "毕业时间不对。"}, missed="上次漏看了学历一栏。"), at=NOW, **again)
    assert reread(file).life is State.LEAD
    refused_by_the_database(file, state=State.CORRECTION)
    assert sentence_of(review.agree_to_return, ref=file.ref, by=stage.li).startswith("当前状态是“待组长审定”")
    review.agree_to_return(ref=file.ref, by=lead, at=NOW)
    run_jobs(NOW)
    assert Message.objects.filter(person=file.applicant, template="correction").count() == told, "it can be undone"
    correction = file.corrections.latest()
    assert (reread(file).life, correction.agreed_by, correction.missed) == (
        State.CORRECTION,
        lead,
        "上次漏看了学历一栏。",
    )
    run_jobs(NOW + timedelta(minutes=1))
    assert Message.objects.filter(person=file.applicant, template="correction").count() == told + 1


def test_lead_may_say_no_and_nobody_hears_of_it(stage):
    lead = colleague(stage, "尤芒种", "lead", "19944444444")
    file = returned_and_mended(stage)
    review.send_back(
        ref=file.ref, defects=Defects({"schooling": "毕业时间不对。"}, missed="漏看。"), by=stage.li, at=NOW
    )
    assert (
        sentence_of(review.return_one_step, ref=file.ref, reason=" ", by=lead)
        == "请写明退回上一环节的理由，再提交一次。"
    )
    review.return_one_step(ref=file.ref, reason="证书上写得清楚，请再看。", by=lead, at=NOW)
    assert (reread(file).life, file.corrections.count()) == (State.REVIEWING, 1)


# ---- against the rules ----


def unknown_to_the_rules(file):
    kept = file.assessments.latest()
    kept.report["levels"][file.level]["answer"] = "unknown"
    kept.save()


def test_pass_against_the_rules_needs_a_second_reviewer(stage):
    other = colleague(stage, "何立冬", "reviewer", "19922222222")
    file = stage.file_at(State.REVIEWING)
    unknown_to_the_rules(file)
    judge_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=True, text="劳动合同能证明。", by=stage.li, at=NOW)
    assert reread(file).life is State.SECOND
    assert sentence_of(review.concur, ref=file.ref, text="同意。", by=stage.li) == (
        "初审、复核、签发必须是三个不同的人。您已经办过这份申报的另一个环节，请由其他人办理。"
    )
    assert sentence_of(review.concur, ref=file.ref, text=" ", by=other) == "请写明第二人审核同意的理由，再提交一次。"
    refused_by_the_database(file, second=stage.li)
    review.concur(ref=file.ref, text="合同和社保都看过。", by=other, at=NOW)
    file = reread(file)
    assert (file.life, file.second, file.second_text) == (State.RECHECK, other, "合同和社保都看过。")
    refused_by_the_database(file, rechecker=other)


def test_against_the_rules_nobody_needs_a_second_to_say_no(stage):
    file = stage.file_at(State.REVIEWING)
    unknown_to_the_rules(file)
    judge_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=False, text="见习不满1年。", by=stage.li, at=NOW)
    assert reread(file).life is State.RECHECK


def test_no_refusal_without_a_person_a_clause_and_a_reason(stage):
    file = stage.file_at(State.RECHECK)
    whole = {"state": State.REFUSED, "refused_clause": "二(二)", "refused_reason": "不满1年。", "rechecker": stage.zhou}
    for part in ("refused_clause", "refused_reason"):
        refused_by_the_database(file, **whole | {part: ""})
    refused_by_the_database(file, **whole | {"rechecker": None})
    assert Application.objects.filter(pk=file.pk).update(**whole) == 1


# ---- recusal in the database ----


def test_the_database_gives_no_part_to_who_is_tied(stage):
    file = stage.file_at(State.REVIEWING, online=True)
    other = colleague(stage, "何立冬", "reviewer", "19922222222")
    (own,) = crowd(stage, file, 1, applicant=other, state=State.WITHDRAWN)
    Application.objects.filter(pk=own.pk).update(identity_index=file.identity_index)
    for part in ("reviewer", "second", "rechecker", "signer"):
        refused_by_the_database(file, **{part: other})
    clerk = colleague(stage, "孔白", "reviewer", "19955555555")
    appoint_clerk(person=clerk, employer=file.employer, at=NOW)
    refused_by_the_database(file, reviewer=clerk)
    for n, (kind, value) in enumerate(
        [
            (TieKind.FILE, file.ref),
            (TieKind.USCC, file.employer_uscc),
            (TieKind.EMPLOYER, file.employer_name),
            (TieKind.IDENTITY, file.identity_index),
        ]
    ):
        person = colleague(stage, "申某", "reviewer", f"1996666000{n}")
        tie = Tie.objects.create(person=person, kind=kind, value=value, declared_at=NOW)
        refused_by_the_database(file, reviewer=person, updated_at=NOW)
        tie.until = NOW.date() - timedelta(days=1)
        tie.save()
        assert Application.objects.filter(pk=file.pk).update(reviewer=person, updated_at=NOW) == 1


def own_file(stage, file, person, **changes):
    """An application of the officer's own, long withdrawn, of which only `changes` speak of `file`."""
    plain = {"state": State.WITHDRAWN, "employer": None, "employer_uscc": "", "employer_name": "别的单位"}
    (own,) = crowd(stage, file, 1, applicant=person, number=f"OWN{person.pk}", **plain | changes)
    return own


def test_the_database_knows_the_units_of_an_officers_own_files_and_work(stage):
    """The same answers as `ties_of(…).against(…)`, on the raw table."""
    file = stage.file_at(State.REVIEWING)
    long_ago, recent, today = date(2021, 9, 18), date(2021, 9, 19), NOW.date()
    unit = {"post": "工程师", "started_on": date(2018, 7, 1), "in_specialty": True}
    cases = [
        ({"employer_name": file.employer_name}, None, True),
        ({"employer_uscc": file.employer_uscc}, None, True),
        ({}, (file.employer_name, recent), True),
        ({}, (file.employer_name, long_ago), False),
        ({}, ("某设计院", recent), True),
        ({}, ("没有去过的单位", None), False),
    ]
    file.spells.create(employer_name="某设计院", ended_on=recent, **unit)
    file.spells.create(employer_name="更早的单位", ended_on=long_ago, **unit)
    cases += [({"employer_name": "更早的单位"}, None, False)]
    # What an own file says of its day ends three years after it; "to this day" was that day.
    before, within = (datetime(2021, 9, day, 12, tzinfo=SHANGHAI) for day in (18, 19))
    for moment, counts in ((before, False), (within, True)):
        old = {"submitted_at": moment}
        cases += [
            ({"employer_name": file.employer_name} | old, None, counts),
            ({"employer_uscc": file.employer_uscc} | old, None, counts),
            ({"submitted_at": None, "updated_at": moment, "employer_uscc": file.employer_uscc}, None, counts),
            (old, ("某设计院", None), counts),
            (old, ("某设计院", recent), True),
        ]
    for n, (changes, spell, tied) in enumerate(cases):
        person = colleague(stage, f"申{n}", "reviewer", f"199777700{n:02d}")
        own = own_file(stage, file, person, **changes)
        if spell:
            own.spells.create(employer_name=spell[0], ended_on=spell[1], **unit)
        assert bool(ties_of(person, today).against(reread(file))) is tied, (n, changes, spell)
        if tied:
            refused_by_the_database(file, reviewer=person, updated_at=NOW)
        else:
            assert Application.objects.filter(pk=file.pk).update(reviewer=person, updated_at=NOW) == 1


def test_nobody_is_a_colleague_of_whoever_works_for_themselves(stage):
    """Neither as the unit of a file, nor as a line of work, nor declared: both walls."""
    file = stage.file_at(State.REVIEWING)
    Application.objects.filter(pk=file.pk).update(employer=None, employer_uscc="", employer_name=NO_UNIT)
    unit = {"post": "工程师", "started_on": date(2018, 7, 1), "in_specialty": True, "employer_name": NO_UNIT}
    file.spells.create(**unit)
    officer = colleague(stage, "何立冬", "reviewer", "19922222222")
    own = own_file(stage, file, officer, employer_name=NO_UNIT)
    own.spells.create(**unit)
    Tie.objects.create(person=officer, kind=TieKind.EMPLOYER, value=NO_UNIT, declared_at=NOW)
    found = ties_of(officer, NOW.date())
    assert (found.against(reread(file)), found.leave_out(Application.objects.filter(pk=file.pk)).count()) == ("", 1)
    assert Application.objects.filter(pk=file.pk).update(reviewer=officer, updated_at=NOW) == 1
    assert sentence_of(ties.declare_employer, name=" 自由职业 ", uscc="", until=None, by=officer).startswith(
        "“自由职业”不是单位，不用声明。"
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
def test_ties_are_found_by_indexes_alone(stage):
    """One statement of every page of a file: no part of it may read a table from end to end."""
    person = stage.li
    with CaptureQueriesContext(connection) as asked:
        ties_of(person, NOW.date())
    (question,) = asked.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {question['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    assert [line for line in plan if line.startswith("SCAN")] == []
    assert sum(line.startswith("SEARCH") for line in plan) > 9


def both_walls(file, person, *, tied):
    """What the services say of a person and a file in words, in lists and by the database is one thing."""
    found = ties_of(person, NOW.date())
    left = found.leave_out(Application.objects.filter(pk=file.pk)).count()
    assert (bool(found.against(reread(file))), left) == (tied, 0 if tied else 1)
    if tied:
        refused_by_the_database(file, reviewer=person, updated_at=NOW)
    else:
        assert Application.objects.filter(pk=file.pk).update(reviewer=person, updated_at=NOW) == 1


def test_an_agencys_people_keep_away_from_the_freelancers_it_speaks_for(stage):
    """By the agency's account, as the file's unit is called 自由职业: its clerk, who works there, who declared it."""
    agency = stage.town.employers["agency"]
    file = stage.file_at(State.REVIEWING)
    Application.objects.filter(pk=file.pk).update(
        employer=agency, employer_uscc="", employer_name=NO_UNIT, engagement="freelance"
    )
    people = iter(colleague(stage, f"申{n}", "reviewer", f"1997770000{n}") for n in range(8))
    both_walls(file, next(people), tied=False)
    clerk = next(people)
    appoint_clerk(person=clerk, employer=agency, at=NOW)
    both_walls(file, clerk, tied=True)
    for changes in ({"employer_uscc": agency.uscc}, {"employer_name": agency.name}):
        person = next(people)
        own_file(stage, file, person, **changes)
        both_walls(file, person, tied=True)
    for kind, value in ((TieKind.USCC, agency.uscc), (TieKind.EMPLOYER, agency.name)):
        person = next(people)
        Tie.objects.create(person=person, kind=kind, value=value, declared_at=NOW)
        both_walls(file, person, tied=True)
    # Another freelancer of the same agency is no colleague.
    person = next(people)
    own_file(stage, file, person, employer=agency, employer_name=NO_UNIT, engagement="freelance")
    both_walls(file, person, tied=False)


def test_a_second_account_is_known_without_a_declaration(stage):
    """By the roster entry that the first claimed, and by an own file of the same name and birth under another document."""
    file = stage.file_at(State.REVIEWING)
    people = iter(colleague(stage, f"申{n}", "reviewer", f"1997770000{n}") for n in range(4))
    by_roster, by_name, backwards, clerk = people
    EmployerStaff.objects.create(
        employer=stage.town.employers["ship"], full_name=file.full_name, identity_type=file.identity_type,
        identity_number=file.identity_number, identity_index=file.identity_index, phone="19977770000",
        phone_index="x", added_by=stage.sun, added_at=NOW, updated_at=NOW, claimed_at=NOW, claimed_by=by_roster,
    )  # fmt: skip
    both_walls(file, by_roster, tied=True)
    own = own_file(stage, file, by_name)
    both_walls(file, by_name, tied=False)
    Application.objects.filter(pk=file.pk).update(reviewer=stage.li)
    found = Likeness.objects.create(application=file, other=own, kind=LikenessKind.NAME, found_at=NOW)
    both_walls(file, by_name, tied=True)
    assert ties_of(by_name, NOW.date()).is_of_oneself(reread(file))
    Likeness.objects.filter(pk=found.pk).update(same=True, reason="是同一人", decided_by=stage.li)
    both_walls(file, by_name, tied=True)
    Likeness.objects.filter(pk=found.pk).update(same=False, reason="照片不同")
    both_walls(file, by_name, tied=False)
    Application.objects.filter(pk=file.pk).update(reviewer=stage.li)
    Likeness.objects.create(
        application=own_file(stage, file, backwards), other=file, kind=LikenessKind.NAME, found_at=NOW
    )
    both_walls(file, backwards, tied=True)
    # The same scan in two files says nothing of who they are.
    scan = {"material": file.materials.first(), "other_material": file.materials.last()}
    Likeness.objects.create(
        application=own_file(stage, file, clerk), other=file, kind=LikenessKind.SCAN, found_at=NOW, **scan
    )
    both_walls(file, clerk, tied=False)


@pytest.mark.parametrize(
    ("day", "since"), [("2024-02-29", "2021-02-28"), ("2024-03-01", "2021-03-01"), ("2023-12-31", "2020-12-31")]
)
def test_the_database_counts_days_and_years_as_the_services_do(db, day, since):
    moment = datetime.fromisoformat(f"{day}T00:30:00+08:00")
    rule = ("x", "y", "INSERT", "", "<{day:joined_at}, {years_ago:3:joined_at}>", "")
    asked = re.search("<(.*)>", triggers.create((rule,))[connection.vendor][0]).group(1)
    person = add_person(phone="19922222222", name="何立冬", at=moment)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked} FROM accounts_person WHERE id = %s", [person.pk])
        assert [str(value) for value in cursor.fetchone()] == [day, since]
    assert years_before(date.fromisoformat(day), 3) == date.fromisoformat(since)


def test_no_way_to_a_pass_evades_pages_likenesses_and_opinion(stage):
    other, file = stage.file_at(State.RECEIVED), stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    people = {"opinion": "for", "reviewer": stage.li, "rechecker": stage.zhou, "signer": stage.wu}
    everywhere = (State.RECHECK, State.SECOND, State.SIGNING, State.CITY, State.APPROVED, State.ISSUED)
    like = Likeness.objects.create(application=file, other=other, kind=LikenessKind.PERSON, found_at=NOW)
    for state in everywhere:
        refused_by_the_database(file, state=state, **people)
    like.delete()
    for state in everywhere:
        refused_by_the_database(file, state=state, **people | {"opinion": ""})
    # Against first, for afterwards; and another name under the review than of whoever saw the pages.
    assert Application.objects.filter(pk=file.pk).update(state=State.RECHECK, opinion="for", reviewer=stage.li) == 1
    refused_by_the_database(file, reviewer=colleague(stage, "何立冬", "reviewer", "19922222222"))
    Viewing.objects.all().delete()
    refused_by_the_database(other, state=State.SIGNING, **people)
    assert Application.objects.filter(pk=file.pk).update(opinion="against") == 1
    refused_by_the_database(file, opinion="for")


def test_the_database_passes_nothing_against_the_rules_without_a_second_and_approves_it_never(stage):
    second = colleague(stage, "何立冬", "reviewer", "19922222222")
    file = stage.file_at(State.REVIEWING)
    unknown_to_the_rules(file)
    judge_all(file, stage.li)
    people = {"opinion": "for", "opinion_text": "劳动合同能证明。", "rechecker": stage.zhou, "signer": stage.wu}
    for state in (State.RECHECK, State.SIGNING, State.CITY, State.APPROVED):
        refused_by_the_database(file, state=state, **people)
    agreed = {"second": second, "second_text": "合同和社保都看过。"}
    assert Application.objects.filter(pk=file.pk).update(state=State.SIGNING, **agreed, **people) == 1
    refused_by_the_database(file, second=None)
    refused_by_the_database(file, state=State.APPROVED)
    refused_by_the_database(file, state=State.ISSUED)


def test_whoever_asks_for_a_second_return_does_not_agree_to_it_nor_does_who_is_tied(stage):
    lead = colleague(stage, "尤芒种", "lead", "19944444444")
    file = returned_and_mended(stage)
    again = Defects({"schooling": "毕业时间不对。"}, missed="漏看。")
    review.send_back(ref=file.ref, defects=again, by=stage.li, at=NOW)
    correction = file.corrections.latest()
    Tie.objects.create(person=lead, kind=TieKind.FILE, value=file.ref, declared_at=NOW)
    for person in (stage.li, lead, file.applicant):
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.filter(pk=correction.pk).update(agreed_by=person)
    Correction.objects.filter(pk=correction.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(
            application=file, asked_by=stage.li, agreed_by=stage.li, asked_at=NOW, due_on=NOW.date(), items=[]
        )


def test_the_database_lets_nobody_look_again_who_had_a_part_or_a_tie(stage):
    file = stage.file_at(State.SIGNING)
    look, _ = SecondLook.objects.get_or_create(application=file, defaults={"drawn_at": NOW})
    friend, other = (
        colleague(stage, name, "reviewer", phone)
        for name, phone in (("申某", "19966660000"), ("何立冬", "19922222222"))
    )
    Tie.objects.create(person=friend, kind=TieKind.USCC, value=file.employer_uscc, declared_at=NOW)
    for person in (stage.li, stage.zhou, file.applicant, friend):
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondLook.objects.filter(pk=look.pk).update(by=person, at=NOW)
    assert SecondLook.objects.filter(pk=look.pk).update(by=other, at=NOW) == 1


def test_guards_stand_in_the_database_and_their_absence_stops_the_start(db):
    with connection.cursor() as cursor:
        cursor.execute(triggers.LIST[connection.vendor])
        assert guards.NAMES - {name for (name,) in cursor.fetchall()} == set()
        assert [e.id for e in run_checks(databases=["default"]) if e.id == "chuding.E003"] == []
        name, table = guards.RULES[0][:2]
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    assert [e.id for e in run_checks(databases=["default"]) if e.id == "chuding.E003"] == ["chuding.E003"]


# ---- likenesses ----


def test_same_scan_in_anothers_file_is_settled_by_a_person_before_the_pass(stage):
    other, file = stage.file_at(State.RECEIVED), stage.file_at(State.REVIEWING)
    copied = other.current_materials().get(code="2")
    file.current_materials().filter(code="2").update(file=copied.file)
    assert likenesses.find_likenesses(file, at=NOW) == 1
    assert likenesses.find_likenesses(file, at=NOW) == 0
    held = Likeness.objects.get(application=file)
    assert (held.kind, held.other, held.other_material, held.same) == (LikenessKind.SCAN, other, copied, None)
    judge_all(file, stage.li)
    assert sentence_of(review.recommend, ref=file.ref, favourable=True, text="", by=stage.li) == (
        "这份申报与别的申报相似，还没有判断是不是重复。请先看“相似的申报”，写明判断。"
    )
    refused_by_the_database(file, state=State.RECHECK, opinion="for")
    answer = {"ref": file.ref, "likeness_id": held.pk, "by": stage.li}
    assert sentence_of(likenesses.settle, same=True, reason=" ", **answer) == (
        "请写明判断的理由，例如“姓名、证书编号不同”。"
    )
    likenesses.settle(same=True, reason="同一张毕业证书。", at=NOW, **answer)
    assert sentence_of(review.recommend, ref=file.ref, favourable=True, text="", by=stage.li) == (
        "已经认定这份申报与别的申报重复，不能建议通过。请退回补正，或不建议通过。"
    )
    refused_by_the_database(file, state=State.RECHECK, opinion="for")
    likenesses.settle(same=False, reason="同一单位统一出具，姓名不同。", at=NOW, **answer)
    review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    assert reread(file).life is State.RECHECK


def test_same_person_under_a_second_account_is_found(stage):
    file = stage.file_at(State.RECEIVED)
    other = stage.file_at(State.ISSUED)
    Application.objects.filter(pk=other.pk).update(identity_index=file.identity_index, notice_id="another-round")
    likenesses.find_likenesses(file, at=NOW)
    assert [(row.kind, row.other) for row in file.likenesses.all()] == [(LikenessKind.PERSON, other)]


# ---- undo ----


def undone(stage, file, state):
    undoing.undo(ref=file.ref, by=stage.li, at=NOW + timedelta(seconds=29))
    assert reread(file).life is state


def test_send_back_undone_in_time_reaches_nobody(stage, run_jobs):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li, defects={"2": "看不清。"})
    due = reread(file).due_on
    review.send_back(ref=file.ref, defects=Defects(), by=stage.li, at=NOW)
    assert (reread(file).life, reread(file).due_on) == (State.CORRECTION, None)
    undone(stage, file, State.REVIEWING)
    run_jobs(NOW + timedelta(minutes=5))
    assert Message.objects.filter(person=file.applicant, template="correction").count() == 0
    assert (file.corrections.count(), reread(file).due_on) == (0, due)
    acts = entries_about(("application", file.ref)).filter(action__in=["send_back", "undo"])
    assert [each.action for each in acts] == ["send_back", "undo"]
    review.send_back(ref=file.ref, defects=Defects(), by=stage.li, at=NOW + timedelta(minutes=1))
    run_jobs(NOW + timedelta(minutes=5))
    assert Message.objects.filter(person=file.applicant, template="correction").count() == 1


def test_undo_is_for_who_did_it_and_for_half_a_minute(stage):
    other = colleague(stage, "何立冬", "reviewer", "19922222222")
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    assert sentence_of(undoing.undo, ref=file.ref, by=other) == "只有刚才办理的人可以撤销。"
    late = NOW + timedelta(seconds=30)
    assert sentence_of(undoing.undo, ref=file.ref, by=stage.li, at=late) == (
        "可以撤销的30秒已经过了，通知已经发出，或者申报已经有了新的办理。"
    )
    undone(stage, file, State.REVIEWING)
    assert (reread(file).opinion, reread(file).undo_until) == ("", None)


def test_undo_ends_with_the_next_act(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    review.return_one_step(ref=file.ref, reason="请再看。", by=stage.zhou, at=NOW)
    assert sentence_of(undoing.undo, ref=file.ref, by=stage.li).startswith("可以撤销的30秒已经过了")


def test_recheck_and_refusal_can_be_undone(stage, run_jobs):
    file = stage.file_at(State.RECHECK)
    review.confirm(ref=file.ref, text="", by=stage.zhou, at=NOW)
    undoing.undo(ref=file.ref, by=stage.zhou, at=NOW)
    assert (reread(file).life, reread(file).rechecker) == (State.RECHECK, None)
    review.refuse(ref=file.ref, clause="二(二)", reason="不满1年。", by=stage.zhou, at=NOW)
    undoing.undo(ref=file.ref, by=stage.zhou, at=NOW)
    run_jobs(NOW + timedelta(minutes=1))
    file = reread(file)
    assert (file.life, file.refused_clause, file.refused_reason) == (State.RECHECK, "", "")
    assert Message.objects.filter(person=file.applicant, template="refused").count() == 0
    review.refuse(ref=file.ref, clause="二(二)", reason="不满1年。", by=stage.zhou, at=NOW)
    run_jobs(NOW + timedelta(minutes=1))
    assert Message.objects.filter(person=file.applicant, template="refused").count() == 1


def test_the_leads_agreement_can_be_undone_and_reaches_the_applicant_once(stage, run_jobs):
    lead = colleague(stage, "尤芒种", "lead", "19944444444")
    file = returned_and_mended(stage)
    run_jobs(NOW + timedelta(minutes=1))
    told = Message.objects.filter(person=file.applicant, template="correction").count()
    again = Defects({"schooling": "毕业时间不对。"}, missed="漏看。")
    review.send_back(ref=file.ref, defects=again, by=stage.li, at=NOW)
    due = reread(file).due_on
    review.agree_to_return(ref=file.ref, by=lead, at=NOW)
    assert sentence_of(undoing.undo, ref=file.ref, by=stage.li) == "只有刚才办理的人可以撤销。"
    undoing.undo(ref=file.ref, by=lead, at=NOW + timedelta(seconds=29))
    assert (reread(file).life, reread(file).due_on, file.corrections.latest().agreed_by) == (State.LEAD, due, None)
    run_jobs(NOW + timedelta(minutes=5))
    assert Message.objects.filter(person=file.applicant, template="correction").count() == told
    review.agree_to_return(ref=file.ref, by=lead, at=NOW + timedelta(minutes=6))
    run_jobs(NOW + timedelta(minutes=7))
    assert Message.objects.filter(person=file.applicant, template="correction").count() == told + 1


def test_an_overdue_file_that_was_closed_by_mistake_is_open_again(stage, run_jobs):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li, defects={"2": "看不清。"})
    review.send_back(ref=file.ref, defects=Defects(), by=stage.li, at=NOW)
    late = NOW + timedelta(days=40)
    close = {"ref": file.ref, "reason": "逾期没有补正。", "by": stage.li}
    review.close_overdue(at=late, **close)
    run_jobs(late)
    undoing.undo(ref=file.ref, by=stage.li, at=late + timedelta(seconds=29))
    assert (reread(file).life, file.corrections.latest().mended_at) == (State.CORRECTION, None)
    run_jobs(late + timedelta(minutes=5))
    assert Message.objects.filter(person=file.applicant, template="expired").count() == 0
    review.close_overdue(at=late + timedelta(minutes=6), **close)
    run_jobs(late + timedelta(minutes=7))
    assert Message.objects.filter(person=file.applicant, template="expired").count() == 1
    crowd(stage, file, 1, applicant=file.applicant, state=State.RECEIVED, identity_index=file.identity_index)
    assert sentence_of(undoing.undo, ref=file.ref, by=stage.li, at=late + timedelta(minutes=6, seconds=5)) == (
        "申报人已经另外提交了申报，不能撤销。"
    )


@pytest.mark.parametrize(("state", "level"), [(State.SIGNING, "助理级"), (State.CITY, "中级")])
def test_a_signers_refusal_can_be_undone_and_leaves_the_recheck_as_it_was(stage, run_jobs, state, level):
    file = stage.file_at(state, level)
    signer = stage.wu if state is State.SIGNING else stage.zhao
    refuse = {"ref": file.ref, "clause": "二(二)", "reason": "不满1年。", "by": signer}
    review.refuse(at=NOW, **refuse)
    undoing.undo(ref=file.ref, by=signer, at=NOW + timedelta(seconds=29))
    run_jobs(NOW + timedelta(minutes=1))
    held = reread(file)
    assert (held.life, held.signer, held.rechecker, held.refused_clause) == (state, None, stage.zhou, "")
    assert Message.objects.filter(person=file.applicant, template="refused").count() == 0
    review.refuse(at=NOW + timedelta(minutes=2), **refuse)
    run_jobs(NOW + timedelta(minutes=3))
    assert Message.objects.filter(person=file.applicant, template="refused").count() == 1


# ---- handing over ----


def test_a_file_is_handed_to_a_colleague_who_looks_again(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    other = colleague(stage, "何立冬", "reviewer", "19922222222")
    friend = colleague(stage, "申某", "reviewer", "19966660000")
    Tie.objects.create(person=friend, kind=TieKind.FILE, value=file.ref, declared_at=NOW)
    give = {"ref": file.ref, "by": stage.li}
    assert sentence_of(handing_over.hand_over, to=other.ref, reason=" ", **give) == "请写明转交的理由，再提交一次。"
    assert sentence_of(handing_over.hand_over, to=stage.zhou.ref, reason="请假", **give) == "请选择要转交的审核员。"
    assert "按规定要回避" in sentence_of(handing_over.hand_over, to=friend.ref, reason="请假", **give)
    handing_over.hand_over(to=other.ref, reason="电气专业，请您看。", at=NOW, **give)
    held = reread(file)
    assert (held.life, held.reviewer, held.held_by(other, NOW)) == (State.REVIEWING, other, True)
    assert sentence_of(handing_over.hand_over, to=other.ref, reason="再转", **give).startswith("该件由何立冬")
    assert "还有页面没有打开看过" in sentence_of(review.recommend, ref=file.ref, favourable=True, text="", by=other)
    entry = entries_about(("application", file.ref)).last()
    assert (entry.action, entry.reason) == ("hand_over", "电气专业，请您看。")


# ---- marks ----


def test_marks_are_cut_to_the_page_and_go_to_the_applicant(stage):
    file = stage.file_at(State.REVIEWING)
    show_all(file, stage.li)
    material = file.current_materials().get(code="2")
    marks = [[1, 900, -50, 400, 200], [9, 0, 0, 50, 50], [1, 0, 0, 2, 2], ["1", 0, 0, 50, 50], [1, 2, 3]]
    review.judge_material(
        ref=file.ref,
        material_ref=material.ref,
        judgement=Judgement(Verdict.DEFECT, "证书编号看不清。", "number-unreadable", marks),
        by=stage.li,
        at=NOW,
    )
    review.send_back(ref=file.ref, defects=Defects(rest_fit=True), by=stage.li, at=NOW)
    (item,) = file.corrections.get().items
    assert (item["code"], item["material"], item["marks"]) == (
        "number-unreadable",
        material.ref,
        [[1, 900, 0, 100, 150]],
    )
    assert [sheet["src"] for sheet in marked_sheets(file, item)] == [""], "no picture is shown before it is drawn"
    file.materials.filter(pk=material.pk).update(pages_ready=True)
    assert marked_sheets(Application.objects.get(pk=file.pk), item) == [
        {
            "n": 1,
            "src": f"/applications/{file.ref}/materials/{material.ref}/file/?sheet=1",
            "boxes": [[900, 0, 100, 150]],
        }
    ]
