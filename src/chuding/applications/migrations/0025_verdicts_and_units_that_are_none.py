"""Whoever judged has reviewed, fit is what was seen; who works for themselves has no colleagues, and an old unit ends as a tie."""

from django.db import migrations

from chuding.applications.reviewing import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [("applications", "0024_what_some_notices_ask")]
    operations = [
        triggers.operation(guards.DROP, guards.DROP_LATER, guards.CREATE, guards.CREATE_LATER),
        triggers.operation(guards.CREATE_FOR_VERDICTS, undo=guards.DROP_FOR_VERDICTS),
    ]
