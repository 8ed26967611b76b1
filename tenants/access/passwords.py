"""Passwords: long, not common, and compared in the same time whoever they are for."""

from functools import cache
from secrets import token_urlsafe

from django.contrib.auth import hashers, password_validation
from django.core.exceptions import ValidationError

from backline.kernel.errors import Fault, Invalid
from tenants.access.models import Person

LONGEST = 256


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


@cache
def _nobodys() -> str:
    return hashers.make_password(token_urlsafe())
