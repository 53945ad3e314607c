"""An agency's people are tied to those whom it speaks for; a second account is known by a claimed roster entry or a likeness."""

from django.db import migrations

from chuding.applications.reviewing import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0025_verdicts_and_units_that_are_none"),
        ("accounts", "0009_agencies"),
    ]
    operations = [
        triggers.operation(guards.DROP, guards.DROP_LATER, guards.CREATE, guards.CREATE_LATER),
    ]
