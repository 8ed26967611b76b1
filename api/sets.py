"""Sets: a deed on many records, which are named, or found by the filters of their list.

A few are done at once and answered one by one. More are accepted as an operation: done in chunks,
each member with its own result below /v1/operations/{id}/items, and resumed wherever it was killed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import QueryDict
from rest_framework import serializers

from api import paging
from api.answers import accepted, results
from api.door import Call
from api.fields import Input, Many, Own, PublicId, wrong
from api.resource import Resource
from api.schemas import Schema
from backline.kernel import bulk
from backline.kernel.errors import Invalid
from backline.kernel.outcomes import Outcome

AT_ONCE = 100  # more than that is accepted and done by and by
MOST = 10_000


class Where(Own):
    """The filters of a list, as its address takes them: gives what the rows are filtered by."""

    def __init__(self, resource: Resource, **more: Any) -> None:
        super().__init__(required=False, **more)
        self.resource = resource

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """What the rows are filtered by; each fault at its own name."""
        if not isinstance(data, Mapping) or not data:
            raise serializers.ValidationError("Write an object of filters.", code="not_an_object")
        known, query = paging.parameters(self.resource), QueryDict(mutable=True)
        faults: dict[str, list[serializers.ErrorDetail]] = {}
        for name, given in data.items():
            values = [_spelled(value) for value in (given if isinstance(given, list) else [given])]
            if name not in known:
                told = f"There is no filter {name!r} here."
                faults[name] = [serializers.ErrorDetail(told, "unknown_field")]
            elif not values or None in values:
                told = "Write text, or a list of texts."
                faults[name] = [serializers.ErrorDetail(told, "not_text")]
            else:
                query.setlist(name, [value for value in values if value is not None])
        asked, more = paging.ask(self.resource, query)
        for fault in more:
            own = faults.setdefault(str(fault.facts["parameter"]), [])
            own.append(serializers.ErrorDetail(fault.detail, fault.code))
        if faults:
            raise serializers.ValidationError(faults)
        return asked.where

    def to_representation(self, value: Any) -> Any:
        """The value itself."""
        return value

    def schema(self) -> Schema:
        """An object with the parameters of the list."""
        text = {"type": "string"}
        one = {"oneOf": [text, {"type": "array", "items": text, "minItems": 1, "maxItems": 100}]}
        return {
            "type": "object",
            "minProperties": 1,
            "properties": dict.fromkeys(paging.parameters(self.resource), one),
            "additionalProperties": False,
        }


def _spelled(value: Any) -> str | None:
    """A filter's value as an address spells it; None for what no address could."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


class Several(Input):
    """A body that says which records: by id under their noun, or by `where`."""

    noun: ClassVar[str] = ""
    most_values = MOST + 500

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One of the two ways, and not both."""
        given = super().validate(given)
        if (self.noun in given) == ("where" in given):
            told = f"Give {self.noun}, or where: the filters of their list."
            raise wrong(self.noun, "set_unclear", told)
        return given


def named(prefix: str) -> Many:
    """The ids of many records, which may be left out where filters are given instead."""
    return Many(PublicId(prefix), most=MOST, required=False)


def keys(call: Call, resource: Resource, noun: str) -> list[UUID]:
    """The records that a body of Several says, oldest first where they were found."""
    where = call.body.get("where")
    if where is None:
        return list(call.body[noun])
    rows = resource.rows().filter(**where).order_by("pk").values_list("pk", flat=True)
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        told = f"More than {MOST} records fit; narrow the filters."
        raise Invalid("set_too_large", told, pointer="/where")
    return found


def answered(
    call: Call,
    kind: str,
    asked: Sequence[UUID],
    deed: Callable[..., Sequence[Outcome]],
    *,
    tell: Callable[[Call, Sequence[Outcome]], object] | None = None,
    **facts: Any,
) -> object:
    """Do a deed on a few records and answer one by one; accept it for more of them."""
    if len(asked) > AT_ONCE:
        return accepted(bulk.accept(kind, asked, actor=call.actor, at=call.at, **facts))
    outcomes = deed(asked, actor=call.actor, at=call.at, **facts)
    return tell(call, outcomes) if tell else results(outcomes, bulk.PREFIXES[kind])
