"""The verified agencies are listed whenever a freelancer chooses one, and asked for at every desk page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_seen_in_the_session"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="employer",
            index=models.Index(condition=models.Q(("kind", "agency")), fields=["name"], name="agency_by_name"),
        ),
    ]
