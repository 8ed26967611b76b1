"""Codes: a person's one-time code or recovery code, taken so that it works once."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tenants.access import factors, tokens
from tenants.access.models import Person

CHANGED: Final = ("factor_step", "recovery")  # what taking a code changes in the person's row


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person needs to sign in: the secret of their second factor, shown once."""

    person: Person
    secret: str


def taken(person: Person | None, code: str, at: datetime) -> bool:
    """Take a code of a locked person and say whether it was right; the caller saves CHANGED.

    For nobody it does the work of a one-time code and says no.
    """
    secret = person.factor.reveal() if person is not None and person.factor else ""
    after = person.factor_step if person is not None else 0
    step = factors.step_of(secret or factors.NOBODYS, code, at, after=after)
    if person is None or not secret:
        return False
    if step is not None:
        person.factor_step = step
        return True
    return _recovered(person, code)


def _recovered(person: Person, code: str) -> bool:
    if not factors.is_recovery(code):
        return False
    shown = kept(person, code)
    for place, known in enumerate(person.recovery):
        if hmac.compare_digest(known, shown):
            person.recovery = [*person.recovery[:place], *person.recovery[place + 1 :]]
            return True
    return False


def kept(person: Person, code: str) -> str:
    """Hash a recovery code as it is kept."""
    return tokens.blurred(f"recovery|{person.id}|{factors.spelled(code)}").hex()
