"""Files handed in before there was a search get their terms."""

from django.db import migrations

from chuding.applications.search_terms import terms_of
from chuding.applications.services.searching import blind_tail

BATCH = 500


def index(apps, schema_editor):
    application, term, employer = (
        apps.get_model("applications", n) for n in ("Application", "SearchTerm", "EmployerName")
    )
    names, rows = set(), []
    for file in application.objects.filter(submitted_at__isnull=False).order_by("id").iterator(BATCH):
        words = terms_of(
            name=file.full_name, number=file.number or "", identity_number=file.identity_number or "", blind=blind_tail
        )
        rows += [term(application_id=file.pk, term=word) for word in sorted(words)]
        names.add(file.employer_name)
        if len(rows) >= BATCH:
            term.objects.bulk_create(rows, ignore_conflicts=True)
            rows = []
    term.objects.bulk_create(rows, ignore_conflicts=True)
    employer.objects.bulk_create([employer(name=name) for name in sorted(names - {""})], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("applications", "0004_search_and_lists")]
    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
