"""What the tests need from the system beside Python: found, or installed from Debian's packages where we may.

`python tools/system_packages.py` prints one line for every suite that has to be left out, and why. Standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

OLDEST_POSTGRESQL = 15
POSTGRESQL_FOLDERS = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"), Path("/opt/homebrew/opt"))


@dataclass(frozen=True)
class Need:
    """A tool, how to see that it is there, the Debian packages that bring it, and the suite that waits for it."""

    name: str
    present: Callable[[], bool]
    packages: tuple[str, ...]
    suite: str


def chromium() -> str | None:
    """Return the path of a Chromium that Playwright can drive."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def postgresql() -> Path | None:
    """Return the folder of the newest PostgreSQL server's programs (initdb, pg_ctl), 15 or newer."""
    folders = [folder for base in POSTGRESQL_FOLDERS for folder in base.glob("*/bin")]
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    able = [(version, folder) for folder in folders if (version := _version(folder)) >= OLDEST_POSTGRESQL]
    return max(able)[1] if able else None


def cjk_font() -> bool:
    """Tell whether the browser has letters for Chinese."""
    return any(Path("/usr/share/fonts").rglob("NotoSansCJK*")) or any(Path("/usr/share/fonts").rglob("NotoSerifCJK*"))


def rare_font() -> bool:
    """Tell whether Debian's font for extensions G and H is there (docs/names.md)."""
    return Path("/usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf").exists()


NEEDS = (
    Need("Chromium", lambda: chromium() is not None, ("chromium",), "the browser journeys"),
    Need("Chinese fonts for the browser", cjk_font, ("fonts-noto-cjk",), "the screenshots' Chinese letters"),
    Need("PostgreSQL >= 15", lambda: postgresql() is not None, ("postgresql",), "the PostgreSQL leg"),
    Need("pdftotext", lambda: shutil.which("pdftotext") is not None, ("poppler-utils",), "the second reading of PDFs"),
    Need("qpdf", lambda: shutil.which("qpdf") is not None, ("qpdf",), "the structure check of PDFs"),
    Need(
        "certutil",
        lambda: shutil.which("certutil") is not None,
        ("libnss3-tools",),
        "the second validator of signatures",
    ),
    Need(
        "softhsm2-util",
        lambda: shutil.which("softhsm2-util") is not None,
        ("softhsm2",),
        "keys in a PKCS#11 token",
    ),
    Need("BabelStone Han", rare_font, ("fonts-babelstone-han",), "names in extensions G and H, printed and read again"),
    Need("libzbar", lambda: find_library("zbar") is not None, ("libzbar0",), "the second decoder of QR codes"),
)


def provide() -> list[str]:
    """Install what is missing where we may; return one sentence for every suite that is left out all the same."""
    missing = [need for need in NEEDS if not need.present()]
    if not missing:
        return []
    may = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if may:
        packages = [package for need in missing for package in need.packages]
        print(f"system packages: installing {' '.join(packages)}", flush=True)
        _install(packages)
    why = "apt-get could not install it" if may else "not installed, and only root with apt-get may"
    return [f"left out: {need.suite} ({need.name}: {why})" for need in missing if not need.present()]


def _install(packages: list[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Debian's PostgreSQL package would start a cluster of its own; ours is a temporary one.
    config = Path("/etc/postgresql-common/createcluster.conf")
    if "postgresql" in packages and not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text("create_main_cluster = false\nstart_conf = manual\n", encoding="ascii")
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *words], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"system packages: apt-get {words[0]} failed: {last}", flush=True)


def _version(folder: Path) -> int:
    program = folder / "postgres"
    if not program.exists() or not (folder / "pg_ctl").exists():
        return 0
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    for sentence in provide():
        print(sentence)
