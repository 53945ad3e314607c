"""When a session was last seen stands in the session only: no second row is written for it at every visit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_tally"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="visit", name="visit_by_age"),
        migrations.RemoveField(model_name="visit", name="seen_at"),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["began_at"], name="visit_by_beginning"),
        ),
    ]
