"""Rows: what bulk work reads and changes, as plain named tuples and by one statement a table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models.query import ValuesListIterable

from backline.kernel import arrays, later, statements
from backline.kernel.arrays import Json
from backline.kernel.statements import Question

R = TypeVar("R", bound=NamedTuple)
SOME = 1_000  # rows of a stream that are held at once


def read(kind: type[R], found: "models.QuerySet[Any]", **paths: str) -> Iterator[R]:
    """The rows of a query as named tuples of a kind, without an object each; a field is read by
    its own name, or by the path given for it.
    """
    names = (paths.get(name, name) for name in kind._fields)
    return map(kind._make, statements.once(found.values_list(*names)))


def stream(kind: type[R], found: "models.QuerySet[Any]") -> Iterator[R]:
    """The rows of a query as `read` gives them, by a cursor of the server, so that some are held at
    a time: for more than a process should hold.
    """
    # The cursor is in the transaction that asks, and ends with it: no pooler comes between.
    asked = found.values_list(*kind._fields)
    return map(kind._make, ValuesListIterable(asked, chunked_fetch=True, chunk_size=SOME))


def asked(kind: type[R], put: "Callable[[], models.QuerySet[Any]]", **paths: str) -> Question[R]:
    """What `read` gives, by a question that is put into words once."""
    names = tuple(paths.get(name, name) for name in kind._fields)
    return Question(kind._make, lambda: put().values_list(*names))


def change(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Change rows of a model in one statement, before whatever is asked next: each row gives its
    key and then the new values of the columns, by their attribute names.
    """
    parts = list(zip(*rows, strict=True))
    if not parts:
        return
    text, json_at = _changing(model, tuple(columns))
    for n in json_at:
        parts[n] = tuple(one if one is None else Json.of(one) for one in parts[n])
    later.put_off(text, list(map(arrays.parameter, parts)))


@cache
def _changing(model: type[models.Model], columns: tuple[str, ...]) -> tuple[str, list[int]]:
    """What changes these columns, in words, and which of its arrays hold JSON."""
    fields: list[Any] = [model._meta.pk, *map(model._meta.get_field, columns)]
    quote = connection.ops.quote_name
    types = ", ".join(f"%s::{arrays.type_of(field)}[]" for field in fields)
    table = quote(model._meta.db_table)
    sets = ", ".join(f"{quote(one.column)} = new.c{n}" for n, one in enumerate(fields[1:], start=1))
    names = ", ".join(f"c{n}" for n in range(len(fields)))
    text = (
        f"UPDATE {table} AS t SET {sets}"  # noqa: S608  # our own names, quoted
        f" FROM unnest({types}) AS new ({names}) WHERE t.{quote(fields[0].column)} = new.c0"
    )
    return text, [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]


def remove(model: type[models.Model], column: str, values: Iterable[Any]) -> int:
    """Remove the rows of a model with one of these values in a column, by its attribute name, in
    one statement; nothing hangs on them. Returns how many.
    """
    wanted = list(values)
    if not wanted:
        return 0
    field: Any = model._meta.get_field(column)
    quote = connection.ops.quote_name
    place = f"{quote(model._meta.db_table)} WHERE {quote(field.column)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {place} = ANY (%s::{arrays.type_of(field)}[])",  # noqa: S608  # our own names
            [arrays.parameter(wanted)],
        )
        return int(cursor.rowcount)
