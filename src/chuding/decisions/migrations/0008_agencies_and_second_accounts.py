"""Documents and certificates follow the desk's newer rule of who has to step back."""

from django.db import migrations

from chuding.decisions import guards
from chuding.storage import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0007_recusal_from_certificates"),
        ("applications", "0026_agencies_and_second_accounts"),
    ]
    operations = [
        triggers.operation(
            guards.DROP_LATER, guards.DROP_FOR_REVOCATIONS, guards.CREATE_LATER, guards.CREATE_FOR_REVOCATIONS
        ),
    ]
