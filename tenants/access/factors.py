"""Factors: the one-time codes of an authenticator app (RFC 6238), each good for one use.

Django-allauth can do this sum too, but marks a used code in the cache and reads the clock itself.
Here the last step taken is kept in the person's own row, under its lock: what was used stays used.
"""

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_SECONDS: Final = 30
DIGITS: Final = 6
LEEWAY: Final = 1  # steps to either side, for clocks that disagree and people who type slowly
ISSUER: Final = "Backline"
_SECRET_BYTES: Final = 20
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
_RECOVERY: Final = 8
_RECOVERY_COUNT: Final = 10
NOBODYS: Final = base64.b32encode(b"compared when nobody").decode()


def new_secret() -> str:
    """Make a secret as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, at: datetime) -> str:
    """Work out the code that an app shows at a moment."""
    return _code(secret, _step(at))


def step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """Find the time step of a code, if it is near and later than the last one taken."""
    found = None
    for step in range(_step(at) - LEEWAY, _step(at) + LEEWAY + 1):
        right = hmac.compare_digest(_code(secret, step).encode(), code.encode())
        if right and step > after:
            found = step
    return found


def uri(secret: str, *, email: str) -> str:
    """Spell the secret as the address behind an app's QR code."""
    facts = urlencode({"secret": secret, "issuer": ISSUER}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{ISSUER}:{email}')}?{facts}"


def new_recovery() -> tuple[str, ...]:
    """Make the codes for the day the phone is gone."""
    return tuple(
        "".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY)) for _ in range(_RECOVERY_COUNT)
    )


def spelled(code: str) -> str:
    """Spell a recovery code as it was made, however it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def is_recovery(code: str) -> bool:
    """Say whether a text could be a recovery code."""
    return len(spelled(code)) == _RECOVERY


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def _code(secret: str, step: int) -> str:
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)
