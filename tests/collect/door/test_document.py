"""The door keeps to its own OpenAPI document, whatever is made up from it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hedgerow.access import make_key
from hedgerow.collect.http.openapi import document
from hedgerow.ledger import create_workspace
from tests.collect.door.running import Running, running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A door in a process of its own, and a key of it."""
    made = create_workspace(tmp_path_factory.mktemp("document") / "workspace", "Test")
    key = make_key(made, "site", rate=0).key
    made.close()
    with running(made.folder) as door:
        yield door, key
        assert door.process.poll() is None


SCHEMA = schemathesis.openapi.from_dict(json.loads(document()))


def _asked(case: schemathesis.Case[Any], served: tuple[Running, str]) -> None:
    door, key = served
    auth = (key, "") if case.operation.method == "post" else None
    response = case.call(base_url=f"http://127.0.0.1:{door.port}", auth=auth, allow_redirects=False)
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        assert response.json()["error"].endswith(".")


@SCHEMA.parametrize()
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_door_answers_as_its_document_says(case: schemathesis.Case[Any], served: tuple[Running, str]) -> None:
    _asked(case, served)


@pytest.mark.slow
@SCHEMA.parametrize()
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_door_long_answers_as_its_document_says(case: schemathesis.Case[Any], served: tuple[Running, str]) -> None:
    _asked(case, served)
