"""The changed files of a replay, all of them, as rows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(help_text="in the order of handing in, from 1")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("own", "所申报级别的结论改变"),
                            ("aside", "没有申报的级别"),
                            ("gone", "专业不在新目录里"),
                        ],
                        max_length=8,
                    ),
                ),
                ("ref", models.CharField(max_length=24)),
                ("level", models.CharField(blank=True, max_length=8)),
                ("schooling", models.CharField(blank=True, max_length=16)),
                ("before", models.CharField(blank=True, max_length=8)),
                ("after", models.CharField(blank=True, max_length=8)),
                ("clauses", models.JSONField(default=list)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changed_files", to="publishing.run"
                    ),
                ),
            ],
            options={
                "verbose_name": "试算中结论改变的件",
                "indexes": [models.Index(fields=["run", "kind", "position"], name="changed_by_kind")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "position"), name="one_changed_file_a_position")
                ],
            },
        ),
    ]
