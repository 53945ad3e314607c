"""Triggers refuse every change of what stands in the ledger.

Whoever alters `ledger_entry` on SQLite later must create them again: Django rebuilds the table there, without them.
The start-up check chuding.E002 notices when that was forgotten.
"""

from django.db import migrations

from chuding.ledger import guards


def lock(apps, schema_editor):
    for statement in guards.CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def unlock(apps, schema_editor):
    for statement in guards.DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(lock, unlock, elidable=False)]
