"""Change one place of a YAML file and leave the rest of its text as it stands: comments, order, quotes, flow style.

Pure. Reading for use is always `policy.source.read_yaml` (safe, no aliases, no duplicate keys); here a text that has
passed it is changed, and the result is read back in the same way and compared, so that no change does more than it says.
"""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from chuding.policy.source import NoticeError, Problem, read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

Path_ = tuple["str | int", ...]
GONE: Final = object()
#: Keys whose text is always quoted: sentences out of the notice.
_QUOTED: Final = frozenset({"原文"})


def _machine() -> YAML:
    machine = YAML()
    machine.preserve_quotes = True
    machine.width = 1_000_000
    machine.brace_single_entry_mapping_in_flow_sequence = True
    return machine


def data_of(text: str, file: str) -> Any:
    """The plain data of a YAML text. Raises NoticeError with the line."""
    return read_yaml(text, file).data


def at(data: Any, path: Path_) -> Any:
    """The value at a path; None where there is none."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def put(text: str, file: str, path: Path_, value: Any) -> str:
    """The text with the value at `path` replaced, added (one past the end of a list, or a new key) or taken away (GONE).

    Raises NoticeError where the text is no YAML, or the change cannot be written so that it reads back as itself.
    """
    try:
        wanted = _changed(data_of(text, file), path, value)
        machine = _machine()
        tree = machine.load(text)
        _put(tree, path, value)
    except (KeyError, IndexError, TypeError, YAMLError):
        raise _unwritable(file) from None
    return _written(machine, tree, wanted, file)


def _unwritable(file: str) -> NoticeError:
    return NoticeError([Problem(file, 1, "这项修改写不进文件，请用“源文件”页修改")])


def move(text: str, file: str, path: Path_, order: Sequence[int]) -> str:
    """The text with the entries of the list at `path` in another order."""
    plain = data_of(text, file)
    entries = at(plain, path)
    wanted = _changed(plain, path, [entries[index] for index in order])
    machine = _machine()
    tree = machine.load(text)
    held = at(tree, path)
    held[:] = [held[index] for index in order]
    return _written(machine, tree, wanted, file)


def _written(machine: YAML, tree: Any, wanted: Any, file: str) -> str:
    out = io.StringIO()
    machine.dump(tree, out)
    if data_of(out.getvalue(), file) != wanted:
        raise _unwritable(file)
    return out.getvalue()


def _changed(data: Any, path: Path_, value: Any) -> Any:
    """The same change on plain data: what the new text has to say."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    copy = dict(data) if isinstance(data, dict) else list(data)
    if rest:
        copy[head] = _changed(copy[head], rest, value)  # type: ignore[index]
    elif value is GONE:
        if isinstance(copy, dict):
            copy.pop(head, None)
        else:
            del copy[int(head)]
    elif isinstance(copy, list) and head == len(copy):
        copy.append(value)
    else:
        copy[head] = value  # type: ignore[index]
    return copy


def _put(tree: Any, path: Path_, value: Any) -> None:
    holder, last = at(tree, path[:-1]) if len(path) > 1 else tree, path[-1]
    if value is GONE:
        if isinstance(holder, CommentedMap):
            holder.pop(last, None)
        else:
            del holder[last]
    elif isinstance(holder, CommentedSeq) and last == len(holder):
        holder.append(_node(value, flow=_is_flow(holder[-1]) if holder else True))
    elif isinstance(value, dict) and isinstance(at(holder, (last,)), CommentedMap):
        _merge(holder[last], value)
    else:
        holder[last] = _node(value, flow=True, key=last)


def _merge(held: CommentedMap, value: dict[str, Any]) -> None:
    """Change only what differs, so that comments and the writer's own layout stay."""
    for key in [key for key in held if key not in value]:
        del held[key]
    for place, (key, each) in enumerate(value.items()):
        if key not in held:
            held.insert(place, key, _node(each, flow=True, key=key))
        elif held[key] != each:
            held[key] = _node(each, flow=True, key=key)


def _is_flow(node: Any) -> bool:
    return bool(isinstance(node, CommentedMap | CommentedSeq) and node.fa.flow_style())


def _node(value: Any, *, flow: bool, key: str | int = "") -> Any:
    if isinstance(value, dict):
        made = CommentedMap((name, _node(each, flow=True, key=name)) for name, each in value.items())
        _style(made, flow)
        return made
    if isinstance(value, list):
        items = CommentedSeq(_node(each, flow=True, key=key) for each in value)
        _style(items, flow)
        return items
    if isinstance(value, str) and (key in _QUOTED or not _plain(value)):
        return DoubleQuotedScalarString(value)
    return value


def _style(node: CommentedMap | CommentedSeq, flow: bool) -> None:
    if flow:
        node.fa.set_flow_style()
    else:
        node.fa.set_block_style()


def _plain(value: str) -> bool:
    """Whether the text may stand without quotes, in a flow too, and is read as a text by the other reader as well."""
    try:
        return value.strip() == value and bool(yaml.safe_load(f"[{value}]") == [value])
    except yaml.YAMLError:
        return False


def flow_of(value: Any) -> str:
    """A value in one line, as it stands in a notice: {任一: [在我市, {非: 离退休}]}."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow_of(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_of, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and not _plain(value):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)


def value_of(text: str) -> Any:
    """The other way round. Raises ValueError with a sentence."""
    try:
        return data_of(text, "")
    except NoticeError as error:
        raise ValueError(error.problems[0].message) from None
