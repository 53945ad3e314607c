"""A page scanned again is found by words of its ink; the prints before found only what had been saved anew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0021_passports_and_names")]

    operations = [
        # What they were made from is still there: the next look at a file makes its marks anew.
        migrations.RunSQL("DELETE FROM applications_pagemark", migrations.RunSQL.noop),
        *[migrations.RemoveIndex(model_name="pagemark", name=f"page_band{n}") for n in (1, 2, 3, 4)],
        *[migrations.RemoveField(model_name="pagemark", name=f"band{n}") for n in (1, 2, 3, 4)],
        migrations.RemoveField(model_name="pagemark", name="print"),
        migrations.CreateModel(
            name="PageWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.PositiveIntegerField()),
                (
                    "mark",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="applications.pagemark",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="pageword",
            constraint=models.UniqueConstraint(fields=("word", "mark"), name="one_word_a_page"),
        ),
    ]
