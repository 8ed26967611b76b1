"""Arrays: many values as one parameter, spelled at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from backline.kernel.copying import Json


def parameter(values: Sequence[Any]) -> Any:
    """The values as the text of an array, for a parameter whose type the statement names.

    Values of a type that has no spelling here are left to the driver, which takes its time.
    """
    try:
        return "{" + ",".join([WORDS[type(value)](value) for value in values]) + "}"
    except KeyError:
        return list(values)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


WORDS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        type(None): lambda _: "NULL",
        str: _quoted,
        Json: _quoted,
        UUID: attrgetter("hex"),
        Decimal: str,
        int: str,
        bool: str,
        date: date.isoformat,
        datetime: datetime.isoformat,
    }
)
