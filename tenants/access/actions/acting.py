"""Acting inside an agency: somebody of the partner enters, for a reason, and the agency sees it.

Done in the agency's own books, so that the token exists only with the event that tells of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backline.kernel import events
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Forbidden, Missing, refuse_if
from tenants.access import tokens
from tenants.access.events import AgencyEntered, AgencyLeft
from tenants.access.models import ACTING_LASTS_AT_MOST, REASON_AT_LEAST, ActingToken
from tenants.access.queries import Credential
from tenants.agencies.models import Firm

MINUTES_AT_MOST: Final = int(ACTING_LASTS_AT_MOST / timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Entered:
    """A visit that began; its token is shown once."""

    visit: ActingToken
    token: str


def enter(
    *,
    agency: UUID,
    credential: Credential,
    reason: str,
    minutes: int = MINUTES_AT_MOST,
    at: datetime,
) -> Entered:
    """Let a signed-in person of the partner into one of its agencies, and tell the agency."""
    if credential.kind != "session" or credential.person is None:
        raise Forbidden("session_required", "Only a signed-in person enters an agency.")
    firm = Firm.objects.filter(
        pk=agency, partner=credential.firm_id, state=Firm.State.ACTIVE
    ).first()
    if firm is None:
        raise Missing("not_found", "There is no such agency.")
    reason = " ".join(reason.split())
    refuse_if(_faults(reason, minutes))
    token = tokens.new(tokens.ACTING, livemode=firm.livemode)
    visit = ActingToken.objects.create(
        person_id=credential.person,
        session_id=credential.id,
        firm=firm,
        partner_id=credential.firm_id,
        person_name=credential.actor.name,
        partner_name=credential.firm_name,
        role=credential.actor.role,
        reason=reason,
        key=token.number,
        digest=token.digest,
        issued_at=at,
        expires_at=at + timedelta(minutes=minutes),
        fresh_until=credential.fresh_until or at,
    )
    fact = AgencyEntered(
        subject=visit.id,
        person=credential.actor.id,
        person_name=visit.person_name,
        role=visit.role,
        until=visit.expires_at,
        reason=reason,
    )
    events.record([fact], actor=_visitor(credential), at=at)
    return Entered(visit, token.text)


def leave(*, visit: UUID, actor: Actor, at: datetime) -> None:
    """End a visit before its hour; ending it again changes nothing."""
    row = ActingToken.objects.select_for_update().filter(pk=visit).first()
    if row is None:
        raise Missing("not_found", "There is no such visit.")
    if row.ended_at is not None:
        return
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    fact = AgencyLeft(subject=row.id, person=actor.id, person_name=row.person_name)
    events.record([fact], actor=actor, at=at)


def _visitor(credential: Credential) -> Actor:
    own = credential.actor
    return Actor(own.kind, own.id, own.name, own.role, on_behalf_of=credential.firm)


def _faults(reason: str, minutes: int) -> list[Fault]:
    faults = []
    if len(reason) < REASON_AT_LEAST:
        sentence = f"Say why, in at least {REASON_AT_LEAST} characters; the agency reads it."
        faults.append(Fault("reason_required", sentence, "/reason"))
    if not 1 <= minutes <= MINUTES_AT_MOST:
        sentence = f"A visit lasts from 1 to {MINUTES_AT_MOST} minutes."
        faults.append(Fault("minutes_out_of_range", sentence, "/minutes"))
    return faults
