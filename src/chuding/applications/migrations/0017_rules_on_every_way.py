"""The rules of the desk hold on every way to a pass, and on everybody who decides something of a file."""

from django.db import migrations

from chuding.applications.reviewing import guards


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    again = (*guards.DROP[vendor], *guards.DROP_LATER[vendor], *guards.CREATE[vendor], *guards.CREATE_LATER[vendor])
    for statement in again:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in guards.DROP_LATER[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("applications", "0016_lists_by_specialty_and_employer"), ("ledger", "0002_append_only")]
    operations = [migrations.RunPython(guard, unguard)]
