"""The rules of the house (docs/architecture.md, CONTRIBUTING.md) that no linter knows. The arrows are import-linter's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template

import chuding

pytestmark = pytest.mark.xdist_group("house")  # one process, so that each module is parsed once

PACKAGE = Path(chuding.__file__).parent
ROOT = PACKAGE.parent.parent
TEMPLATES = PACKAGE / "templates"
LINES, FUNCTION_LINES, PARAMETERS = 450, 40, 6

# Each exception names its reason; one that is no longer needed fails.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {
    "applications/translate.py:declaration_of": "one line a box of the 申报表, in the order of the form",
    "demonstration/cast.py:_character": "the facts of one invented person, one line each",
    "demonstration/papers.py:_content": "the words of six invented papers",
    "paper/gallery.py:_certificates": "the fields of one certificate, one line each, and its edge cases",
    "paper/gallery.py:_declarations": "the fields of one 申报表, one line each, and its edge cases",
    "paper/gallery.py:_receipts": "the fields of one receipt, one line each, and its edge cases",
}
MANY_PARAMETERS: dict[str, str] = {
    "ledger/record.py:record": "an entry has seven parts, and every caller names them",
}

# Rooms and modules whose public names are explained: the pure ones and the services.
EXPLAINED = (
    "policy/", "paper/", "connectors/", "ledger/tree.py", "accounts/roles.py", "accounts/identity.py",
    "accounts/masking.py", "certificates/award.py", "applications/workflow.py", "decisions/workflow.py", "services",
)  # fmt: skip
UNEXPLAINED: dict[str, str] = {}


def source_files() -> list[Path]:
    return [file for file in sorted(PACKAGE.rglob("*.py")) if "migrations" not in file.parts]


def named(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


NAMES = [named(file) for file in source_files()]


@cache
def trees() -> dict[str, ast.Module]:
    """Every module's tree by its name: parsed by the processes that ask."""
    return {name: ast.parse((PACKAGE / name).read_text(encoding="utf-8")) for name in NAMES}


FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its dotted name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTION):
            yield prefix + node.name, node
        if isinstance(node, FUNCTION | ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")
        elif not isinstance(node, ast.expr):
            yield from functions(node, prefix)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without the docstring: that is for the reader."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


# ---- sizes ----


def test_modules_are_short() -> None:
    long = {name for name in NAMES if len((PACKAGE / name).read_text(encoding="utf-8").splitlines()) > LINES}
    assert long == set(LONG_MODULES)


def test_functions_are_short() -> None:
    found = {
        f"{name}:{f}" for name, tree in trees().items() for f, node in functions(tree) if length(node) > FUNCTION_LINES
    }
    assert found == set(LONG_FUNCTIONS)


def test_functions_take_few_parameters() -> None:
    def count(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        return len([argument for argument in every if argument.arg not in {"self", "cls"}])

    found = {f"{name}:{f}" for name, tree in trees().items() for f, node in functions(tree) if count(node) > PARAMETERS}
    assert found == set(MANY_PARAMETERS)


# ---- words ----


def test_rooms_have_a_purpose_in_their_name() -> None:
    vague = {"common", "core", "utils", "util", "helpers", "helper", "misc", "shared"}
    assert [name for name in NAMES if vague & set(Path(name).with_suffix("").parts)] == []


def test_public_names_of_pure_rooms_and_services_are_explained() -> None:
    bare = []
    for name, tree in trees().items():
        if not any(part in name for part in EXPLAINED) or "/views/" in name:
            continue
        for node in tree.body:
            public = isinstance(node, ast.ClassDef | FUNCTION) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                bare.append(f"{name}:{node.name}")  # type: ignore[attr-defined]
    assert set(bare) == set(UNEXPLAINED)


def test_app_rooms_begin_empty() -> None:
    apps = [file.parent for file in PACKAGE.glob("*/apps.py")]
    assert [app.name for app in apps if (app / "__init__.py").read_text(encoding="utf-8").strip()] == []


# ---- what no module does ----

FORBIDDEN_CALLS = {
    "eval", "exec", "mark_safe", "SafeString", "csrf_exempt", "os.system", "os.popen", "subprocess.getoutput",
    "pickle.loads", "pickle.load", "marshal.loads", "yaml.load", "yaml.unsafe_load", "RawSQL",
}  # fmt: skip
FORBIDDEN_MODULES = {"pickle", "shelve", "marshal", "telnetlib", "ftplib"}


@pytest.mark.parametrize("name", NAMES)
def test_module_does_nothing_dangerous(name: str) -> None:
    found = []
    for node in ast.walk(trees()[name]):
        if isinstance(node, ast.Call):
            if called(node) in FORBIDDEN_CALLS:
                found.append(f"{node.lineno}: {called(node)}")
            found += [f"{node.lineno}: shell" for word in node.keywords if word.arg == "shell"]
        if isinstance(node, ast.Import):
            found += [f"{node.lineno}: {each.name}" for each in node.names if each.name in FORBIDDEN_MODULES]
        if isinstance(node, ast.ImportFrom):
            words = {node.module or "", *(each.name for each in node.names)}
            found += [f"{node.lineno}: {word}" for word in words & (FORBIDDEN_MODULES | FORBIDDEN_CALLS)]
    assert found == []


def test_imports_stand_at_the_top() -> None:
    """No import inside a function, except in an app's `ready`, which runs when there is something to import."""
    inside = [
        f"{name}:{node.lineno}"
        for name, tree in trees().items()
        for function, outer in functions(tree)
        for node in ast.walk(outer)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not (name.endswith("apps.py") and function.endswith("ready"))
    ]
    assert inside == []


def test_views_save_nothing() -> None:
    """Effects are the services' work, where they are locked, asked for and recorded."""
    acts = {"save", "delete", "bulk_create", "bulk_update", "create", "update_or_create", "get_or_create"}
    saving = [
        f"{name}:{node.lineno}"
        for name, tree in trees().items()
        if "/views" in name
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in acts
        # A session is the request's own business; making its key is no act on anybody's file.
        and not ast.unparse(node.func).startswith("request.session.")
    ]
    assert saving == []


def test_services_know_no_request() -> None:
    knowing = [
        f"{name}:{node.lineno}"
        for name, tree in trees().items()
        if "services" in name
        for node in ast.walk(tree)
        if (isinstance(node, ast.arg) and node.arg == "request")
        or (isinstance(node, ast.ImportFrom) and node.module in {"django.http", "django.shortcuts"})
    ]
    assert knowing == []


def test_services_are_told_the_time() -> None:
    """`now()` is asked in views, commands and the worker's tasks; below them the moment is an argument."""
    asking = []
    for name, tree in trees().items():
        if "services" not in name:
            continue
        for function, node in functions(tree):
            task = any("task" in ast.unparse(decorator) for decorator in node.decorator_list)
            calls = [each for each in ast.walk(node) if isinstance(each, ast.Call) and called(each) in {"now", "today"}]
            if calls and not task:
                asking.append(f"{name}:{function}")
    assert asking == []


def test_acts_take_their_words_by_name() -> None:
    """One shape: whoever acts and when are keyword-only, so that no call can swap two people or two times."""
    loose = [
        f"{name}:{node.name}"
        for name, tree in trees().items()
        if "services" in name or name.endswith(("appointments.py", "staffing.py", "consent.py"))
        for node in tree.body
        if isinstance(node, FUNCTION) and not node.name.startswith("_")
        if {"by", "at"} <= {a.arg for a in [*node.args.args, *node.args.kwonlyargs]}
        and {"by", "at"} & {a.arg for a in node.args.args}
    ]
    assert loose == []


def test_models_have_no_hidden_effects() -> None:
    """No `save()` of its own, no signals: what happens is in a service, where one looks for it."""
    hidden = [
        f"{name}:{function}"
        for name, tree in trees().items()
        if name.endswith("models.py")
        for function, _ in functions(tree)
        if function.split(".")[-1] in {"save", "delete"}
    ]
    signals = [
        name for name in NAMES if re.search(r"django\.dispatch|models\.signals", (PACKAGE / name).read_text("utf-8"))
    ]
    assert (hidden, signals) == ([], [])


# ---- templates ----


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda f: f.relative_to(TEMPLATES).as_posix())
def test_template_compiles_and_escapes(file: Path) -> None:
    get_template(file.relative_to(TEMPLATES).as_posix())
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off|csrf_exempt|https?://(?!www\.w3\.org)", text) == []
    assert engines["django"].engine.autoescape is True  # type: ignore[attr-defined]


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda f: f.relative_to(TEMPLATES).as_posix())
def test_every_form_that_acts_carries_a_token(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    forms = re.findall(r"<form\b[^>]*method=[\"']post[\"'][^>]*>.*?</form>", text, re.DOTALL | re.IGNORECASE)
    assert [form[:80] for form in forms if "csrf_token" not in form] == []


# ---- what is installed ----


@pytest.mark.parametrize("file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda file: file.name)
def test_pins_are_hashed_and_name_no_place(file: Path) -> None:
    """A pin says what, never from where: the place is the installation's own choice."""
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"https?://|--index-url|--extra-index-url|--find-links|--trusted-host|git\+|@ file", text) == []
    rows = [row for row in re.split(r"\n(?![ #])", re.sub(r"\\\n\s*", " ", text)) if row.strip() and row[0] != "#"]
    assert rows != []
    assert [row[:60] for row in rows if not re.match(r"[\w.\[\]-]+==\S+.*--hash=sha256:[0-9a-f]{64}", row)] == []


def test_every_wanted_package_is_pinned() -> None:
    for file in sorted((ROOT / "requirements").glob("*.in")):
        wanted = re.findall(r"^([\w.-]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        pins = file.with_suffix(".txt").read_text(encoding="utf-8").lower()
        missing = [n for n in wanted if not re.search(rf"^{re.escape(n.lower())}(\[.*?\])?==", pins, re.MULTILINE)]
        assert (file.name, [name for name in missing if not name.startswith("-")]) == (file.name, [])
