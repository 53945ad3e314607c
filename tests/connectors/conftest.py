import pytest
from outside import SECRET, serving


@pytest.fixture
def service(monkeypatch):
    """A service of the world outside with a temper."""
    monkeypatch.setenv("TOWN_SECRET", SECRET)
    with serving() as fake:
        yield fake
