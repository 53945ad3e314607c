from __future__ import annotations

import hashlib
import random
import threading
from io import BytesIO

import pikepdf
import pytest
from nasties import (
    DRAW,
    DRAWN,
    IMAGE,
    NASTIES,
    annotation,
    deflated_zeros,
    drawn,
    jbig2,
    jpx,
    nested_forms,
    packed,
    pdf,
    stream,
)
from PIL import Image

from chuding.paper import anatomy, intake, sandbox
from chuding.paper.intake import IntakeLimits, inspect_upload
from chuding.paper.sign import sign_pdf

# The zoo is refused as surely in ten seconds as in twenty.
HURRIED = IntakeLimits(seconds=10)


@pytest.fixture
def inspect(tmp_path):
    def run(data, limits=HURRIED):
        path = tmp_path / "upload.pdf"
        path.write_bytes(data)
        return inspect_upload(path, limits)

    return run


def codes(problems):
    return [problem.code for problem in problems]


def scan(width, height, box=(595, 842), place=None, colour="white"):
    """A page that is one JPEG; `place` is its matrix on the page."""
    out = BytesIO()
    picture = (
        Image.effect_noise((width, height), 60).convert("L")
        if colour == "noise"
        else Image.new("L", (width, height), colour)
    )
    picture.save(out, "JPEG")
    matrix = place or b"%d 0 0 %d 0 0" % box
    return pdf(
        whole_page=b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]%b>>" % (*box, DRAWN),
        extra=[
            stream(matrix + b" cm /I Do"),
            stream(out.getvalue(), b"/Filter/DCTDecode" + IMAGE % (width, height)),
        ],
    )


@pytest.mark.parametrize("name", NASTIES)
def test_no_nasty_file_passes(inspect, name):
    data, expected = NASTIES[name]
    report = inspect(data)
    assert report.ok is False
    (code,) = codes(report.problems)
    assert code in ([expected] if isinstance(expected, str) else expected)
    assert report.sha256 == hashlib.sha256(data).hexdigest()
    assert report.problems[0].sentence.endswith("。")


def test_zoo_is_large_enough():
    assert len(NASTIES) >= 60


def test_file_with_several_faults_hears_of_all_at_once(inspect):
    report = inspect(pdf(b"/OpenAction<</S/Launch/F(x)>>/AcroForm<</XFA(x)>>", page=b"/AA<<>>"))
    assert codes(report.problems) == ["form", "launch", "script"]


def test_ordinary_paper_passes(inspect, plain_pdf, packed_pdf):
    for data in (plain_pdf, packed_pdf):
        report = inspect(data)
        assert (report.ok, report.pages, report.bytes, report.has_text) == (True, 2, len(data), True)
        assert (report.problems, report.hints) == ((), ())


def test_signed_paper_passes(inspect, plain_pdf, signer, at):
    """Schooling reports come signed; a signature is no fault."""
    assert inspect(sign_pdf(plain_pdf, signer, at=at, reason="x")).ok


@pytest.mark.parametrize(
    "data",
    [
        pdf(b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"),
        pdf(b"/OpenAction[3 0 R/Fit]"),
        annotation(b"/Subtype/Link", b"<</S/URI/URI(https://www.example.org)>>"),
        pdf(b"/AcroForm<</Fields[]>>"),
        pdf() + b"\r\n \n",
        pdf() + b"\0" * 64,
        pdf(page=DRAWN, extra=[DRAW, stream(deflated_zeros(36), b"/Filter/FlateDecode" + IMAGE % (6000, 6000))]),
        pdf(page=b"/Contents 4 0 R", extra=[packed(b"0 0 m 100 100 l S\n" * 100_000)]),
        drawn(b"JPXDecode", jpx()),
        drawn(b"JBIG2Decode", jbig2(), 64, 64, 1),
        nested_forms(4),
    ],
    ids=[
        "goto",
        "destination",
        "link",
        "form",
        "line ends",
        "padding",
        "even picture of 36 megapixels",
        "long drawing",
        "JPEG 2000",
        "JBIG2",
        "ten thousand draws",
    ],
)
def test_harmless_file_passes(inspect, data):
    assert codes(inspect(data, IntakeLimits()).problems) == []


def test_codec_that_lies_is_stopped_or_drawn_but_harms_nobody(inspect):
    """Data cut anywhere, bytes overwritten: decoded in the sandbox only, and always answered."""
    chance = random.Random(5)
    answers = set()
    for name, data, *more in ((b"JPXDecode", jpx()), (b"JBIG2Decode", jbig2(), 64, 64, 1)):
        for _ in range(15):
            spoilt = bytearray(data[: chance.randrange(12, len(data) + 1)])
            for _ in range(chance.randrange(4)):
                spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
            report = inspect(drawn(name, bytes(spoilt), *more))
            answers.add(report.ok)
            assert report.ok or report.problems[0].sentence.endswith("。")
    assert True in answers


def test_scan_has_no_text_layer(inspect):
    report = inspect(scan(1240, 1754, colour="noise"))
    assert (report.ok, report.has_text, report.hints) == (True, False, ())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (scan(1240, 1754, colour="white"), ["blank"]),
        (scan(400, 566, colour="noise"), ["low_resolution"]),
        (scan(1754, 1240, box=(842, 595), colour="noise"), ["landscape"]),
        (scan(1000, 1414, box=(284, 401), colour="noise"), ["odd_size"]),
        (scan(1011, 638, place=b"243 0 0 153 100 500", colour="noise"), ["id_card"]),
        (scan(1011, 638, box=(243, 153), colour="noise"), ["id_card", "landscape", "odd_size"]),
        (pdf().replace(b"startxref\n", b"startxref\n9"), ["blank", "repaired"]),
    ],
)
def test_hints_name_the_page_and_refuse_nothing(inspect, data, expected):
    report = inspect(data)
    assert (report.ok, codes(report.hints)) == (True, expected)
    for hint in report.hints:
        assert hint.sentence.startswith("第1页" if hint.code != "repaired" else "文件")


def test_bounds_are_inclusive(inspect):
    thirty = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * 30
    kids = b" ".join(b"%d 0 R" % (4 + number) for number in range(30))
    data = pdf(pages=b"<</Type/Pages/Kids[%b]/Count 30>>" % kids, extra=thirty)
    assert (inspect(data).ok, inspect(data).pages) == (True, 30)
    assert inspect(data, IntakeLimits(bytes=len(data))).ok
    smaller = inspect(data, IntakeLimits(bytes=len(data) - 1))
    assert (codes(smaller.problems), smaller.sha256, smaller.bytes) == (["too_large"], None, len(data))


@pytest.mark.parametrize("pages", [31, 101, 400])
def test_book_whose_pages_lack_their_resources_is_too_long_and_not_damaged(inspect, pages):
    bare = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * pages
    kids = b" ".join(b"%d 0 R" % (4 + number) for number in range(pages))
    data = pdf(pages=b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, pages), extra=bare)
    assert codes(inspect(data).problems) == ["pages"]


def test_sentences_say_what_to_do(inspect, tmp_path):
    said = {name: inspect(NASTIES[name][0]).problems[0].sentence for name in ("JPG", "password", "31 pages", "ZIP")}
    assert said == {
        "JPG": "这是一张图片（JPG）。手机照片请用“拍照上传”，系统会合成 PDF；其他图片请先转成 PDF 再上传。",
        "password": "文件设了密码，请先去掉密码再上传。",
        "31 pages": "文件超过 30 页，请只保留需要的页再上传。",
        "ZIP": "这是压缩包（ZIP），请解压后把里面的 PDF 一个一个上传。",
    }
    big = tmp_path / "big.pdf"
    big.touch()
    with big.open("r+b") as file:
        file.truncate(300 * 1024 * 1024)
    assert inspect_upload(big).problems[0].sentence == "文件有 300.0 MB，超过了 10 MB，请降低扫描分辨率或分开上传。"


def test_every_code_of_the_child_has_a_sentence():
    """The child answers in codes; one without a sentence would reach people as a riddle."""
    tables = (anatomy._ACTIONS, anatomy._KEYS, anatomy._TYPES, anatomy._SUBTYPES)
    assert {code for table in tables for code in table.values()} <= intake._SENTENCES.keys()
    limits = IntakeLimits()
    for code in intake._SENTENCES:
        assert "{" not in intake._problem(code, limits, size=1, kind="X").sentence


def test_mutilated_files_never_harm_the_caller(inspect, plain_pdf, packed_pdf):
    """Random bytes overwritten, pieces doubled or lost: refused or accepted, but always answered."""
    chance = random.Random(11)
    answers = set()
    for number in range(80):
        data = bytearray((plain_pdf, packed_pdf)[number % 2])
        for _ in range(chance.randrange(1, 30)):
            place = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    del data[place : place + chance.randrange(40)]
                case 2:
                    data[place:place] = data[place : place + chance.randrange(40)]
        report = inspect(bytes(data))
        answers.add(report.ok)
        assert report.ok or report.problems[0].sentence
    assert answers == {True, False}


def test_lying_child_is_not_believed(inspect, monkeypatch, plain_pdf):
    """Whatever a child that was taken over says, people read only our own sentences."""
    for value in (
        None,
        7,
        {},
        {"problems": "x", "hints": 1, "pages": 1, "has_text": 1},
        {"problems": [], "pages": "x"},
    ):
        monkeypatch.setattr(sandbox, "run", lambda *_args, value=value: sandbox.Reply(value, ()))
        assert codes(inspect(plain_pdf).problems) == ["unreadable"]
    lie = {"problems": ["<script>"], "hints": [["<b>", 1]], "pages": 3, "has_text": True}
    monkeypatch.setattr(sandbox, "run", lambda *_args: sandbox.Reply(lie, ()))
    report = inspect(plain_pdf)
    assert (codes(report.problems), report.hints) == (["unreadable"], ())


def test_absent_sandbox_is_the_systems_fault_not_the_files(inspect, monkeypatch, plain_pdf):
    def fail(*_args):
        raise sandbox.SandboxError("unavailable")

    monkeypatch.setattr(sandbox, "run", fail)
    assert codes(inspect(plain_pdf).problems) == ["unavailable"]


def test_absent_file_is_an_error_of_the_caller(tmp_path):
    with pytest.raises(FileNotFoundError):
        inspect_upload(tmp_path / "absent.pdf")


def test_many_threads_share_the_sandbox(tmp_path, plain_pdf):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(plain_pdf)
    bad.write_bytes(NASTIES["script at opening"][0])
    answers = []

    def work():
        answers.extend((inspect_upload(good).ok, inspect_upload(bad).ok) for _ in range(4))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(True, False)] * 24


def test_pikepdf_reports_what_it_repairs():
    """The hint and two refusals rest on the parser's own words: a new release that rewords them must be noticed."""
    with pikepdf.open(BytesIO(pdf().replace(b"startxref\n", b"startxref\n9")), suppress_warnings=True) as document:
        assert "reconstruct cross-reference" in " ".join(document.get_warnings())
