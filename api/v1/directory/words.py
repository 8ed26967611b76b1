"""What several doors of the directory share: addresses, mail addresses, facts, days in force."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.fields import empty

from api import fields
from api.resource import Day, Derived
from api.schemas import Schema
from backline.kernel.errors import Missing
from backline.kernel.models import Row

TAG = "directory"
COUNTRIES = ("GB", "US")
PEOPLE = {"type": ["object", "null"], "description": "Who did it: kind, id, name, role."}
ADDRESS: Schema = {
    "type": "object",
    "additionalProperties": {"type": ["string", "null"]},
    "description": "line1, line2, city, region, postal_code, country; what is not known is absent.",
    "examples": [{"line1": "1 High Street", "city": "Leeds", "postal_code": "LS1 1AA"}],
}
FACTS: Schema = {"type": "object", "additionalProperties": True}
MAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
MOST_FACTS = 4000

SINCE = Derived(
    Day("since", doc="The first day on which it holds."),
    of=("valid",),
    make=lambda valid: valid.lower,
)
UNTIL = Derived(
    Day("until", null=True, doc="The first day on which it no longer holds; null: until changed."),
    of=("valid",),
    make=lambda valid: valid.upper,
)


class Word(fields.Text):
    """Words that need not be there; empty or null takes away what was."""

    def __init__(self, *, longest: int, **more: Any) -> None:
        super().__init__(longest=longest, blank=True, allow_null=True, required=False, **more)

    def run_validation(self, data: Any = empty) -> Any:
        """The words; nothing is no words."""
        told = super().run_validation(data)
        return "" if told is None else told


class AddressIn(fields.Input):
    """Where somebody lives or works; what is left out stays as it is."""

    line1 = Word(longest=120)
    line2 = Word(longest=120)
    city = Word(longest=80)
    region = Word(longest=40)
    postal_code = Word(longest=16)
    country = fields.Choice(COUNTRIES, required=False)


class Email(fields.Spelled):
    """A mail address; empty or null takes away what was there."""

    code = "invalid_email"

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_null=True, **more)

    def run_validation(self, data: Any = empty) -> Any:
        """The address; nothing is none."""
        told = super().run_validation(data)
        return "" if told is None else told

    def read(self, text: str) -> str:
        """The address."""
        told = text.strip()
        if told and (len(told) > 200 or not MAIL.fullmatch(told)):
            raise ValueError("Write a mail address such as ada@example.com.")
        return told

    def schema(self) -> Schema:
        """A string; its form is checked."""
        return {"type": "string", "maxLength": 200, "examples": ["ada@example.com"]}


class Facts(fields.Own):
    """An object of words, whole numbers, yes or no, and lists of those; amounts are strings."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object, if it can be kept exactly as it is."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Write an object.", code="not_an_object")
        if _is_inexact(data):
            raise serializers.ValidationError(
                'Write amounts and shares as strings such as "12.50".', code="number_not_exact"
            )
        if len(json.dumps(data)) > MOST_FACTS:
            raise serializers.ValidationError("These are too many facts.", code="too_many_facts")
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        """The object itself."""
        return value

    def schema(self) -> Schema:
        """Any object."""
        return {"type": "object", "additionalProperties": True}


class Until(fields.Day):
    """A last or first day that may be taken away with null."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_null=True, **more)


def must_exist(model: type[Row], key: UUID) -> None:
    """Raise Missing when there is no such row."""
    if not model._default_manager.filter(pk=key).exists():
        raise Missing("not_found", "There is no such record, or not for you.")


def _is_inexact(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_is_inexact(each) for each in value.values())
    if isinstance(value, list):
        return any(_is_inexact(each) for each in value)
    return isinstance(value, Decimal | float)
