"""发文字号: one series a year and office, without gaps or doubles (GB/T 9704-2012 7.2.5: 年份〔〕, no 第, no padding)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from chuding.decisions.models import Document, DocumentSeries

if TYPE_CHECKING:
    from datetime import date


def next_number(*, office: str, on: date) -> tuple[int, str]:
    """The serial and number that `take_number` would give now; nothing is spent."""
    first = settings.DOCUMENT_FIRST_SERIAL[office].get(on.year, 1)
    series = DocumentSeries.objects.filter(office=office, year=on.year).first()
    serial = first if series is None else series.last + 1
    return serial, settings.DOCUMENT_NUMBERS[office].format(year=on.year, serial=serial)


def take_number(*, office: str, on: date) -> tuple[int, str]:
    """The next serial and number of the office's year.

    The row stays locked until the caller's transaction ends, so a number whose document fails is never spent.
    """
    first = settings.DOCUMENT_FIRST_SERIAL[office].get(on.year, 1)
    DocumentSeries.objects.bulk_create(
        [DocumentSeries(office=office, year=on.year, last=first - 1)], ignore_conflicts=True
    )
    series = DocumentSeries.objects.select_for_update().get(office=office, year=on.year)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last, settings.DOCUMENT_NUMBERS[office].format(year=on.year, serial=series.last)


def document_known(digest: str) -> tuple[str, str] | None:
    """What an official document with these bytes (SHA-256 in hexadecimal) is called, and its number; the public check asks."""
    number = Document.objects.filter(file=digest).values_list("number", flat=True).first()
    return ("发文", number) if number else None
