"""Arrays: many values as one parameter, spelled at once; and JSON as its text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

JSON_FORM = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_encoder = DjangoJSONEncoder()
APART = "\0"  # what no word that is kept holds


class Json(str):
    """A JSON value as its text: for what many rows share, so that it is put into words once."""

    __slots__ = ()

    @classmethod
    def of(cls, value: Any) -> "Json":
        """A plain value as text; what is text already stays as it is."""
        return value if isinstance(value, cls) else cls(_encoded(value))


def _encoded(value: Any) -> str:
    """A plain value as JSON, the quick way where that can be."""
    try:
        return orjson.dumps(value, default=_encoder.default, option=JSON_FORM).decode()
    except TypeError:  # keys that are no words, a whole number of more than 64 bits
        return _encoder.encode(value)


def parameter(values: Sequence[Any]) -> Any:
    """The values as the text of an array, for a parameter whose type the statement names.

    Values of a type that has no spelling here are left to the driver, which takes its time.
    """
    kinds = set(map(type, values))
    kind = kinds.pop() if len(kinds) == 1 else NoneType
    try:
        if issubclass(kind, str):
            return _all_quoted(values)
        if kind is not NoneType:
            return "{" + ",".join(map(WORDS[kind], values)) + "}"
        return "{" + ",".join([WORDS[type(value)](value) for value in values]) + "}"
    except KeyError:
        return list(values)


def type_of(field: Any) -> str:
    """A column's type as an array's element: its length and precision are the column's affair."""
    return str(field.db_type(connection)).partition("(")[0]


def _all_quoted(values: Sequence[str]) -> str:
    """Words, quoted at once: most columns hold nothing else."""
    told = APART.join(values)
    if told.count(APART) >= len(values):
        return "{" + ",".join(map(_quoted, values)) + "}"  # which the server refuses
    quoted = told.replace("\\", "\\\\").replace('"', '\\"').replace(APART, '","')
    return f'{{"{quoted}"}}'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def hexed(key: UUID) -> str:
    """A UUID in 32 digits: what its own `hex` gives, in half the time."""
    return key.int.to_bytes(16).hex()


class _Words(dict[type, Callable[[Any], str]]):
    """How a value of a type is spelled; a word of a list of choices as any other word."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        if issubclass(kind, str):
            return lambda value: _quoted(str.__str__(value))
        raise KeyError(kind)


WORDS: Mapping[type, Callable[[Any], str]] = _Words(
    {
        type(None): lambda _: "NULL",
        str: _quoted,
        Json: _quoted,
        UUID: hexed,
        Decimal: str,
        int: str,
        bool: str,
        date: date.isoformat,
        datetime: datetime.isoformat,
    }
)
