"""A passport's nationality, a name in Latin letters, and one person found under two documents by birth and name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_tally"),
        ("applications", "0020_photo_sent"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="foreign_name",
            field=models.CharField(blank=True, help_text="optional", max_length=100, null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="nationality",
            field=models.CharField(blank=True, help_text="three letters, ICAO 9303", max_length=3, null=True),
        ),
        migrations.AlterField(
            model_name="likeness",
            name="kind",
            field=models.CharField(
                choices=[
                    ("person", "同一证件号码"),
                    ("name", "姓名和出生日期相同"),
                    ("scan", "同一个文件"),
                    ("near", "几乎相同的扫描件"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["born_on"], name="by_birth"),
        ),
    ]
