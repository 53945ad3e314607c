"""A file drawn by lot is approved by nobody, singly or with others, before somebody has looked."""

from django.db import migrations

from chuding.decisions import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [("decisions", "0004_publicity_and_spot_checks"), ("applications", "0015_parts_of_old")]
    operations = [triggers.operation(guards.CREATE, undo=guards.DROP)]
