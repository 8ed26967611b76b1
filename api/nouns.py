"""Nouns: how the id of a thing is spelled when only its kind is known, as in an event's facts."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps

from backline.kernel import ids
from backline.kernel.events import FACTS
from backline.kernel.models import Row

BARE = "ref"  # a thing whose kind is not known
KEY = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")


@cache
def prefixes() -> dict[str, str]:
    """The prefix of every kind of row by its noun: pay_run is run."""
    return {
        re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower(): model.PREFIX
        for model in apps.get_models()
        if issubclass(model, Row) and model.PREFIX
    }


def public(noun: str, key: UUID) -> str:
    """The public id of a thing of this kind."""
    known = prefixes()
    for word in (noun, noun.removesuffix("_id"), noun.removesuffix("s")):
        if word in known:
            return ids.public(known[word], key)
    return ids.public(BARE, key)


def subject(name: str, key: UUID) -> str:
    """The public id of what an event of this name is about."""
    kind = FACTS.get(name)
    return public((kind and kind.noun) or name.partition(".")[0], key)


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with every database key spelled as a public id."""
    return {name: _told(name, value) for name, value in facts.items()}


def _told(name: str, value: Any) -> Any:
    if isinstance(value, str) and KEY.fullmatch(value):
        return public(name, UUID(value))
    if isinstance(value, list):
        return [_told(name, each) for each in value]
    if isinstance(value, dict):
        return told(value)
    return value


def key_in(text: str) -> UUID | None:
    """The key in a public id of any kind."""
    return ids.parse(text.partition("_")[0], text)
