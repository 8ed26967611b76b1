"""Examples: one for each body, made from its schema, so that none is ever out of date."""

from typing import Any

from api.schemas import Schema

PLAIN = {
    "date": "2026-01-05",
    "date-time": "2026-01-05T09:00:00Z",
    "uri-reference": "/problems/required",
    "uri": "https://example.com/",
}


def of(schema: Any, components: dict[str, Schema], depth: int = 0) -> Any:
    """One value that a schema allows."""
    if "$ref" in schema:
        return of(components[schema["$ref"].rpartition("/")[2]], components, depth + 1)
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("example", "const", "default"):
        if word in schema:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    for word in ("oneOf", "anyOf", "allOf"):
        if schema.get(word):
            return of(schema[word][0], components, depth)
    return _of_type(schema, components, depth)


def _of_type(schema: Any, components: dict[str, Schema], depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object" or "properties" in schema:
        parts = schema.get("properties", {})
        return {name: of(part, components, depth + 1) for name, part in parts.items()}
    if kind == "array":
        is_deep = depth > 8 and not schema.get("minItems")
        return [] if is_deep else [of(schema.get("items", {}), components, depth + 1)]
    if kind == "string":
        text = PLAIN.get(schema.get("format", ""), "text")
        return text[: schema["maxLength"]] if "maxLength" in schema else text
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    return {}
