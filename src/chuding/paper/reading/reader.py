"""Read a paper: the text layer where there is one, the eye where there is none, each page in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chuding.paper import sandbox
from chuding.paper.intake import IntakeLimits
from chuding.paper.reading.lines import SURE, Line, Page, box_of, page_of

if TYPE_CHECKING:
    from pathlib import Path

# As many as an upload may have: an upload of thirty scans takes the worker a minute or two, behind everything else.
MOST_PAGES = IntakeLimits.pages
_TEXT_LIMITS = sandbox.Limits(cpu_seconds=20, wall_seconds=40)
# Nobody waits at a page for a reading, and it takes seconds: it stands back behind what people do wait for.
_PAGE_LIMITS = sandbox.Limits(memory=sandbox.READER_MEMORY, cpu_seconds=40, wall_seconds=180, niceness=5)
# A page number and a watermark are no text layer.
_LEAST_CHARACTERS = 20
# A photograph and a logo leave most of a page to its text; a scan does not.
_MOST_COVERED = 0.5


class ReadingError(Exception):
    """Nothing could be read at all; `kind` is that of `sandbox.SandboxError`."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the paper cannot be read: {kind}")
        self.kind = kind


def read_paper(path: Path, *, seal: bool = False) -> tuple[Page, ...]:
    """The pages of a PDF that has passed the preflight.

    Pages without a text layer, and those that are a picture whatever text lies over it, are looked at (two seconds of
    processor each); `seal` looks for a seal on every page. Raises `ReadingError` where the file does not open, and `OSError`
    where it is not there; a single page that fails comes back with source "none".
    """
    with path.open("rb") as file:
        try:
            layers = sandbox.run("text", file.fileno(), {"pages": MOST_PAGES}, _TEXT_LIMITS).value
            pages = [(_from_layer(number, lines), float(share)) for number, (lines, share) in enumerate(layers, 1)]
        except sandbox.SandboxError as error:
            raise ReadingError(error.kind) from error
        except (TypeError, ValueError) as error:
            raise ReadingError("crashed") from error
        read = []
        for page, covered in pages:
            if _is_for_the_eye(page, covered):
                read.append(_from_picture(file.fileno(), page.number, seal=seal))
            else:
                read.append(_with_seal(file.fileno(), page) if seal else page)
        return tuple(read)


def _is_for_the_eye(page: Page, covered: float) -> bool:
    """Whether a page is read from its picture; one with neither text nor picture is a blank one.

    Text over a scan is what some scanner's program made of it: how sure it was nobody knows, so the page is read anew.
    """
    return covered > _MOST_COVERED or (covered > 0 and sum(len(line.text) for line in page.lines) < _LEAST_CHARACTERS)


def _from_layer(number: int, layer: Any) -> Page:
    lines = []
    for text, corners in layer:
        box = box_of(corners)
        lines.append(Line(str(text), str(SURE) * len(str(text)), box, box))
    return Page(number, "text" if lines else "none", tuple(lines))


def _with_seal(file: int, page: Page) -> Page:
    """A page that was read from its text, with the seal that is drawn or pasted on it."""
    return _looked_at("seal", file, {"page": page.number}, page)


def _from_picture(file: int, number: int, *, seal: bool) -> Page:
    return _looked_at("read", file, {"page": number, "seal": seal}, Page(number, "none"))


def _looked_at(task: str, file: int, arguments: dict[str, Any], otherwise: Page) -> Page:
    """What the eye says of a page; `otherwise` where it fails on this one."""
    try:
        value = sandbox.run_reader(task, file, arguments, _PAGE_LIMITS).value
        seen = page_of({"lines": [], "turn": 0} | value | {"number": otherwise.number, "source": "ocr"})
    except sandbox.SandboxError as error:
        if error.kind == "unavailable":
            raise ReadingError(error.kind) from error
        return otherwise
    except (TypeError, ValueError, KeyError, AttributeError):
        return otherwise
    return seen if task == "read" else replace(otherwise, seal=seen.seal, seal_box=seen.seal_box)
