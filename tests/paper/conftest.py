"""Papers and keys that the tests of this room share. Every person and office in them is invented."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
import pytest
import typst

from chuding.paper.keys import load_certificate, load_signer, make_demonstration_keys

MARKUP = """
#set page(paper: "a4")
#set document(title: "Sample", date: datetime(year: 2024, month: 11, day: 20))
#for number in range(2) [Sample page #number #link("https://example.org/v/1")[verify] #pagebreak(weak: true)]
"""
AT = datetime(2024, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def at():
    return AT


@pytest.fixture(scope="session")
def plain_pdf(tmp_path_factory):
    """A two-page PDF/A from the typesetter, with links, classic cross-reference table, not signed."""
    source = tmp_path_factory.mktemp("markup") / "sample.typ"
    source.write_text(MARKUP)
    return typst.compile(source, pdf_standards=["a-2a", "ua-1"])


@pytest.fixture(scope="session")
def packed_pdf(plain_pdf):
    """The same, rewritten with object streams and a cross-reference stream."""
    out = BytesIO()
    with pikepdf.open(BytesIO(plain_pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "signing"
    make_demonstration_keys(folder, AT)
    return folder


@pytest.fixture(scope="session")
def root(key_folder):
    return load_certificate(key_folder / "root.pem")


@pytest.fixture(scope="session")
def signer(key_folder):
    return load_signer(key_folder, "association")
