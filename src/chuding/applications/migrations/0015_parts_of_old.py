"""Whoever had a part in a file at any time decides no appeal in it: the trigger asks the ledger too."""

from django.db import migrations

from chuding.applications.reviewing import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [("applications", "0014_unit_letters"), ("ledger", "0002_append_only")]
    operations = [triggers.operation(guards.DROP_FOR_APPEALS, guards.CREATE_FOR_APPEALS)]
