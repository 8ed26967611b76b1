"""Ids: time-ordered keys made by us, and their prefixed spelling on paper and on the wire."""

import re
import secrets
import threading
import time
from uuid import UUID, SafeUUID

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TWO_LETTERS = [first + second for first in ALPHABET for second in ALPHABET]
AS_PYTHON = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # how int() reads them
LETTERS = 26  # 26 letters of 5 bits hold the 128 bits of a key
SPELLED = re.compile(f"[{ALPHABET}]{{{LETTERS}}}")


_LAST = 0  # the newest moment given out by this process
_TURN = threading.Lock()
_new, _set, _UNKNOWN = object.__new__, object.__setattr__, SafeUUID.unknown


def new_id() -> UUID:
    """Make a UUIDv7: later than every one this process made before, then chance.

    Rows written in one transaction so keep the order in which they were made.
    """
    return _at(_moments(1), secrets.randbits(62))


def new_ids(count: int) -> list[UUID]:
    """Make so many, each later than the one before."""
    first = _moments(count)
    chance = secrets.token_bytes(8 * count)
    return [
        _at(first + n, int.from_bytes(chance[8 * n : 8 * n + 8], "big") >> 2) for n in range(count)
    ]


def _moments(count: int) -> int:
    """Take so many moments, each later than all before, and return the first."""
    global _LAST  # noqa: PLW0603  # one line of moments a process
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    with _TURN:  # a thread that was held up must not set the line back under another
        first = max((milliseconds << 12) | (rest * 4096 // 1_000_000), _LAST + 1)
        _LAST = first + count - 1
    return first


def _at(now: int, chance: int) -> UUID:
    """The key of a moment with 62 bits of chance."""
    moment, fraction = now >> 12, now & 0xFFF
    return _key((moment << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | chance)


def _key(number: int) -> UUID:
    """The UUID of a number that is known to be one, without being asked whether it is."""
    key = _new(UUID)
    _set(key, "int", number)
    _set(key, "is_safe", _UNKNOWN)
    return key


def public(prefix: str, key: UUID) -> str:
    """Spell a key for people and programs: tsh_01j…; the prefix says what it is."""
    n, two = key.int, TWO_LETTERS
    return (
        f"{prefix}_{two[n >> 120]}{two[n >> 110 & 1023]}{two[n >> 100 & 1023]}"
        f"{two[n >> 90 & 1023]}{two[n >> 80 & 1023]}{two[n >> 70 & 1023]}{two[n >> 60 & 1023]}"
        f"{two[n >> 50 & 1023]}{two[n >> 40 & 1023]}{two[n >> 30 & 1023]}{two[n >> 20 & 1023]}"
        f"{two[n >> 10 & 1023]}{two[n & 1023]}"
    )


def parse(prefix: str, text: str) -> UUID | None:
    """Read a public id of this kind; None when it is not one."""
    head, _, letters = text.partition("_")
    if head != prefix or not SPELLED.fullmatch(letters):
        return None
    number = int(letters.translate(AS_PYTHON), 32)
    return _key(number) if number < 1 << 128 else None
