"""Whoever had a part in a file at any time decides no appeal in it: the trigger asks the ledger too."""

from django.db import migrations

from chuding.applications.reviewing import guards


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in (*guards.DROP_FOR_APPEALS[vendor], *guards.CREATE_FOR_APPEALS[vendor]):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("applications", "0014_unit_letters"), ("ledger", "0002_append_only")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
