"""Every act that stands against somebody says what and why, in the database too."""

from django.db import migrations

from chuding.applications.reviewing import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [("applications", "0027_name_writing")]
    operations = [triggers.operation(guards.CREATE_FOR_WORDS, undo=guards.DROP_FOR_WORDS)]
