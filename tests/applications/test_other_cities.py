"""A platform of another city says that city's names: no page, letter or document of the interface knows 镇江."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress

import pypdfium2
import pytest
from applicant_steps import IDENTITY, Applicant, make_person, make_unit
from django.conf import settings as site
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from chuding.accounts.appointments import add_employer, add_person, appoint
from chuding.accounts.models import Employer
from chuding.accounts.passwords import problem_with_password
from chuding.accounts.people import roles_of
from chuding.accounts.roles import MATRIX, Role, may_open
from chuding.applications.asked import BARRING, barring_asked
from chuding.applications.forms.identity import IdentityForm
from chuding.applications.forms.self_check import SelfCheckForm
from chuding.applications.models import Application
from chuding.applications.places import contact_of, districts_included, round_of
from chuding.applications.roster.prospects import assumption
from chuding.applications.sections import missing_in
from chuding.applications.self_check_pages import PAGE, PAGES, asked_by, numbers_of, why_of
from chuding.applications.services import review
from chuding.applications.services.drafting import start
from chuding.applications.services.papers import papers_of
from chuding.applications.templatetags.notice_words import in_pieces, unbroken
from chuding.applications.views.desk_facts import facts_rows
from chuding.applications.workflow import State
from chuding.decisions.texts import copies_of
from chuding.demonstration.cast import social_credit_code
from chuding.policy.issuer import Issuer, city_of, issuer_of, place_of
from chuding.policy.notice import FOLDER, load_notice, read_notice
from chuding.policy.source import Files, read_files
from stage import NOW, signing_keys

pytestmark = pytest.mark.django_db

DUTIES = (
    ("association", "reviewer"), ("association", "signer"), ("association", "administrator"), ("city", "signer"),
)  # fmt: skip
#: The city in the three languages, its association's account, its area code.
ZHENJIANG = re.compile("镇江|鎮江|Zhenjiang|镇技|鎮技|0511|丹阳|京口", re.IGNORECASE)
#: Who one is, without the questions on what may bar somebody.
NAMED = {name: value for name, value in IDENTITY.items() if name not in BARRING}
# What lists every notice that is shipped.
LISTS = ("/notices/", "/api/notices", "/publishing/new/")
#: A clause as a sentence names it, and as a label.
IN_WORDS = re.compile(
    "通知(?:<[^>]*>)?第([一二三四五六七八九十]+)条(?:第([一二三四五六七八九十]+)款)?(?:第(\\d+)项)?(注)?"
)
LABELLED = re.compile("通知([一二三四五六七八九十]+(?:[(（][一二三四五六七八九十]+[)）]\\d*注?)?)(?![、件书知])")
#: What the self-check asks that only some notices ask.
ASKED_BY_FEW = {"standing", "sanction", "sanction-end", "document", "permit", "assessed"}


def install(settings, identifier):
    """What settings read of the notice that an installation begins with."""
    settings.NOTICE = identifier
    head = issuer_of(FOLDER / identifier / "notice.yaml")
    settings.CITY, settings.OFFICE_NAMES = head.city, head.offices
    settings.DOCUMENT_NUMBERS, settings.DOCUMENT_FIRST_SERIAL = head.document_numbers, head.first_serials
    settings.SMS_TELEPHONE, settings.NUMBER_LETTERS = head.telephone, head.number_letters
    return load_notice(identifier)


@pytest.fixture
def city(request, settings, at):
    """An installation of another city."""
    settings.CLOCK_OFFSET = at - timezone.now()
    signing_keys()
    shutil.rmtree(site.DATA_FOLDER / "outbox", ignore_errors=True)  # what another test's city sent from this process
    return install(settings, request.param)


def everybody(at):
    """Somebody with a draft; and who works here, in Chinese: a unit's clerk, officers of both."""
    applicant, clerk = make_person(at), make_person(at, "13812345679")
    make_unit(at, name="西溪机械有限公司", clerk=clerk)
    officers = []
    for number, (office, duty) in enumerate(DUTIES):
        officer = add_person(phone=f"19900000{number:03d}", name="褚立春", at=at)
        appoint(person=officer, office=office, duty=duty, at=at)
        officers.append(officer)
    return applicant, [clerk, *officers]


def addresses(roles, *, public):
    """What these roles may open that needs nothing to be named: with what is open to everyone, or their own alone."""
    for name in MATRIX:
        if may_open(name, roles) and (public or Role.ANYONE not in MATRIX[name]):
            with suppress(NoReverseMatch):
                yield reverse(name)


def opened(client, applicant, workers, file, language):
    """Each page in this language that a stranger, the applicant, and, of their own pages, who works here may open."""
    questions = [f"/check/{page.key}/" for page in PAGES]
    parts = ("", "identity/", "schooling/", "work/", "employer/", "specialty/", "materials/", "check/", "commitment/")
    for person in (None, applicant, *workers):
        client.logout()
        if person is not None:
            client.force_login(person)
        client.cookies[site.LANGUAGE_COOKIE_NAME] = language
        asked = [*addresses(roles_of(person) if person else (), public=person not in workers)]
        asked += questions if person not in workers else []
        asked += [f"/applications/{file}/{part}" for part in parts] if person is applicant else []
        for address in asked:
            response = client.get(address)
            if response.status_code == 200 and not response.streaming:
                yield address, response.content.decode(errors="ignore")


@pytest.mark.parametrize(
    ("city", "name", "place", "headline"),
    [
        ("hangzhou-2023", "杭州市", "杭州", "2023年度职称初定"),
        ("nanjing-machinery-2022", "南京市", "南京", "2022年度机械工程专业职称初定"),
        ("zhenjiang-2024-1", "镇江市", "镇江", "2024年度综合工程专业职称初定"),
    ],
    indirect=["city"],
)
def test_sentences_name_the_notices_own_city(city, client, at, name, place, headline):
    form = SelfCheckForm(None, notice=city, today=at.date())
    assert [str(label) for _, label in form.fields["work_place"].choices][:3] == [
        f"在{place}，和单位签了劳动（聘用）合同", f"在{place}，自由职业", f"在{place}以外",
    ]  # fmt: skip
    assert round_of(city) == headline
    page = client.get("/").content.decode()
    assert f'<h1 id="hero-title">{unbroken(in_pieces(headline))}</h1>' in page
    assert f'承办单位：<span lang="zh-Hans">{city.issuer}</span>' in page
    assert f"在{place}从事专业技术工作或者就业的" in client.get("/check/").content.decode()
    assert assumption(city, freelance=True).startswith(f"按“在{place}工作、自由职业、")
    assert copies_of("association") == f"市职称（职业资格）工作领导小组办公室、{name}总工会"
    assert copies_of("city") == city.issuer
    assert (
        add_employer(name="甲", uscc=social_credit_code(200101), kind="enterprise", verified=True, at=at).district
        == place
    )
    sentence = f"这个密码容易被猜到，请不要只用职称、{place}一类的词加几个数字。"
    assert problem_with_password(f"{place}{place}职称12345678", phone="") in {sentence, None}
    me = Applicant.__new__(Applicant)
    me.client, me.person, me.at = client, make_person(at), at
    client.force_login(me.person)
    me.ref = start(notice=city, by=me.person, at=at).ref
    assert f"您在{name}工作吗" in me.get("employer/").content.decode()
    with translation.override("en"):
        english = SelfCheckForm(None, notice=city, today=at.date())
        assert str(english.fields["work_place"].choices[1][1]) == f"In {city.place.said['en']}, freelance"


def test_zhenjiang_reads_as_before(settings):
    """What stood in the interface itself before it came from the notice."""
    assert settings.CITY == "镇江市"
    assert settings.OFFICE_NAMES == {
        "association": "镇江市职工技术协会",
        "city": "镇江市职称（职业资格）工作领导小组办公室",
    }
    assert settings.DOCUMENT_NUMBERS == {
        "association": "镇技协〔{year}〕{serial}号",
        "city": "镇职称办〔{year}〕{serial}号",
    }
    assert settings.DOCUMENT_FIRST_SERIAL == {"association": {2024: 2}, "city": {}}
    assert districts_included(load_notice("zhenjiang-2024-1")) == "包括丹阳、句容、扬中和丹徒等各区。"
    assert copies_of("association") == "市职称（职业资格）工作领导小组办公室、镇江市总工会"
    guess = "请不要只用职称、镇江一类的词加几个数字。"
    assert [guess in (problem_with_password(text, phone="") or "") for text in ("zhenjiang1234", "镇江镇江镇江镇江镇江12")] == [
        True, False,
    ]  # fmt: skip


def test_telephone_that_is_named_stands_on_pages_letters_and_in_texts(client, settings, at):
    head = issuer_of(FOLDER / "zhenjiang-2024-1" / "notice.yaml")
    assert (head.telephone, issuer_of(FOLDER / "hangzhou-2023" / "notice.yaml").telephone) == ("0511-83320260", "")
    assert ("", head.telephone) == (settings.TELEPHONE, settings.SMS_TELEPHONE)
    settings.TELEPHONE = settings.SMS_TELEPHONE = "010-12345678"
    notice = load_notice("zhenjiang-2024-1")
    assert (contact_of(notice).telephone, contact_of(notice).name) == ("010-12345678", notice.contact.name)
    pages = {address: client.get(address).text for address in ("/", "/guide/", "/help/", "/privacy/", "/none/")}
    assert {address for address, page in pages.items() if "010-12345678" not in page or head.telephone in page} == set()


@pytest.mark.parametrize(
    ("issuer", "found"),
    [
        ("镇江市职工技术协会", ("镇江市", "镇江")), ("江苏省南京市人力资源和社会保障局", ("南京市", "南京")),
        ("杭州市（发文机关以原件为准）", ("杭州市", "杭州")), ("恩施土家族苗族自治州人社局", ("恩施土家族苗族自治州",) * 2),
        ("新疆维吾尔自治区乌鲁木齐市某会", ("乌鲁木齐市", "乌鲁木齐")), ("市职工技术协会", ("本市", "本市")),
        ("浙江省人力资源和社会保障厅", ("本市", "本市")), ("", ("本市", "本市")),
    ],
)  # fmt: skip
def test_city_is_what_the_issuers_name_begins_with(issuer, found):
    city = city_of(issuer)
    assert (city, place_of(city)) == found


def test_head_of_a_notice_that_is_no_more_names_nobody(tmp_path):
    """Whoever loads that notice says what is wrong; settings only pass it by."""
    broken = tmp_path / "notice.yaml"
    broken.write_text("文件: [", encoding="utf-8")
    assert [issuer_of(each) for each in (tmp_path / "none", broken)] == [Issuer("")] * 2


def labels_cited(text, language="zh-hans"):
    """Every clause that the words of a page cite, as labels."""
    if language == "en":
        yield from (said or alone for said, alone in IN_ENGLISH.findall(text))
        return
    for chapter, clause, item, note in IN_WORDS.findall(text):
        yield f"{chapter}{f'({clause})' if clause else ''}{item}{note}"
    yield from (label.replace("（", "(").replace("）", ")") for label in LABELLED.findall(text))


#: An English page says a label after the word, or by itself where it can be nothing else.
IN_ENGLISH = re.compile(
    "[Cc]lauses? (?:<[^>]*>)*([一二三四五六七八九十]+(?:\\([一二三四五六七八九十]+\\))?\\d*注?)|([一二三四五六七八九十]+\\([一二三四五六七八九十]+\\)\\d*注?)"
)


@pytest.mark.parametrize(
    ("city", "language"),
    [
        ("hangzhou-2023", "zh-hans"), ("nanjing-machinery-2022", "zh-hans"), ("zhenjiang-2024-1", "zh-hans"),
        ("nanjing-machinery-2022", "en"), ("hangzhou-2023", "en"), ("nanjing-machinery-2022", "zh-hant"),
    ],
    indirect=["city"],
)  # fmt: skip
def test_no_page_says_another_citys_name_and_every_citation_names_a_clause_of_the_notice(city, client, at, language):
    applicant, workers = everybody(at)
    file = start(notice=city, by=applicant, at=at).ref
    known = {clause.label for clause in city.clauses}
    seen, named, cited, wrong = set(), {}, set(), {}
    for address, text in opened(client, applicant, workers if language == "zh-hans" else (), file, language):
        seen.add(address)
        if address in LISTS:  # where all notices at hand are listed, each speaks for itself
            continue
        if city.id != "zhenjiang-2024-1" and (first := ZHENJIANG.search(text)):
            named[address] = text[max(0, first.start() - 30) : first.end() + 20]
        if language != "zh-hant":
            labels = set(labels_cited(text, language))
            cited |= labels
            if labels - known:
                wrong[address] = labels - known
    assert (named, wrong) == ({}, {})
    assert {"/", "/guide/", "/help/", "/check/", f"/applications/{file}/employer/"} <= seen
    assert ("/desk/" in seen) is (language == "zh-hans")
    assert language == "zh-hant" or city.entry.levels.clause in cited
    if city.id == "zhenjiang-2024-1":
        assert {"一", "一(二)", "一(三)", "二", "四(一)", "四(二)", "五(三)1", "五(三)4"} <= cited


@pytest.mark.parametrize("city", ["hangzhou-2023", "nanjing-machinery-2022"], indirect=True)
def test_self_check_skips_what_the_notice_does_not_ask_and_counts_without_holes(city, client):
    assert {page.key for page in PAGES if not asked_by(city, page)} >= ASKED_BY_FEW
    assert list(numbers_of(city).values()) == [1, 2, 3, 4, 5]
    assert client.post("/check/", {"work_place": "contract"}).url == "/check/schooling/"
    assert "第 2 题，共 5 题" in client.get("/check/schooling/").text
    assert client.get("/check/standing/").url == "/check/"
    last = client.get("/check/specialty/").text
    assert "第 5 题，共 5 题" in last
    assert "船舶" not in why_of(PAGE["specialty"], city)
    assert "2019" not in "".join(why_of(page, city) for page in PAGES if asked_by(city, page))


@pytest.mark.parametrize("city", ["hangzhou-2023", "nanjing-machinery-2022"], indirect=True)
def test_nobody_is_asked_what_no_condition_of_the_notice_looks_at(city, client, at):
    me = Applicant.__new__(Applicant)
    me.client, me.person, me.at = client, make_person(at), at
    client.force_login(me.person)
    me.ref = start(notice=city, by=me.person, at=at).ref
    page = me.get("identity/")
    assert page.context["form"].barring() == []
    for words in ("公务员", "离退休", "处分", "个问题"):
        assert words not in page.content.decode()
    answer = me.post("identity", NAMED)
    assert answer.status_code == 302
    file = Application.objects.get(ref=me.ref)
    assert (file.full_name, file.civil_servant, file.retired, file.sanctioned) == ("王小明", None, None, None)
    assert missing_in(file, "identity", city, frozenset(), at.date()) == []
    assert [words for words in ("公务员", "离退休", "处分") if words in me.get("check/").content.decode()] == []
    assert [row for row in facts_rows(file) if "公务员" in row["key"]] == []
    assert assumption(city, freelance=False) == (
        f"按“在{city.place}工作、签了合同、专业在目录内”推算，申报时由本人逐项回答。"
    )


def test_what_one_gate_asks_is_asked_without_the_others(db, at):
    content = dict(read_files(FOLDER / "zhenjiang-2024-1").content)
    text = content["notice.yaml"].decode()
    gate = text[text.index("- 名称: 没有离退休") : text.index("- 名称: 不在处分影响期")]
    notice = read_notice(Files("elsewhere-2024-1", content | {"notice.yaml": text.replace(gate, "").encode()}))
    assert barring_asked(load_notice("zhenjiang-2024-1")) == ("civil_servant", "retired", "sanctioned")
    assert barring_asked(notice) == ("civil_servant", "sanctioned")
    form = IdentityForm(NAMED, notice=notice, on=at.date())
    assert [field.name for field in form.barring()] == ["civil_servant", "sanctioned"]
    assert set(form.errors) == {"civil_servant", "sanctioned"}
    file = Application(civil_servant=True)
    sentences = missing_in(file, "identity", notice, frozenset(), at.date())
    assert [sentence for sentence in sentences if sentence.startswith("请回答")] == ["请回答是否受过处分"]


def test_zhenjiangs_self_check_cites_as_before():
    notice = load_notice("zhenjiang-2024-1")
    assert [why_of(PAGE[key], notice) for key in WHYS] == list(WHYS.values())
    with translation.override("en"):
        assert why_of(PAGE["standing"], notice) == (
            "Civil servants, staff managed as such and retired people cannot apply (notice, clause 一(三))."
        )
        assert why_of(PAGE["matching"], notice) == (
            "For those who graduated by the end of 2019, a match opens a higher level (notice, clause 二)."
        )
    with translation.override("zh-hant"):
        assert why_of(PAGE["specialty"], notice) == "有的專業走全國統一考試，不在這裏申報（通知第四條第一款）。"


WHYS = {
    "work-place": "在镇江从事专业技术工作或者就业的，才在这里申报（通知第一条）。",
    "standing": "公务员、参公人员和离退休人员不能申报职称初定（通知第一条第三款）。",
    "sanction": "受党纪、政务、行政处分的，在影响期内不能初定（通知第一条第三款）。",
    "document": "港澳台和外籍人员也可以申报，条件略有不同（通知第一条第二款）。这里不问号码。",
    "permit": "外籍人员要持有通知第一条第二款列出的证件之一。",
    "schooling": "能申报哪一级，先看学历和学位（通知第二条）。",
    "graduated": "年限从取得学历以后算起；有一条规定只适用于2019年底前毕业的人（通知第二条）。",
    "started": "见习期和从业年限从这一天算起（通知第二条）。",
    "matching": "2019年底前毕业的，专业对口可以申报更高一级（通知第二条）。",
    "assessed": "每一级都要求经用人单位考核合格（通知第二条）。",
    "specialty": "有的专业走全国统一考试，不在这里申报（通知第四条第一款）。",
}


def told(client, person, addresses_, language="zh-hans"):
    """What these addresses answer to somebody: pages as their text, papers as the text on them."""
    client.force_login(person)
    client.cookies[site.LANGUAGE_COOKIE_NAME] = language
    for address in addresses_:
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if body.startswith(b"%PDF"):
            with pypdfium2.PdfDocument(body) as document:
                yield address, "".join(sheet.get_textpage().get_text_bounded() for sheet in document)
        else:
            yield address, body.decode(errors="ignore")


def moved(stage, file, notice):
    """The file as if it had been filed in that city: its notice and catalogue, a unit and a school of the place."""
    path = notice.catalogue.choices()[0].path
    file.materials.update(replaced_at=NOW)
    Employer.objects.filter(pk=file.employer_id).update(name="南京示例机械有限公司")
    Application.objects.filter(pk=file.pk).update(
        notice_id=notice.id, notice_digest=notice.digest, specialty=path, series=path.split("/")[0],
        employer_name="南京示例机械有限公司", number=(file.number or "").replace("ZJCD", "NJCD"),
    )  # fmt: skip
    file.educations.update(school="南京示例大学")
    file.spells.update(employer_name="南京示例机械有限公司")
    return Application.objects.get(pk=file.pk)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_and_papers_after_the_decision_name_the_other_city_and_its_clauses(
    stage, client, settings, run_jobs, language
):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    approved, refused = stage.file_at(State.APPROVED), stage.file_at(State.RECHECK)
    notice = install(settings, "nanjing-machinery-2022")
    approved, refused = moved(stage, approved, notice), moved(stage, refused, notice)
    document = stage.issued([approved])
    review.refuse(ref=refused.ref, clause="一(二)", reason="见习还没有满一年。", by=stage.zhou, at=NOW)
    run_jobs(NOW)
    token = approved.applicant.certificates.get().token
    own = [f"/applications/{approved.ref}/{rest}" for rest in ("", "certificate.pdf", "declaration.pdf", "submitted/")]
    own += [f"/v/{token}", "/applications/", "/inbox/", "/me/data/"]
    seen = dict(told(client, approved.applicant, own, language))
    papers = [
        f"/applications/{refused.ref}/",
        *(f"/applications/{refused.ref}/papers/{n}/" for n, _ in enumerate(papers_of(refused), 1)),
    ]
    seen |= told(client, refused.applicant, papers, language)
    seen |= told(client, stage.wu, [f"/decisions/documents/{document.ref}/"]) if language == "zh-hans" else {}
    wrong = {
        address: text[max(0, at.start() - 30) : at.end() + 20]
        for address, text in seen.items()
        if (at := ZHENJIANG.search(text))
    }
    assert wrong == {}
    known = {clause.label for clause in notice.clauses}
    cited = {address: set(labels_cited(text, language)) for address, text in seen.items()}
    assert {address: labels - known for address, labels in cited.items() if labels - known} == {}
    assert cited[f"/applications/{refused.ref}/"] == {"一(二)"}
    assert sum("/papers/" in address for address in seen) > 0
