"""Write docs/fields.md: every field of every model, its form in the database, what it is for and how long it is kept.

    .venv/bin/python tools/make_fields.py

A field that src/chuding/applications/privacy/fields.yaml does not name stops the tool, and tests/test_docs.py with it: nothing is collected without a purpose.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.db import models

from chuding.applications.privacy.catalogue import Entry, entries, terms

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "fields.md"


def form(field: models.Field) -> str:  # type: ignore[type-arg]
    """How a field rests in the database."""
    kind = "reference" if field.is_relation else type(field).__name__.removesuffix("Field")
    kind = {"EncryptedText": "text, encrypted (AES-256-GCM)", "BigAuto": "row", "JSON": "JSON"}.get(kind, kind.lower())
    if isinstance(field, models.CharField) and field.max_length:
        kind = f"{kind} ≤ {field.max_length}"
    return f"{kind}, may be unknown" if field.null else kind


def page() -> str:
    """The whole document. Exits with what is missing where a field has no purpose, or a purpose no field."""
    lines = [
        "# Fields",
        "",
        "What is kept, in what form, what for and how long. Written by `tools/make_fields.py` from the models; a test holds",
        "the two together. ● marks what tells something of a person. `file` is always a digest: the bytes lie in the file",
        "store. Nobody is asked for a picture of an identity card, and nobody's is kept.",
    ]
    missing: list[str] = []
    found = {m._meta.label: m for m in apps.get_models() if m.__module__.startswith("chuding.")}  # noqa: SLF001 - Django's documented way
    missing += [f"{label}: no such model" for label in entries().keys() - found.keys()]
    for label in sorted(found):
        entry = entries().get(label, Entry("?", "archive", {}))
        what, kept, purposes = entry.what, terms()[entry.kept]["en"], entry.fields
        fields = [f for f in found[label]._meta.fields if f.name in purposes or not f.primary_key]  # noqa: SLF001
        missing += [f"{label}.{name}: no such field" for name in purposes.keys() - {f.name for f in fields}]
        lines += [
            "",
            f"## {label}",
            "",
            f"{what[0].upper()}{what[1:]}. Kept {kept}.",
            "",
            "| field | form | what for |",
            "|---|---|---|",
        ]
        for field in fields:
            held = purposes.get(field.name, "")
            purpose = held.removeprefix("!") or str(field.help_text)
            if not purpose:
                missing.append(f"{label}.{field.name}: no purpose")
            mark = "● " if held.startswith("!") else ""
            lines.append(f"| `{field.name}` | {form(field)} | {mark}{purpose} |")
    if missing:
        sys.exit(
            "\n".join(
                [
                    *missing,
                    "Say in src/chuding/applications/privacy/fields.yaml what it is for and how long it is kept, then run this.",
                ]
            )
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
    django.setup()
    FILE.write_text(page(), encoding="utf-8")
