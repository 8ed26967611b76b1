"""Copying: rows into a table by COPY; the way that bulk work writes."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import islice, repeat
from operator import attrgetter
from types import MappingProxyType, NoneType
from typing import Any, cast
from uuid import UUID

from django.db import connection, models
from psycopg.adapt import PyFormat, Transformer

from backline.kernel import arrays, later
from backline.kernel.arrays import Json, hexed

NULL = r"\N"
NOTHING: Mapping[str, Any] = MappingProxyType({})
FEW = 50  # rows that go as arrays with the next question: COPY asks the server twice
BLOCK = 500  # rows sent at once: the server takes a block in while the next is put into words
ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def write(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    every: Mapping[str, Any] = NOTHING,
) -> int:
    """Write rows of a model by its attribute names and return how many; JSON fields take plain
    values. What `every` row has alike is given once, by its name.
    """
    alike = tuple(every.values())
    left = iter(rows)
    first = list(islice(left, FEW + 1))
    if len(first) <= FEW:
        full = [(*row, *alike) for row in first] if alike else first
        return add(model, (*columns, *every), full)
    into, json_at, _ = _form(model, (*columns, *every))
    own = frozenset(n for n in json_at if n < len(columns))
    last = [
        Json.of(value) if n in json_at and value is not None else value
        for n, value in enumerate(alike, start=len(columns))
    ]
    end = "".join(f"\t{WORDS[type(value)](value)}" for value in last) + "\n"
    written = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        while block := [*first, *islice(left, BLOCK - len(first))]:
            copy.write(_lines(block, own, end))
            written += len(block)
            first = []
    return written


def add(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    unless_known: bool = False,
) -> int:
    """Add rows of a model by its attribute names in one statement, each column as one array, before
    whatever is asked next; returns how many were told. For few rows, or narrow ones.

    A row that something unique forbids is left out where it is told so.
    """
    parts = list(zip(*rows, strict=True))
    if not parts:
        return 0
    into, json_at, types = _form(model, tuple(columns))
    for n in json_at:
        parts[n] = tuple(_json(parts[n]))
    text = f"INSERT INTO {into} SELECT * FROM unnest({types})"  # noqa: S608  # our own names
    left = " ON CONFLICT DO NOTHING" if unless_known else ""
    later.put_off(text + left, list(map(arrays.parameter, parts)))
    return len(parts[0])


@cache
def _form(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[int], str]:
    """The table and its columns in words, which of them hold JSON, and a place for an array of
    each.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    told = ", ".join(quote(field.column) for field in fields)
    json_at = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
    types = ", ".join(f"%s::{arrays.type_of(field)}[]" for field in fields)
    return f"{quote(model._meta.db_table)} ({told})", json_at, types


def create(rows: Sequence[models.Model]) -> None:
    """Write fresh rows of one model, as `bulk_create` does and by COPY."""
    if not rows:
        return
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    names = [field.attname for field in fields]
    told = attrgetter(*names)
    write(model, [field.name for field in fields], map(told, rows))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _lines(rows: Sequence[Sequence[Any]], json_at: Set[int], end: str) -> str:
    """Rows as COPY reads them: put into words a column at a time, for most hold one type alone."""
    columns = zip(*rows, strict=True)
    told = [_words(column, is_json=n in json_at) for n, column in enumerate(columns)]
    return end.join(map("\t".join, zip(*told, strict=True))) + end


def _words(column: Sequence[Any], *, is_json: bool) -> Iterable[str]:
    """The values of a column in words."""
    if is_json:
        column = _json(column)
    kinds = set(map(type, column))
    if len(kinds) > 1:
        return [WORDS[type(value)](value) for value in column]
    kind = kinds.pop()
    if kind is NoneType:
        return repeat(NULL, len(column))
    if issubclass(kind, str) and _is_plain("".join(column)):
        return column
    return map(WORDS[kind], column)


def _json(column: Sequence[Any]) -> list[Json | None]:
    """Plain values as JSON."""
    return [None if value is None else Json.of(value) for value in column]


def _is_plain(text: str) -> bool:
    return text.isprintable() and "\\" not in text


def _escaped(text: str) -> str:
    return text if _is_plain(text) else text.translate(ESCAPES)


def _other(value: Any) -> str:
    """A value of any other type, as the driver puts it."""
    if isinstance(value, str):
        return _escaped(str.__str__(value))
    driver = Transformer(connection.connection)
    told = driver.dump_sequence([value], [PyFormat.TEXT])[0]
    return NULL if told is None else _escaped(bytes(cast(bytes, told)).decode())


class _Words(dict[type, Callable[[Any], str]]):
    """How a value of a type is put into words; the driver knows the others."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        return _other


WORDS = _Words(
    {
        type(None): lambda _: NULL,
        str: _escaped,
        Json: _escaped,
        UUID: hexed,
        Decimal: str,
        int: str,
        bool: str,
        date: date.isoformat,
        datetime: datetime.isoformat,
    }
)
