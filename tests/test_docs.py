"""What the papers say is so: paths, commands, tests, settings, names and words in them exist."""

from __future__ import annotations

import ast
import enum
import importlib
import re
import shlex
import sys
from pathlib import Path

import click
import pytest
from django.apps import apps

import chuding
from chuding.accounts.roles import ROLE_NAMES
from chuding.applications import workflow
from chuding.cli import COMMANDS, main
from chuding.decisions.workflow import RosterAction
from chuding.policy.check import check_files
from chuding.policy.notice import FOLDER
from chuding.policy.source import read_files
from chuding.policy.terms import Level, Tier

PACKAGE = Path(chuding.__file__).parent
ROOT = PACKAGE.parent.parent
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
# What an installation has and a checkout has not.
ELSEWHERE = re.compile(r"^(data|out|backup|restored|keys|files|signing|checkpoints|derived|zhenjiang-2025-1)(/|$)|\*")


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shell_lines(text: str) -> list[str]:
    """The lines of ```sh blocks, and `code` that is a command, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`((?:make |chuding |\.venv/bin/)[^`\n]+)`", text)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in [*lines, *inline] if line]


def commands_of(text: str) -> list[str]:
    """`make …` and `chuding …`, wherever they live and whatever stands before them."""
    return [
        match[0].strip()
        for line in shell_lines(text)
        for match in re.finditer(r"(?:^|(?<=[\s/]))(?:make|chuding) (?!/)[a-z][^;&|]*", line)
    ]


# ---- paths ----


@pytest.mark.parametrize("file", PAPERS, ids=named)
def test_paths_in_papers_exist(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    code = re.findall(r"`([\w.-]+(?:/[\w.*-]+)+/?)(?:::[\w:]+)?`", text)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    missing = [p for p in code if not ELSEWHERE.search(p) and not any((b / p).exists() for b in (ROOT, PACKAGE))]
    missing += [link for link in links if link and not (file.parent / link).exists()]
    assert missing == []


def test_tests_named_in_papers_exist() -> None:
    wanted = {match for file in PAPERS for match in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", file.read_text("utf-8"))}
    assert len(wanted) > 20
    trees = {path: ast.parse(text_of(path)) for path, _ in wanted if (ROOT / path).exists()}
    known = {(path, n.name) for path, tree in trees.items() for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    assert wanted - known == set()


def test_walk_names_what_exists() -> None:
    names = re.findall(r"`(chuding(?:\.\w+)+)`", text_of("docs/walk.md"))
    assert len(names) > 20
    assert [name for name in names if not exists(name)] == []


@pytest.mark.parametrize("file", PAPERS, ids=named)
def test_names_in_papers_exist(file: Path) -> None:
    names = set(re.findall(r"`(chuding(?:\.\w+)+)`", file.read_text(encoding="utf-8")))
    assert [name for name in names if not exists(name) and not name.startswith("chuding.sqlite3")] == []


def test_architecture_draws_every_room_in_its_order() -> None:
    picture = text_of("docs/architecture.md").split("```")[1]
    layers = re.search(r"^layers = \[(.*?)^\]", text_of("pyproject.toml"), re.MULTILINE | re.DOTALL)
    assert layers is not None
    rooms = [re.findall(r"\w+", line) for line in re.findall(r'"([^"]+)"', layers[1])]
    rooms = [row for row in rooms if "__main__" not in row]
    places = [min(picture.index(room) for room in row) for row in rooms if row != ["settings"]]
    assert places == sorted(places)
    assert [room for row in rooms for room in row if not re.search(rf"\b{room}\b", picture)] == []


def test_architecture_names_contracts_that_exist() -> None:
    table = re.findall(r"^\| (`[^|]+`) \|", text_of("docs/architecture.md"), re.MULTILINE)
    names = [name for cell in table for name in re.findall(r"`([\w.]+)`", cell)]
    assert len(names) > 12
    assert [name for name in names if not exists(f"chuding.{name}")] == []


def exists(name: str) -> bool:
    """Whether a dotted name is a module or something in one."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        return all((found := getattr(found, part, None)) is not None for part in parts[cut:])
    return False


# ---- commands ----


@pytest.mark.parametrize("file", PAPERS, ids=named)
def test_commands_in_papers_exist(file: Path) -> None:
    wrong = []
    for line in commands_of(file.read_text(encoding="utf-8")):
        words = shlex.split(line)
        if words[0] == "make":
            wrong += [line] if words[1] not in TARGETS else []
            continue
        command: click.Command | None = main
        for word in words[1:]:
            if not isinstance(command, click.Group) or not re.fullmatch(r"[a-z]+", word):
                break
            command = command.get_command(click.Context(command), word)
        options = {o for p in (command.params if command else []) for o in p.opts} | {"--help"}
        if command is None or [w for w in words if w.startswith("--") and w not in options]:
            wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_readme_is_short_and_says_what_ci_runs(name: str) -> None:
    text = text_of(name)
    assert len(text.splitlines()) <= 100
    assert {"make run", "make test"} <= set(commands_of(text))
    assert "chuding demo --headless out" in commands_of(text)
    assert ["http://127.0.0.1:8000" in text, "/outbox/" in text, "data/" in text] == [True, True, True]
    assert "make test" in text_of(".ci/run")
    recipe = re.search(r"^run:.*\n\t@?(.*)$", MAKEFILE, re.MULTILINE)
    assert recipe is not None
    assert recipe[1].endswith("chuding run")


def test_readmes_in_both_languages_say_the_same() -> None:
    english, chinese = text_of("README.md"), text_of("README.zh.md")
    assert commands_of(english) == commands_of(chinese)
    paths = [sorted(set(re.findall(r"`((?:src|docs|data)[\w/.-]*)`", text))) for text in (english, chinese)]
    assert paths[0] == paths[1]


def test_contributing_lists_the_limits_of_the_house() -> None:
    assert "450 lines, functions up to 40, six parameters" in text_of("CONTRIBUTING.md")


def test_changelog_has_two_headings_a_release() -> None:
    releases = re.split(r"^## ", text_of("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    assert releases != []
    assert [re.findall(r"^### (.+)$", release, re.MULTILINE) for release in releases] == [["Law", "System"]] * len(
        releases
    )


def test_decisions_are_dated_and_complete() -> None:
    for file in sorted((ROOT / "docs" / "adr").glob("*.md")):
        text = file.read_text(encoding="utf-8")
        assert re.match(rf"# {file.name[:4]} \S", text), file.name
        assert re.search(r"^\d{4}-\d{2}-\d{2} · ", text, re.MULTILINE), file.name
        parts = [f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")]
        assert (file.name, parts) == (file.name, [True] * 3)


# ---- settings ----


def test_operating_names_every_variable_and_no_other() -> None:
    read = {
        word
        for file in PACKAGE.rglob("*.py")
        for word in re.findall(r"[\"'](CHUDING_[A-Z_]+)[\"']", file.read_text(encoding="utf-8"))
    }
    described = set(re.findall(r"^\| `(CHUDING_[A-Z_]+)`", text_of("docs/operating.md"), re.MULTILINE))
    assert described == read


def test_notice_check_answers_as_the_page_says() -> None:
    """The page shows real output: the sentences that a check of the shipped notice prints, with their counts."""
    shown = re.findall(r"^(?:合格：.*|全部合格)$", text_of("docs/adding-a-notice.md"), re.MULTILINE)
    outcome = check_files(read_files(FOLDER / "zhenjiang-2024-1"))
    assert (shown, outcome.problems) == ([*outcome.passed, "全部合格"], [])


# ---- words ----


def words() -> set[tuple[str, str]]:
    """Every label with its code: states, actions, levels, tiers, roles, and the choices of the models."""
    pairs = {(state.label, state.value) for state in workflow.State}
    pairs |= {(action.label, action.value) for action in workflow.Action}
    pairs |= {(each.value, f"{kind.__name__}.{each.name}") for kind in (Level, Tier) for each in kind}
    pairs |= {(name, role.value) for role, name in ROLE_NAMES.items()}
    for model in apps.get_models():
        if model.__module__.startswith("chuding."):
            for field in model._meta.fields:
                pairs |= {(str(label), str(value)) for value, label in getattr(field, "flatchoices", None) or ()}
    return pairs


def test_glossary_is_complete() -> None:
    rows = set(re.findall(r"^\| (.+?) \| `([^`]+)` \|", text_of("docs/glossary.md"), re.MULTILINE))
    assert sorted(words() - rows) == []
    assert [action.value for action in RosterAction if f"`{action.value}`" not in text_of("docs/glossary.md")] == []


def test_glossary_names_classes_that_exist() -> None:
    table = text_of("docs/glossary.md").split("\n## ")[0]
    classes = set(re.findall(r"`([A-Z]\w+)`", table))
    known = {
        node.name
        for file in PACKAGE.rglob("*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    assert classes - known == set()


def test_enumerations_of_the_law_are_the_notices_words() -> None:
    assert [issubclass(kind, enum.StrEnum) for kind in (Level, Tier)] == [True, True]
    text = (PACKAGE / "policy" / "notices" / "zhenjiang-2024-1" / "notice.md").read_text(encoding="utf-8")
    assert [each.value for kind in (Level, Tier) for each in kind if each.value not in text] == []


# ---- the catalogue of fields ----


def test_field_catalogue_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is collected without a purpose and a time; `.venv/bin/python tools/make_fields.py` writes the page anew."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.delitem(sys.modules, "make_fields", raising=False)
    assert text_of("docs/fields.md") == importlib.import_module("make_fields").page()


def test_catalogue_of_sentences_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sentence that code can say stands there; `.venv/bin/python tools/make_sentences.py` writes the page anew."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.delitem(sys.modules, "make_sentences", raising=False)
    tool = importlib.import_module("make_sentences")
    assert text_of("docs/sentences.md") == tool.page()
    source = 'def f(x):\n    """说明不算。"""\n    raise Declined(f"材料{x}太大。请重传。")\n\nA = _("请填%(what)s。"), "代码", "没有句号"\n'
    assert tool.sentences_of(source) == ["材料{…}太大。请重传。", "请填{…}。"]


def test_no_sentence_blames_or_hides_behind_the_machine() -> None:
    """The words that experience.md U21 bans."""
    told = text_of("docs/sentences.md")
    assert [word for word in ("贵方", "该用户", "非法", "系统异常") if word in told] == []


def test_every_command_is_described_where_one_looks() -> None:
    papers = "\n".join(text_of(name) for name in ("README.md", "docs/operating.md", "docs/adding-a-notice.md"))
    assert [name for name in COMMANDS if f"chuding {name}" not in papers] == []
