"""Opening a unit's account by stamped paper or letter; a unit without one hands in its stamp by a link, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from applicant_steps import pdf
from desk_steps import reread, version_of
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from chuding.accounts.appointments import add_employer
from chuding.accounts.models import Employer, EmployerClerk
from chuding.applications.deadlines import clock_of, days_left, set_clock
from chuding.applications.models import Application
from chuding.applications.services import co_signing, drafting, employer, posting, units
from chuding.applications.units.models import CoSign, UnitRequest
from chuding.applications.workflow import Declined, State
from chuding.demonstration.cast import UNITS, social_credit_code
from chuding.messages.models import Message
from chuding.policy.schema import PublicityEntry
from stage import NOW

CODE = social_credit_code(200101)
FORM = {
    "uscc": CODE.lower(), "name": "镇江蒜山仪表有限公司", "kind": "enterprise", "district": "京口区",
    "address": "镇江市京口区蒜山路1号", "clerk_name": "钱谷子",
}  # fmt: skip
UPLOAD = drafting.Upload(code="", name="授权书.pdf", digest="a" * 64, size=9, pages=1)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def asked(stage):
    return units.ask(asked=units.Asked(**FORM), by=stage.qian, at=NOW)


def refused(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values, at=NOW)
    return refusal.value.sentence


def acts_for(person):
    return list(EmployerClerk.objects.filter(person=person, active=True).values_list("employer__uscc", flat=True))


def test_officer_opens_the_account_after_the_stamped_paper_only(stage, asked):
    assert (asked.uscc, acts_for(stage.qian)) == (CODE, [])
    assert refused(units.decide, ref=asked.ref, accept=True, reason="", by=stage.wu) == (
        "还没有上传盖章的材料，不能核验通过。可以寄核验信。"
    )
    units.attach(ref=asked.ref, upload=UPLOAD, by=stage.qian, at=NOW)
    assert refused(units.decide, ref=asked.ref, accept=True, reason="", by=stage.li).startswith("只有协会的签发人")
    units.decide(ref=asked.ref, accept=True, reason="", by=stage.wu, at=NOW)
    unit = Employer.objects.get(uscc=CODE)
    assert (unit.name, unit.verified_at, acts_for(stage.qian)) == (FORM["name"], NOW, [CODE])
    assert Message.objects.filter(template="unit_opened", person=stage.qian).count() == 1
    assert refused(units.decide, ref=asked.ref, accept=True, reason="", by=stage.wu).startswith("这份申请已经有人处理")
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitRequest.objects.filter(pk=asked.pk).update(decided_by=None)


def test_second_clerk_of_a_known_unit_is_opened_too_and_its_name_stays(stage):
    unit = add_employer(name="老名字", uscc=CODE, kind="enterprise", verified=True, at=NOW)
    found = units.ask(asked=units.Asked(**FORM), by=stage.qian, at=NOW)
    units.attach(ref=found.ref, upload=UPLOAD, by=stage.qian, at=NOW)
    units.decide(ref=found.ref, accept=True, reason="", by=stage.wu, at=NOW)
    unit.refresh_from_db()
    assert (unit.name, acts_for(stage.qian)) == ("老名字", [CODE])
    assert refused(units.ask, asked=units.Asked(**FORM), by=stage.qian).startswith("您已经是这个单位的经办人")


def test_letters_code_opens_it_and_five_wrong_ones_end_it(stage, asked):
    _, code = units.write_letter(ref=asked.ref, by=stage.wu, at=NOW)
    wrong = {refused(units.confirm, ref=asked.ref, code="ZZZZZ-ZZZZZ", by=stage.qian) for _ in range(5)}
    assert wrong == {f"核验码不对，还可以再试{n}次。请对照信上的10位字母和数字。" for n in range(5)}
    assert refused(units.confirm, ref=asked.ref, code=code, by=stage.qian).startswith("核验码输错已达5次")
    _, again = units.write_letter(ref=asked.ref, by=stage.wu, at=NOW)
    assert refused(units.confirm, ref=asked.ref, code=code, by=stage.qian).startswith("核验码不对")
    found = units.confirm(ref=asked.ref, code=again.lower().replace("-", " "), by=stage.qian, at=NOW)
    assert (found.accepted, found.decided_by, found.code_hash, acts_for(stage.qian)) == (True, stage.wu, "", [CODE])


def test_declining_takes_a_reason_that_the_asker_reads(stage, asked, client):
    assert refused(units.decide, ref=asked.ref, accept=False, reason=" ", by=stage.wu).startswith("请写明不通过的理由")
    units.decide(ref=asked.ref, accept=False, reason="公章上的名称与所填不一致。", by=stage.wu, at=NOW)
    client.force_login(stage.qian)
    assert "公章上的名称与所填不一致。" in client.get(f"/units/{asked.ref}/").content.decode()
    assert units.ask(asked=units.Asked(**FORM), by=stage.qian, at=NOW).accepted is None


def test_by_the_pages_from_the_form_to_the_account(stage, client, run_jobs):
    client.force_login(stage.qian)
    wrong = client.post("/units/", FORM | {"uscc": CODE[:-1] + ("A" if CODE[-1] != "A" else "B"), "kind": ""})
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"kind"})
    wrong = client.post("/units/", FORM | {"uscc": CODE[:-1] + ("A" if CODE[-1] != "A" else "B")})
    assert set(wrong.context["form"].errors) == {"uscc"}
    address = client.post("/units/", FORM)["Location"]
    assert client.post(address, {}).context["errors"][0]["text"] == "请先选择盖好公章的 PDF 或者照片，再点“上传”。"
    file = SimpleUploadedFile("授权书.pdf", pdf("授权书"), "application/pdf")
    assert client.post(address, {"file": file})["Location"] == address
    run_jobs(NOW)
    client.force_login(stage.wu)
    (waiting,) = client.get("/desk/units/").context["waiting"]
    desk = f"/desk/units/{waiting.ref}/"
    assert list(client.get(desk).context["pages"]) == [1]
    assert b"".join(client.get(f"{desk}pages/1.webp").streaming_content)[8:12] == b"WEBP"
    assert client.get(f"{desk}pages/2.webp").status_code == 404
    assert client.post(desk, {"choice": "x"}).status_code == 422
    letter = client.post(desk, {"choice": "letter"})
    assert letter.context["code"] in letter.content.decode()
    assert client.post(desk, {"choice": "accept"})["Location"] == "/desk/units/"
    assert "<h1>单位账户核验信</h1>" in letter.content.decode()
    client.force_login(stage.qian)
    assert 'href="/employer/"' in client.get(address).content.decode()
    assert client.get("/employer/").status_code == 200
    client.force_login(stage.sun)
    assert client.get(address).status_code == 404


@pytest.fixture
def draft(stage):
    """A draft that is filled in; every other one of the town stops after three sections."""
    drafts = (stage.file_at(State.DRAFT, online=False) for _ in range(8))
    return next(file for file in drafts if file.employer_uscc and file.specialty)


def word(file, **changes):
    return co_signing.Word(
        **{"name": "尤小雪", "phone": "19900000077", "uscc": file.employer_uscc, "agrees": True} | changes
    )


def test_link_takes_the_stamped_paper_once(stage, draft, client):
    token = co_signing.make_link(ref=draft.ref, by=draft.applicant, at=NOW)
    page = client.get(reverse("co_sign", args=[token]))
    assert (page.status_code, draft.full_name in page.content.decode()) == (200, True)
    assert client.get(reverse("co_sign", args=["x" * 22])).status_code == 404
    assert co_signing.open_link(token=token, at=NOW + timedelta(days=8)) is None
    upload = drafting.Upload(code="1", name="证明.pdf", digest="b" * 64, size=9, pages=1)
    with pytest.raises(co_signing.CoSignProblem) as problem:
        co_signing.speak(token=token, word=word(draft, uscc=CODE), upload=upload, at=NOW)
    assert problem.value.field == "uscc"
    held = co_signing.speak(token=token, word=word(draft), upload=upload, at=NOW)
    assert (held.agrees, held.name) == (True, "尤小雪")
    assert draft.current_materials().get(code="1").file == "b" * 64
    assert Message.objects.filter(template="co_signed", person=draft.applicant).count() == 1
    with pytest.raises(co_signing.CoSignProblem, match="这个链接已经用过"):
        co_signing.speak(token=token, word=word(draft), upload=upload, at=NOW)


def test_new_link_ends_the_one_before_and_a_file_handed_in_takes_none(stage, draft):
    first = co_signing.make_link(ref=draft.ref, by=draft.applicant, at=NOW)
    second = co_signing.make_link(ref=draft.ref, by=draft.applicant, at=NOW)
    assert co_signing.open_link(token=first, at=NOW) is None
    assert co_signing.open_link(token=second, at=NOW) == CoSign.objects.get()
    with pytest.raises(Application.DoesNotExist):
        co_signing.make_link(ref=draft.ref, by=stage.qian, at=NOW)
    Application.objects.filter(pk=draft.pk).update(state=State.RECEIVED)
    assert co_signing.open_link(token=second, at=NOW) is None
    assert refused(co_signing.make_link, ref=draft.ref, by=draft.applicant).startswith("这份申报已经提交")


def test_by_the_pages_from_the_link_to_the_reason(stage, draft, client, run_jobs):
    client.force_login(draft.applicant)
    page = client.post(f"/applications/{draft.ref}/papers/co-sign/")
    address = page.context["link"].partition("8000")[2]
    run_jobs(NOW)
    client.logout()
    shown = client.get(address)
    assert (draft.full_name in shown.content.decode(), draft.identity_number in shown.content.decode()) == (True, False)
    assert b"".join(client.get(f"{address}?paper").streaming_content)[:5] == b"%PDF-"
    said = {"name": "尤小雪", "phone": "19900000077", "uscc": draft.employer_uscc, "agrees": "yes"}
    missing = client.post(address, said)
    assert (missing.status_code, set(missing.context["form"].errors)) == (422, {"file"})
    assert set(client.post(address, said | {"agrees": "no"}).context["form"].errors) == {"reason"}
    done = client.post(address, said | {"agrees": "no", "reason": "岗位与合同不一致。"})
    assert "理由已告诉这位职工" in done.content.decode()
    assert client.get(address).status_code == 404
    client.force_login(draft.applicant)
    assert "岗位与合同不一致。" in client.get(f"/applications/{draft.ref}/papers/co-sign/").content.decode()


# ---- 公示 at the unit ----


@pytest.fixture
def asking(monkeypatch):
    """The notice asks for five working days at the unit, as if its text did."""
    rule = PublicityEntry.model_validate({"依据": "六", "原文": "公示", "单位": "5个工作日"})
    monkeypatch.setattr("chuding.policy.notice.Notice.publicity", rule)


def test_unit_agrees_after_its_names_have_hung_for_the_days_asked(stage, asking):
    file = stage.file_at(State.EMPLOYER, online=True)
    clerk, unit = stage.town.clerk(stage_unit(file)), file.employer
    assert refused(employer.endorse, ref=file.ref, version=version_of(file), by=clerk).startswith(
        f"通知要求先在单位公示：{file.full_name}还没有"
    )
    found = posting.post(employer=unit, refs=[file.ref], by=clerk, at=NOW)
    assert (found.last_on, posting.waiting_to_post(unit)) == (date(2024, 9, 25), [])
    early = {"ref": found.ref, "employer": unit, "result": posting.NOTHING_SAID, "by": clerk}
    assert refused(posting.close, **early) == "公示到9月25日24时为止，期满以后再写结果。"
    after = NOW + timedelta(days=8)
    posting.close(**early, at=after)
    assert employer.endorse(ref=file.ref, version=version_of(file), by=clerk, at=after).life is State.RECEIVED


def test_units_clock_stands_while_names_hang_and_goes_on_with_what_is_left(stage, asking):
    """Over 国庆 with a worked Sunday: five days the unit has, two are used before its list hangs for five."""
    file = stage.file_at(State.EMPLOYER, online=True)
    set_clock(file, State.DRAFT, date(2024, 9, 25))
    file.save()
    posted_on = NOW.replace(day=27)
    found = posting.post(employer=file.employer, refs=[file.ref], by=stage.town.clerk(stage_unit(file)), at=posted_on)
    # The 29th (worked) and 30th September, 8, 9, 10 October.
    assert found.last_on == date(2024, 10, 10)
    held = reread(file)
    assert [clock_of(held, day).used for day in (date(2024, 9, 27), date(2024, 10, 10), date(2024, 10, 11))] == [
        2,
        2,
        3,
    ]
    # Three are left: 11, 12 (worked), 14 October.
    assert (held.due_on, days_left(held, date(2024, 10, 15))) == (date(2024, 10, 14), -1)


def stage_unit(file):
    return next(unit.key for unit in UNITS if unit.name == file.employer.name)


def test_posting_by_the_pages(stage, asking, client):
    file = stage.file_at(State.EMPLOYER, online=True)
    client.force_login(stage.town.clerk(stage_unit(file)))
    assert client.post("/employer/posting/", {}).status_code == 422
    address = client.post("/employer/posting/", {"refs": [file.ref]})["Location"]
    assert file.full_name in client.get(address).content.decode()
    assert client.post(f"{address}close/", {"result": "没有收到异议。"}).status_code == 422
    client.force_login(stage.qian)
    assert client.get(address).status_code == 404
