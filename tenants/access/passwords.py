"""Passwords: long, not common, and compared in the same time whoever they are for."""

import hmac
import secrets
from functools import cache
from typing import Final

from django.contrib.auth import hashers, password_validation
from django.core import signing
from django.core.exceptions import ValidationError

from backline.kernel.errors import Fault, Invalid
from tenants.access import tokens
from tenants.access.models import Person

LONGEST: Final = 256
_SALT: Final = "tenants.access.password"
_PROOF_LASTS: Final = 300  # seconds


def must_be_good(password: str, *, email: str, name: str, pointer: str = "/password") -> None:
    """Refuse a password that is short, common, or made of the person's own name."""
    someone = Person(email=email, name=name)
    faults = []
    if len(password) > LONGEST:
        faults.append(Fault("password_too_long", f"Use at most {LONGEST} characters.", pointer))
    try:
        password_validation.validate_password(password[:LONGEST], someone)
    except ValidationError as error:
        faults += [
            Fault(each.code or "password_weak", " ".join(each.messages), pointer)
            for each in error.error_list
        ]
    if faults:
        raise Invalid.of(faults)


def kept(password: str) -> str:
    """Hash a password as it is kept."""
    return hashers.make_password(password)


def is_right(password: str, person: Person | None) -> bool:
    """Say whether a password is a person's; for nobody it takes as long and is never right."""
    encoded = person.password if person is not None else _nobodys()
    right = hashers.check_password(password[:LONGEST], encoded)
    return right and person is not None


def proof(person: Person | None) -> str:
    """Give a proof that a password was right, or for nobody one that looks the same and is not."""
    what = _of(person) if person is not None else secrets.token_hex(32)
    return signing.dumps(what, salt=_SALT)


def is_proof(text: str, person: Person | None) -> bool:
    """Say whether a proof is young and of this person's present password."""
    try:
        what = signing.loads(text, salt=_SALT, max_age=_PROOF_LASTS)
    except signing.BadSignature:
        return False
    return person is not None and hmac.compare_digest(str(what), _of(person))


def _of(person: Person) -> str:
    return tokens.blurred(f"password|{person.id}|{person.password}").hex()


@cache
def _nobodys() -> str:
    return hashers.make_password(secrets.token_urlsafe())
