"""Triggers refuse every change of a published version.

Whoever alters these tables on SQLite later must create them again: Django rebuilds a table there, without them. The
start-up check chuding.E005 notices when that was forgotten.
"""

from django.db import migrations

from chuding.notices import guards


def lock(apps, schema_editor):
    for statement in guards.CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def unlock(apps, schema_editor):
    for statement in guards.DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [migrations.RunPython(lock, unlock, elidable=False)]
