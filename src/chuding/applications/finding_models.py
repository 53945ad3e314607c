"""What the desk's search and its exports keep: terms, names of employers, kept searches, and who took what away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chuding.applications.search_terms import COLUMN
from chuding.storage.tokens import new_ref


class SearchTerm(models.Model):
    """One word under which a file is found (applications.search_terms); written by services.searching alone."""

    application = models.ForeignKey("applications.Application", models.CASCADE, related_name="search_terms")
    term = models.CharField(max_length=COLUMN)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "application"], name="one_term_a_file")]
        # Whether a file has a term is answered in the index.
        indexes = [models.Index(fields=["application", "term"], name="terms_of_a_file")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.term[:1]}"


class EmployerName(models.Model):
    """A name of an employer as it stands in files, once: a few thousand, so that any part of one can be looked for."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class SavedSearch(models.Model):
    """A search that somebody of an office keeps under a name; its address can be shared, this list is one's own."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400, help_text="the query string of the search page")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_search_a_name")]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A table that leaves the site: asked for by one person with a purpose, allowed by a second (services.exporting)."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    query = models.CharField(max_length=400, help_text="the query string of the search page that it holds")
    purpose = models.CharField(max_length=200)
    form = models.CharField(max_length=4, help_text="xlsx | csv")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    allowed = models.BooleanField(null=True)
    rows = models.PositiveIntegerField(help_text="how many files it held when it was asked for")

    class Meta:
        indexes = [models.Index(fields=["asked_at", "id"], name="export_by_age")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="export_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(allowed__isnull=True) | Q(decided_by__isnull=False), name="export_was_decided"
            ),
        ]

    def __str__(self) -> str:
        return self.ref
