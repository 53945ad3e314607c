"""Nobody verifies, signs, publishes or decides what they have to step back from: held in the database too."""

from django.db import migrations

from chuding.decisions import guards


def guard(apps, schema_editor):
    for statement in guards.CREATE_LATER[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in guards.DROP_LATER[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("decisions", "0005_approval_waits"), ("applications", "0017_rules_on_every_way")]
    operations = [migrations.RunPython(guard, unguard)]
