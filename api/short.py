"""Short: the quick reading of what is well formed, field after field, without a word about faults.

Most of what is sent is right. Whatever is not is read again the long way, which tells every fault.
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.fields import Field, empty

# A field's name, what reads it, whether it must be there, and what stands where it is left out.
Step = tuple[str, Any, bool, Any]
SERIALIZER: Any = serializers.Serializer


def read(reader: Any, plain: type, data: Any) -> dict[str, Any] | None:
    """What a reader of a `plain` kind makes of an object; None where only the long way can tell."""
    if not isinstance(data, dict) or hasattr(data, "getlist") or reader.partial:
        return None
    way = way_of(reader, plain)
    if way is None:
        return None
    try:
        given = _given(way, data)
        if given is not None and judges(reader):
            given = reader.validate(given)
    except serializers.ValidationError:
        return None
    return given


def way_of(reader: Any, plain: type) -> tuple[Step, ...] | None:
    """How a reader of a `plain` kind reads each field by itself; None where it does not."""
    if not hasattr(reader, "short_way"):
        reader.short_way = _way(reader, plain)
    way: tuple[Step, ...] | None = reader.short_way
    return way


def judges(reader: Any) -> bool:
    """Whether a reader looks at the fields of a record together, too."""
    return bool(type(reader).validate is not SERIALIZER.validate)


def _given(way: tuple[Step, ...], data: Mapping[str, Any]) -> dict[str, Any] | None:
    given: dict[str, Any] = {}
    found = 0
    for name, reads, required, otherwise in way:
        value = data.get(name, empty)
        if value is empty:
            if required:
                return None
            if otherwise is not empty:
                given[name] = otherwise
        elif value is None:
            return None
        else:
            given[name] = reads(value)
            found += 1
    return given if found == len(data) else None


def _way(reader: Any, plain: Any) -> tuple[Step, ...] | None:
    """How each field is read; None for a kind that reads in a way of its own."""
    own = type(reader)
    if own.to_internal_value is not plain.to_internal_value or reader.keeps_unknown:
        return None
    if reader.validators or any(hasattr(own, f"validate_{name}") for name in reader.fields):
        return None
    way: list[Step] = []
    for name, field in reader.fields.items():
        makes_default = field.default is not empty and callable(field.default)
        if field.read_only or field.source != name or makes_default:
            return None
        direct = type(field).run_validation is Field.run_validation and not field.validators
        reads = field.to_internal_value if direct else field.run_validation
        way.append((name, reads, field.required, field.default))
    return tuple(way)
