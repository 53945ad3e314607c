"""What the tests of the desk share: a crowd of files without their papers, and the demonstration's clock for the pages."""

from __future__ import annotations

import copy

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chuding.applications.models import Application, Verdict
from chuding.applications.services import drafting, review, submission
from chuding.applications.services.review import Defects, Judgement
from chuding.applications.services.viewing import note_pages
from chuding.applications.workflow import State
from chuding.storage.tokens import new_ref
from stage import NOW


def crowd(stage, file, count, **changes):
    """`count` more files like `file`, each with an applicant of its own; no materials, one assessment each."""
    assessment = file.assessments.latest()
    made = []
    for n in range(count):
        twin = copy.copy(file)
        twin.pk, twin.ref, twin.number = None, new_ref(), f"ZJCD2024{n:06d}T"
        twin._state = copy.copy(file._state)
        twin._state.adding = True
        twin.applicant = stage.person(f"众{n}", f"1988{n:07d}")
        twin.identity_index = f"crowd-{n}"
        for name, value in changes.items():
            setattr(twin, name, value)
        twin.save(force_insert=True)
        kept = copy.copy(assessment)
        kept.pk, kept.application = None, twin
        kept._state = copy.copy(assessment._state)
        kept._state.adding = True
        kept.save(force_insert=True)
        made.append(twin)
    return made


def show_all(file, by, at=NOW):
    """Every page of every current material has been on this person's screen."""
    pages = {m.ref: range(1, m.pages + 1) for m in file.current_materials()}
    note_pages(application=file, pages=pages, by=by, at=at)


def judge_all(file, by, *, defects=(), at=NOW):
    """Every current material is looked at and gets its verdict; `defects` maps codes to reasons."""
    defects = dict(defects)
    show_all(file, by, at)
    for material in file.current_materials():
        reason = defects.get(material.code, "")
        review.judge_material(
            ref=file.ref,
            material_ref=material.ref,
            judgement=Judgement(Verdict.DEFECT if reason else Verdict.FIT, reason),
            by=by,
            at=at,
        )


def reread(file):
    return Application.objects.get(pk=file.pk)


def returned_and_mended(stage):
    """A file that came back once and is in the reviewer's hands again."""
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    review.send_back(ref=file.ref, defects=Defects({"work": "请补写岗位。"}), by=stage.li, at=NOW)
    spells = [
        {k: getattr(s, k) for k in ("employer_name", "post", "started_on", "ended_on", "in_specialty")}
        for s in file.spells.all()
    ]
    drafting.declare_work(ref=file.ref, rows=spells, values={}, by=file.applicant, at=NOW)
    submission.resubmit(ref=file.ref, by=file.applicant, at=NOW)
    review.take(ref=file.ref, by=stage.li, at=NOW)
    return reread(file)


def version_of(file):
    """What a page would show of a file, or of the one with this reference, now."""
    ref = file if isinstance(file, str) else file.ref
    return Application.objects.get(ref=ref).version


def statements(client, address):
    """How many SQL statements a page costs, and the page."""
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    return len(asked), response
