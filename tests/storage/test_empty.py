"""A database without tables, as a new installation has it: nothing asks it anything before `prepare` has made them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_pages_are_known_before_there_are_tables(tmp_path: Path) -> None:
    environment = os.environ | {"CHUDING_DATA": str(tmp_path), "CHUDING_DATABASE_URL": "sqlite"}
    done = subprocess.run(
        [Path(sys.executable).parent / "django-admin", "check", "--settings", "chuding.settings", "--tag", "urls"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (0, []), done.stderr
