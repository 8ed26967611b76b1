"""Events: facts recorded in the transaction that made them true, and the reactions registered for
them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType, NoneType
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from backline.kernel import copying, here
from backline.kernel.actors import Actor
from backline.kernel.arrays import Json
from backline.kernel.ids import new_ids
from backline.kernel.models import Event

_BELLS: list[Callable[[], None]] = []
FACTS: dict[str, type["Fact"]] = {}
UNCHANGED = Json.of({})
AS_IT_IS = frozenset({NoneType, str, int, bool})
SPELLED: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {Decimal: str, UUID: str, date: date.isoformat, datetime: datetime.isoformat}
)
COMMON = frozenset({"subject", "changes", "reason"})
_OWN: dict[type["Fact"], tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened to one object; a stage's events.py holds its subclasses.

    `name` is the fact in the past tense (timesheet.approved), `subject` the object. Other fields
    become
    the facts of the event; `changes` says {field: [old, new]} where it is known, `reason` why.
    `noun` is what the subject is, where that is not what the name begins with.
    """

    name: ClassVar[str] = ""
    noun: ClassVar[str] = ""

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
    known = list(facts)
    if not known:
        return 0
    copying.write(
        Event,
        ("id", "name", "subject", "reason", "facts", "changes"),
        (
            (
                key, fact.name, fact.subject, fact.reason, told(fact),
                plain(fact.changes) if fact.changes else UNCHANGED,
            )
            for key, fact in zip(new_ids(len(known)), known, strict=True)
        ),
        {"at": at, "actor": actor.as_json(), "request": here.request_id()},
    )  # fmt: skip
    for bell in _BELLS:
        here.after_commit(bell, once=True)
    return len(known)


def told(fact: Fact) -> dict[str, Any]:
    """The facts of an event as JSON holds them: amounts and ids as text."""
    return {name: plain(getattr(fact, name)) for name in _own(fact)}


def _own(fact: Fact) -> tuple[str, ...]:
    """The fields of this kind of fact beside those that every fact has."""
    kind = type(fact)
    if kind not in _OWN:
        _OWN[kind] = tuple(one.name for one in fields(kind) if one.name not in COMMON)
    return _OWN[kind]


def plain(value: Any) -> Any:
    """A value as JSON holds it without loss; a float raises TypeError."""
    kind = type(value)
    if kind in AS_IT_IS:
        return value
    if kind in SPELLED:
        return SPELLED[kind](value)
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


class Told(NamedTuple):
    """An event as a consumer receives it, with its place in the feed."""

    seq: int
    id: UUID
    name: str
    subject: UUID
    at: datetime
    actor: Actor
    facts: dict[str, Any]
