"""The addresses of rosters, official documents and revocations."""

from django.urls import path

from chuding.decisions.views import (
    approvals,
    archives,
    issuing,
    publicities,
    publicity_public,
    revocations,
    roster_acts,
    rosters,
)

urlpatterns = [
    path("decisions/", rosters.home, name="decisions_home"),
    path("decisions/rosters/", rosters.new, name="roster_new"),
    path("decisions/rosters/<str:ref>/", rosters.roster, name="roster"),
    path("decisions/rosters/<str:ref>/words/", roster_acts.words, name="roster_words"),
    path("decisions/rosters/<str:ref>/act/", roster_acts.act, name="roster_act"),
    path("decisions/rosters/<str:ref>/pages/<int:n>/", issuing.preview_page, name="roster_preview"),
    path("decisions/rosters/<str:ref>/status/", issuing.status, name="roster_status"),
    path("decisions/files/<str:ref>/certificate/", issuing.certificate_preview, name="certificate_preview"),
    path("decisions/documents/<str:ref>/", issuing.document_file, name="document_file"),
    path("decisions/documents/<str:ref>/list.xlsx", issuing.document_list, name="document_list"),
    path("decisions/documents/<str:ref>/archive/", archives.document_archive, name="document_archive"),
    path("decisions/documents/<str:ref>/archive/<int:position>/", archives.archive_file, name="archive_file"),
    path("decisions/approvals/", approvals.approvals, name="approvals"),
    path("decisions/approvals/draw/", approvals.draw, name="spot_draw"),
    path("decisions/approvals/looked/", approvals.looked_at, name="spot_looked"),
    path("decisions/publicity/", publicities.home, name="publicities"),
    path("decisions/publicity/new/", publicities.new, name="publicity_new"),
    path("decisions/publicity/objections/<str:ref>/", publicities.decide, name="objection_decide"),
    path("publicity/", publicity_public.lists, name="publicity"),
    path("publicity/<str:ref>/", publicity_public.one_list, name="publicity_list"),
    path("publicity/<str:ref>/<int:position>/", publicity_public.object_to, name="publicity_object"),
    path("decisions/revocations/", revocations.home, name="revocations"),
    path("decisions/revocations/replace/", revocations.replace, name="replace_propose"),
    path("decisions/revocations/propose/", revocations.propose, name="revoke_propose"),
    path("decisions/revocations/<int:number>/confirm/", revocations.confirm, name="revoke_confirm"),
]
