"""When a session was last seen stands in the session only: no second row is written for it at every visit.

On the way back a session was last seen when it began: what was known better is gone with the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_tally"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="visit", name="visit_by_age"),
        # Empty before it goes, so that on the way back it can come before it is filled.
        migrations.AlterField(model_name="visit", name="seen_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(migrations.RunSQL.noop, "UPDATE accounts_visit SET seen_at = began_at"),
        migrations.RemoveField(model_name="visit", name="seen_at"),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["began_at"], name="visit_by_beginning"),
        ),
    ]
