"""A signed roster and what the desk is asked about it."""

from __future__ import annotations

import json
import shutil

import pytest

from chuding.applications.workflow import State
from chuding.certificates.models import Certificate
from chuding.decisions.models import RosterEntry
from chuding.paper import cms
from chuding.paper.keys import KeyFolder
from chuding.paper.mandate import Mandate
from chuding.signing.desk import Desk


@pytest.fixture
def issued(stage):
    """A certificate that was issued in the ordinary way, and the file behind it."""
    file = stage.file_at(State.ISSUED)
    certificate = Certificate.objects.get(number=file.certificate_number)
    return certificate, RosterEntry.objects.get(application=file).roster, file


@pytest.fixture
def desk(issued, settings, tmp_path):
    folder = shutil.copytree(settings.SIGNING_FOLDER, tmp_path / "signing", ignore=shutil.ignore_patterns("journal*"))
    return Desk(folder, KeyFolder(folder), per_hour=50)


@pytest.fixture
def question(issued, desk):
    """The honest question about the issued certificate: office, mandate, data."""
    certificate, _, file = issued
    leaf = desk.material(certificate.office).certificate_chain[0]
    mandate = Mandate("certificate", ("application", file.number), certificate.award)
    return certificate.office, mandate, cms.signed_attributes(bytes(32), leaf)


@pytest.fixture
def award(issued):
    return json.loads(issued[0].award)
