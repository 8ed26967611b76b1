"""Events: facts recorded in the transaction that made them true, and the reactions registered for
them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from backline.kernel import copying, here
from backline.kernel.actors import Actor
from backline.kernel.ids import new_id
from backline.kernel.models import Event

_BELLS: list[Callable[[], None]] = []
FACTS: dict[str, type["Fact"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened to one object; a stage's events.py holds its subclasses.

    `name` is the fact in the past tense (timesheet.approved), `subject` the object. Other fields
    become
    the facts of the event; `changes` says {field: [old, new]} where it is known, `reason` why.
    """

    name: ClassVar[str] = ""

    subject: UUID
    changes: dict[str, Any] | None = None
    reason: str = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # dataclass(slots=True) makes the class twice; the second, final one keeps the place
        if cls.name:
            FACTS[cls.name] = cls


def record(facts: Iterable[Fact], *, actor: Actor, at: datetime) -> int:
    """Write one event row a fact, in this transaction, and ring the bell once it commits; returns
    how many.
    """
    who, request = actor.as_json(), here.request_id()
    rows = [
        (
            new_id(),
            fact.name,
            fact.subject,
            at,
            who,
            request,
            fact.reason,
            told(fact),
            plain(fact.changes or {}),
        )
        for fact in facts
    ]
    if not rows:
        return 0
    columns = ("id", "name", "subject", "at", "actor", "request", "reason", "facts", "changes")
    copying.write(Event, columns, rows)
    for bell in _BELLS:
        here.after_commit(bell, once=True)
    return len(rows)


def told(fact: Fact) -> dict[str, Any]:
    """The facts of an event as JSON holds them: amounts and ids as text."""
    own = {"subject", "changes", "reason"}
    return {
        field.name: plain(getattr(fact, field.name))
        for field in fields(fact)
        if field.name not in own
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it without loss; a float raises TypeError."""
    if isinstance(value, float):
        raise TypeError("an event holds no float")
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def ring_with(bell: Callable[[], None]) -> None:
    """Have a bell rung after every commit that recorded an event; the edge hands it in."""
    if bell not in _BELLS:
        _BELLS.append(bell)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a consumer receives it, with its place in the feed."""

    seq: int
    id: UUID
    name: str
    subject: UUID
    at: datetime
    actor: Actor
    facts: dict[str, Any]
