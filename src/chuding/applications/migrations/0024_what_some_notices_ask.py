"""What only some notices ask (months of social insurance, a title held), and the schoolings only some name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0023_find_a_form"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="held_title",
            field=models.CharField(
                blank=True,
                choices=[("none", "没有职称"), ("员级", "员级职称"), ("助理级", "助理级职称"), ("中级", "中级职称")],
                max_length=8,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="held_title_since",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="social_insurance_months",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="education",
            name="schooling",
            field=models.CharField(
                blank=True,
                choices=[
                    ("中专", "中等职业学校（中专、职高、技校）"),
                    ("大专", "大学专科"),
                    ("本科", "大学本科"),
                    ("研究生", "研究生"),
                    ("研究生班", "研究生班"),
                    ("中级工班", "技工院校中级工班"),
                    ("高级工班", "技工院校高级工班"),
                    ("预备技师班", "技工院校预备技师班"),
                    ("技师班", "技工院校技师班"),
                ],
                max_length=8,
            ),
        ),
    ]
