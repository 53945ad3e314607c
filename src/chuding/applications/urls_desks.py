"""The addresses of the employer's pages and of the offices' desk."""

from django.urls import path

from chuding.applications.views import (
    claim,
    desk,
    desk_acts,
    desk_file,
    desk_images,
    employer,
    employer_bulk,
    employer_clerks,
    employer_import,
    employer_roster,
)

urlpatterns = [
    path("employer/", employer.home, name="employer_home"),
    # Before the files of people: a file's reference is longer than any of these words.
    path("employer/agree/", employer_bulk.endorse_many, name="employer_endorse_many"),
    path("employer/export/", employer_bulk.export, name="employer_export"),
    path("employer/clerks/", employer_clerks.home, name="employer_clerks"),
    path("employer/clerks/end/", employer_clerks.end, name="employer_clerk_end"),
    path("employer/staff/", employer_roster.home, name="employer_staff"),
    path("employer/staff/invite/", employer_roster.invite, name="employer_staff_invite"),
    path("employer/staff/reckon/", employer_roster.reckon, name="employer_staff_reckon"),
    path("employer/staff/template.xlsx", employer_import.template, name="employer_staff_template"),
    path("employer/staff/import/", employer_import.new, name="employer_import_new"),
    path("employer/staff/import/<str:ref>/", employer_import.check, name="employer_import"),
    path("employer/staff/import/<str:ref>/mend/", employer_import.mend, name="employer_import_mend"),
    path("employer/staff/import/<str:ref>/finish/", employer_import.finish, name="employer_import_finish"),
    path("employer/staff/import/<str:ref>/marked.xlsx", employer_import.marked, name="employer_import_marked"),
    path("employer/staff/people/<str:ref>/", employer_roster.entry, name="employer_staff_entry"),
    path("employer/staff/people/<str:ref>/remove/", employer_roster.remove, name="employer_staff_remove"),
    path("claim/", claim.claims, name="claims"),
    path("claim/<str:token>/", claim.claim, name="claim"),
    path("employer/<str:ref>/", employer.application, name="employer_application"),
    path("employer/<str:ref>/act/", employer.act, name="employer_act"),
    path("desk/", desk.queue, name="desk"),
    path("desk/take/", desk_acts.take, name="desk_take"),
    path("desk/<str:ref>/", desk_file.application, name="desk_application"),
    path("desk/<str:ref>/act/", desk_acts.act, name="desk_act"),
    path("desk/<str:ref>/materials/<str:material_ref>/verdict/", desk_acts.verdict, name="desk_verdict"),
    path("desk/<str:ref>/materials/<str:material_ref>/pages/<int:n>.webp", desk_images.page, name="desk_page"),
    path("desk/<str:ref>/materials/<str:material_ref>/file/", desk_images.original, name="desk_file"),
]
