"""What can have happened to who may enter; recorded in the books of the firm it is about."""

from dataclasses import dataclass
from datetime import datetime

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInvited(Fact):
    """Somebody was asked to join; the subject is the membership."""

    name = "person.invited"
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonJoined(Fact):
    """Somebody took an invitation up."""

    name = "person.joined"
    person: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRoleChanged(Fact):
    """Somebody has another role; `changes` says which."""

    name = "person.role_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft(Fact):
    """A membership, or the invitation to one, was ended."""

    name = "person.left"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyIssued(Fact):
    """A key was issued; `follows` names the one it was rolled from."""

    name = "api_key.issued"
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime
    follows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked(Fact):
    """A key was ended before its day."""

    name = "api_key.revoked"
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntered(Fact):
    """Somebody of the partner entered the agency; the fact's own `reason` says why."""

    name = "agency.entered"
    person: str
    person_name: str
    role: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLeft(Fact):
    """Somebody of the partner left before the hour was over."""

    name = "agency.left"
    person: str
    person_name: str
