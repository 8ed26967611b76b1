"""Statements: a query whose form does not change, put into words once and asked with other values.

Putting a query into words costs more than the server's answer to it, and so does planning it there.
"""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import QuerySet
from django.db.models.expressions import Col, Expression

from backline.kernel import arrays, later

R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

MOST = 2_000  # forms that a process remembers
# Nineteen digits are more than the quick reader holds of a whole number. They are found by making
# all digits alike, which takes a tenth of what a pattern takes.
ALIKE, LONG = bytes.maketrans(b"123456789", b"000000000"), b"0" * 19
_KNOWN: dict[Hashable, "Statement"] = {}


@dataclass(frozen=True, slots=True)
class Blank:
    """Where a value goes, or many of them as one array."""

    name: str
    is_many: bool = False

    def filled(self, told: Mapping[str, Any]) -> Any:
        """What goes there."""
        value = told[self.name]
        return arrays.parameter(list(value)) if self.is_many else value


class Slot(Expression):
    """A value that is told when the statement is asked, as the column has it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002  # Django's signature
        """A place for the value."""
        return "%s", (Blank(self.name),)


Convert = tuple[int, list[Callable[..., Any]], Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A query in words, with its blanks, and what makes values of the columns."""

    text: str
    blanks: tuple[Any, ...]
    converts: tuple[Convert, ...]

    def rows(self, told: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows for these values, as `values_list` would read them."""
        return self.read(self.ask(told)())

    def ask(self, told: Mapping[str, Any]) -> later.Rows:
        """Have it asked for these values with whatever is asked next."""
        given = [each.filled(told) if isinstance(each, Blank) else each for each in self.blanks]
        return later.ask(self.text, given)

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The rows that were told, as `values_list` would read them."""
        if not self.converts or not rows:
            return rows
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for at, converters, expression in self.converts:
            for convert in converters:
                columns[at] = [convert(value, expression, connection) for value in columns[at]]
        return list(zip(*columns, strict=True))


def known(form: Hashable, make: Callable[[], QuerySet[Any, Any]]) -> Statement:
    """The statement of a form; `make` gives its `values_list`, with slots, the first time."""
    found = _KNOWN.get(form)
    if found is None:
        if len(_KNOWN) >= MOST:
            _KNOWN.clear()
        found = _KNOWN[form] = _in_words(make())
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Question(Generic[R]):
    """A question that is asked in the same words each time: `put` gives its `values_list`, with a
    slot for each value that differs, and `made` makes of a row what is wanted.
    """

    made: Callable[[Sequence[Any]], R]
    put: Callable[[], QuerySet[Any, Any]]

    def __call__(self, **told: Any) -> list[R]:
        """What is found for these values."""
        return self.soon(**told)()

    def soon(self, **told: Any) -> Callable[[], list[R]]:
        """The same, asked with whatever is asked next: what is given gives what is found."""
        statement = known(self, self.put)
        rows = statement.ask(told)
        return lambda: list(map(self.made, statement.read(rows())))


def once(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The rows of a `values_list` whose words are another each time, read the quick way."""
    try:
        statement = _in_words(rows)
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.blanks)
        return statement.read(cursor.fetchall())


def columns(put: Callable[[], QuerySet[Any, Any]]) -> Question[tuple[Any, ...]]:
    """A question for columns of rows, as they are."""
    return Question(tuple, put)


def whole(model: type[M], put: Callable[[], QuerySet[M]]) -> Question[M]:
    """A question for rows of a model as its objects."""
    names = [field.attname for field in model._meta.concrete_fields]
    return Question(
        lambda row: model.from_db(DEFAULT_DB_ALIAS, names, row), lambda: put().values_list(*names)
    )


def _in_words(rows: QuerySet[Any, Any]) -> Statement:
    compiler = rows.query.get_compiler(connection=connection)
    text, blanks = compiler.as_sql()
    columns = [each[0] for each in (compiler.select or ())[: compiler.col_count]]
    converters = compiler.get_converters(columns)
    return Statement(
        text,
        tuple(blanks),
        tuple((at, _quick(each, column), column) for at, (each, column) in converters.items()),
    )


def _quick(converters: list[Callable[..., Any]], column: Any) -> list[Callable[..., Any]]:
    """The converters of a column, with the quick reader where it reads plain JSON."""
    field = column.output_field if isinstance(column, Col) else None
    if type(field) is models.JSONField and field.decoder is None and len(converters) == 1:
        return [from_json]
    return list(converters)


def from_json(value: str | None, *_: Any) -> Any:
    """What a column of JSON holds, the quick way where that can be."""
    if value is None:
        return None
    told = value.encode()
    return json.loads(told) if LONG in told.translate(ALIKE) else orjson.loads(told)


def column_of(model: type[models.Model], path: str) -> "models.Field[Any, Any] | None":
    """The field that a path of names ends in; None where it is not a stored column."""
    field: Any = None
    of: Any = model
    for name in path.split("__"):
        if of is None:
            return None
        try:
            field = of._meta.pk if name == "pk" else of._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        of = field.related_model
    while getattr(field, "target_field", None) is not None:
        field = field.target_field  # a reference holds what it refers to
    return field if isinstance(field, models.Field) else None
