"""A page with a rare character names its sheet; sheet and font are the same for everybody and are kept."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory

from chuding.accounts.rare_characters import RareCharactersMiddleware
from chuding.paper import webfont

SHEET, FONT = f"/characters/{webfont.edition()}/36C-2CC5.css", f"/characters/{webfont.edition()}/2CC5-sans.woff2"
KEPT = "public, max-age=31536000, immutable"


def passed(response):
    """What leaves the middleware when a view answers this."""
    return RareCharactersMiddleware(lambda request: response)(RequestFactory().get("/"))


def page(text, **headers):
    return HttpResponse(f"<html><head><title>t</title></head><body>{text}</body></html>", headers=headers)


def test_page_with_rare_characters_names_their_sheet_once():
    content = passed(page("㛃 𬱖 𬱖 <b>王</b></head>")).content.decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)">', content) == [SHEET]
    assert content.index("<link") < content.index("</head>")


@pytest.mark.parametrize(
    "response",
    [
        page("王小明 · Müller，二〇二四年"),
        page("䶮", **{"Content-Disposition": 'attachment; filename="offline.html"'}),
        HttpResponse("<head></head>䶮", content_type="text/plain; charset=utf-8"),
        JsonResponse({"name": "䶮</head>"}, json_dumps_params={"ensure_ascii": False}),
    ],
    ids=["no rare character", "a page to keep", "text", "JSON"],
)
def test_everything_else_stays_as_it_is(response):
    before = response.content
    assert passed(response).content == before


@pytest.mark.django_db
def test_sheet_and_font_come_with_their_kinds_and_are_kept_for_ever(client):
    sheet, font = client.get(SHEET), client.get(FONT)
    assert (sheet.status_code, sheet["Content-Type"], sheet["Cache-Control"]) == (200, "text/css; charset=utf-8", KEPT)
    assert (font.status_code, font["Content-Type"], font["Cache-Control"]) == (200, "font/woff2", KEPT)
    assert sheet.content.decode() == webfont.sheet([0x36C, 0x2CC5])
    assert font.content[:4] == b"wOF2"
    assert client.get(FONT).content == font.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        SHEET.replace(webfont.edition(), "00000000"),
        SHEET.replace("36C", "4E0"),
        FONT.replace(webfont.edition(), "00000000"),
        FONT.replace("2CC5", "4E0"),
        FONT.replace("2CC5", "36C-2CC5"),
        FONT.replace("sans", "fang"),
        FONT.replace("sans", "extra"),
    ],
)
def test_what_is_no_rare_block_of_these_fonts_is_not_there(client, address):
    assert client.get(address).status_code == 404
