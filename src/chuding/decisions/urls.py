"""The addresses of rosters, official documents and revocations."""

from django.urls import path

from chuding.decisions.views import archives, issuing, revocations, roster_acts, rosters

urlpatterns = [
    path("decisions/", rosters.home, name="decisions_home"),
    path("decisions/rosters/", rosters.new, name="roster_new"),
    path("decisions/rosters/<str:ref>/", rosters.roster, name="roster"),
    path("decisions/rosters/<str:ref>/words/", roster_acts.words, name="roster_words"),
    path("decisions/rosters/<str:ref>/act/", roster_acts.act, name="roster_act"),
    path("decisions/rosters/<str:ref>/pages/<int:n>/", issuing.preview_page, name="roster_preview"),
    path("decisions/rosters/<str:ref>/status/", issuing.status, name="roster_status"),
    path("decisions/documents/<str:ref>/", issuing.document_file, name="document_file"),
    path("decisions/documents/<str:ref>/archive/", archives.document_archive, name="document_archive"),
    path("decisions/documents/<str:ref>/archive/<int:position>/", archives.archive_file, name="archive_file"),
    path("decisions/revocations/", revocations.home, name="revocations"),
    path("decisions/revocations/replace/", revocations.replace, name="replace_propose"),
    path("decisions/revocations/propose/", revocations.propose, name="revoke_propose"),
    path("decisions/revocations/<int:number>/confirm/", revocations.confirm, name="revoke_confirm"),
]
