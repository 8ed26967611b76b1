"""Resources: one field table makes the query, the JSON and the component in the document."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet

from api import paging
from api.kinds import (
    Amount,
    Belonging,
    Choice,
    Day,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Kind,
    Many,
    One,
    Quantity,
    Rate,
    Ref,
    Share,
    Text,
    Whole,
    Words,
)
from api.schemas import Schema
from api.spelling import plain
from backline.kernel import statements
from backline.kernel.errors import Missing

if TYPE_CHECKING:
    from api.door import Call

__all__ = [
    "Amount",
    "Choice",
    "Day",
    "Derived",
    "Flag",
    "Id",
    "Instant",
    "Json",
    "Many",
    "One",
    "Quantity",
    "Rate",
    "Ref",
    "Resource",
    "Shape",
    "Share",
    "Text",
    "Whole",
    "Words",
]

Among = QuerySet[Any] | None
# A field's name, how it is shown (None: as it is), its first column, how many, whether null is.
Step = tuple[str, Callable[[Any], object] | None, int, int, bool]
Shown = tuple[str, Callable[[Any], object], int, int, bool]  # the same of one that is always shown
JSON_FORM = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS

NOTHING: Mapping[str, Belonging] = MappingProxyType({})

SHAPES: dict[str, "Shape"] = {}


def as_json(body: object) -> bytes:
    """The bytes that go out: UTC instants with Z, days as dates."""
    return orjson.dumps(body, option=JSON_FORM, default=_spelled)


def _column(step: Step, rows: Sequence[Sequence[Any]]) -> list[object]:
    """One field of every row: a column at a time is read faster than a row at a time."""
    _, show, start, width, takes_null = step
    if width == 0:
        return [[] for _ in rows]
    if width > 1:
        stop = start + width
        return [show(values[start:stop]) if show else None for values in rows]
    if show is None:
        return [values[start] for values in rows]
    if takes_null:
        return [show(values[start]) for values in rows]
    return [None if (value := values[start]) is None else show(value) for values in rows]


def _fill(
    name: str, told: Belonging, keys: Sequence[UUID], shown: Sequence[dict[str, object]]
) -> None:
    """Put into each row what belongs to it."""
    by_key: dict[UUID, list[object]] = {key: [] for key in keys}
    for owner, item in told():
        by_key[owner].append(item)
    for key, row in zip(keys, shown, strict=True):
        row[name] = by_key[key]


def _spelled(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"{type(value).__name__} has no place on the wire.")


class Shape:
    """An object on the wire that no single table holds: `SHAPE.show({...})` makes it."""

    def __init__(
        self, name: str, fields: Sequence[Kind], *, doc: str = "", example: object = None
    ) -> None:
        self.name, self.fields, self.doc, self.example = name, tuple(fields), doc, example
        self.says_202 = False  # True: 202 answers with this shape too, not with an operation
        taken = SHAPES.setdefault(name, self)
        if taken is not self:
            raise ValueError(f"Two shapes are called {name}.")

    def show(self, values: Mapping[str, Any]) -> dict[str, object]:
        """The object for these values; a field that is not given is null."""
        return {kind.name: kind.take(values) for kind in self.fields}

    def ref(self) -> Schema:
        """A reference to this component."""
        return {"$ref": f"#/components/schemas/{self.name}"}

    def is_null(self, kind: Kind) -> bool:
        """Whether this field may be null."""
        return bool(kind.null)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it is read from, for One."""
        return tuple(column for kind in self.fields for column in kind.columns())

    def render(self, values: Sequence[Any]) -> dict[str, object]:
        """The object for one row's values in the order of `reads`."""
        shown: dict[str, object] = {}
        for name, show, at, width, takes_null in self._steps:
            part = values[at] if width == 1 else tuple(values[at : at + width])
            shown[name] = None if part is None and not takes_null else show(part)
        return shown

    @cached_property
    def _steps(self) -> list[Shown]:
        """How each field is shown: by what, from which column on, of how many."""
        steps: list[Shown] = []
        at = 0
        for kind in self.fields:
            width = len(kind.columns())
            steps.append((kind.name, kind.show, at, width, kind.takes_null))
            at += width
        return steps


class Resource(Shape):
    """A kind of record: what it shows, what may be asked, in which order it is listed.

    Resource("Timesheet", model=Timesheet, fields=(Id("tsh"), Ref("assignment", "asg"), …),
             filters=("status",), sorts=("starts_on",), order="-id")
    """

    def __init__(
        self,
        name: str,
        *,
        model: type[models.Model],
        fields: Sequence[Kind],
        filters: Sequence[str | Kind] = (),
        sorts: Sequence[str] = (),
        order: str = "-id",
        rows: Callable[[], QuerySet[Any]] | None = None,
        doc: str = "",
        example: object = None,
    ) -> None:
        super().__init__(name, fields, doc=doc, example=example)
        self.model = model
        self.order = order
        self._rows = rows
        self.path = ""  # set by reads()
        self.known_by = ""  # the column by which a path names the record, where it is not the id
        by_name = {kind.name: kind for kind in self.fields}
        self.filters: dict[str, Kind] = {}
        for given in filters:
            kind = by_name[given] if isinstance(given, str) else given
            self.filters[kind.name] = kind
        self.sorts = {
            word: by_name[word].column if word in by_name else word
            for word in (*sorts, order.lstrip("-"), "id")
        }
        self._settle_currencies()
        self._settle_nulls()
        self._check()

    def _settle_currencies(self) -> None:
        for kind in self.fields:
            if isinstance(kind, Amount) and not kind.currency_is_given:
                kind.currency = self._currency_of(kind.column)

    def _currency_of(self, column: str) -> str:
        """The column beside an amount that names its currency: its own, its family's, the row's."""
        path, _, last = column.rpartition("__")
        model = self._model_at(path)
        names = {field.name for field in model._meta.get_fields()}
        family = last.partition("_")[0]
        for word in (f"{last}_currency", f"{family}_currency", "currency"):
            if word in names:
                return f"{path}__{word}" if path else word
        raise TypeError(f"{self.name}.{column}: say which column holds its currency.")

    def _model_at(self, path: str) -> Any:
        model: Any = self.model
        for step in path.split("__") if path else ():
            model = model._meta.get_field(step).related_model
        return model

    def _settle_nulls(self) -> None:
        for kind in self.fields:
            if isinstance(kind, One) and kind.null is None:
                kind.null = self.is_null(kind)

    def _check(self) -> None:
        for kind in self.filters.values():
            if not kind.is_column:
                raise TypeError(f"{self.name}.{kind.name} is no column: nothing can be filtered.")
        for word, column in self.sorts.items():
            if self._is_null_column(column):
                raise TypeError(f"{self.name}.{word} may be null: pages cannot follow it.")

    # --- reading ----------------------------------------------------------------------------

    def rows(self) -> QuerySet[Any]:
        """The rows this resource is made of."""
        return self._rows() if self._rows is not None else self.model._default_manager.all()

    def one(self, key: UUID, among: Among = None) -> dict[str, object]:
        """The record with this id; raises Missing when there is none among the visible rows."""
        found = self._this(key) if among is None else self.several(among.filter(pk=key))
        if not found:
            raise Missing("not_found", "There is no such record, or not for you.")
        return found[0]

    def _this(self, key: UUID) -> list[dict[str, object]]:
        known = statements.known(
            (self, "one"),
            lambda: (
                self.rows()
                .filter(pk=statements.Slot("key"))
                .values_list("pk", *self.columns(self.fields))
            ),
        )
        rows = known.ask({"key": key})
        told = {kind.name: kind.soon([key]) for kind in self.fields if isinstance(kind, Many)}
        return self.shown(known.read(rows()), self.fields, told)

    def these(self, keys: Collection[UUID]) -> list[dict[str, object]]:
        """The records with these ids as they stand on the wire, in the order of their ids."""
        known = statements.known(
            (self, "these"),
            lambda: (
                self.rows()
                .filter(pk__among=statements.Slot("keys"))
                .order_by("pk")
                .values_list("pk", *self.columns(self.fields))
            ),
        )
        return self.shown(known.rows({"keys": keys}) if keys else [], self.fields)

    def several(
        self, among: QuerySet[Any], only: frozenset[str] | None = None
    ) -> list[dict[str, object]]:
        """These rows as they stand on the wire: one query, and one for each Many."""
        kinds = self.kinds(only)
        columns, _ = self._plan(kinds)
        return self.shown(list(among.values_list("pk", *columns)), kinds)

    def kinds(self, only: frozenset[str] | None) -> tuple[Kind, ...]:
        """The fields to be shown."""
        if only is None:
            return self.fields
        return tuple(kind for kind in self.fields if kind.name in only)

    def columns(self, kinds: Sequence[Kind]) -> list[str]:
        """The columns these fields are read from, in order."""
        return self._plan(kinds)[0]

    def shown(
        self,
        rows: Sequence[Sequence[Any]],
        kinds: Sequence[Kind],
        told: Mapping[str, Belonging] = NOTHING,
    ) -> list[dict[str, object]]:
        """Rows of (pk, *columns) as they stand on the wire; `told` are those that belong to them,
        by field, where they were asked for already.
        """
        _, plan = self._plan(kinds)
        names = [step[0] for step in plan]
        columns = [_column(step, rows) for step in plan]
        answer = [dict(zip(names, each, strict=True)) for each in zip(*columns, strict=True)]
        keys = [values[0] for values in rows]
        for kind in kinds:
            if isinstance(kind, Many) and keys:
                _fill(kind.name, told.get(kind.name) or kind.soon(keys), keys, answer)
        return answer

    @cached_property
    def _whole(self) -> tuple[list[str], list[Step]]:
        return self._planned(self.fields)

    def _plan(self, kinds: Sequence[Kind]) -> tuple[list[str], list[Step]]:
        return self._whole if kinds is self.fields else self._planned(kinds)

    def _planned(self, kinds: Iterable[Kind]) -> tuple[list[str], list[Step]]:
        columns: list[str] = []
        plan: list[Step] = []
        for kind in kinds:
            own = kind.columns()
            as_it_is = type(kind).show is Kind.show and len(own) == 1
            show = None if as_it_is else kind.show
            plan.append((kind.name, show, len(columns) + 1, len(own), kind.takes_null))
            columns.extend(own)
        return columns, plan

    def page(self, call: "Call", among: Among = None) -> dict[str, object]:
        """The page that the call asked for: data, has_more, next_cursor, next, limit."""
        return paging.page(self, call, among)

    # --- describing -------------------------------------------------------------------------

    def is_null(self, kind: Kind) -> bool:
        """Whether this field may be null: as declared, else as the model says."""
        if kind.null is not None:
            return kind.null
        own = kind.columns()
        return bool(own) and self._is_null_column(own[0])

    def _is_null_column(self, column: str) -> bool:
        model: Any = self.model
        for step in column.split("__"):
            try:
                field = model._meta.get_field(step.removesuffix("_id") if step != "id" else step)
            except FieldDoesNotExist:
                return False
            if getattr(field, "null", False):
                return True
            model = getattr(field, "related_model", None)
            if model is None:
                return False
        return False

    @cached_property
    def prefix(self) -> str:
        """How ids of this kind begin."""
        return next(kind.prefix for kind in self.fields if type(kind) is Id)


def etag(body: object) -> str:
    """A strong ETag: what the bytes of the record hash to."""
    return f'"{hashlib.sha256(as_json(body)).hexdigest()[:32]}"'
