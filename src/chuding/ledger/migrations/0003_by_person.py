"""What somebody did since a moment is found from an index: the desk counts a reviewer's day with it."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex("entry", models.Index(fields=["by", "at"], name="entry_by_person")),
    ]
