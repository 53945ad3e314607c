"""The files of a notice's folder: YAML with line numbers, the issuer's text by clause, and the folder's digest."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import yaml

from chuding.policy.reader_words import wide_colon, yaml_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

FILES: Final = ("notice.md", "notice.yaml", "catalogue.csv", "cases.yaml", "readings.md")
#: Where the notice's words in other languages stand, a file a language: words/en.yaml.
WORDS: Final = "words/"

_ANCHOR_LINE = re.compile(r'^<a id="([a-z0-9-]+)"></a>\n', re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([a-z0-9-]+)"></a>')
#: What is said of a text in which no clause can be found; the desk has a button of that name, a folder a document.
NO_ANCHORS: Final = (
    '一个锚点也没有，找不到条款；在网页上请按“标出条款”，在文件里请在每一条款前加一行（例如 <a id="2-1"></a>）'
)
_CITABLE = re.compile(r"[1-9]\d?(-[1-9]\d?){0,2}(-note)?")
_NUMERALS: Final = "零一二三四五六七八九十"
_NAMED: Final = {
    "issuer": "发文机关",
    "number": "文号",
    "title": "标题",
    "preamble": "前言",
    "enclosure": "附件说明",
    "signature": "落款",
    "copies": "版记",
    "annex": "附件",
}

Path_ = tuple["str | int", ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a notice's folder: where, and a sentence that says what."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class NoticeError(ValueError):
    """A notice's folder that cannot be used; `problems` says why, with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("；".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the issuer's text. `text` is verbatim, without the heading and the Markdown marks around it.

    `id` is the anchor in notice.md (`2-1`, `2-1-note`, `5-3-4`), `label` its citation (二(一), 二(一)注, 五(三)4).
    """

    id: str
    label: str
    heading: str
    text: str
    line: int

    @property
    def anchor(self) -> str:
        """The fragment to link to."""
        return f"#{self.id}"


@dataclass(slots=True)
class Document:
    """A YAML file's data together with the line of every value."""

    file: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, path: Path_) -> int:
        """The line of the value at `path`, or of the nearest value that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _NUMERALS[ones]
    return (_NUMERALS[tens] if tens > 1 else "") + "十" + (_NUMERALS[ones] if ones else "")


def label_of(anchor: str) -> str:
    """The citation of an anchor: `2-1-note` is 二(一)注."""
    if anchor in _NAMED:
        return _NAMED[anchor]
    parts = anchor.removesuffix("-note").split("-")
    label = _numeral(int(parts[0]))
    if len(parts) > 1:
        label += f"({_numeral(int(parts[1]))})"
    if len(parts) > 2:
        label += parts[2]
    return label + ("注" if anchor.endswith("-note") else "")


def issuers_text(marked: str) -> str:
    """The issuer's text exactly as issued: notice.md without its anchors."""
    return _ANCHOR.sub("", _ANCHOR_LINE.sub("", marked))


def read_clauses(marked: str) -> tuple[Clause, ...]:
    """The clauses of notice.md in order. A note is the parenthesis that its anchor opens, inside its clause too.

    Raises `NoticeError` for anchors that are strange or double, and where there is none at all.
    """
    clauses: list[Clause] = []
    _refuse_strange_anchors(marked)
    marks = list(_ANCHOR_LINE.finditer(marked))
    if not marks:
        raise NoticeError([Problem("notice.md", 1, NO_ANCHORS)])
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        body = marked[mark.end() : following.start() if following else len(marked)]
        line = marked.count("\n", 0, mark.end()) + 1
        headings = [part.lstrip("#").strip().strip("*") for part in body.split("\n") if part.startswith("#")]
        kept = [part for part in body.split("\n") if not part.startswith("#") and part.strip() not in ("", "---")]
        text = "\n".join(part.removeprefix("- ") for part in kept)
        identifier = mark[1]
        clauses.append(Clause(identifier, label_of(identifier), "".join(headings), _ANCHOR.sub("", text), line))
        clauses.extend(
            Clause(note[1], label_of(note[1]), "", _parenthesis(text[note.end() :]), line)
            for note in _ANCHOR.finditer(text)
        )
    return tuple(clauses)


def _refuse_strange_anchors(marked: str) -> None:
    seen: set[str] = set()
    problems = []
    for found in _ANCHOR.finditer(marked):
        anchor = found[1]
        line = marked.count("\n", 0, found.start()) + 1
        if anchor not in _NAMED and not _CITABLE.fullmatch(anchor):
            problems.append(Problem("notice.md", line, f"锚点“{anchor}”不是条款的编号（例如 2-1、5-3-4、2-1-note）"))
        if anchor in seen:
            problems.append(Problem("notice.md", line, f"锚点“{anchor}”写了两次"))
        seen.add(anchor)
    if problems:
        raise NoticeError(problems)


def _parenthesis(text: str) -> str:
    """The text up to the full-width bracket that closes the parenthesis it began in."""
    depth = 1
    for position, character in enumerate(text):
        depth += {"（": 1, "）": -1}.get(character, 0)
        if depth == 0:
            return text[:position]
    return text


class _Refused(yaml.MarkedYAMLError):
    pass


def read_yaml(text: str, file: str) -> Document:
    """Read YAML with the safe loader, refusing duplicate keys and aliases; raises `NoticeError` with the line."""
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise NoticeError([Problem(file, 1, "文件是空的")])  # noqa: TRY301 - passed on below
        document = Document(file, None)
        seen: set[int] = set()
        _note_lines(node, (), document.lines, seen)
        document.data = loader.construct_document(node)
    except NoticeError:
        raise
    except yaml.MarkedYAMLError as error:
        opened = any(
            word in str(error.context) for word in ("flow", "quoted")
        )  # a bracket or a quotation: where it began
        mark = error.context_mark if opened and error.context_mark else error.problem_mark
        line = mark.line + 1 if mark else 1
        said = str(error.problem) if isinstance(error, _Refused) else yaml_words(str(error.problem))
        line, said = wide_colon(text, error.problem_mark) or (line, said)
        raise NoticeError([Problem(file, line, f"不是合格的 YAML：{said}")]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = _line_of_number(text) if "Exceeds the limit" in str(error) else 1
        raise NoticeError([Problem(file, line, f"不是合格的 YAML：{yaml_words(str(error))}")]) from None
    finally:
        loader.dispose()
    return document


def _line_of_number(text: str) -> int:
    """Where the longest run of digits stands: the loader refuses such a number without saying where."""
    longest = max(re.finditer(r"\d+", text), key=lambda found: len(found[0]), default=None)
    return 1 if longest is None else text.count("\n", 0, longest.start()) + 1


def _note_lines(node: yaml.Node, path: Path_, lines: dict[Path_, int], seen: set[int]) -> None:
    if id(node) in seen:
        raise _Refused(problem="不能用别名（* 和 &），请把内容写全", problem_mark=node.start_mark)
    seen.add(id(node))
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        keys: set[Hashable] = set()
        for key, value in node.value:
            if key.value in keys:
                raise _Refused(problem=f"“{key.value}”写了两次", problem_mark=key.start_mark)
            keys.add(key.value)
            _note_lines(value, (*path, key.value), lines, seen)
    elif node.tag == "tag:yaml.org,2002:timestamp" and not _real_day(node.value):
        raise _Refused(problem=f"没有这个日期：{node.value}", problem_mark=node.start_mark)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*path, index), lines, seen)


def _real_day(text: str) -> bool:
    """The loader would refuse it too, but could not say where."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one notice, bytes by name, wherever they rest: a folder on disk or a row of a database.

    Both are read by the same code and have the same digest, so a notice is the same thing in either place.
    """

    id: str
    content: Mapping[str, bytes]

    def text(self, file: str) -> str:
        """A file's text, line ends as they are; raises `NoticeError` when it is missing or not UTF-8."""
        if file not in self.content:
            raise NoticeError([Problem(file, 1, "文件不存在或者读不了")])
        try:
            return self.content[file].decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.content[file][: error.start].count(b"\n") + 1
            raise NoticeError([Problem(file, line, "不是 UTF-8 编码，请另存为 UTF-8 再试")]) from None

    @property
    def digest(self) -> str:
        """SHA-256 over every file, in order of name: name, length and bytes of each. Hexadecimal.

        Two notices share a digest only when every file is the same byte for byte; but for the words in other languages,
        which are translation and no law: a published notice may be translated, and stays what was published.
        """
        digest = hashlib.sha256(b"chuding notice 1\n")
        law = (name for name in self.content if not name.startswith(WORDS))
        for name in sorted(law, key=str.encode):
            digest.update(f"{name}\n{len(self.content[name])}\n".encode())
            digest.update(self.content[name])
        return digest.hexdigest()


def read_files(folder: Path) -> Files:
    """Every file of a notice's folder, and of its words; hidden ones and what cannot be read are left out."""
    content = {}
    for place, prefix in ((folder, ""), (folder / WORDS, WORDS)):
        for path in place.iterdir() if place.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                with suppress(OSError):
                    content[prefix + path.name] = path.read_bytes()
    return Files(folder.name, content)


def write_files(files: Files, folder: Path) -> None:
    """Write them as a folder, byte for byte; raises OSError."""
    for name, content in files.content.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def read_text(folder: Path, file: str) -> str:
    """One file's text out of a folder on disk; raises `NoticeError` when it is missing or not UTF-8."""
    return read_files(folder).text(file)
