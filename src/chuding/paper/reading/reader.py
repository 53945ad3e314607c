"""Read a paper: the text layer where there is one, the eye where there is none, each page in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chuding.paper import sandbox
from chuding.paper.reading.lines import SURE, Line, Page, box_of, page_of

if TYPE_CHECKING:
    from pathlib import Path

# A reading is a help: what is behind the sixth page of a scan is for people.
MOST_PAGES = 6
_TEXT_LIMITS = sandbox.Limits(cpu_seconds=20, wall_seconds=40)
_PAGE_LIMITS = sandbox.Limits(memory=2 * 1024**3, cpu_seconds=40, wall_seconds=120)
# A page number and a watermark are no text layer.
_LEAST_CHARACTERS = 20


class ReadingError(Exception):
    """Nothing could be read at all; `kind` is that of `sandbox.SandboxError`."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the paper cannot be read: {kind}")
        self.kind = kind


def read_paper(path: Path, *, seal: bool = False) -> tuple[Page, ...]:
    """The first six pages of a PDF that has passed the preflight.

    Pages without a text layer are looked at (two seconds of processor each); `seal` looks for a seal on them. Raises
    `ReadingError` where the file does not open, and `OSError` where it is not there; a single page that fails comes back with source "none".
    """
    with path.open("rb") as file:
        try:
            layers = sandbox.run("text", file.fileno(), {"pages": MOST_PAGES}, _TEXT_LIMITS).value
            pages = [(_from_layer(number, lines), bool(picture)) for number, (lines, picture) in enumerate(layers, 1)]
        except sandbox.SandboxError as error:
            raise ReadingError(error.kind) from error
        except (TypeError, ValueError) as error:
            raise ReadingError("crashed") from error
        read = []
        for page, picture in pages:
            # What has a text layer is read from it; a page with neither text nor picture is a blank one.
            bare = picture and sum(len(line.text) for line in page.lines) < _LEAST_CHARACTERS
            read.append(_from_picture(file.fileno(), page.number, seal=seal) if bare else page)
        return tuple(read)


def _from_layer(number: int, layer: Any) -> Page:
    lines = []
    for text, corners in layer:
        box = box_of(corners)
        lines.append(Line(str(text), str(SURE) * len(str(text)), box, box))
    return Page(number, "text" if lines else "none", tuple(lines))


def _from_picture(file: int, number: int, *, seal: bool) -> Page:
    try:
        reply = sandbox.run_reader("read", file, {"page": number, "seal": seal}, _PAGE_LIMITS)
        return page_of(reply.value | {"number": number, "source": "ocr"})
    except sandbox.SandboxError as error:
        if error.kind == "unavailable":
            raise ReadingError(error.kind) from error
        return Page(number, "none")
    except (TypeError, ValueError, KeyError, AttributeError):
        return Page(number, "none")
