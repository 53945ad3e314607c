"""A 申报表 that somebody uploads for verification is looked up by its digest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0022_page_words")]

    operations = [
        migrations.AddIndex(
            model_name="application", index=models.Index(fields=["declaration_file"], name="declaration")
        ),
    ]
