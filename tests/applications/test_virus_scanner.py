"""Where the settings name a virus scanner, nothing is kept that it has not found clean; whoever uploads, and whatever."""

import pytest
from applicant_steps import make_unit, pdf
from clamd import EICAR, clamd_at
from django.core.files.uploadedfile import SimpleUploadedFile

from chuding.accounts import tallies
from chuding.applications.roster.models import RosterImport
from chuding.applications.services import staff
from chuding.applications.uploads import receive_material
from chuding.applications.workflow import Declined
from chuding.paper.tables import xlsx_of
from chuding.publishing import catalogue_input
from chuding.publishing.views.files import _rows_of_upload
from chuding.storage.clock import today
from chuding.storage.files import store
from stage import NOW


@pytest.fixture
def clamd(tmp_path, settings):
    with clamd_at(tmp_path / "c") as fake:
        settings.VIRUS_SCANNER, settings.VIRUS_SCANNER_SECONDS = fake.address, 10
        yield fake


def with_virus():
    """A proper PDF that carries the test file in a stream nobody filters."""
    return pdf(EICAR.decode(), compress_streams=False)


def upload(content, by):
    return receive_material(SimpleUploadedFile("材料.pdf", content), code="2", by=by)


def kept(data_folder):
    return sorted(f.name for f in data_folder.rglob("*") if f.is_file() and len(f.name) == 64)


def test_clean_file_is_shown_to_the_scanner_and_kept(stage, data_folder, clamd):
    content = pdf()
    digest = upload(content, stage.wu).digest
    assert (clamd.seen, store().exists(digest)) == ([content], True)


def test_file_with_a_virus_is_refused_in_words_and_nothing_of_it_stays(stage, data_folder, clamd):
    before = kept(data_folder)
    with pytest.raises(Declined, match="查出病毒"):
        upload(with_virus(), stage.wu)
    assert kept(data_folder) == before
    assert dict(tallies.sums(tallies.UPLOAD_REFUSED, today(), today())) == {"virus@": 1}


@pytest.mark.parametrize("mode", ["silent", "cut_off", "garbage", "hang_up", "full"])
def test_scanner_without_an_answer_stops_uploads(stage, data_folder, clamd, settings, mode):
    clamd.mode, settings.VIRUS_SCANNER_SECONDS = mode, 0.5
    before = kept(data_folder)
    with pytest.raises(Declined, match="没有接收。请稍后再上传一次"):
        upload(pdf(), stage.wu)
    assert kept(data_folder) == before


def test_file_that_the_preflight_refuses_is_not_shown(stage, data_folder, clamd):
    with pytest.raises(Declined, match="这不是 PDF 文件"):
        upload(EICAR, stage.wu)
    assert clamd.seen == []


def test_tables_of_employers_and_offices_go_the_same_way(stage, data_folder, clamd):
    unit = make_unit(NOW, clerk=stage.sun)
    sheet = xlsx_of("名单", ["姓名"], [["王小明"]]) + EICAR
    with pytest.raises(Declined, match="查出病毒"):
        staff.open_import(employer=unit, chunks=[sheet], name="名单.xlsx", by=stage.sun, at=NOW)
    with pytest.raises(catalogue_input.CatalogueRefused, match="查出病毒"):
        _rows_of_upload(SimpleUploadedFile("目录.xlsx", sheet))
    assert (RosterImport.objects.count(), len(clamd.seen)) == (0, 2)


def test_without_a_scanner_files_are_taken_as_they_were(stage, data_folder, settings):
    assert settings.VIRUS_SCANNER == ""
    assert store().exists(upload(with_virus(), stage.wu).digest)
