"""How often a page draws: forms that draw forms multiply, so that a file of three kilobytes draws a million million times.

Runs only inside the sandbox's child, before anything is drawn: the renderer would go on until its time is over.
"""

from __future__ import annotations

import pikepdf

# Nesting that no program writes; counting stops there, and with it the recursion.
_DEEPEST = 28


def draws(page: pikepdf.Page, most: int) -> int:
    """How many pictures and forms a page draws, those inside of forms included; anything over `most` where it is more.

    A form without resources of its own uses the page's (ISO 32000-1, 7.8.3). Raises `pikepdf.PdfError` for a content
    that cannot be read or a form that draws itself.
    """
    resources = page.obj.get("/Resources", pikepdf.Dictionary())
    return _Counting(most).of(page.obj, resources, ())


class _Counting:
    """Counts each form once, however many draw it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[tuple[int, int], int] = {}

    def of(self, drawing: pikepdf.Object, resources: pikepdf.Object, above: tuple[tuple[int, int], ...]) -> int:
        """The draws of a page or form whose names mean what stands in `resources`."""
        things = resources.get("/XObject")
        if not isinstance(things, pikepdf.Dictionary) or not len(things):
            return 0
        total = 0
        for operation in pikepdf.parse_content_stream(drawing, "Do"):
            name = operation.operands[0] if len(operation.operands) else None
            thing = things.get(str(name)) if isinstance(name, pikepdf.Name) else None
            total += 1 + (self._form(thing, resources, above) if isinstance(thing, pikepdf.Stream) else 0)
            if total > self._most:
                break
        return total

    def _form(self, form: pikepdf.Stream, resources: pikepdf.Object, above: tuple[tuple[int, int], ...]) -> int:
        if form.get("/Subtype") != "/Form":
            return 0
        key = form.objgen
        if key in above:
            raise pikepdf.PdfError("a form draws itself")
        if len(above) >= _DEEPEST:
            return self._most + 1
        if key not in self._known:
            self._known[key] = self.of(form, form.get("/Resources", resources), (*above, key))
        return self._known[key]
