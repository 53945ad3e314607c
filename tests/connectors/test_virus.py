"""The conversation with a virus scanner: only a clear answer counts as one."""

import io
import os

import pytest
from clamd import EICAR, clamd_at

from chuding.connectors.virus import ScannerAwayError, scan


@pytest.fixture(params=["socket", "port"])
def clamd(request, tmp_path):
    with clamd_at(tmp_path / "c" if request.param == "socket" else None) as fake:
        yield fake


def ask(clamd, content, seconds=10.0):
    return scan(clamd.address, io.BytesIO(content), seconds=seconds)


@pytest.mark.parametrize("size", [0, 1, 65_536, 300_001])
def test_clean_file_arrives_whole_and_is_clean(clamd, size):
    content = os.urandom(size)
    assert (ask(clamd, content), clamd.seen) == ("", [content])


def test_virus_is_called_by_its_name(clamd):
    assert ask(clamd, b"x" * 100_000 + EICAR) == "Eicar-Test-Signature"


@pytest.mark.parametrize("mode", ["cut_off", "garbage", "hang_up", "full"])
def test_what_is_no_clear_answer_is_none(clamd, mode):
    clamd.mode = mode
    with pytest.raises(ScannerAwayError):
        ask(clamd, os.urandom(2_000_000))


@pytest.mark.parametrize("mode", ["silent", "deaf"])
def test_scanner_that_takes_too_long_is_given_up(clamd, mode):
    clamd.mode = mode
    with pytest.raises(ScannerAwayError):
        ask(clamd, os.urandom(8_000_000), seconds=0.3)


def test_file_over_the_scanners_own_limit_says_so(clamd):
    clamd.mode = "full"
    with pytest.raises(ScannerAwayError, match="size limit exceeded"):
        ask(clamd, b"x")


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1", "127.0.0.1:99999", "clamd.ctl"])
def test_scanner_that_is_not_there_is_away(address):
    with pytest.raises(ScannerAwayError, match="no virus scanner at"):
        scan(address, io.BytesIO(b"x"), seconds=1)
