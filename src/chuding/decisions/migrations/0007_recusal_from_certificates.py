"""A tie keeps people from certificates too, and what a tie is follows the desk's newer rule."""

from django.db import migrations

from chuding.decisions import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0006_people_apart"),
        ("applications", "0025_verdicts_and_units_that_are_none"),
        ("certificates", "0008_sealed_version"),
    ]
    operations = [
        triggers.operation(guards.DROP_LATER, guards.CREATE_LATER),
        triggers.operation(guards.CREATE_FOR_REVOCATIONS, undo=guards.DROP_FOR_REVOCATIONS),
    ]
