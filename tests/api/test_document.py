"""Is the document complete, valid and true to the matrix?"""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from api.document import document
from api.door import DOORS
from tenants.access.roles import ALL_SCOPES

SAID = document()
OPERATIONS = [
    (path, method, said) for path, doors in SAID["paths"].items() for method, said in doors.items()
]
NAMES = [said["operationId"] for _, _, said in OPERATIONS]


def test_the_document_is_valid():
    validate(SAID)


def test_every_door_is_in_the_document():
    assert sorted(NAMES) == sorted(DOORS)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_every_scope_stands_in_the_matrix(door):
    assert not door.scope or door.scope in ALL_SCOPES


@pytest.mark.parametrize(("path", "method", "said"), OPERATIONS, ids=NAMES)
def test_every_operation_is_named_and_told(path, method, said):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", said["operationId"]), "noun_verb, please"
    assert said["summary"]
    assert not path.endswith("/")
    assert re.fullmatch(r"(/([a-z0-9-]+|\{\w+\}))+", path), "kebab-case words and {parts}"
    assert {tag["name"] for tag in SAID["tags"]} >= set(said["tags"])
    if said["security"]:
        assert {"401", "403", "429"} <= set(said["responses"])


@pytest.mark.parametrize(("path", "method", "said"), OPERATIONS, ids=NAMES)
def test_every_example_is_allowed_by_its_schema(path, method, said):
    parts = [said.get("requestBody", {}), *said["responses"].values()]
    for media in (media for part in parts for media in part.get("content", {}).values()):
        if "example" in media:
            jsonschema.validate(
                media["example"],
                {**media["schema"], "components": SAID["components"]},
                cls=jsonschema.Draft202012Validator,
            )


def test_no_amount_is_a_json_number():
    def numbers(part: Any) -> list[Any]:
        if isinstance(part, dict):
            own = [part] if part.get("type") == "number" else []
            return own + [each for inner in part.values() for each in numbers(inner)]
        if isinstance(part, list):
            return [each for inner in part for each in numbers(inner)]
        return []

    assert numbers(SAID) == []


def test_the_document_and_the_page_are_served_to_anybody(client, settings):
    settings.WHITENOISE_USE_FINDERS = True

    page = client.get("/v1/docs")
    told = client.get("/v1/openapi.json").json()

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert b"http" not in page.content.replace(b"http-equiv", b"")  # nothing comes from elsewhere
    assert told["openapi"].startswith("3.1")
    assert client.get("/v1/openapi.yaml").content.startswith(b"openapi: 3.1")
