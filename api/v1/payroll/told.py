"""Facts told of a worker or a firm: any that the rules know, described from the rules."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from rest_framework import serializers

from api import fields
from api.schemas import Schema
from rulebook.facts import COUNT, DAY, FLAG, NUMBER, SHARE, WHOLE, Each, Either, Fact, Kind, Several
from rulebook.packs.gb import facts as british
from rulebook.packs.us import facts as american

MOST_FACTS = 4_000
VALUES: tuple[tuple[Fact, Schema], ...] = (
    (FLAG, {"type": "boolean"}),
    (NUMBER, {"type": ["string", "number"], "examples": ["12.50"]}),
    (SHARE, {"type": ["string", "number"], "examples": ["0.027"]}),
    (WHOLE, {"type": ["integer", "string"]}),
    (COUNT, {"type": "integer", "minimum": 0}),
    (DAY, {"type": "string", "format": "date"}),
)


class Told(fields.Own):
    """Facts by name, each of its own kind; the rules refuse every name that they do not know."""

    def __init__(self, known: Callable[[], Schema], **more: Any) -> None:
        super().__init__(**more)
        self.known = known

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object, if it is one and not too long."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Write an object.", code="not_an_object")
        if len(json.dumps(data, default=str)) > MOST_FACTS:
            raise serializers.ValidationError("These are too many facts.", code="too_many_facts")
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        """The object itself."""
        return value

    def schema(self) -> Schema:
        """Every fact of both countries."""
        return self.known()


def elections() -> Schema:
    """What a worker may have said, in any country."""
    return _of_all(british.elections(), british.CONSTRUCTION, american.elections())


def employer() -> Schema:
    """What a firm may have been told, or have decided, in any country."""
    return _of_all(british.employer(), american.employer())


def _of_all(*kinds: Kind) -> Schema:
    told: dict[str, Schema] = {}
    for kind in kinds:
        told |= schema_of(kind)["properties"]
    return {"type": "object", "properties": told, "additionalProperties": False}


def schema_of(kind: Kind) -> Schema:
    """The JSON schema of a fact."""
    if isinstance(kind, Fact):
        return _of_fact(kind)
    if isinstance(kind, Several):
        return {"type": "array", "items": schema_of(kind.kind)}
    if isinstance(kind, Either):
        return {"anyOf": [schema_of(kind.value), schema_of(kind.other)]}
    if isinstance(kind, Each):
        named = {name: schema_of(one) for name, one in kind.but.items()}
        more = {"properties": named} if named else {}
        return {"type": "object", **more, "additionalProperties": schema_of(kind.kind)}
    return _of_names(kind)


def _of_fact(fact: Fact) -> Schema:
    if fact.words:
        return {"type": "string", "enum": list(fact.words)}
    return next((dict(schema) for one, schema in VALUES if one is fact), {"type": "string"})


def _of_names(names: Mapping[str, Kind]) -> Schema:
    kinds = list(names.values())
    if len(kinds) > 1 and all(one is kinds[0] for one in kinds):  # one kind a state, or a fund
        known = {"enum": list(names)}
        return {
            "type": "object",
            "propertyNames": known,
            "additionalProperties": schema_of(kinds[0]),
        }
    told = {name: schema_of(one) for name, one in names.items()}
    return {"type": "object", "properties": told, "additionalProperties": False}
