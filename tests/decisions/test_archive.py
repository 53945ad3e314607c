"""The archive package: whole, provable without the site, and any change is found and named."""

from __future__ import annotations

import io
import json
import shutil
import zipfile

import pytest
from click.testing import CliRunner
from django.utils import timezone

from chuding.applications.workflow import State
from chuding.decisions import archive
from chuding.decisions.archive import check_package
from chuding.decisions.commands import package as command
from chuding.decisions.models import ArchivePackage, Document
from chuding.decisions.services.archiving import keep_package, order_packages, package_of
from chuding.ledger.proof import audit_paths
from chuding.ledger.tree import includes, inclusion_proof, leaf_hash, root
from stage import NOW


@pytest.fixture
def file(stage, settings, run_jobs):
    # Checkpoints of another test's ledger would say that this one is broken.
    shutil.rmtree(settings.DATA_FOLDER / "checkpoints", ignore_errors=True)
    settings.CLOCK_OFFSET = NOW - timezone.now()
    file = stage.file_at(State.ISSUED)
    run_jobs(NOW)
    return file


@pytest.fixture
def package(file):
    return package_of(file, at=NOW)


def opened(package):
    with zipfile.ZipFile(io.BytesIO(package)) as found:
        return {name: found.read(name) for name in found.namelist()}


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def failure(package, key=None):
    bad = [check.sentence for check in check_package(package, key=key) if not check.ok]
    return bad[0] if bad else ""


def test_package_holds_everything_of_the_file(package, file):
    files = opened(package)
    manifest = json.loads(files["manifest.json"])
    assert set(files) - {"manifest.json"} == {one["path"] for one in manifest["files"]}
    assert {"cover.pdf", "declaration.pdf", "document.pdf", "certificate-1.pdf", "decision.json", "ledger.json", "README.txt"} < set(files)  # fmt: skip
    assert sum(name.startswith("materials/") for name in files) == file.current_materials().count() > 0
    assert sum(name.startswith("letters/") for name in files) > 0
    assert (manifest["application"], manifest["certificates"]) == (file.number, [file.certificate_number])
    assert all(files[name].startswith(b"%PDF-") for name in files if name.endswith(".pdf"))


def test_package_proves_itself(package, data_folder_key):
    checks = check_package(package, key=data_folder_key)
    assert [check.ok for check in checks] == [True] * 4
    assert "您给的公钥" in checks[2].sentence
    assert "不能排除整包伪造" in check_package(package, key=None)[2].sentence


@pytest.fixture
def data_folder_key(settings, package):
    return (settings.DATA_FOLDER / "checkpoints" / "verifier-key").read_text()


def test_every_change_of_a_package_is_named(package, data_folder_key):
    files = opened(package)
    changed = files | {"certificate-1.pdf": files["certificate-1.pdf"] + b"\n"}
    assert failure(packed(changed)) == "文件 certificate-1.pdf 与清单上的摘要不同，被改动过。"
    assert failure(packed({k: v for k, v in files.items() if k != "cover.pdf"})) == "少了文件 cover.pdf。"
    assert failure(packed(files | {"more.pdf": b""})) == "多了清单上没有的文件 more.pdf。"
    assert failure(b"PK") == "文件不是能打开的 ZIP 归档包，或者已损坏。"
    assert failure(packed({"manifest.json": b"{}"})) == "这不是本平台的归档包。"
    assert failure(packed({"a": b""})) == "归档包的写法不对，可能已损坏。"


def test_a_forger_who_makes_the_manifest_anew_is_found_by_the_ledger(package, data_folder_key):
    files = opened(package)
    forged = [archive.Part(name, "", content) for name, content in files.items() if name != "manifest.json"]
    swapped = [archive.Part(p.path, "", b"%PDF-forged") if p.path == "certificate-1.pdf" else p for p in forged]
    assert failure(archive.pack(swapped, {})) == "文件 certificate-1.pdf 的摘要不在办理记录里，不是办理时的那一份。"
    for place, other in (
        ("certificate-1", "declaration"),
        ("declaration", "certificate-1"),
        ("document", "declaration"),
    ):
        as_other = [archive.Part(p.path, "", files[f"{other}.pdf"]) if p.path == f"{place}.pdf" else p for p in forged]
        said = f"文件 {place}.pdf 的摘要不在办理记录里，不是办理时的那一份。"
        assert failure(archive.pack(as_other, {})) == said
    proof = json.loads(files["ledger.json"])
    proof["entries"][0]["entry"] = proof["entries"][0]["entry"].replace('"role":"', '"role":"x')
    number = json.loads(proof["entries"][0]["entry"])["id"]
    lied = [archive.Part(p.path, "", json.dumps(proof).encode()) if p.path == "ledger.json" else p for p in forged]
    assert failure(archive.pack(lied, {})) == f"第 {number} 条记录不在检查点之内，被改动过。"
    other = "chuding/ledger+00000000+AQ" + "A" * 42 + "=="
    assert failure(package, key=other) in {
        "检查点不是这把公钥对应的账本签的。",
        "账本公钥读不出来，应是 checkpoints/verifier-key 里的那一行。",
    }
    assert failure(package, key="nonsense") == "账本公钥读不出来，应是 checkpoints/verifier-key 里的那一行。"


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 13, 64, 100])
def test_audit_paths_are_those_of_the_tree(count):
    leaves = [leaf_hash(str(number).encode()) for number in range(count)]
    paths = audit_paths(leaves, range(count))
    head = root(leaves)
    for index in range(count):
        assert paths[index] == inclusion_proof(leaves, index)
        assert includes(paths[index], leaf=leaves[index], index=index, size=count, head=head)


def test_pages_and_command_make_and_verify(stage, file, client, run_jobs, tmp_path):
    document = Document.objects.get(number=file.document_number)
    client.force_login(stage.wu)
    address = f"/decisions/documents/{document.ref}/archive/"
    assert "还没有制作" in client.get(address).content.decode()
    assert client.get(f"{address}1/").status_code == 404
    client.post(address)
    run_jobs(NOW)
    content = client.get(f"{address}1/").getvalue()
    assert [check.ok for check in check_package(content, key=None)] == [True] * 4
    client.force_login(stage.zhao)
    assert client.get(address).status_code == 404

    made = CliRunner().invoke(command, ["make", document.number, str(tmp_path)])
    assert (made.exit_code, (tmp_path / f"{file.number}.zip").exists()) == (0, True)
    good = CliRunner().invoke(command, ["verify", str(tmp_path / f"{file.number}.zip")])
    assert (good.exit_code, good.output.count("✓")) == (0, 4)
    (tmp_path / "bad.zip").write_bytes(content[:-100])
    bad = CliRunner().invoke(command, ["verify", str(tmp_path / "bad.zip")])
    assert (bad.exit_code, "✗ 文件不是能打开的 ZIP 归档包" in bad.output) == (1, True)
    unknown = CliRunner().invoke(command, ["make", "镇技协〔2024〕99号", str(tmp_path)])
    assert "没有已发文的办件号或者发文字号" in unknown.output
    assert ArchivePackage.objects.count() == 1
    order_packages(document=document, by=stage.wu, at=NOW)
    assert keep_package(file, at=NOW).application == file
