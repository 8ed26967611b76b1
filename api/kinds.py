"""Kinds: what one field of a resource reads from the row, and what it shows on the wire."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.db.models import TextChoices

from api.schemas import Schema, described, id_schema, nullable
from api.spelling import DECIMAL, a_day, a_decimal, an_instant, plain, trimmed
from backline.kernel import ids, statements

if TYPE_CHECKING:
    from api.resource import Resource, Shape

Choices = type[TextChoices] | Sequence[str]
Belonging = Callable[[], Iterator[tuple[UUID, object]]]  # each with its owner's key, once asked for


class Kind:
    """One field: where it is read, how it is shown, how the document describes it."""

    ranged: ClassVar[bool] = False  # may be filtered with [gte] and [lte]
    takes_null: ClassVar[bool] = False  # is asked even where the column is null
    is_column: ClassVar[bool] = True  # stands for a column, so that it can be filtered by

    def __init__(
        self,
        name: str,
        column: str | None = None,
        *,
        null: bool | None = None,
        doc: str = "",
        example: object = None,
    ) -> None:
        self.name = name
        self.column = column or name
        self.null = null  # None: what the model says
        self.doc = doc
        self.example = example

    def columns(self) -> tuple[str, ...]:
        """The columns of the row this field is made from."""
        return (self.column,)

    def show(self, value: Any) -> object:
        """What stands on the wire for a value that is not null."""
        return value

    def take(self, values: Mapping[str, Any]) -> object:
        """What stands on the wire when the values come from a mapping instead of a row."""
        value = values.get(self.name)
        return None if value is None else self.show(value)

    def ask(self, text: str) -> object:
        """Read a filter's value; raises ValueError with a sentence when it is not one."""
        return text

    def schema(self) -> Schema:
        """The JSON schema of a value that is not null."""
        return {"type": "string"}

    def documented(self, *, null: bool) -> Schema:
        """The JSON schema with null, description and example."""
        schema = self.schema()
        if null:
            schema = nullable(schema)
        if self.doc:
            schema = described(schema, self.doc)
        if self.example is not None and "$ref" not in schema:
            schema["examples"] = [self.example]
        return schema


class Text(Kind):
    """Words."""


class Flag(Kind):
    """Yes or no."""

    def ask(self, text: str) -> bool:
        """Only true and false are read."""
        if text not in ("true", "false"):
            raise ValueError("Write true or false.")
        return text == "true"

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


class Whole(Kind):
    """A whole number: a count, a version, a place in a row."""

    ranged = True

    def ask(self, text: str) -> int:
        """Digits, at most eighteen."""
        if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 18:
            raise ValueError("Write a whole number.")
        return int(text)

    def schema(self) -> Schema:
        """An integer."""
        return {"type": "integer"}


class Choice(Kind):
    """One word of a known few."""

    def __init__(self, name: str, choices: Choices, column: str | None = None, **more: Any) -> None:
        super().__init__(name, column, **more)
        values = choices.values if isinstance(choices, type) else choices
        self.words: tuple[str, ...] = tuple(values)

    def ask(self, text: str) -> str:
        """One of the known words."""
        if text not in self.words:
            raise ValueError(f"Write one of: {', '.join(self.words)}.")
        return text

    def schema(self) -> Schema:
        """A string of the known few."""
        return {"type": "string", "enum": list(self.words)}


class Day(Kind):
    """A calendar day."""

    ranged = True

    def ask(self, text: str) -> date:
        """YYYY-MM-DD and nothing else."""
        return a_day(text)

    def schema(self) -> Schema:
        """A date."""
        return {"type": "string", "format": "date"}


class Instant(Kind):
    """A moment, told in UTC."""

    ranged = True

    def ask(self, text: str) -> datetime:
        """RFC 3339 with an offset."""
        return an_instant(text)

    def schema(self) -> Schema:
        """A date-time."""
        return {"type": "string", "format": "date-time"}


class Id(Kind):
    """The row's own id: Id("tsh")."""

    def __init__(
        self, prefix: str, name: str = "id", column: str | None = None, **more: Any
    ) -> None:
        super().__init__(name, column, **more)
        self.prefix = prefix

    def show(self, value: UUID) -> str:
        """The prefixed spelling."""
        return ids.public(self.prefix, value)

    def ask(self, text: str) -> UUID:
        """A public id of this prefix."""
        key = ids.parse(self.prefix, text)
        if key is None:
            raise ValueError(f"Write an id that begins with {self.prefix}_.")
        return key

    def schema(self) -> Schema:
        """A string that begins with the prefix."""
        return id_schema(self.prefix)


class Ref(Id):
    """The id of another row: Ref("assignment", "asg")."""

    def __init__(self, name: str, prefix: str, column: str | None = None, **more: Any) -> None:
        super().__init__(prefix, name, column, **more)


class Quantity(Kind):
    """An exact number that is not money: hours, days, units."""

    ranged = True

    def show(self, value: Decimal) -> str:
        """A decimal string with its stored places."""
        return plain(value)

    def ask(self, text: str) -> Decimal:
        """A decimal string."""
        return a_decimal(text)

    def schema(self) -> Schema:
        """A decimal string."""
        return {"type": "string", "pattern": DECIMAL, "examples": ["37.50"]}


class Share(Quantity):
    """A proportion of one: 0.15 is fifteen in a hundred."""

    def show(self, value: Decimal) -> str:
        """A decimal string, idle zeros dropped."""
        return trimmed(value)

    def schema(self) -> Schema:
        """A decimal string."""
        return {"type": "string", "pattern": DECIMAL, "examples": ["0.15"]}


class Amount(Kind):
    """Money: a column, and the currency beside it: pay_amount has pay_currency, or currency."""

    ranged = True
    component: ClassVar[str] = "Money"

    def __init__(
        self, name: str, column: str | None = None, *, currency: str = "", **more: Any
    ) -> None:
        super().__init__(name, column, **more)
        self.currency = currency or "currency"
        self.currency_is_given = bool(currency)

    def columns(self) -> tuple[str, ...]:
        """The amount and its currency."""
        return (self.column, self.currency)

    def show(self, value: Any) -> object:
        """Amount and currency, from a Money or a pair."""
        if isinstance(value, tuple):
            amount, currency = value
            if amount is None:
                return None
        else:
            amount, currency = value.amount, value.currency
        return {"amount": self.spell(amount), "currency": currency}

    def spell(self, amount: Decimal) -> str:
        """Two places and whatever more is stored."""
        return plain(amount)

    def take(self, values: Mapping[str, Any]) -> object:
        """A Money, a pair, or a Decimal beside a `currency`."""
        value = values.get(self.name)
        if isinstance(value, Decimal):
            own = values.get(f"{self.name}_currency")
            value = (value, own if own is not None else values[self.currency])
        return None if value is None else self.show(value)

    def ask(self, text: str) -> Decimal:
        """A decimal string; the currency is filtered by its own name."""
        return a_decimal(text)

    def schema(self) -> Schema:
        """A reference to the one Money component."""
        return {"$ref": f"#/components/schemas/{self.component}"}


class Rate(Amount):
    """A price for one unit; up to four places, idle zeros beyond the penny dropped."""

    component = "Rate"

    def spell(self, amount: Decimal) -> str:
        """At least two places."""
        return trimmed(amount)


class Json(Kind):
    """A stored object or list, described by a schema or a Shape."""

    def __init__(
        self, name: str, schema: "Schema | Shape", column: str | None = None, **more: Any
    ) -> None:
        super().__init__(name, column, **more)
        self.shape = schema

    def schema(self) -> Schema:
        """The given schema, or a reference to the shape."""
        return dict(self.shape) if isinstance(self.shape, dict) else self.shape.ref()


class Derived(Kind):
    """A field worked out from columns of the same row.

    Derived(Flag("is_late"), of=("due_on", "sent_on"), make=lambda due, sent: sent > due)
    """

    takes_null = True
    is_column = False

    def __init__(self, kind: Kind, of: Sequence[str], make: Callable[..., Any]) -> None:
        super().__init__(kind.name, null=bool(kind.null), doc=kind.doc, example=kind.example)
        self.kind, self.of, self.make = kind, tuple(of), make

    def columns(self) -> tuple[str, ...]:
        """The columns it is worked out from."""
        return self.of

    def show(self, value: Any) -> object:
        """The result as its kind shows it; the value is the tuple of the columns."""
        made = self.make(*value) if isinstance(value, tuple) else self.make(value)
        return None if made is None else self.kind.show(made)

    def schema(self) -> Schema:
        """As its kind says."""
        return self.kind.schema()


class One(Kind):
    """One related row as an object, read by the same query: One("terms", TERMS, via="terms")."""

    is_column = False

    def __init__(self, name: str, shape: "Shape", *, via: str = "", **more: Any) -> None:
        super().__init__(name, **more)
        self.shape, self.via = shape, via or name

    def columns(self) -> tuple[str, ...]:
        """Every column of the other table, reached through `via`."""
        return tuple(f"{self.via}__{column}" for column in self.shape.reads)

    def show(self, value: Any) -> object:
        """The object; null when the other row is not there."""
        if isinstance(value, Mapping):
            return self.shape.show(value)
        if self.null and all(part is None for part in value):
            return None
        return self.shape.render(value)

    def schema(self) -> Schema:
        """A reference to the other component."""
        return self.shape.ref()


class Many(Kind):
    """The rows that belong to this one, read in one more query for the whole page."""

    is_column = False

    def __init__(
        self,
        name: str,
        resource: "Resource | Shape",
        *,
        by: str = "",
        order: str = "id",
        **more: Any,
    ) -> None:
        super().__init__(name, **more)
        self.resource, self.by, self.order = resource, by, order

    def columns(self) -> tuple[str, ...]:
        """Nothing of this row: its id is read anyway."""
        return ()

    def soon(self, keys: Sequence[UUID]) -> Belonging:
        """Each owner's key with one of its rows, in order, asked with whatever is asked next."""
        resource: Any = self.resource
        if any(isinstance(kind, Many) for kind in resource.fields):
            raise TypeError(f"{self.name}: a Many inside a Many would be a query a row.")
        known = statements.known(self, self._asked)
        rows, width, show = known.ask({"keys": list(keys)}), len(resource.reads), resource.render
        return lambda: ((row[width], show(row[:width])) for row in known.read(rows()))

    def _asked(self) -> Any:
        resource: Any = self.resource
        own = resource.rows().filter(**{f"{self.by}__among": statements.Slot("keys")})
        return own.order_by(self.order).values_list(*resource.reads, self.by)

    def take(self, values: Mapping[str, Any]) -> object:
        """A list of mappings, each shown as the other shape."""
        return [self.resource.show(each) for each in values.get(self.name) or ()]

    def schema(self) -> Schema:
        """A list of the other component."""
        return {"type": "array", "items": self.resource.ref()}


class Words(Kind):
    """A list of plain words."""

    def show(self, value: Sequence[str]) -> list[str]:
        """The words in order."""
        return list(value)

    def schema(self) -> Schema:
        """A list of strings."""
        return {"type": "array", "items": {"type": "string"}}
