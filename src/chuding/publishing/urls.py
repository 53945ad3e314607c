"""The addresses of the publishing desk."""

from django.urls import path

from chuding.publishing.views import cases, files, home, parts, preview, review

_DRAFT = "publishing/drafts/<str:ref>/"

urlpatterns = [
    path("publishing/", home.home, name="publishing"),
    path("publishing/new/", home.new, name="publishing_new"),
    path("publishing/versions/<str:version_ref>/", home.version, name="publishing_version"),
    path("publishing/versions/<str:version_ref>/withdraw/", home.take_back, name="publishing_withdraw"),
    path("publishing/versions/<str:version_ref>/download/", home.download, name="publishing_version_files"),
    path(_DRAFT, review.draft, name="publishing_draft"),
    path(f"{_DRAFT}parts/<str:section>/", parts.section, name="publishing_section"),
    path(f"{_DRAFT}parts/<str:section>/<str:n>/", parts.entry, name="publishing_entry"),
    path(f"{_DRAFT}parts/<str:section>/<str:n>/act/", parts.act, name="publishing_entry_act"),
    path(f"{_DRAFT}files/<path:name>/", files.file, name="publishing_file"),
    path(f"{_DRAFT}catalogue/", files.catalogue, name="publishing_catalogue"),
    path(f"{_DRAFT}catalogue/sheet/", files.catalogue_sheet, name="publishing_catalogue_sheet"),
    path(f"{_DRAFT}cases/", cases.cases, name="publishing_cases"),
    path(f"{_DRAFT}cases/<str:n>/", cases.case, name="publishing_case"),
    path(f"{_DRAFT}cases/<str:n>/act/", cases.act, name="publishing_case_act"),
    path(f"{_DRAFT}run/", review.run, name="publishing_run"),
    path(f"{_DRAFT}check/", review.check, name="publishing_check"),
    path(f"{_DRAFT}difference/", review.difference, name="publishing_difference"),
    path(f"{_DRAFT}replay/", review.replay, name="publishing_replay"),
    path(f"{_DRAFT}replay/picture.svg", review.picture, name="publishing_picture"),
    path(f"{_DRAFT}replay/files/<str:file_ref>/", review.replay_file, name="publishing_replay_file"),
    path(f"{_DRAFT}preview/", preview.guide, name="publishing_preview"),
    path(f"{_DRAFT}preview/self-check/", preview.ask, name="publishing_preview_check"),
    path(f"{_DRAFT}propose/", review.propose, name="publishing_propose"),
    path(f"{_DRAFT}return/", review.send_back, name="publishing_return"),
    path(f"{_DRAFT}release/", review.release, name="publishing_release"),
    path(f"{_DRAFT}discard/", review.discard, name="publishing_discard"),
    path(f"{_DRAFT}download/", review.download, name="publishing_download"),
]
