"""Ids: time-ordered keys made by us, and their prefixed spelling on paper and on the wire."""

import secrets
import time
from uuid import UUID

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
VALUES = {letter: n for n, letter in enumerate(ALPHABET)}
LETTERS = 26  # 26 letters of 5 bits hold the 128 bits of a key


def new_id() -> UUID:
    """Make a UUIDv7: milliseconds of real time first, so that new rows lie together, then
    chance.
    """
    milliseconds = time.time_ns() // 1_000_000
    chance = secrets.randbits(74)
    high = chance >> 62
    low = chance & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)


def public(prefix: str, key: UUID) -> str:
    """Spell a key for people and programs: tsh_01j…; the prefix says what it is."""
    number = key.int
    letters = []
    for _ in range(LETTERS):
        letters.append(ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(letters))}"


def parse(prefix: str, text: str) -> UUID | None:
    """Read a public id of this kind; None when it is not one."""
    head, _, letters = text.partition("_")
    if head != prefix or len(letters) != LETTERS:
        return None
    number = 0
    for letter in letters:
        value = VALUES.get(letter)
        if value is None:
            return None
        number = (number << 5) | value
    return UUID(int=number) if number < 1 << 128 else None
