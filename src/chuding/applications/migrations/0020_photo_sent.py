"""A photo that is sent twice, since its answer was lost on the way, is one page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0019_what_was_stated")]

    operations = [
        migrations.AddField(
            model_name="photopage",
            name="sent",
            field=models.CharField(blank=True, default="", help_text="SHA-256 of the photo as it came", max_length=64),
        ),
    ]
