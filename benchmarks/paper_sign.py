"""What signing and verifying one paper costs, in milliseconds of processor time (medians), and preflight by the clock.

    .venv/bin/python benchmarks/paper_sign.py [--rounds 31]

A time stamp is the work of somebody outside: what the demonstration's authority takes to make it stands in a column of its own.
Bars: documents.md C and D, those of CPU time as this machine is (docs/adr/0027). A figure over its bar ends it with 1.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import tempfile
import time
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import pikepdf
import typst
from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from bars import Bars, here
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext

from chuding.connectors.timestamp import DemonstrationTimeStamping
from chuding.paper.archive import archive
from chuding.paper.intake import inspect_upload
from chuding.paper.keys import load_certificate, load_signer, make_demonstration_keys
from chuding.paper.pages import render_pages
from chuding.paper.sign import sign_pdf
from chuding.paper.verify import verify_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2024, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
MARKUP = """
#set page(paper: "a4", flipped: true)
#set document(title: "Sample", date: datetime(year: 2024, month: 11, day: 20))
#image("noise.png", width: 60%)
#lorem(400)
"""
# CPU ms: what signing costs (B-B, and B-LT with its token), what verifying costs, and an archive time stamp more.
SIGN, STAMPED, ARCHIVED = 0.51, 1.71, 2 * 1.71
VERIFY = {"B-B": 18.0, "B-LT": 50.0, "B-LTA": 100.0}
# By the clock: one file through a process that was made ready, and one page image.
INSPECT, DRAW = 108.0, 200.0


class Authority(DemonstrationTimeStamping):
    """The demonstration's, with the CPU seconds that its tokens took."""

    taken = 0.0

    def stamp(self, digest: bytes, *, at: datetime) -> bytes:
        start = time.process_time()
        try:
            return super().stamp(digest, at=at)
        finally:
            self.taken += time.process_time() - start


def median(work: Callable[[], object], rounds: int, clock: Callable[[], float]) -> float:
    """Milliseconds of one call, after a first one that warms up."""
    work()
    taken = []
    for _ in range(rounds):
        start = clock()
        work()
        taken.append((clock() - start) * 1000)
    return statistics.median(taken)


def packed(pdf: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def pyhanko_signer(keys: Path) -> signers.Signer:
    return signers.SimpleSigner.load(
        str(keys / "association-key.pem"),
        str(keys / "association.pem"),
        ca_chain_files=[str(keys / "issuing.pem"), str(keys / "root.pem")],
    )


def pyhanko_sign(
    pdf: bytes, signer: signers.Signer, more: dict[str, object], stamper: DummyTimeStamper | None
) -> bytes:
    meta = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS, **more,
    )  # fmt: skip
    out = BytesIO()
    signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf + b"\n")), output=out
    )
    return out.getvalue()


def levels(bars: Bars, pdf: bytes, keys: Path, rounds: int) -> None:
    """Each PAdES level, beside pyHanko's own signer on the same file with keys and lists of the same PKI."""
    ours, root = load_signer(keys, "association"), load_certificate(keys / "root.pem")
    stamper = Authority(str(keys))

    def stamped() -> bytes:
        return sign_pdf(pdf, ours, at=AT, reason="演示签发", time_stamper=stamper)

    works: dict[str, Callable[[], bytes]] = {
        "B-B": lambda: sign_pdf(pdf, ours, at=AT, reason="演示签发"),
        "B-LT": stamped,
        "B-LTA": lambda: archive(stamped(), stamper, at=AT),
    }
    theirs = pyhanko_signer(keys)
    loaded = [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in ours.certificate_chain]
    lists = [asn1_crl.CertificateList.load(one.public_bytes(Encoding.DER)) for one in ours.revocation_lists]
    # Its test client signs with RSA only; the certificate beside it is ours, which costs the same.
    key = asn1_keys.PrivateKeyInfo.load(
        rsa.generate_private_key(65537, 2048).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    )
    tsa = asn1_x509.Certificate.load(stamper.certificate_chain[0].public_bytes(Encoding.DER))
    dummy = DummyTimeStamper(tsa, key, certs_to_embed=loaded[1:], fixed_dt=AT)
    context = ValidationContext(
        trust_roots=[loaded[2]], other_certs=loaded, crls=lists, moment=AT, revocation_mode="soft-fail"
    )
    more: dict[str, tuple[dict[str, object], DummyTimeStamper | None]] = {
        "B-B": ({}, None),
        "B-LT": ({"embed_validation_info": True, "validation_context": context}, dummy),
        "B-LTA": ({"embed_validation_info": True, "validation_context": context, "use_pades_lta": True}, dummy),
    }
    print()
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    bars.head(
        "PAdES level", "sign, CPU ms", "the authority's token, CPU ms", "verify, CPU ms", "pyHanko signs, CPU ms (times both)", "KB added", "",
    )  # fmt: skip
    for level, work in works.items():
        signed = work()
        assert verify_pdf(signed, [root], at=AT).valid
        stamper.taken = 0.0
        sign = median(work, rounds, time.process_time)
        token = stamper.taken * 1000 / (rounds + 1)
        check = median(lambda file=signed: verify_pdf(file, [root], at=AT), rounds, time.process_time)
        try:
            other = median(lambda how=more[level]: pyhanko_sign(pdf, theirs, *how), rounds, time.process_time)
            beside = f"{other:.1f} ({other / sign:.0f})"
        except Exception as error:  # noqa: BLE001 - said in the table rather than hidden
            beside = type(error).__name__
        most = {"B-B": SIGN, "B-LT": STAMPED, "B-LTA": ARCHIVED}[level]
        held = bars.held(level, (round(sign - token, 2), here(most)), (round(check, 1), here(VERIFY[level])))
        print(
            f"| {level} | {sign - token:.2f} | {token:.1f} | {check:.1f} | {beside} | {(len(signed) - len(pdf)) / 1024:.1f} | {held} |",
            flush=True,
        )


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=31)
    rounds, bars = words.parse_args().rounds, Bars()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_demonstration_keys(folder / "keys", AT)
        signer, root = load_signer(folder / "keys", "association"), load_certificate(folder / "keys" / "root.pem")
        Image.effect_noise((300, 200), 60).save(folder / "noise.png")
        (folder / "sample.typ").write_text(MARKUP)
        pdf = typst.compile(folder / "sample.typ", pdf_standards=["a-2b"])
        bars.head("what", "CPU ms", "bar", "")
        for kind, unsigned in (("classic table", pdf), ("object streams", packed(pdf))):
            signed = sign_pdf(unsigned, signer, at=AT, reason="演示签发")
            assert verify_pdf(signed, [root], at=AT).valid
            for what, goal, work in (
                ("sign", SIGN, lambda file=unsigned: sign_pdf(file, signer, at=AT, reason="演示签发")),
                ("verify", VERIFY["B-B"], lambda file=signed: verify_pdf(file, [root], at=AT)),
            ):
                label = f"{what} a {len(unsigned) / 1024:.0f} KB paper, {kind}"
                bars.row(label, round(median(work, rounds, time.process_time), 2), here(goal))
        levels(bars, pdf, folder / "keys", rounds)
        path = folder / "paper.pdf"
        path.write_bytes(pdf)
        print()
        bars.head("upload in the sandbox", "ms by the clock", "bar", "")
        bars.row("inspect one page", round(median(lambda: inspect_upload(path), rounds, time.perf_counter), 1), INSPECT)
        drawing = median(lambda: render_pages(path, folder / "out"), max(1, rounds // 3), time.perf_counter)
        bars.row("draw one page at 96 dpi, with thumbnail", round(drawing, 1), DRAW)
    return bars.end()


if __name__ == "__main__":
    sys.exit(main())
