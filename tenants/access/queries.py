"""Questions about who is calling. Asked while signing in, except where another seat is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from backline.kernel import ids, statements
from backline.kernel.actors import Actor
from backline.kernel.errors import Forbidden
from tenants.access import roles, tokens
from tenants.access.models import ActingToken, ApiKey, Membership, Person, Session
from tenants.agencies.models import Firm

IDLE_AFTER: Final = timedelta(minutes=30)
SEEN_EVERY: Final = timedelta(minutes=1)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Credential:
    """Who is calling, for which one firm, and what they may do there."""

    kind: str  # key, session, acting
    id: UUID
    firm: str  # its public id
    firm_id: UUID
    firm_kind: str
    firm_name: str
    country: str
    clock: datetime | None  # a sandbox's own time
    livemode: bool
    actor: Actor
    scopes: frozenset[str]
    limited: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    fresh_until: datetime | None = None
    person: UUID | None = None
    expires_at: datetime | None = None

    def is_fresh(self, at: datetime) -> bool:
        """Say whether a person showed the second factor in the last minutes; a key never did."""
        return self.fresh_until is not None and at < self.fresh_until


def credential(
    token: str, at: datetime, *, address: str = "", page: bool = False
) -> Credential | None:
    """Find out who is calling; None for anything unknown, ended, expired or of a closed firm.

    Notes that it was used, at most once a minute. `page` asks for a page's cookie and takes nothing
    else; without it a cookie's token is not taken.
    """
    read = tokens.read(token)
    if read is None:
        return None
    if read.what == tokens.SESSION:
        return _of_session(read, at, Session.Kind.PAGE if page else Session.Kind.API)
    if read.what == tokens.ACTING:
        return _of_acting(read, at, Session.Kind.PAGE if page else Session.Kind.API)
    if read.what == tokens.KEY and not page:
        return _of_key(read, at, address)
    return None


@dataclass(slots=True)
class _Firm:
    """What a call needs to know of its firm."""

    id: UUID
    kind: str
    name: str
    state: str
    country: str
    clock: datetime | None
    livemode: bool

    @property
    def public_id(self) -> str:
        """Its id as programs spell it."""
        return ids.public(Firm.PREFIX, self.id)


@dataclass(slots=True)
class _Key:
    """What a call needs to know of its key."""

    id: UUID
    name: str
    digest: bytes
    scopes: list[str]
    addresses: list[str]
    livemode: bool
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


KEY_COLUMNS: Final = tuple(column.name for column in fields(_Key))
FIRM_COLUMNS: Final = tuple(f"firm__{column.name}" for column in fields(_Firm))


def _key_of(number: str) -> tuple[_Key, _Firm] | None:
    known = statements.known(
        "the key of a call",
        lambda: ApiKey.objects.filter(key=statements.Slot("key")).values_list(
            *KEY_COLUMNS, *FIRM_COLUMNS
        ),
    )
    found = known.rows({"key": number})
    if not found:
        return None
    width = len(KEY_COLUMNS)
    return _Key(*found[0][:width]), _Firm(*found[0][width:])


@dataclass(slots=True)
class _Sitting:
    """What a call needs to know of the session behind it, of whose it is and of their role."""

    ended_at: datetime | None
    ends_at: datetime
    seen_at: datetime
    state: str
    role: str
    disabled_at: datetime | None

    @classmethod
    def of(cls, row: Session) -> "_Sitting":
        """The same of a row that was read whole."""
        held = row.membership
        return cls(
            row.ended_at, row.ends_at, row.seen_at, held.state, held.role, row.person.disabled_at
        )


@dataclass(slots=True)
class _Acting:
    """What a call needs to know of the token of somebody who came in from outside."""

    id: UUID
    digest: bytes
    role: str
    partner_id: UUID
    person_id: UUID
    person_name: str
    firm_partner_id: UUID | None
    ended_at: datetime | None
    expires_at: datetime
    fresh_until: datetime


ACTING_COLUMNS: Final = (
    "id", "digest", "role", "partner_id", "person_id", "person__name", "firm__partner_id",
    "ended_at", "expires_at", "fresh_until",
)  # fmt: skip
SITTING_COLUMNS: Final = (
    "session__ended_at", "session__ends_at", "session__seen_at", "session__membership__state",
    "session__membership__role", "session__person__disabled_at",
)  # fmt: skip


def _acting(row: Sequence[Any]) -> tuple[_Acting, _Sitting, _Firm]:
    own, sat = len(ACTING_COLUMNS), len(ACTING_COLUMNS) + len(SITTING_COLUMNS)
    return _Acting(*row[:own]), _Sitting(*row[own:sat]), _Firm(*row[sat:])


_ACTING: Final = statements.Question(
    _acting,
    lambda: ActingToken.objects.filter(
        key=statements.Slot("key"), session__kind=statements.Slot("kind")
    ).values_list(*ACTING_COLUMNS, *SITTING_COLUMNS, *FIRM_COLUMNS),
)


def _of_key(token: tokens.Token, at: datetime, address: str) -> Credential | None:
    found = _key_of(token.number)
    known = token.matches(found[0].digest if found else b"")
    if found is None or not known:
        return None
    row, firm = found
    if row.revoked_at is not None or at >= row.expires_at:
        return None
    if not _lets_in(firm) or row.livemode != firm.livemode:
        return None
    if row.addresses and not _is_within(address, row.addresses):
        raise Forbidden("address_not_allowed", "This key is not to be used from this address.")
    if row.last_used_at is None or at - row.last_used_at >= SEEN_EVERY:
        ApiKey.objects.filter(pk=row.id).update(last_used_at=at, last_used_from=address)
    held = roles.grantable_to_keys(
        row.scopes
    )  # a row that says more than a key may hold says nothing
    actor = Actor("key", ids.public(ApiKey.PREFIX, row.id), row.name, roles.INTEGRATION)
    return _credential("key", row.id, firm, actor, held, expires_at=row.expires_at)


def _of_session(token: tokens.Token, at: datetime, kind: str) -> Credential | None:
    rows = Session.objects.select_related("firm", "person", "membership")
    row = rows.filter(key=token.number, kind=kind).first()
    known = token.matches(row.digest if row else b"")
    if row is None or not known or not _is_on(_Sitting.of(row), at) or not _lets_in(row.firm):
        return None
    if at - row.seen_at >= SEEN_EVERY:
        Session.objects.filter(pk=row.pk).update(seen_at=at)
    role = row.membership.role
    return _credential(
        "session",
        row.id,
        row.firm,
        Actor("person", row.person.public_id, row.person.name, role),
        roles.scopes_of(role),
        limited=roles.limited_scopes_of(role),
        fresh_until=row.fresh_until,
        person=row.person_id,
        expires_at=min(row.ends_at, max(row.seen_at, at) + IDLE_AFTER),
    )


def _of_acting(token: tokens.Token, at: datetime, kind: str) -> Credential | None:
    found = _ACTING(key=token.number, kind=kind)
    row, session, firm = found[0] if found else (None, None, None)
    known = token.matches(row.digest if row else b"")
    if row is None or session is None or firm is None or not known:
        return None
    if row.ended_at is not None or at >= row.expires_at:
        return None
    if not _is_on(session, at, idle=False) or not _lets_in(firm):
        return None
    if session.role != row.role or row.firm_partner_id != row.partner_id:
        return None
    who, partner = ids.public(Person.PREFIX, row.person_id), ids.public(Firm.PREFIX, row.partner_id)
    return _credential(
        "acting",
        row.id,
        firm,
        Actor("person", who, row.person_name, row.role, partner),
        roles.scopes_of(row.role),
        limited=roles.limited_scopes_of(row.role),
        fresh_until=row.fresh_until,
        person=row.person_id,
        expires_at=row.expires_at,
    )


def _credential(
    kind: str,
    key: UUID,
    firm: Firm | _Firm,
    actor: Actor,
    scopes: frozenset[str],
    *,
    limited: Mapping[str, str] = _NOTHING,
    fresh_until: datetime | None = None,
    person: UUID | None = None,
    expires_at: datetime | None = None,
) -> Credential:
    return Credential(
        kind=kind,
        id=key,
        firm=firm.public_id,
        firm_id=firm.id,
        firm_kind=firm.kind,
        firm_name=firm.name,
        country=firm.country,
        clock=firm.clock,
        livemode=firm.livemode,
        actor=actor,
        scopes=roles.within(scopes, firm_kind=firm.kind),
        limited=limited,
        fresh_until=fresh_until,
        person=person,
        expires_at=expires_at,
    )


def _is_on(session: _Sitting, at: datetime, *, idle: bool = True) -> bool:
    """A session goes on until it is ended, its hours are over, or nobody used it for a while."""
    return (
        session.ended_at is None
        and at < session.ends_at
        and not (idle and at >= session.seen_at + IDLE_AFTER)
        and session.state == Membership.State.ACTIVE
        and session.disabled_at is None
    )


def _lets_in(firm: Firm | _Firm) -> bool:
    return firm.state == Firm.State.ACTIVE


def _is_within(address: str, allowed: list[str]) -> bool:
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    return any(caller in ip_network(each) for each in allowed)


def firms_open_to(person: UUID) -> QuerySet[Membership]:
    """The memberships a person can sign in to, by the name of the firm."""
    return (
        Membership.objects.select_related("firm")
        .filter(person=person, state=Membership.State.ACTIVE, firm__state=Firm.State.ACTIVE)
        .order_by("firm__name", "id")
    )


def person_by_email(email: str) -> Person | None:
    """The person who signs in with this e-mail, unless disabled."""
    return Person.objects.filter(email=spelled(email), disabled_at=None).first()


def spelled(email: str) -> str:
    """An e-mail as it is kept and compared."""
    return email.strip().lower()


def staff_of(firm: UUID) -> QuerySet[Membership]:
    """The people of a firm and those invited to it. Asked in the firm's own seat."""
    return Membership.objects.filter(firm=firm)


def keys_of(firm: UUID) -> QuerySet[ApiKey]:
    """The API keys of a firm, also those that ended. Asked in the firm's own seat."""
    return ApiKey.objects.filter(firm=firm)


def entries_of(firm: UUID) -> QuerySet[ActingToken]:
    """Who entered a firm from outside, and why. Asked in the firm's own seat."""
    return ActingToken.objects.filter(firm=firm)


def live(at: datetime) -> Q:
    """Keys that work at a moment."""
    return Q(revoked_at=None, expires_at__gt=at)


def firm_named(public_id: str) -> UUID | None:
    """The key behind a firm's public id, if it is one."""
    return ids.parse(Firm.PREFIX, public_id)
