"""A file's letters. Included before the applicant's other addresses, one of which matches any single word."""

from __future__ import annotations

from django.urls import path

from chuding.applications.views import papers

urlpatterns = [
    path("applications/<str:ref>/papers/<int:n>/", papers.paper_file, name="paper_file"),
    path("applications/<str:ref>/papers/endorsement/", papers.paper_endorsement, name="paper_endorsement"),
]
