"""The API under its own schema: whatever it allows or forbids, no answer is a fault and each one is as announced."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chuding.accounts.models import Throttle

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ID = "zhenjiang-2024-1"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def document(db: None) -> Iterator[Any]:
    """As Django's own test client does: the requests stay inside the test's connection, so nothing closes it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


OPERATIONS = [
    ("/api/notices", "GET"),
    ("/api/notices/{identifier}", "GET"),
    ("/api/notices/{identifier}/catalogue", "GET"),
    ("/api/notices/{identifier}/assess", "POST"),
]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_announced(document: Any, path: str, method: str, mode: GenerationMode) -> None:
    seen: set[int] = set()

    @given(case=document[path][method].as_strategy(generation_mode=mode), known=booleans())
    @settings(max_examples=25, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case, known: bool) -> None:
        Throttle.objects.all().delete()
        if known and "identifier" in case.path_parameters:
            case.path_parameters["identifier"] = ID  # else nearly every case ends at an unknown notice
        response = case.call()
        seen.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    try:
        ask()
    except Unsatisfiable:
        return  # nothing can be wrong with a request that takes nothing
    assert 200 in seen or mode is GenerationMode.NEGATIVE


def test_every_operation_is_fuzzed(document: Any) -> None:
    assert {(each.ok().path, each.ok().method.upper()) for each in document.get_all_operations()} == set(OPERATIONS)
