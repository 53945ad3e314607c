"""An appeal against a refusal: in time, once, decided by somebody without a part in the file, told by letter."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from desk_steps import judge_all
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from chuding.accounts.appointments import appoint
from chuding.applications.aftercare_models import Appeal
from chuding.applications.models import Application, Verdict
from chuding.applications.reviewing.models import Tie
from chuding.applications.reviewing.parts import named_on, who_had_a_part
from chuding.applications.services import review
from chuding.applications.services.appealing import appeal, decide_appeal
from chuding.applications.services.drafting import start
from chuding.applications.services.papers import papers_of
from chuding.applications.workflow import Declined, IllegalAction, State
from chuding.certificates.models import PaperKind
from chuding.jobs.worker import run_pending
from chuding.ledger.record import record
from chuding.messages.models import Message
from stage import NOW, SHANGHAI, Stage

pytestmark = pytest.mark.django_db
REASON = "劳动合同能证明2023年6月起从事本专业工作，已满一年。"
ANSWER = "核对了劳动合同和社保记录，理由如下。"


@pytest.fixture
def refused(stage: Stage) -> Application:
    """A junior file that 周 refused at the recheck on 18 September 2024, a Wednesday; 尤 leads."""
    stage.you = stage.person("尤芒种", "19944444444")  # type: ignore[attr-defined]
    appoint(person=stage.you, office="association", duty="lead", at=NOW)  # type: ignore[attr-defined]
    file = stage.file_at(State.RECHECK)
    return review.refuse(ref=file.ref, clause="二(二)", reason="工作年限不满一年。", by=stage.zhou, at=NOW)


def appealed(file: Application) -> Application:
    return appeal(ref=file.ref, reason=REASON, by=file.applicant, at=NOW + timedelta(days=1))


def test_refusal_can_be_appealed_for_ten_working_days(refused: Application) -> None:
    # Ten working days with the holidays of October 2024 and the Saturdays worked for them.
    assert refused.appeal_until == date(2024, 10, 8)
    late = datetime(2024, 10, 9, 0, 0, tzinfo=SHANGHAI)
    with pytest.raises(Declined, match=r"申请复核的期限（2024年10月8日24时）已经过了"):
        appeal(ref=refused.ref, reason=REASON, by=refused.applicant, at=late)
    last = late - timedelta(minutes=1)
    assert appeal(ref=refused.ref, reason=REASON, by=refused.applicant, at=last).life is State.APPEALED


def test_refused_page_shows_the_marked_material_and_who_looked(stage: Stage, settings: Any, client: Client) -> None:
    """A17: the reviewer's words and boxes are there after the decision too, and the way to the record of who looked."""
    settings.CLOCK_OFFSET = NOW - timezone.now()
    file = stage.file_at(State.RECHECK)
    material = file.current_materials().get(code="2")
    file.materials.filter(pk=material.pk).update(
        verdict=Verdict.DEFECT, verdict_reason="合同没有写岗位。", marks=[[1, 100, 200, 300, 40]], pages_ready=True
    )
    review.refuse(ref=file.ref, clause="二(二)", reason="工作年限不满一年。", by=stage.zhou, at=NOW)
    client.force_login(file.applicant)
    page = client.get(f"/applications/{file.ref}/").text
    assert "合同没有写岗位。" in page
    assert '<rect x="100" y="200" width="300" height="40"/>' in page
    assert f"{reverse('material_file', args=[file.ref, material.ref])}?sheet=1" in page
    assert f'href="{reverse("my_data")}#seen"' in page
    assert 'id="seen"' in client.get(reverse("my_data")).text


def test_days_for_an_appeal_count_from_when_the_person_is_told(refused: Application, settings: Any) -> None:
    # The worker stood still for two days, and then it was night: the text goes out at eight on the 21st, a Saturday.
    told = datetime(2024, 9, 20, 22, 0, tzinfo=SHANGHAI)
    settings.CLOCK_OFFSET = told - timezone.now()
    while run_pending(told):
        pass
    refused.refresh_from_db()
    assert refused.appeal_until == date(2024, 10, 10)
    (letter,) = [paper for paper in papers_of(refused) if paper.kind == PaperKind.REFUSAL]
    assert letter.office == "association"


def test_appeal_before_the_letter_keeps_the_letter(refused: Application, settings: Any) -> None:
    appealed(refused)
    later = NOW + timedelta(days=1)
    settings.CLOCK_OFFSET = later - timezone.now()
    while run_pending(later):
        pass
    assert [paper.kind for paper in papers_of(refused) if paper.kind == PaperKind.REFUSAL] == [PaperKind.REFUSAL]
    assert Message.objects.filter(person=refused.applicant, template="refused").count() == 1


def test_appeal_keeps_the_refusal_as_it_was(refused: Application, stage: Stage) -> None:
    file = appealed(refused)
    held = Appeal.objects.get(application=file)
    kept = (held.reason, held.refused_by, held.refused_on, held.clause, held.refused_reason, held.upheld)
    assert kept == (REASON, stage.zhou, date(2024, 9, 18), "二(二)", "工作年限不满一年。", None)
    assert Message.objects.filter(person=file.applicant).latest("id").template == "appealed"


def test_appeal_is_ones_own_and_in_words(refused: Application, stage: Stage) -> None:
    with pytest.raises(Application.DoesNotExist):
        appeal(ref=refused.ref, reason=REASON, by=stage.qian, at=NOW)
    with pytest.raises(Declined, match="至少10个字"):
        appeal(ref=refused.ref, reason=" 不同意 ", by=refused.applicant, at=NOW + timedelta(days=1))


def test_appeal_beside_a_new_file_is_declined(refused: Application, stage: Stage) -> None:
    start(notice=stage.town.notice, by=refused.applicant, at=NOW)
    with pytest.raises(Declined, match="请先撤回新的那一份"):
        appealed(refused)


def test_upheld_refusal_is_told_by_letter_and_cannot_be_appealed_again(refused: Application, stage: Stage) -> None:
    file, at = appealed(refused), NOW + timedelta(days=3)
    file = decide_appeal(ref=file.ref, upheld=True, answer=ANSWER, by=stage.you, at=at)  # type: ignore[attr-defined]
    assert (file.life, file.refused_reason) == (State.REFUSED, "工作年限不满一年。")
    with pytest.raises(Declined, match="已经复核过一次"):
        appealed(file)
    while run_pending(at + timedelta(minutes=5)):
        pass
    (letter,) = [paper for paper in papers_of(file) if paper.kind == PaperKind.APPEAL]
    assert letter.office == "association"
    assert Message.objects.filter(person=file.applicant).latest("id").template == "appeal_upheld"


def test_void_refusal_begins_anew_with_other_people(refused: Application, stage: Stage) -> None:
    file = appealed(refused)
    file = decide_appeal(ref=file.ref, upheld=False, answer=ANSWER, by=stage.you, at=NOW + timedelta(days=3))  # type: ignore[attr-defined]
    people = (file.reviewer, file.second, file.rechecker, file.signer)
    assert (file.life, people, file.opinion, file.refused_reason) == (State.RECEIVED, (None,) * 4, "", "")
    assert Tie.objects.filter(person=stage.zhou, value=file.ref).count() == 1
    review.take(ref=file.ref, by=stage.li, at=NOW + timedelta(days=4))
    with pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.filter(pk=file.pk).update(rechecker=stage.zhou)


def test_appeal_is_decided_by_nobody_who_had_a_part(refused: Application, stage: Stage) -> None:
    file = appealed(refused)
    appoint(person=stage.zhou, office="association", duty="lead", at=NOW)
    with pytest.raises(Declined, match="没有办过的人"):
        decide_appeal(ref=file.ref, upheld=True, answer=ANSWER, by=stage.zhou, at=NOW + timedelta(days=2))
    for stranger in (file.applicant, stage.zhao, stage.qian):
        with pytest.raises(IllegalAction):
            decide_appeal(ref=file.ref, upheld=False, answer=ANSWER, by=stranger, at=NOW + timedelta(days=2))
    with pytest.raises(Declined, match="申请人会原样读到"):
        decide_appeal(ref=file.ref, upheld=True, answer="不行", by=stage.you, at=NOW + timedelta(days=2))  # type: ignore[attr-defined]


def test_the_database_too_refuses_a_decision_by_whoever_had_a_part(refused: Application, stage: Stage) -> None:
    file = appealed(refused)
    for person in (file.applicant, stage.li, stage.zhou):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE applications_appeal SET decided_by_id = %s, decided_at = %s, upheld = %s, answer = 'x'",
                [person.pk, NOW, False],
            )
    with pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.filter(pk=file.pk).update(state=State.RECEIVED)


def test_a_part_of_long_ago_is_a_part(refused: Application, stage: Stage, client: Client) -> None:
    # 尤 once returned the file from a desk of hers; her name stands on it nowhere.
    you = stage.you  # type: ignore[attr-defined]
    file = appealed(refused)
    record(
        action="return", subject=("application", file.ref), by=you, role="lead", at=NOW, reason="请再核对。", data={}
    )
    assert you.pk not in named_on(file)
    assert who_had_a_part(file) == {stage.li.pk, stage.zhou.pk, you.pk}
    with pytest.raises(Declined, match="没有办过的人"):
        decide_appeal(ref=file.ref, upheld=True, answer=ANSWER, by=you, at=NOW + timedelta(days=2))
    with pytest.raises(DatabaseError), transaction.atomic():
        Appeal.objects.filter(application=file).update(decided_by=you, decided_at=NOW, upheld=True, answer=ANSWER)
    client.force_login(you)
    shown = page(client, f"/desk/{file.ref}/")
    assert "复核申请须由没有办过的人决定" in shown
    assert 'value="decide_appeal"' not in shown


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_applicant_appeals_on_the_page(refused: Application, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("applicant_progress", "applicant_appeal"):
        monkeypatch.setattr(f"chuding.applications.views.{module}.now", lambda: NOW + timedelta(days=1))
    client.force_login(refused.applicant)
    address = f"/applications/{refused.ref}/"
    assert "可以在 2024年10月8日 24:00 前向协会申请复核" in strip_tags(page(client, address))
    short = client.post(f"{address}appeal/", {"reason": "不同意"})
    assert "请把理由写得再具体些，至少 10 个字。" in short.content.decode()
    assert client.post(f"{address}appeal/", {"reason": REASON}).url == address
    after = page(client, address)
    assert "复核申请办理中" in after
    assert REASON in strip_tags(after)
    assert f'href="{address}appeal/"' not in after
    assert client.get(f"{address}appeal/").status_code == 302


def test_lead_decides_at_the_desk(refused: Application, client: Client, stage: Stage) -> None:
    file = appealed(refused)
    client.force_login(stage.you)  # type: ignore[attr-defined]
    assert file.full_name in page(client, "/desk/?tab=appealed")
    shown = page(client, f"/desk/{file.ref}/")
    assert REASON in strip_tags(shown)
    form = {"action": "decide_appeal", "version": str(file.version)}
    for lacking, words in (({"answer": ANSWER}, "请选择“维持原决定”"), ({"upheld": "yes"}, "至少10个字")):
        declined = client.post(f"/desk/{file.ref}/act/", form | lacking)
        assert (declined.status_code, words in declined.content.decode()) == (422, True)
    client.post(f"/desk/{file.ref}/act/", form | {"upheld": "no", "answer": ANSWER})
    file.refresh_from_db()
    assert file.life is State.RECEIVED
    client.force_login(stage.zhou)
    assert client.get(f"/desk/{file.ref}/").status_code == 403


def test_second_refusal_has_a_decision_of_its_own(refused: Application, stage: Stage) -> None:
    run_pending(NOW + timedelta(minutes=5))
    file = appealed(refused)
    decide_appeal(ref=file.ref, upheld=False, answer=ANSWER, by=stage.you, at=NOW + timedelta(days=2))  # type: ignore[attr-defined]
    later = NOW + timedelta(days=3)
    review.take(ref=file.ref, by=stage.li, at=later)
    judge_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=later)
    other = stage.person("另一", "19977777777")
    appoint(person=other, office="association", duty="rechecker", at=NOW)
    review.refuse(ref=file.ref, clause="二(二)", reason="仍然不满一年。", by=other, at=later)
    run_pending(later + timedelta(minutes=5))
    kinds = [paper.kind for paper in papers_of(file)]
    assert kinds.count(PaperKind.REFUSAL) == 2


def test_appeal_waits_until_the_refusal_is_told(refused: Application) -> None:
    Application.objects.filter(pk=refused.pk).update(undo_until=NOW + timedelta(seconds=30))
    with pytest.raises(Declined, match="还没有正式告知"):
        appeal(ref=refused.ref, reason=REASON, by=refused.applicant, at=NOW + timedelta(seconds=29))
    appeal(ref=refused.ref, reason=REASON, by=refused.applicant, at=NOW + timedelta(seconds=30))


def test_appeal_beside_a_file_of_the_same_person_under_another_account_is_declined(
    refused: Application, stage: Stage
) -> None:
    other = stage.file_at(State.RECEIVED)
    Application.objects.filter(pk=other.pk).update(identity_index=refused.identity_index)
    with pytest.raises(Declined, match="已经重新开始申报"):
        appealed(refused)
