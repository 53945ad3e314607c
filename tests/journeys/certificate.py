"""A certificate as somebody else holds it: its QR code and its check at the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pypdfium2
import zxingcpp


def qr_addresses(pdf: bytes) -> tuple[str, str]:
    """Where the two QR codes on the page lead, read as it is printed: the plain one, and the one for offline use."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=3).to_pil()
    finally:
        document.close()
    codes = [str(code.text) for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]
    plain, offline = sorted(codes, key=len)
    return plain, offline


def words(pdf: bytes) -> str:
    """The text of all pages, without the spaces that typesetting puts between characters."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    return "".join(text.split())


def verify(file: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """`chuding verify`, as anybody runs it."""
    command = [Path(sys.executable).parent / "chuding", "verify", str(file), "--root", str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
