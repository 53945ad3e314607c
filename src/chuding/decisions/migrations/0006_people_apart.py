"""Nobody verifies, signs, publishes or decides what they have to step back from: held in the database too."""

from django.db import migrations

from chuding.decisions import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [("decisions", "0005_approval_waits"), ("applications", "0017_rules_on_every_way")]
    operations = [triggers.operation(guards.CREATE_LATER, undo=guards.DROP_LATER)]
