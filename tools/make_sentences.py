"""Write docs/sentences.md: every sentence that the site can say to a person from its code, and every text message, by place.

    .venv/bin/python tools/make_sentences.py

Errors, hints, confirmations and messages alike: whatever ends like a sentence in Chinese. `{…}` stands for what is put in.
tests/test_docs.py holds the file to the code, so that no sentence is added unread.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "src" / "chuding"
FILE = ROOT / "docs" / "sentences.md"
_END = re.compile(r"[\u4e00-\u9fff].*[。？！]", re.DOTALL)
# What only tests of the notices, the demonstration and the command line say.
_ASIDE = ("demonstration", "migrations", "policy/author_commands.py", "policy/mutants.py", "policy/scaffold.py")
_PLACE = re.compile(r"%\(\w+\)[sd]|%%?\(?\w*\)?[sd]|\{\w*\}")


def sentences_of(source: str) -> list[str]:
    """The Chinese sentences among a module's strings, f-strings too, in their order; docstrings are not."""
    tree = ast.parse(source)
    aside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: list[tuple[int, int, str]] = []
    for node in ast.walk(tree):
        if id(node) in aside:
            continue
        if isinstance(node, ast.JoinedStr):
            aside |= {id(part) for part in node.values}
            text = "".join(str(p.value) if isinstance(p, ast.Constant) else "{…}" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = _PLACE.sub("{…}", node.value)
        else:
            continue
        if _END.search(text):
            found.append((node.lineno, node.col_offset, " ".join(text.split())))
    return list(dict.fromkeys(text for _, _, text in sorted(found)))


def page() -> str:
    """The whole document."""
    lines = [
        "# Sentences",
        "",
        "What the site can say to a person from its code: errors, hints, confirmations; then the text messages. Written by",
        "`tools/make_sentences.py`; a test holds it to the code. What stands in the pages themselves is in `src/chuding/templates`.",
    ]
    for path in sorted(CODE.rglob("*.py")):
        name = path.relative_to(CODE).as_posix()
        if any(part in name for part in _ASIDE):
            continue
        if found := sentences_of(path.read_text(encoding="utf-8")):
            lines += ["", f"## `{name}`", "", *(f"- {text}" for text in found)]
    told = yaml.safe_load((CODE / "messages" / "templates.yaml").read_text(encoding="utf-8"))["templates"]
    for key, texts in told.items():
        lines += [
            "",
            f"## Message `{key}`",
            "",
            *(f"- {kind}: {texts[kind]}" for kind in ("sms", "title", "body") if kind in texts),
            *(f"- {kind} without a telephone: {text}" for kind, text in texts.get("alone", {}).items()),
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file."""
    FILE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
