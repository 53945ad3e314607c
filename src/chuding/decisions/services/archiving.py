"""Archive packages (归档): made by the worker for the people of an issued document, one a file, kept by digest."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pypdfium2
from django.conf import settings
from django.db import transaction
from django_tasks import task

from chuding.applications.letters import field_of
from chuding.applications.services.moves import subject_of
from chuding.applications.translate import local_day, notice_of
from chuding.certificates.papers import papers_about
from chuding.certificates.press import typesetter
from chuding.certificates.sealing import seals_about
from chuding.decisions.archive import LEDGER, Part, pack
from chuding.decisions.models import ArchivePackage, Document, RosterEntry
from chuding.decisions.workflow import OFFICE_SIGNER
from chuding.jobs.backend import enqueue_once
from chuding.ledger.proof import prove
from chuding.ledger.record import record
from chuding.paper.letters import ArchivedPaper, CoverData
from chuding.policy.terms import Level
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import date, datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application
    from chuding.certificates.models import Certificate

_README = """职称初定归档包

manifest.json   清单：每个文件的名称、大小和 SHA-256 摘要
cover.pdf       归档封面和卷内文件目录
decision.json   申报的事实、依通知作出的评估、初审复核审批的时间
ledger.json     办理记录，以及每一条在账本检查点之内的证明
其余            申报表、证书、公文、材料、文书，与办理时逐字节相同

核验：chuding package verify 本文件（不需要网站和数据库）
"""


def _read(digest: str) -> bytes:
    with store().open(digest) as file:
        return bytes(file.read())


def _papers(application: Application, document: Document) -> list[tuple[Part, str | None, date | None]]:
    """The papers of a file in the order of the folder, each with the number it bears and its day."""
    day = document.issued_on
    found: list[tuple[Part, str | None, date | None]] = [
        (
            Part("declaration.pdf", "专业技术资格初定申报表", _read(application.declaration_file)),
            application.number,
            day,
        )
    ]
    names = {rule.code: rule.name for rule in notice_of(application).materials}
    for place, one in enumerate(application.current_materials(), start=1):
        title = names.get(one.code, one.name)
        part = Part(f"materials/{place:02d}-{one.code}.pdf", title, _read(one.file))
        found.append((part, None, local_day(one.uploaded_at)))
    for place, paper in enumerate(papers_about(subject_of(application)), start=1):
        part = Part(f"letters/{place:02d}-{paper.kind}.pdf", paper.get_kind_display(), _read(paper.file))
        found.append((part, None, local_day(paper.made_at)))
    found.append((Part("document.pdf", document.roster.title, _read(document.file)), document.number, day))
    for place, certificate in enumerate(_certificates(application), start=1):
        title = "专业技术资格证书" + (
            "" if certificate.standing == "valid" else f"（{certificate.get_standing_display()}）"
        )
        part = Part(f"certificate-{place}.pdf", title, _read(certificate.file))
        found.append((part, certificate.number, local_day(certificate.issued_at)))
    return found


def _sealed(application: Application, document: Document) -> list[Part]:
    """The versions with the state's electronic seal, where there are any; OFD has no pages that the cover could count."""
    numbers = [certificate.number for certificate in _certificates(application)]
    made = [*seals_about("document", [document.number]), *seals_about("certificate", numbers)]
    return [
        Part(f"sealed/{one.subject_kind}-{place}.{one.form}", f"{one.subject_ref}（加盖电子印章）", _read(one.file))
        for place, one in enumerate((one for one in made if one.file), start=1)
    ]


def _certificates(application: Application) -> list[Certificate]:
    """All certificates of a file, the first one first: what was replaced is kept too."""
    found: list[Certificate] = []
    one = RosterEntry.objects.get(application=application).certificate
    while one is not None:
        found.append(one)
        one = one.replaced_by
    return found


def _pages(content: bytes) -> int:
    with pypdfium2.PdfDocument(io.BytesIO(content)) as pdf:  # type: ignore[no-untyped-call]
        return len(pdf)


def _cover(
    application: Application, document: Document, papers: list[tuple[Part, str | None, date | None]]
) -> CoverData:
    return CoverData(
        office=settings.OFFICE_NAMES[document.office],
        application_number=application.number or "",
        holder_name=application.full_name,
        level=application.level,
        qualification=notice_of(application).title_of(Level(application.level)),
        field=field_of(application),
        outcome=f"{application.life.label}，证书编号{application.certificate_number}",
        started_on=local_day(application.submitted_at or application.created_at),
        closed_on=document.issued_on,
        papers=tuple(ArchivedPaper(part.title, number, day, _pages(part.content)) for part, number, day in papers),
        sample=settings.DEMONSTRATION,
        employer_name=application.employer_name or None,
    )


def _decision(application: Application) -> dict[str, Any]:
    """The facts, the reports and the days: what was decided on what."""
    moments = ("submitted_at", "taken_at", "rechecked_at", "approved_at")
    return {
        "notice": application.notice_id,
        "notice_digest": application.notice_digest,
        "level": application.level,
        "specialty": application.specialty,
        "moments": {name: at.isoformat() for name in moments if (at := getattr(application, name))},
        "assessments": [
            {
                "at": one.at.isoformat(),
                "filed_on": one.filed_on.isoformat(),
                "notice_digest": one.notice_digest,
                "facts": json.loads(one.facts),
                "report": one.report,
            }
            for one in application.assessments.order_by("at", "id")
        ],
    }


def package_of(application: Application, *, at: datetime) -> bytes:
    """The package of one issued file, as of `at`. Raises MissingGlyph where its cover cannot be printed."""
    document = RosterEntry.objects.select_related("roster__document").get(application=application).roster.document
    papers = _papers(application, document)
    numbers = [certificate.number for certificate in _certificates(application)]
    subjects = [
        subject_of(application),
        ("document", document.number),
        ("roster", document.roster.ref),
        *(("certificate", number) for number in numbers),
    ]
    parts = [
        Part("README.txt", "说明", _README.encode()),
        Part("cover.pdf", "归档封面", typesetter().letter(_cover(application, document, papers), at)),
        *(part for part, _, _ in papers),
        *_sealed(application, document),
        Part("decision.json", "评估和决定", _json(_decision(application))),
        Part(LEDGER, "办理记录和证明", _json(prove(subjects, at=at))),
    ]
    facts = {
        "application": application.number,
        "document": document.number,
        "certificates": numbers,
        "made_at": at.isoformat(timespec="seconds"),
    }
    return pack(parts, facts)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


@transaction.atomic
def order_packages(*, document: Document, by: Person, at: datetime) -> None:
    """Have the packages of a document's people made by the worker; what is being made already is not ordered twice."""
    record(
        action="order_archive",
        subject=("document", document.number),
        by=by,
        role=OFFICE_SIGNER[document.office],
        at=at,
    )
    enqueue_once(make_packages, key=f"archive:{document.ref}:{at.isoformat()}", document_id=document.pk)


def keep_package(application: Application, *, at: datetime) -> ArchivePackage:
    """Make one file's package, keep it by digest and write it into the ledger; an older one gives way."""
    content = package_of(application, at=at)
    with transaction.atomic():
        digest = store().put(content)
        package, _ = ArchivePackage.objects.update_or_create(
            application=application, defaults={"file": digest, "size": len(content), "made_at": at}
        )
        record(
            action="archive", subject=subject_of(application), by=None, role="machine", at=at, data={"package": digest}
        )
    return package


@task()
def make_packages(document_id: int) -> int:
    """The worker's part: one file after the other, each kept as soon as it is made."""
    at = now()
    document = Document.objects.select_related("roster").get(pk=document_id)
    entries = document.roster.entries.select_related("application").order_by("position")
    for entry in entries:
        keep_package(entry.application, at=at)
    return len(entries)
