"""Signing in and out, and showing the second factor again. Done while signing in.

Every try is counted by `throttles.claim` in a transaction of its own before it comes here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backline.kernel import ids
from backline.kernel.errors import Invalid
from tenants.access import passwords, queries, throttles, tokens
from tenants.access.actions import codes
from tenants.access.actions.own import end_sessions, person_behind
from tenants.access.models import ActingToken, Membership, Person, Session
from tenants.access.queries import Credential
from tenants.access.refusals import NotSignedIn

LASTS: Final = timedelta(hours=12)
FRESH_FOR: Final = timedelta(minutes=5)


def begin(*, email: str, password: str) -> str:
    """Take a password and give a proof that `sign_in` takes in its place, with the code.

    A wrong password gets a proof too, which no code makes right: nobody learns whether it was right
    before they show a code.
    """
    person = queries.person_by_email(email)
    return passwords.proof(person if passwords.is_right(password, person) else None)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that began; its token is shown once."""

    session: Session
    token: str


def sign_in(
    *,
    email: str,
    password: str = "",
    proof: str = "",
    code: str,
    firm: UUID | None = None,
    kind: str = Session.Kind.API,
    address: str = "",
    at: datetime,
) -> SignedIn:
    """Let a person in to one firm with password, or its proof, and one-time code.

    Whatever is wrong is refused in the same words after the same work. Who belongs to several
    firms and named none is told which; the code is then not spent.
    """
    person = _shown(email, password, proof, code, at)
    membership = _chosen(person, firm)
    throttles.succeeded(account=queries.spelled(email), address=address)
    person.last_login = at
    person.save(update_fields=["last_login", *codes.CHANGED])
    token = tokens.new(tokens.SESSION, livemode=membership.firm.livemode)
    session = Session.objects.create(
        person=person,
        membership=membership,
        firm=membership.firm,
        kind=kind,
        key=token.number,
        digest=token.digest,
        started_at=at,
        seen_at=at,
        ends_at=at + LASTS,
        fresh_until=at + FRESH_FOR,
        address=address,
    )
    return SignedIn(session, token.text)


def _shown(email: str, password: str, proof: str, code: str, at: datetime) -> Person:
    """Find the person whose password and code these are; take the code, so that it works once."""
    rows = Person.objects.select_for_update()
    person = rows.filter(email=queries.spelled(email), disabled_at=None).first()
    right = passwords.is_proof(proof, person) if proof else passwords.is_right(password, person)
    took = codes.taken(person, code, at)
    if person is None or not right or not took:
        raise NotSignedIn
    return person


def _chosen(person: Person, firm: UUID | None) -> Membership:
    open_to = list(queries.firms_open_to(person.id))
    if not open_to:
        raise NotSignedIn
    if firm is None and len(open_to) == 1:
        return open_to[0]
    for membership in open_to:
        if membership.firm_id == firm:
            return membership
    raise Invalid(
        "firm_required",
        "Say which firm to sign in to; a session is for one.",
        pointer="/firm",
        firms=[{"id": each.firm.public_id, "name": each.firm.name} for each in open_to],
    )


def refresh_factor(*, credential: Credential, code: str, address: str, at: datetime) -> datetime:
    """Take a new one-time code, so that approving and releasing is open again for some minutes."""
    person = person_behind(credential)
    if not codes.taken(person, code, at) or person is None:
        raise Invalid("code_refused", "This code is wrong or was used before.", pointer="/code")
    person.save(update_fields=codes.CHANGED)
    throttles.succeeded(account=account_of(credential), address=address)
    until = at + FRESH_FOR
    model = ActingToken if credential.kind == "acting" else Session
    model.objects.filter(pk=credential.id).update(fresh_until=until)
    return until


def sign_out(*, credential: Credential, at: datetime) -> None:
    """End a session and every visit to an agency that began with it."""
    end_sessions([credential.id], "signed_out", at)


def account_of(credential: Credential) -> str:
    """Name the account whose tries are counted when a signed-in person shows a code."""
    return ids.public(Person.PREFIX, credential.person) if credential.person else ""
