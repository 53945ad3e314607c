"""A zoo of hostile and broken uploads, each made here by hand, with the codes it may be refused for."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from io import BytesIO

import pikepdf
from PIL import Image

PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]%b>>"


def pdf(catalog=b"", page=b"", extra=(), *, pages=b"<</Type/Pages/Kids[3 0 R]/Count 1>>", whole_page=None):
    """A small PDF with a classic cross-reference table; `extra` objects are numbered from 4."""
    objects = [b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog, pages, whole_page or PAGE % page, *extra]
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def stream(data, keys=b""):
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), keys, data)


def packed(data, keys=b""):
    return stream(zlib.compress(data), b"/Filter/FlateDecode" + keys)


def deflated_zeros(megabytes, unit=b"\0"):
    """A zlib stream of so many MB, made from one block repeated: nobody has to wait for it."""
    engine = zlib.compressobj(9)
    block = unit * (1024 * 1024 // len(unit))
    first = engine.compress(block) + engine.flush(zlib.Z_FULL_FLUSH)
    again = engine.compress(block) + engine.flush(zlib.Z_FULL_FLUSH)
    return first + again * (megabytes - 1) + engine.flush(zlib.Z_FINISH)


def annotation(body, action=b""):
    return pdf(page=b"/Annots[<</Type/Annot/Rect[0 0 9 9]%b%b>>]" % (body, action and b"/A" + action))


def saved(document, **how):
    out = BytesIO()
    document.save(out, **how)
    return out.getvalue()


def with_password(user, **how):
    with pikepdf.open(BytesIO(pdf())) as document:
        return saved(document, encryption=pikepdf.Encryption(owner="o", user=user, **how))


def script_in_object_stream():
    with pikepdf.open(BytesIO(pdf())) as document:
        document.Root.OpenAction = document.make_indirect(
            pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        )
        return saved(document, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def object_stream_bomb(megabytes):
    """An object stream that unpacks to so many MB of spaces; the catalogue lives in it."""
    head = b"1 0 "
    engine = zlib.compressobj(9)
    block = b" " * 1024 * 1024
    body = engine.compress(head + b"<</Type/Catalog/Pages 2 0 R>>") + engine.flush(zlib.Z_FULL_FLUSH)
    body += (engine.compress(block) + engine.flush(zlib.Z_FULL_FLUSH)) * megabytes + engine.flush(zlib.Z_FINISH)
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in (
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (3, PAGE % b""),
        (4, stream(body, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")),
    ):
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    rows = b"\0\0\0\0\0\0" + b"\x02" + (4).to_bytes(4, "big") + b"\0"
    for number in (2, 3, 4):
        rows += b"\x01" + places[number].to_bytes(4, "big") + b"\0"
    rows += b"\x01" + start.to_bytes(4, "big") + b"\0"
    out += b"5 0 obj\n%b\nendobj\n" % stream(rows, b"/Type/XRef/W[1 4 1]/Size 6/Root 1 0 R")
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def nested_forms(depth):
    """Each form draws the next ten times: 10^depth draws."""
    extra = [stream(b"/F Do", b"")]
    for level in range(depth):
        last = level == depth - 1
        inner = b"0 0 m 500 500 l S " if last else b"/F Do " * 10
        resources = b"" if last else b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level)
        extra.append(stream(inner, b"/Type/XObject/Subtype/Form/BBox[0 0 600 900]" + resources))
    return pdf(page=b"/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>", extra=extra)


def form_in_itself():
    form = stream(b"/F Do", b"/Type/XObject/Subtype/Form/BBox[0 0 600 900]/Resources<</XObject<</F 5 0 R>>>>")
    return pdf(page=b"/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>", extra=[stream(b"/F Do"), form])


def picture(kind):
    out = BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, kind)
    return out.getvalue()


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


def cross_reference_loop():
    base = pdf()
    start = int(base.rsplit(b"startxref\n", 1)[1].split()[0])
    return base.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %d>>" % start)


IMAGE = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8/Width %d/Height %d"
DRAWN = b"/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>"
DRAW = stream(b"500 0 0 700 40 40 cm /I Do")
SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
DEEP = 200_000


def jpx(width=60, height=40):
    """A JPEG 2000 picture; its header says another size where one is asked for."""
    data = picture("JPEG2000")
    at = data.index(b"\xff\x4f\xff\x51") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def jbig2(page=(64, 64), region=(64, 64)):
    """A black page with one white region, by the embedded organisation of ISO/IEC 14492, annex D.3; rows are MMR-coded."""

    def segment(number, kind, data):
        return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data

    whole = struct.pack(">IIIIBH", *page, 0, 0, 0x04, 0)
    rows = int("1" * region[1] + "000000000001" * 2 + "0" * (-region[1] % 8), 2) if region[1] <= 64 else 0
    coded = rows.to_bytes(-(-region[1] // 8) + 3, "big") if region[1] <= 64 else b"\xff\xff"
    return segment(0, 48, whole) + segment(1, 38, struct.pack(">IIIIB", *region, 0, 0, 0) + b"\x01" + coded)


def drawn(name, data, width=60, height=40, bits=8):
    """A page that is one picture in a codec of this name."""
    keys = IMAGE.replace(b"BitsPerComponent 8", b"BitsPerComponent %d" % bits) % (width, height)
    return pdf(page=DRAWN, extra=[DRAW, stream(data, b"/Filter[/" + name + b"]" + keys)])


NASTIES = {
    "JPEG 2000 of 900 megapixels in a small picture": (drawn(b"JPXDecode", jpx(30_000, 30_000)), "image_size"),
    "JPEG 2000 of 900 megapixels packed once more": (
        drawn(b"FlateDecode/JPXDecode", zlib.compress(jpx(30_000, 30_000))), "image_size",
    ),
    "JBIG2 page of 900 megapixels in a small picture": (
        drawn(b"JBIG2Decode", jbig2(page=(30_000, 30_000)), 64, 64, 1), "image_size",
    ),
    "JBIG2 region of 900 megapixels in a small picture": (
        drawn(b"JBIG2Decode", jbig2(region=(30_000, 30_000)), 64, 64, 1), "image_size",
    ),
    "JBIG2 region behind a segment of another file": (
        drawn(b"JBIG2Decode", struct.pack(">IBBBI", 0, 0, 0, 1, 3) + b"xyz" + jbig2(region=(9_000, 9_000)), 64, 64, 1),
        "image_size",
    ),
    "script at opening": (pdf(b"/OpenAction" + SCRIPT), "script"),
    "script in the name tree": (pdf(b"/Names<</JavaScript<</Names[(x)%b]>>>>" % SCRIPT), "script"),
    "script with an escaped name": (pdf(b"/OpenAction<</S/J#61vaScript/J#53(app.alert)>>"), "script"),
    "script in an object stream": (script_in_object_stream(), "script"),
    "script in an object nothing refers to": (pdf(extra=[SCRIPT]), "script"),
    "script as the second action": (pdf(b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[%b]>>" % SCRIPT), "script"),
    "script in a stream": (pdf(b"/OpenAction<</S/JavaScript/JS 4 0 R>>", extra=[packed(b"app.alert(1)")]), "script"),
    "script of a link": (annotation(b"/Subtype/Link", SCRIPT), "script"),
    "additional actions of the page": (pdf(page=b"/AA<</O<</S/URI/URI(http://x.example)>>>>"), "script"),
    "additional actions of the file": (pdf(b"/AA<</WC<</S/Named/N/Print>>>>"), "script"),
    "address at opening": (pdf(b"/OpenAction<</S/URI/URI(http://x.example)>>"), "script"),
    "named act at opening": (pdf(b"/OpenAction<</S/Named/N/Print>>"), "script"),
    "thread at opening": (pdf(b"/OpenAction<</S/Thread/D 0>>"), "script"),
    "layers at opening": (pdf(b"/OpenAction 4 0 R", extra=[b"<</S/SetOCGState/State[]>>"]), "script"),
    "address as the second action at opening": (
        pdf(b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(http://x.example)>>>>"),
        "script",
    ),
    "launch by a link": (annotation(b"/Subtype/Link", b"<</S/Launch/F(cmd.exe)>>"), "launch"),
    "launch at opening": (pdf(b"/OpenAction<</S/Launch/Win<</F(calc.exe)>>>>"), "launch"),
    "launch through an escaped name": (pdf(b"/OpenAction<</S/#4Caunch/F(x)>>"), "launch"),
    "embedded file": (
        pdf(b"/Names<</EmbeddedFiles<</Names[(a)<</Type/F/F(a.exe)/EF<</F 4 0 R>>>>]>>>>", extra=[stream(b"MZ")]),
        "attachment",
    ),
    "associated file": (pdf(b"/AF[<</F(a)/EF<</F 4 0 R>>>>]", extra=[stream(b"x")]), "attachment"),
    "embedded file nothing refers to": (pdf(extra=[stream(b"MZ", b"/Type/EmbeddedFile")]), "attachment"),
    "file attachment on the page": (annotation(b"/Subtype/FileAttachment/FS(x)"), "attachment"),
    "rich media": (annotation(b"/Subtype/RichMedia/RichMediaContent<<>>"), "media"),
    "screen with a rendition": (annotation(b"/Subtype/Screen", b"<</S/Rendition/OP 0>>"), "media"),
    "movie": (annotation(b"/Subtype/Movie/Movie<</F(x.avi)>>"), "media"),
    "sound": (annotation(b"/Subtype/Link", b"<</S/Sound>>"), "media"),
    "three dimensions": (annotation(b"/Subtype/3D/3DD 4 0 R"), "media"),
    "dynamic form": (pdf(b"/AcroForm<</Fields[]/XFA(<xdp/>)>>"), "form"),
    "submit": (annotation(b"/Subtype/Link", b"<</S/SubmitForm/F(http://x.example)>>"), "submit"),
    "import": (annotation(b"/Subtype/Link", b"<</S/ImportData/F(x.fdf)>>"), "submit"),
    "go to another file": (annotation(b"/Subtype/Link", b"<</S/GoToR/F(//host/share)/D[0/Fit]>>"), "outside"),
    "go to an embedded file": (pdf(b"/OpenAction<</S/GoToE/D[0/Fit]/T<<>>>>"), "outside"),
    "stream kept in another file": (
        pdf(page=b"/Contents 4 0 R", extra=[b"<</Length 0/F<</Type/Filespec/F(/etc/passwd)>>>>\nstream\n\nendstream"]),
        "outside",
    ),
    "stream kept in a file named by words": (
        pdf(page=b"/Contents 4 0 R", extra=[stream(b"", b"/F(/etc/passwd)")]),
        "outside",
    ),
    "attachment with a full file specification": (
        pdf(b"/AF[<</Type/Filespec/F(a)/EF<</F 4 0 R>>>>]", extra=[stream(b"x", b"/Type/EmbeddedFile")]),
        "attachment",
    ),
    "password": (with_password("u"), "password"),
    "restrictions": (with_password(""), "encrypted"),
    "restrictions in the manner of 2001": (with_password("", R=3, aes=False, metadata=False), "encrypted"),
    "restrictions in the manner of 2005": (with_password("", R=4), "encrypted"),
    "unknown encryption": (pdf().replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Encrypt<</Filter/Own/V 9>>>>"), "damaged"),
    "page content of 2 GB": (
        pdf(page=b"/Contents 4 0 R", extra=[stream(deflated_zeros(2048, b"0 0 m "), b"/Filter/FlateDecode")]),
        "bomb",
    ),
    "page content packed twice": (
        pdf(
            page=b"/Contents 4 0 R",
            extra=[stream(zlib.compress(deflated_zeros(1024, b" ")), b"/Filter[/FlateDecode/FlateDecode]")],
        ),
        "bomb",
    ),
    "page content packed by run length in deflate": (
        pdf(
            page=b"/Contents 4 0 R",
            extra=[stream(zlib.compress(b"\x81 " * 1000), b"/Filter[/FlateDecode/RunLengthDecode]")],
        ),
        "bomb",
    ),
    "stream of 150 MB that nothing refers to": (
        pdf(extra=[stream(deflated_zeros(150), b"/Filter/FlateDecode")]),
        "bomb",
    ),
    "object stream of 1 GB": (object_stream_bomb(1024), ("bomb", "damaged", "unreadable")),
    "three streams of 150 MB": (
        pdf(extra=[stream(deflated_zeros(150), b"/Filter/FlateDecode" + IMAGE % (6300, 6300))] * 3),
        "bomb",
    ),
    "picture of 400 megapixels": (
        pdf(page=DRAWN, extra=[DRAW, packed(b"\0", IMAGE % (20_000, 20_000))]),
        "image_size",
    ),
    "picture with sides that overflow": (
        pdf(page=DRAWN, extra=[DRAW, packed(b"\0", IMAGE % (2**31 - 1, 2**31 - 1))]),
        "image_size",
    ),
    "a million million draws": (nested_forms(12), "objects"),
    "form inside form inside form": (nested_forms(40), "objects"),
    "form that draws itself": (form_in_itself(), "damaged"),
    "31 pages": (
        pdf(pages=b"<</Type/Pages/Kids[%b]/Count 31>>" % b" ".join(b"%d 0 R" % (4 + n) for n in range(31)),
            extra=[PAGE % b""] * 31),
        "pages",
    ),
    "one page 100,000 times": (
        pdf(pages=b"<</Type/Pages/Kids[%b]/Count 100000>>" % (b"3 0 R " * 100_000)),
        ("pages", "objects", "damaged"),
    ),
    "40,000 objects": (pdf(extra=[b"null"] * 40_000), "objects"),
    "two thousand million pages": (pdf(pages=b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>"), "damaged"),
    "a negative number of pages": (pdf(pages=b"<</Type/Pages/Kids[3 0 R]/Count -1>>"), "damaged"),
    "no page": (pdf(pages=b"<</Type/Pages/Kids[]/Count 0>>"), "damaged"),
    "page tree that is its own child": (pdf(pages=b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), "damaged"),
    "page that is a number": (pdf(whole_page=b"42"), "damaged"),
    "catalogue that is missing": (pdf().replace(b"/Root 1 0 R", b"/Root 9 0 R"), "damaged"),
    "arrays 200,000 deep": (pdf(extra=[b"[" * DEEP + b"]" * DEEP]), ("damaged", "objects", "unreadable")),
    "dictionaries 200,000 deep": (pdf(b"/X" + b"<</X" * DEEP + b" 1" + b">>" * DEEP), ("damaged", "unreadable")),
    "cross-reference loop": (cross_reference_loop(), "damaged"),
    "cut in half": (pdf(extra=[packed(bytes(9999))])[:300], "incomplete"),
    "page of 700 metres": (pdf(whole_page=PAGE.replace(b"595 842", b"2000000 2000000") % b""), "page_size"),
    "page of one point": (pdf(whole_page=PAGE.replace(b"595 842", b"1 1") % b""), "page_size"),
    "page in units of a kilometre": (pdf(page=b"/UserUnit 1000"), "page_size"),
    "page without a size": (pdf(whole_page=b"<</Type/Page/Parent 2 0 R>>"), ("page_size", "damaged")),
    "page with a size of words": (
        pdf(whole_page=b"<</Type/Page/Parent 2 0 R/MediaBox[/a/b/c/d]>>"),
        ("page_size", "damaged", "unreadable"),
    ),
    "web page before the file": (b"<html><script>alert(1)</script>" + pdf(), "web"),
    "words before the file": (b"junk " * 20 + pdf(), "leading"),
    "line before the file": (b"\n" + pdf(), "leading"),
    "archive after the file": (pdf() + zipped("a.exe"), "trailing"),
    "program after the file": (pdf() + b"MZ\x90\0" + bytes(200), "trailing"),
    "archive that holds the file": (zipped("a.txt") + pdf(), "archive"),
    "empty": (b"", "empty"),
    "JPG": (picture("JPEG"), "image"),
    "PNG": (picture("PNG"), "image"),
    "GIF": (picture("GIF"), "image"),
    "BMP": (picture("BMP"), "image"),
    "TIFF": (picture("TIFF"), "image"),
    "WebP": (picture("WEBP"), "image"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0", "image"),
    "JPG with the file behind it": (picture("JPEG") + pdf(), "image"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "word"),
    "RTF": (b"{\\rtf1 hello}", "word"),
    "Word": (zipped("[Content_Types].xml", "word/document.xml"), "word"),
    "Excel": (zipped("[Content_Types].xml", "xl/workbook.xml"), "sheet"),
    "PowerPoint": (zipped("[Content_Types].xml", "ppt/presentation.xml"), "slides"),
    "OFD": (zipped("OFD.xml", "Doc_0/Document.xml"), "ofd"),
    "ZIP": (zipped("a.txt"), "archive"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "archive"),
    "web page": (b"<!DOCTYPE html><html></html>", "web"),
    "text": ("一份证明".encode(), "not_pdf"),
    "program": (b"MZ\x90\0" + bytes(300), "not_pdf"),
    "header and nothing else": (b"%PDF-1.7\n%%EOF", "damaged"),
}  # fmt: skip
