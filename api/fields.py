"""Fields of what comes in: exact, closed, and every fault told at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from rest_framework import serializers
from rest_framework.fields import Field, empty

from api import short
from api.schemas import Schema, id_schema
from api.spelling import DECIMAL, a_day, a_decimal, an_instant
from backline.kernel import ids
from rulebook.money import Money

CURRENCIES = ("GBP", "USD", "EUR")
MOST_ITEMS = 100


class Input(serializers.Serializer[Any]):
    """A body or a query: unknown fields are refused, every fault is told.

    class ApproveIn(Input):
        note = Text(longest=500, required=False)
    """

    keeps_unknown = False  # True: a vendor's own shape, kept whole
    lists_as = ""  # the name a bare list is read under, where a vendor sends one
    most_bytes = most_values = 0  # of a JSON body, where more is taken than elsewhere
    example: Mapping[str, Any] | None = None  # for the document; left out, it is made from fields

    def __init__(self, *args: Any, doc: str = "", **more: Any) -> None:
        super().__init__(*args, **_told(doc, more))

    def run_validation(self, data: Any = empty) -> Any:
        """What is well formed by the short way, anything else by the one that tells faults."""
        given = short.read(self, Input, data)
        return super().run_validation(data) if given is None else given

    def to_internal_value(self, data: Any) -> Any:
        """Validate every field, and name each field that is not known."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Write an object.", code="not_an_object")
        faults: dict[str, Any] = {}
        if self.keeps_unknown:
            known: dict[str, Any] = dict(data)
        else:
            known = {}
            for name in data:
                if name not in self.fields:
                    faults[name] = [_detail(f"There is no field {name!r} here.", "unknown_field")]
        try:
            known |= super().to_internal_value(data)
        except serializers.ValidationError as error:
            faults |= error.detail if isinstance(error.detail, dict) else {"": error.detail}
        if faults:
            raise serializers.ValidationError(faults)
        return known


def _told(doc: str, more: dict[str, Any]) -> dict[str, Any]:
    """What a field says of itself in the document, in the word that the library knows."""
    return more | {"help_text": doc} if doc else more


class Own(Field[Any, Any, Any, Any]):
    """A field of ours: it can say its own schema."""

    def __init__(self, *, doc: str = "", **more: Any) -> None:
        super().__init__(**_told(doc, more))

    def schema(self) -> Schema:
        """The JSON schema of a value."""
        return {"type": "string"}


class Spelled(Own):
    """A value spelled as a string; `read` raises ValueError with a sentence."""

    code = "invalid"

    def read(self, text: str) -> Any:
        """The value that the text spells."""
        raise NotImplementedError

    def to_internal_value(self, data: Any) -> Any:
        """The value, or the sentence that says how to spell it."""
        if not isinstance(data, str):
            raise serializers.ValidationError("Write a string.", code="not_a_string")
        try:
            return self.read(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error), code=self.code) from None

    def to_representation(self, value: Any) -> Any:
        """The spelling."""
        return str(value)


class Text(serializers.CharField):
    """Words: trimmed, not empty unless blank=True, at most `longest` characters."""

    def __init__(
        self, *, longest: int = 200, blank: bool = False, doc: str = "", **more: Any
    ) -> None:
        super().__init__(max_length=longest, allow_blank=blank, **_told(doc, more))

    def to_internal_value(self, data: Any) -> str:
        """Only a string: a number is not quietly spelled out."""
        if not isinstance(data, str):
            raise serializers.ValidationError("Write a string.", code="not_a_string")
        return super().to_internal_value(data)


class PublicId(Spelled):
    """The id of a record: PublicId("asg") gives its UUID."""

    code = "invalid_id"

    def __init__(self, prefix: str, **more: Any) -> None:
        super().__init__(**more)
        self.prefix = prefix

    def read(self, text: str) -> UUID:
        """The key behind the prefixed spelling."""
        key = ids.parse(self.prefix, text)
        if key is None:
            raise ValueError(f"Write an id that begins with {self.prefix}_.")
        return key

    def schema(self) -> Schema:
        """A string that begins with the prefix."""
        return id_schema(self.prefix)


class DecimalText(Spelled):
    """An exact number as a string: hours, shares, factors."""

    code = "invalid_decimal"

    def __init__(
        self,
        *,
        places: int = 2,
        least: str | None = "0",
        most: str = "9999999.99",
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.places = places
        self.least = None if least is None else Decimal(least)
        self.most = Decimal(most)

    def read(self, text: str) -> Decimal:
        """The number, if it has no more places than allowed and lies within bounds."""
        return bounded(a_decimal(text), self.places, self.least, self.most)

    def schema(self) -> Schema:
        """A decimal string."""
        return {"type": "string", "pattern": DECIMAL, "examples": ["37.50"]}


def bounded(number: Decimal, places: int, least: Decimal | None, most: Decimal) -> Decimal:
    """The number if it fits; raises ValueError with a sentence otherwise."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise ValueError(f"Write at most {places} places after the point.")
    if least is not None and number < least:
        raise ValueError(f"Write {least} or more.")
    if number > most:
        raise ValueError(f"Write {most} or less.")
    return number


class MoneyIn(Own):
    """Money as {"amount": "624.00", "currency": "GBP"}; gives a rulebook Money."""

    is_money = True  # two columns of a CSV

    def __init__(
        self, *, places: int = 2, least: str | None = "0", most: str = "99999999.99", **more: Any
    ) -> None:
        super().__init__(**more)
        self.places = places
        self.least = None if least is None else Decimal(least)
        self.most = Decimal(most)

    def to_internal_value(self, data: Any) -> Money:
        """Amount and currency, both, and nothing else."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError(
                'Write money as {"amount": "624.00", "currency": "GBP"}.', code="not_money"
            )
        faults: dict[str, list[Any]] = {}
        for name in data:
            if name not in ("amount", "currency"):
                faults[name] = [_detail(f"There is no field {name!r} here.", "unknown_field")]
        amount = self._amount(data.get("amount", empty), faults)
        currency = data.get("currency", empty)
        if currency is empty:
            faults["currency"] = [_detail("This field is required.", "required")]
        elif currency not in CURRENCIES:
            faults["currency"] = [
                _detail(f"Write one of: {', '.join(CURRENCIES)}.", "unknown_currency")
            ]
        if faults:
            raise serializers.ValidationError(faults)
        return Money(amount, currency)

    def _amount(self, given: Any, faults: dict[str, list[Any]]) -> Decimal:
        if given is empty:
            faults["amount"] = [_detail("This field is required.", "required")]
        elif not isinstance(given, str):
            faults["amount"] = [
                _detail('Write the amount as a string such as "624.00".', "amount_is_a_number")
            ]
        else:
            try:
                return bounded(a_decimal(given), self.places, self.least, self.most)
            except ValueError as error:
                faults["amount"] = [_detail(str(error), "invalid_amount")]
        return Decimal(0)

    def to_representation(self, value: Money) -> dict[str, str]:
        """Amount and currency as strings."""
        return {"amount": format(value.amount, "f"), "currency": value.currency}

    def schema(self) -> Schema:
        """A reference to the one Money component."""
        return {"$ref": "#/components/schemas/Money"}


class RateIn(MoneyIn):
    """A price for one unit, up to four places; gives a rulebook Money."""

    def __init__(self, *, places: int = 4, most: str = "9999999.9999", **more: Any) -> None:
        super().__init__(places=places, most=most, **more)

    def schema(self) -> Schema:
        """A reference to the one Rate component."""
        return {"$ref": "#/components/schemas/Rate"}


def _detail(text: str, code: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(text, code)


class Day(Spelled):
    """A calendar day, YYYY-MM-DD."""

    code = "invalid_day"

    def read(self, text: str) -> date:
        """The day."""
        return a_day(text)

    def schema(self) -> Schema:
        """A date."""
        return {"type": "string", "format": "date"}


class Instant(Spelled):
    """A moment, RFC 3339 with an offset; gives UTC."""

    code = "invalid_instant"

    def read(self, text: str) -> datetime:
        """The moment in UTC."""
        return an_instant(text)

    def schema(self) -> Schema:
        """A date-time."""
        return {"type": "string", "format": "date-time"}


class Choice(Spelled):
    """One word of a known few: Choice(Assignment.Engagement) or Choice(("hours", "days"))."""

    code = "unknown_choice"

    def __init__(self, choices: type[TextChoices] | Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.words: tuple[str, ...] = tuple(
            choices.values if isinstance(choices, type) else choices
        )

    def read(self, text: str) -> str:
        """The word."""
        if text not in self.words:
            raise ValueError(f"Write one of: {', '.join(self.words)}.")
        return text

    def schema(self) -> Schema:
        """A string of the known few."""
        return {"type": "string", "enum": list(self.words)}


class Zone(Spelled):
    """The name of a time zone, such as Europe/London."""

    code = "unknown_zone"

    def read(self, text: str) -> str:
        """The name, if the zone exists."""
        try:
            return ZoneInfo(text).key
        except (KeyError, ValueError, OSError):
            raise ValueError("Write a time zone such as Europe/London.") from None

    def schema(self) -> Schema:
        """The name of a zone."""
        return {"type": "string", "examples": ["Europe/London"]}


class Whole(Own):
    """A whole number within bounds."""

    def __init__(self, *, least: int = 0, most: int = 2_000_000_000, **more: Any) -> None:
        super().__init__(**more)
        self.least, self.most = least, most

    def to_internal_value(self, data: Any) -> int:
        """The number; a string of digits is read in a query only."""
        if isinstance(data, str) and self.context.get("spelled") and data.isascii():
            data = int(data) if data.removeprefix("-").isdigit() and len(data) < 19 else data
        if isinstance(data, Decimal) and data == data.to_integral_value():
            data = int(data)  # 32.0 is a whole number, as JSON has it
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("Write a whole number.", code="not_a_whole_number")
        if not self.least <= data <= self.most:
            raise serializers.ValidationError(
                f"Write a whole number from {self.least} to {self.most}.", code="out_of_bounds"
            )
        return data

    def to_representation(self, value: int) -> int:
        """The number."""
        return value

    def schema(self) -> Schema:
        """An integer within bounds."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Flag(Own):
    """true or false, nothing that resembles them."""

    def to_internal_value(self, data: Any) -> bool:
        """The flag; its spelling is read in a query only."""
        if self.context.get("spelled") and data in ("true", "false"):
            return bool(data == "true")
        if not isinstance(data, bool):
            raise serializers.ValidationError("Write true or false.", code="not_a_flag")
        return data

    def to_representation(self, value: bool) -> bool:
        """The flag."""
        return value

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


class Many(serializers.ListField):
    """A list: Many(PublicId("tsh"), most=100). Each member's faults carry its place."""

    def __init__(
        self, child: Any, *, least: int = 1, most: int = MOST_ITEMS, doc: str = "", **more: Any
    ) -> None:
        super().__init__(child=child, min_length=least, max_length=most, **_told(doc, more))


class Anything(Own):
    """A JSON value kept as it came: only for vendors' own shapes and free notes."""

    def to_internal_value(self, data: Any) -> Any:
        """The value itself."""
        return data

    def to_representation(self, value: Any) -> Any:
        """The value itself."""
        return value

    def schema(self) -> Schema:
        """Any value."""
        return {}


def wrong(name: str, code: str, detail: str) -> serializers.ValidationError:
    """A fault at one field, for an Input's own `validate`."""
    return serializers.ValidationError(
        {name: [_detail(detail, code)]} if name else [_detail(detail, code)]
    )
