"""The applicant's addresses. A file is named by its unguessable reference, never by its number."""

from __future__ import annotations

from django.urls import path

from chuding.applications.views import (
    applicant,
    applicant_appeal,
    applicant_correct,
    applicant_materials,
    applicant_parts,
    applicant_photos,
    applicant_progress,
    applicant_scan,
    applicant_sections,
    applicant_submit,
    name_writing,
)

urlpatterns = [
    path("applications/", applicant.my_applications, name="my_applications"),
    path("applications/new/", applicant.application_new, name="application_new"),
    path("applications/<str:ref>/", applicant_progress.application, name="application"),
    path("applications/<str:ref>/check/", applicant_submit.application_check, name="application_check"),
    path("applications/<str:ref>/submit/", applicant_submit.application_submit, name="application_submit"),
    path("applications/<str:ref>/submitted/", applicant_submit.application_submitted, name="application_submitted"),
    path("applications/<str:ref>/withdraw/", applicant_submit.application_withdraw, name="application_withdraw"),
    path("applications/<str:ref>/appeal/", applicant_appeal.application_appeal, name="application_appeal"),
    path("applications/<str:ref>/correct/", applicant_correct.application_correct, name="application_correct"),
    path(
        "applications/<str:ref>/certificate.jwt", applicant_progress.certificate_statement, name="certificate_statement"
    ),
    path("applications/<str:ref>/certificate.pdf", applicant_progress.certificate_file, name="certificate_file"),
    path(
        "applications/<str:ref>/certificate/picture/",
        applicant_progress.certificate_picture,
        name="certificate_picture",
    ),
    path(
        "applications/<str:ref>/certificate/sealed/", applicant_progress.certificate_sealed, name="certificate_sealed"
    ),
    path("applications/<str:ref>/declaration.pdf", applicant_progress.declaration_file, name="declaration_file"),
    path("applications/<str:ref>/schooling/scan/", applicant_scan.application_scan, name="application_scan"),
    path(
        "applications/<str:ref>/materials/<str:code>/photos/",
        applicant_photos.application_photos,
        name="application_photos",
    ),
    path(
        "applications/<str:ref>/photos/<str:photo_ref>/", applicant_photos.application_photo, name="application_photo"
    ),
    path(
        "applications/<str:ref>/materials/<str:code>/upload/",
        applicant_materials.application_material,
        name="application_material",
    ),
    path(
        "applications/<str:ref>/materials/<str:code>/parts/",
        applicant_parts.application_part,
        name="application_part",
    ),
    path(
        "applications/<str:ref>/materials/<str:material_ref>/remove/",
        applicant_materials.application_material_remove,
        name="application_material_remove",
    ),
    path(
        "applications/<str:ref>/materials/<str:material_ref>/file/",
        applicant_materials.material_file,
        name="material_file",
    ),
    path("applications/<str:ref>/identity/writing/", name_writing.application_writing, name="application_writing"),
    path(
        "applications/<str:ref>/identity/writing/picture/",
        name_writing.application_writing_picture,
        name="application_writing_picture",
    ),
    path("applications/<str:ref>/<str:section>/keep/", applicant_sections.application_keep, name="application_keep"),
    path("applications/<str:ref>/<str:section>/", applicant_sections.application_section, name="application_section"),
]
