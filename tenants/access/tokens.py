"""Tokens: how keys, sessions and the rest are spelled, and recognised without being kept.

    blk_test_3fJ0aZ81kQwP_<32 letters>_4hT0aa
    what mode  number      secret       check

The number finds the row; the secret has 190 bits, so a keyed hash of the whole is all that is kept.
The check lets a scanner, or a person who lost the last letter, tell a token from any other text.
"""

import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import Final

from django.conf import settings

KEY: Final = "blk"
SESSION: Final = "bls"
ACTING: Final = "bla"
INVITATION: Final = "bli"

LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NUMBER: Final = 12
_SECRET: Final = 32
_CHECK: Final = 6
PATTERN: Final = re.compile(
    r"(bl[ksai])_(live|test)_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})_([0-9A-Za-z]{6})"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token read apart; it prints without its secret."""

    what: str
    livemode: bool
    number: str
    text: str

    @property
    def digest(self) -> bytes:
        """What is kept of it."""
        return hmac.digest(_pepper(), self.text.encode(), "sha256")

    def matches(self, digest: bytes | memoryview) -> bool:
        """Say, in the same time for every answer, whether this is the token that was kept."""
        return hmac.compare_digest(self.digest, bytes(digest))

    def __repr__(self) -> str:
        return f"<{self.what} {self.number}>"


def new(what: str, *, livemode: bool) -> Token:
    """Make a token; its text is shown once and kept nowhere."""
    mode = "live" if livemode else "test"
    number, secret = _letters(_NUMBER), _letters(_SECRET)
    text = f"{what}_{mode}_{number}_{secret}"
    return Token(what, livemode, number, f"{text}_{_check(text)}")


def read(text: str) -> Token | None:
    """Read a token apart; None when it is not spelled like one of ours."""
    found = PATTERN.fullmatch(text)
    if found is None:
        return None
    what, mode, number, _, check = found.groups()
    if not hmac.compare_digest(_check(text[: -_CHECK - 1]), check):
        return None
    return Token(what, mode == "live", number, text)


def blurred(word: str) -> bytes:
    """Hash a word, such as an e-mail that was tried, so that it can be counted and not read."""
    return hmac.digest(_pepper(), f"blurred|{word}".encode(), "sha256")


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def _check(text: str) -> str:
    number, found = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK):
        number, place = divmod(number, len(LETTERS))
        found = LETTERS[place] + found
    return found


def _pepper() -> bytes:
    """ACCESS_PEPPER, or one made of SECRET_KEY, which then cannot be changed without new keys."""
    pepper: str = getattr(settings, "ACCESS_PEPPER", "")
    if pepper:
        return pepper.encode()
    return hmac.digest(settings.SECRET_KEY.encode(), b"access pepper", "sha256")
