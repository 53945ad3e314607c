import pytest
import samples


@pytest.fixture(autouse=True)
def _no_calls_yet():
    samples.CALLS.clear()
