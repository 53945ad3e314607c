"""A file drawn by lot is approved by nobody, singly or with others, before somebody has looked."""

from django.db import migrations

from chuding.decisions import guards


def guard(apps, schema_editor):
    for statement in guards.CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in guards.DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("decisions", "0004_publicity_and_spot_checks"), ("applications", "0015_parts_of_old")]
    operations = [migrations.RunPython(guard, unguard)]
