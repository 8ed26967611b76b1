"""Schemas: small pieces of JSON schema that kinds and fields are described with."""

from typing import Any
from uuid import UUID

from backline.kernel import ids

Schema = dict[str, Any]
EXAMPLE_KEY = UUID("019b76da-a800-7000-8000-000000000001")


def nullable(schema: Schema) -> Schema:
    """The same schema with null allowed."""
    if "enum" in schema:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def described(schema: Schema, doc: str) -> Schema:
    """The same schema with a description."""
    return {**schema, "description": doc}


def id_schema(prefix: str) -> Schema:
    """How the document describes a public id."""
    return {
        "type": "string",
        "pattern": f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$",
        "examples": [ids.public(prefix, EXAMPLE_KEY)],
    }
