"""The rules of the desk hold on every way to a pass, and on everybody who decides something of a file."""

from django.db import migrations

from chuding.applications.reviewing import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [("applications", "0016_lists_by_specialty_and_employer"), ("ledger", "0002_append_only")]
    operations = [
        triggers.operation(guards.DROP, guards.DROP_LATER, guards.CREATE, guards.CREATE_LATER, undo=guards.DROP_LATER)
    ]
