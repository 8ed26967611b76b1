"""What can have happened at the desk, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionOpened(Fact):
    """Something needs a person."""

    name: ClassVar[str] = "exception.opened"
    noun: ClassVar[str] = "trouble"
    kind: str
    about_kind: str = ""
    about: str = ""
    stops: str = "nothing"
    at_stake: Decimal | None = None
    currency: str = ""
    owner_role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRestated(Fact):
    """It says something else now: what is missing, or the money at stake."""

    name: ClassVar[str] = "exception.restated"
    noun: ClassVar[str] = "trouble"
    kind: str
    at_stake: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionTaken(Fact):
    """Somebody took it on."""

    name: ClassVar[str] = "exception.taken"
    noun: ClassVar[str] = "trouble"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionReleased(Fact):
    """Whoever took it on gave it back."""

    name: ClassVar[str] = "exception.released"
    noun: ClassVar[str] = "trouble"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilityDecided(Fact):
    """The firm said who answers for a kind of exception."""

    name: ClassVar[str] = "responsibility.decided"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionClosed(Fact):
    """It was resolved or dismissed, and how."""

    name: ClassVar[str] = "exception.closed"
    noun: ClassVar[str] = "trouble"
    kind: str
    state: str
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Fact):
    """A message left for its recipient."""

    name: ClassVar[str] = "message.sent"
    kind: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed(Fact):
    """A message could not be delivered."""

    name: ClassVar[str] = "message.failed"
    kind: str
    channel: str
    trouble: str
