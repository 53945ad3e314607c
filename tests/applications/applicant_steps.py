"""What the tests of the applicant's pages share: one person 王小明, a unit, PDFs, and every section filled in."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import date, timedelta

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from chuding.accounts import visits
from chuding.accounts.identity import check_digit
from chuding.accounts.models import Employer, EmployerClerk, Person
from chuding.accounts.people import phone_index
from chuding.applications.models import Application
from chuding.applications.services.drafting import start
from chuding.messages.models import Message
from chuding.policy.notice import load_notice
from chuding.storage.clock import now

NOTICE = "zhenjiang-2024-1"
PATH = "机械工程/机械制造/电气工程"
USCC = "91440300708461136T"


def number_of(born: date, sequence: int = 124, region: str = "321102") -> str:
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    return body + check_digit(body)


ID = number_of(date(2000, 5, 12))


def make_person(at, phone="13812345678"):
    return Person.objects.create(phone=phone, phone_index=phone_index(phone), joined_at=at)


def make_unit(at, *, name="镇江示例机械有限公司", uscc=USCC, kind="enterprise", clerk=None):
    unit = Employer.objects.create(name=name, uscc=uscc, kind=kind, verified_at=at)
    if clerk:
        EmployerClerk.objects.create(person=clerk, employer=unit)
    return unit


def pdf(words="页", pages=1, **options) -> bytes:
    document = pikepdf.Pdf.new()
    for number in range(pages):
        document.add_blank_page(page_size=(595, 842))
        content = f"BT /F1 24 Tf 72 700 Td ({words.encode('ascii', 'replace').decode()} {number}) Tj ET".encode()
        document.pages[-1].Contents = document.make_stream(content)
        document.pages[-1].Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(
                F1=pikepdf.Dictionary(
                    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
                )
            )
        )
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def day(name, text):
    return {f"{name}_{place}": part for place, part in enumerate(text.split("-"))}


IDENTITY = {
    "full_name": "王小明",
    "identity_type": "resident_id",
    "identity_number": ID,
    "civil_servant": "no",
    "retired": "no",
    "sanctioned": "no",
}


def education(row=0, **changes):
    values = {
        "school": "江苏科技大学",
        "major": "机械电子工程",
        "schooling": "本科",
        "degree": "学士",
        "study_mode": "full_time",
        "field_matches": "yes",
        **day("graduated_on", "2022-6-20"),
    } | changes
    return {"rows": [str(row)], **{f"row{row}-{name}": value for name, value in values.items()}}


def spell(row=0, **changes):
    values = {
        "employer_name": "镇江示例机械有限公司",
        "post": "电气工程师助理",
        "in_specialty": "yes",
        **day("started_on", "2022-7-1"),
    } | changes
    return {"rows": [str(row)], **{f"row{row}-{name}": value for name, value in values.items()}}


def together(*rows, **more):
    merged = {"rows": [number for row in rows for number in row["rows"]]}
    for row in rows:
        merged |= {name: value for name, value in row.items() if name != "rows"}
    return merged | more


EMPLOYER = {
    "works_in_jurisdiction": "yes",
    "engagement": "employment_contract",
    "employer": "",
    "employer_name": "镇江示例机械有限公司",
    "employer_uscc": USCC,
    "employer_kind": "enterprise",
    "post": "电气工程师助理",
}


class Applicant:
    """A browser signed in as one person with one file."""

    def __init__(self, client, person, at):
        client.force_login(person)
        self.client, self.person, self.at = client, person, at
        self.ref = start(notice=load_notice(NOTICE), by=person, at=at).ref

    @property
    def file(self):
        return Application.objects.get(ref=self.ref)

    def url(self, rest=""):
        return f"/applications/{self.ref}/{rest}"

    def get(self, rest=""):
        return self.client.get(self.url(rest))

    def post(self, section, data, **options):
        """Send a section's form as the page of this moment would."""
        return self.client.post(self.url(f"{section}/"), {"version": self.file.version, **data}, **options)

    def upload(self, code, content=None, name="材料.pdf"):
        content = pdf() if content is None else content
        return self.client.post(
            self.url(f"materials/{code}/upload/"), {"file": SimpleUploadedFile(name, content, "application/pdf")}
        )

    def fill(self, *, insured_file=None, upto="commitment"):
        steps = {
            "identity": IDENTITY,
            "schooling": education(),
            "work": spell() | {"assessed_fit": "yes"},
            "employer": EMPLOYER,
        }
        for section, data in steps.items():
            assert self.post(section, data).status_code == 302, section
        assert self.post("specialty", {"choose": "1", "specialty": PATH}).status_code == 302
        assert self.post("specialty", {"level": "助理级"}).status_code == 302
        if upto == "specialty":
            return self
        for code in ("1", "2", "3"):
            assert self.upload(code).status_code == 302, code
        if upto == "materials":
            return self
        assert self.post("commitment", {"name": "王小明"}).status_code == 302
        return self

    def submit(self):
        return self.client.post(self.url("submit/"), {"version": self.file.version})


def insure(folder, *people):
    """The embedded social insurance knows these (number, name)."""
    rows = [
        {"identity_number": n, "name": name, "employer": "示例", "from": "2022-07", "to": None} for n, name in people
    ]
    (folder / "social_insurance.json").write_text(json.dumps({"people": rows}), encoding="utf-8")


def words(response) -> str:
    """The page's main part as text."""
    body = response.content.decode()
    main = re.search(r"<main.*</main>", body, re.DOTALL)
    text = re.sub(r'<span class="nowrap">([^<]*)</span>', r"\1", main[0] if main else body)  # a date amid a sentence
    text = re.sub(r"<[^>]+>", " ", text)
    return re.sub(r"\s+", " ", html.unescape(text))


def mistakes(response) -> list[str]:
    """The lines of the error summary."""
    body = response.content.decode()
    found = re.search(r"data-error-summary>(.*?)</div>", body, re.DOTALL)
    return (
        [html.unescape(re.sub(r"<[^>]+>", "", line)) for line in re.findall(r"<li>(.*?)</li>", found[1])]
        if found
        else []
    )


def proved_long_ago(me):
    """Let this session's second factor be of two hours ago."""
    session = me.client.session
    session[visits.PROVED] = (now() - timedelta(hours=2)).isoformat()
    session.save()


def newest_code(phone):
    """The code in the last text message to this phone."""
    message = next(m for m in Message.objects.filter(template="code").order_by("-id") if m.phone == phone)
    return dict(json.loads(message.values))["code"]
