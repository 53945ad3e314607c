"""The fonts of rare characters and the sheets that name them: the same for everybody, made once, kept for ever."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast, get_args

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from chuding.paper import webfont
from chuding.paper.glyphs import fonts_folder
from chuding.storage.durable import write_durably

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpRequest

_KEPT = "public, max-age=31536000, immutable"


@require_safe
def sheet(_request: HttpRequest, edition: str, name: str) -> HttpResponse:
    """Which fonts draw these blocks. An address of other fonts than ours are now is none."""
    blocks = webfont.blocks_of(name)
    if edition != webfont.edition() or blocks is None:
        raise Http404
    return HttpResponse(webfont.sheet(blocks), content_type="text/css; charset=utf-8", headers={"Cache-Control": _KEPT})


@require_safe
def font(_request: HttpRequest, edition: str, name: str, source: str) -> HttpResponse:
    """One block's characters of one font, cut out when somebody first asks and kept in the data folder."""
    blocks = webfont.blocks_of(name)
    if edition != webfont.edition() or blocks is None or len(blocks) != 1 or source not in get_args(webfont.Source):
        raise Http404
    kept: Path = settings.DATA_FOLDER / "webfonts" / edition / f"{name}-{source}.woff2"
    if not kept.exists():
        made = webfont.font(blocks[0], cast("webfont.Source", source), _fonts())
        if made is None:
            raise Http404
        write_durably(kept, made, replace=True)
    return HttpResponse(kept.read_bytes(), content_type="font/woff2", headers={"Cache-Control": _KEPT})


@cache
def _fonts() -> Path:
    """Our faces, unpacked and compared with their digests once a process."""
    return fonts_folder(settings.DATA_FOLDER)
