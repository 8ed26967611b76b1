"""What people do about their own way in: password, authenticator app, recovery codes.

Done while signing in. When a password or an app is changed every session ends, so that whoever was
there unseen is out.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backline.kernel.errors import Conflict, Invalid
from tenants.access import factors, passwords
from tenants.access.actions import codes
from tenants.access.models import ActingToken, Person, Session
from tenants.access.queries import Credential
from tenants.access.refusals import NotSignedIn


def person_behind(credential: Credential) -> Person | None:
    """Lock the person who is calling; None for a key, or somebody disabled."""
    if credential.person is None:
        return None
    rows = Person.objects.select_for_update()
    return rows.filter(pk=credential.person, disabled_at=None).first()


def change_password(*, credential: Credential, old: str, new: str, code: str, at: datetime) -> None:
    """Change a password with the old one and a code; every session of the person ends."""
    person = _shown(credential, old, code, at)
    passwords.must_be_good(new, email=person.email, name=person.name, pointer="/new_password")
    person.password = passwords.kept(new)
    person.save(update_fields=["password", *codes.CHANGED])
    end_sessions(_running(person), "password", at)


def begin_factor(
    *, credential: Credential, password: str, code: str, at: datetime
) -> codes.Enrolment:
    """Give the secret for a new authenticator app; the old one counts until it is confirmed."""
    person = _shown(credential, password, code, at)
    person.next_factor = secret = factors.new_secret()
    person.save(update_fields=["next_factor", *codes.CHANGED])
    return codes.Enrolment(person, secret)


def confirm_factor(*, credential: Credential, code: str, at: datetime) -> None:
    """Change to the new app with a code that it shows; every session of the person ends."""
    person = person_behind(credential)
    if person is None or not person.next_factor:
        raise Conflict("no_new_factor", "Ask for a new authenticator secret first.")
    secret = person.next_factor.reveal()
    step = factors.step_of(secret, code, at, after=0)
    if step is None:
        raise Invalid("code_refused", "This is not the code of the new app.", pointer="/code")
    person.factor, person.next_factor = secret, ""
    person.factor_since, person.factor_step = at, step
    person.save(update_fields=["factor", "next_factor", "factor_since", "factor_step"])
    end_sessions(_running(person), "factor", at)


def new_recovery_codes(*, credential: Credential) -> tuple[str, ...]:
    """Give ten codes for the day the phone is gone, each for one use; those before are void."""
    person = person_behind(credential)
    if person is None:
        raise NotSignedIn
    made = factors.new_recovery()
    person.recovery = [codes.kept(person, code) for code in made]
    person.save(update_fields=["recovery"])
    return made


def end_sessions(sessions: Sequence[UUID], why: str, at: datetime) -> None:
    """End sessions, and the visits to agencies that began with them."""
    Session.objects.filter(pk__in=sessions, ended_at=None).update(ended_at=at, ended_why=why)
    ActingToken.objects.filter(session__in=sessions, ended_at=None).update(ended_at=at)


def _running(person: Person) -> list[UUID]:
    running = Session.objects.filter(person=person, ended_at=None)
    return list(running.values_list("id", flat=True))


def _shown(credential: Credential, password: str, code: str, at: datetime) -> Person:
    person = person_behind(credential)
    right = passwords.is_right(password, person)
    took = codes.taken(person, code, at)
    if person is None or not right or not took:
        raise NotSignedIn
    return person
