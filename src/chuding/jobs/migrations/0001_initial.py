import datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task", models.CharField(max_length=200)),
                ("arguments", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("ready", "待办"), ("running", "进行中"), ("done", "已完成"), ("dead", "已放弃")],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("priority", models.SmallIntegerField(default=0)),
                ("queue", models.CharField(default="default", max_length=50)),
                (
                    "run_at",
                    models.DateTimeField(default=datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("worker", models.CharField(blank=True, default="", max_length=64)),
                ("lease_until", models.DateTimeField(null=True)),
                ("dedupe_key", models.CharField(max_length=200, null=True, unique=True)),
                ("error", models.TextField(blank=True, default="")),
                ("result", models.JSONField(null=True)),
                ("enqueued_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "后台任务",
                "indexes": [
                    models.Index(fields=["state", "-priority", "id"], name="job_ready"),
                    models.Index(fields=["state", "lease_until"], name="job_leased"),
                ],
            },
        ),
    ]
