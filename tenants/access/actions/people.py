"""People: invited to a firm, joining it, changing role, leaving.

An invitation is the firm's own row and names an e-mail, not an account: no firm learns whether
somebody has one, and nobody is made a member of anything without taking part. Its token leaves by
mail alone, so that whoever invites cannot take it up in the other's name.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from backline.desk import actions as desk
from backline.kernel import events
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from tenants.access import factors, passwords, queries, roles, tokens
from tenants.access.actions import codes
from tenants.access.events import PersonInvited, PersonJoined, PersonLeft, PersonRoleChanged
from tenants.access.models import Membership, Person
from tenants.access.refusals import NotSignedIn
from tenants.agencies.models import Firm

INVITATION_LASTS: Final = timedelta(days=7)
HEADS: Final = {"agency": "owner", "partner": "partner_admin"}  # no firm is left without one

State = Membership.State


def invite(
    *, firm: UUID, email: str, name: str, role: str, actor: Actor, at: datetime
) -> Membership:
    """Ask somebody by mail to join a firm in a role. Done in the firm's own books."""
    own, email = Firm.objects.get(pk=firm), queries.spelled(email)
    refuse_if([*_wrong_email(email), *_wrong_role(role, own.kind)])
    if Membership.objects.filter(firm=own, email=email).exclude(state=State.ENDED).exists():
        raise Conflict("already_member", "This person is a member, or is invited already.")
    token = tokens.new(tokens.INVITATION, livemode=own.livemode)
    membership = Membership.objects.create(
        firm=own,
        email=email,
        name=name,
        role=role,
        invited_by=actor.as_json(),
        invited_at=at,
        ticket=token.number,
        digest=token.digest,
        ticket_ends_at=at + INVITATION_LASTS,
    )
    desk.write([_letter(membership, own, token)], at=at)
    events.record([PersonInvited(subject=membership.id, role=role)], actor=actor, at=at)
    return membership


def _letter(membership: Membership, firm: Firm, token: tokens.Token) -> desk.Letter:
    return desk.Letter(
        key=f"invitation:{membership.public_id}",
        kind="invitation",
        to_name=membership.name,
        to_address=membership.email,
        subject_line=f"{firm.name} invites you to Backline",
        body=(
            f"Hello {membership.name},\n\n{firm.name} asks you to join as"
            f" {membership.role.replace('_', ' ')}. The link works for"
            f" {INVITATION_LASTS.days} days:\n\n{settings.SITE_URL}/join/{token.text}\n"
        ),
        about=membership.id,
    )


@dataclass(frozen=True, slots=True)
class Accepted:
    """How far an invitation is taken up: ready to be activated, or first a code is to be shown."""

    membership: UUID
    firm: str
    firm_name: str
    person: Person
    secret: str = ""  # shown once, to somebody new, for their authenticator app

    @property
    def is_ready(self) -> bool:
        """Say whether password and code were shown."""
        return not self.secret


def accept(*, token: str, name: str, password: str, code: str, at: datetime) -> Accepted:
    """Take an invitation up, in two steps for somebody new: first a password, then a code.

    The first answers with the secret for the authenticator app and may be repeated; the second, and
    the only one for somebody known, shows that password and app work. Done while signing in;
    `activate` then opens the membership in the firm's own books.
    """
    membership = _invitation(token, at)
    person = Person.objects.select_for_update().filter(email=membership.email).first()
    if person is not None and (code or person.memberships.exists()):
        return _known(membership, person, password, code, at)
    name = name or membership.name
    passwords.must_be_good(password, email=membership.email, name=name)
    if person is None:
        person = Person(email=membership.email, joined_at=at)
    secret = factors.new_secret()
    person.name, person.password = name, passwords.kept(password)
    person.factor, person.factor_since, person.factor_step = secret, at, 0
    person.save()
    return _accepted(membership, person, secret)


def _invitation(text: str, at: datetime) -> Membership:
    token = tokens.read(text)
    number = token.number if token and token.what == tokens.INVITATION else ""
    rows = Membership.objects.select_related("firm").filter(ticket=number, state=State.INVITED)
    row = rows.first()
    known = token is not None and token.matches((row and row.digest) or b"")
    if row is None or not known or row.ticket_ends_at is None or at >= row.ticket_ends_at:
        raise Missing("invitation_unknown", "This invitation is not known, or is over.")
    return row


def _known(
    membership: Membership, person: Person, password: str, code: str, at: datetime
) -> Accepted:
    right = passwords.is_right(password, person)
    took = codes.taken(person, code, at)
    if not right or not took or person.disabled_at is not None:
        raise NotSignedIn
    person.save(update_fields=codes.CHANGED)
    return _accepted(membership, person)


def _accepted(membership: Membership, person: Person, secret: str = "") -> Accepted:
    firm = membership.firm
    return Accepted(membership.id, firm.public_id, firm.name, person, secret)


def activate(*, accepted: Accepted, at: datetime) -> None:
    """Open a membership to the person who took its invitation up. Done in the firm's own books."""
    if not accepted.is_ready:
        raise NotSignedIn
    row = Membership.objects.select_for_update().filter(pk=accepted.membership).first()
    if row is None or row.state != State.INVITED:
        raise Missing("invitation_unknown", "This invitation is not known, or is over.")
    person = accepted.person
    row.person_id, row.name, row.state, row.joined_at = person.id, person.name, State.ACTIVE, at
    row.ticket, row.digest, row.ticket_ends_at = "", None, None
    row.save()
    actor = Actor("person", person.public_id, person.name, row.role)
    fact = PersonJoined(subject=row.id, person=person.public_id, role=row.role)
    events.record([fact], actor=actor, at=at)


def change_role(*, firm: UUID, membership: UUID, role: str, actor: Actor, at: datetime) -> None:
    """Give somebody another role. Done in the firm's own books."""
    own, row = Firm.objects.get(pk=firm), _member(firm, membership)
    refuse_if(_wrong_role(role, own.kind))
    if row.role == role:
        return
    if row.role == HEADS[own.kind]:
        _must_leave_a_head(row, own)
    fact = PersonRoleChanged(subject=row.id, changes={"role": [row.role, role]})
    row.role = role
    row.save(update_fields=["role"])
    events.record([fact], actor=actor, at=at)


def end(*, firm: UUID, membership: UUID, reason: str = "", actor: Actor, at: datetime) -> None:
    """End a membership or an invitation: its sessions and tokens stop at once."""
    own, row = Firm.objects.get(pk=firm), _member(firm, membership)
    if row.state == State.ACTIVE and row.role == HEADS[own.kind]:
        _must_leave_a_head(row, own)
    row.state, row.ended_at, row.ticket = State.ENDED, at, ""
    row.save(update_fields=["state", "ended_at", "ticket"])
    events.record([PersonLeft(subject=row.id, reason=reason)], actor=actor, at=at)


def enrol(
    *,
    firm: UUID,
    email: str,
    name: str,
    role: str,
    password: str,
    secret: str = "",
    actor: Actor,
    at: datetime,
) -> codes.Enrolment:
    """Make somebody a member without an invitation: the first people of a firm, and the demo's.

    Done in the shared schema.
    """
    own, email = Firm.objects.get(pk=firm), queries.spelled(email)
    refuse_if([*_wrong_email(email), *_wrong_role(role, own.kind)])
    person = Person.objects.select_for_update().filter(email=email).first()
    if person is None:
        passwords.must_be_good(password, email=email, name=name)
        person = Person(email=email, name=name, joined_at=at)
        person.password = passwords.kept(password)
        person.factor, person.factor_since = secret or factors.new_secret(), at
        person.save()
    if not Membership.objects.filter(firm=own, person=person, state=State.ACTIVE).exists():
        Membership.objects.create(
            firm=own,
            person=person,
            email=email,
            name=name,
            role=role,
            state=State.ACTIVE,
            invited_by=actor.as_json(),
            invited_at=at,
            joined_at=at,
        )
    return codes.Enrolment(person, person.factor.reveal())


def _member(firm: UUID, membership: UUID) -> Membership:
    rows = Membership.objects.select_for_update().filter(firm=firm, pk=membership)
    row = rows.exclude(state=State.ENDED).first()
    if row is None:
        raise Missing("not_found", "There is no such person here.")
    return row


def _must_leave_a_head(row: Membership, firm: Firm) -> None:
    heads = Membership.objects.select_for_update().filter(
        firm=firm, role=HEADS[firm.kind], state=State.ACTIVE
    )
    if not any(each.pk != row.pk for each in heads):
        raise Conflict("last_head", f"A firm keeps at least one {row.role.replace('_', ' ')}.")


def _wrong_role(role: str, firm_kind: str) -> list[Fault]:
    known = roles.MATRIX.roles.get(role)
    if role not in roles.PEOPLE_ROLES or known is None or firm_kind not in known.firms:
        allowed = sorted(
            name for name in roles.PEOPLE_ROLES if firm_kind in roles.MATRIX.roles[name].firms
        )
        sentence = f"This firm has the roles {', '.join(allowed)}."
        return [Fault("role_unknown", sentence, "/role")]
    return []


def _wrong_email(email: str) -> list[Fault]:
    try:
        validate_email(email)
    except ValidationError:
        return [Fault("email_invalid", "Write an e-mail address.", "/email")]
    return []
