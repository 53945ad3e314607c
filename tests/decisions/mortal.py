"""A process that issues one roster and kills itself before its k-th effect: DATABASE ROSTER MOMENT K."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings

WRITES = ("INSERT", "UPDATE", "DELETE")


class Killer:
    """Counts effects; SIGKILL lets nothing run afterwards."""

    def __init__(self, k: int) -> None:
        self.left = k

    def before_effect(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            self.before_effect()
        return execute(sql, params, many, context)


def main(database: str, ref: str, moment: str, k: int) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "chuding.settings"
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from django.db import connection  # noqa: PLC0415 - there is no connection before the set-up

    from chuding.decisions.services.issuing import issue_roster  # noqa: PLC0415

    killer = Killer(k)
    rename, commit = Path.replace, connection._commit

    def replace(self: Path, target: Any) -> Path:
        killer.before_effect()
        return rename(self, target)

    def committing() -> None:
        killer.before_effect()
        commit()

    Path.replace, connection._commit = replace, committing  # type: ignore[method-assign]
    with connection.execute_wrapper(killer.statement):
        return 0 if issue_roster(ref=ref, at=datetime.fromisoformat(moment)).number else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
