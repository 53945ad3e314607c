"""The service levels' clocks of files that are under way, and the triggers that hold the rules of the desk."""

from zoneinfo import ZoneInfo

from django.db import migrations

from chuding.applications.reviewing import guards
from chuding.policy.working_days import add_working_days

LEVELS = {"employer": 5, "received": 5, "reviewing": 10, "recheck": 5, "signing": 5, "city": 10}


def start_clocks(apps, schema_editor):
    files = apps.get_model("applications", "Application").objects
    for file in files.filter(state__in=[*LEVELS, "correction"]).iterator():
        file.accepted_at = file.taken_at
        if file.state in LEVELS:
            file.stage_since = file.updated_at.astimezone(ZoneInfo("Asia/Shanghai")).date()
            file.due_on = add_working_days(file.stage_since, LEVELS[file.state])
        file.save(update_fields=["accepted_at", "stage_since", "due_on"])


def guard(apps, schema_editor):
    for statement in guards.CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in guards.DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("applications", "0006_reviewers_desk"), ("accounts", "0002_lead_duty")]
    operations = [
        migrations.RunPython(start_clocks, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
    ]
