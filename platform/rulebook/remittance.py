"""Remittance: reading invoice numbers out of what a payer wrote."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LOOKALIKES = str.maketrans("OILSB", "01158")
RUN = re.compile(r"[0-9OILSB]*[0-9][0-9OILSB]*")
RANGE = re.compile(r"^\s*(-|\u2013|TO|THRU|BIS)\s*$")
LEAST_DIGITS = 4
MOST_PIECES = 3
LONGEST_RANGE = 50


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of digits: how it may be read, and what stands between it and the one before."""

    readings: tuple[str, ...]
    between: str


@dataclass(frozen=True, slots=True)
class Read:
    """Numbers found in a text: those listed, and those inside a range if it was one.

    The `weak` ones are listed, but are few digits or the end of a number: they might be a date, and
    count only beside the right amount. `is_doubtful` is true when a number is that of two invoices.
    """

    listed: tuple[str, ...]
    ranged: tuple[str, ...]
    weak: frozenset[str] = frozenset()
    is_doubtful: bool = False


def digits_of(number: str) -> str:
    """The digits of an invoice number, without leading zeros."""
    return re.sub(r"\D", "", number).lstrip("0")


def pieces(text: str) -> tuple[Piece, ...]:
    """The runs of digits in a text; letters that look like digits are read as such inside a run."""
    upper = text.upper()
    found: list[Piece] = []
    end = 0
    for run in RUN.finditer(upper):
        raw = run.group()
        core = raw.strip("OILSB")
        written = dict.fromkeys(
            part.translate(LOOKALIKES) for part in (core, raw, raw.lstrip("OILSB"))
        )
        found.append(Piece(tuple(written), upper[end : run.start()]))
        end = run.end()
    return tuple(found)


def read(text: str, numbers: Sequence[str]) -> Read:
    """Find which of the known invoice numbers a text names.

    Split digits are joined, leading zeros dropped, look-alike letters read as digits. The end of a
    number (four digits or more) counts when it fits exactly one known number.
    """
    known: dict[str, list[str]] = {}
    for number in numbers:
        known.setdefault(digits_of(number), []).append(number)
    found = pieces(text)
    listed: dict[str, bool] = {}
    ranged: list[str] = []
    is_doubtful = False
    n = 0
    while n < len(found):
        hit = _longest(found[n:], known)
        if len(hit.numbers) == 1:
            (number,) = hit.numbers
            if ranged_from := _range_from(found, n, list(listed), number):
                ranged.extend(_between(ranged_from, number, known))
            is_strong = hit.is_long or _is_introduced(number, found[n].between)
            listed[number] = listed.get(number, False) or is_strong
        is_doubtful = is_doubtful or len(hit.numbers) > 1
        n += hit.pieces
    everything = dict.fromkeys((*listed, *ranged)) if ranged else {}
    weak = frozenset(number for number, is_strong in listed.items() if not is_strong)
    return Read(tuple(listed), tuple(everything), weak, is_doubtful)


@dataclass(frozen=True, slots=True)
class _Hit:
    """Pieces that together are known numbers; `is_long` when it is hardly anything else."""

    pieces: int
    numbers: tuple[str, ...] = ()
    is_long: bool = False


def _longest(found: Sequence[Piece], known: Mapping[str, list[str]]) -> _Hit:
    """The most pieces that together are a known number; else one piece that is the end of one."""
    for many in range(min(MOST_PIECES, len(found)), 0, -1):
        for reading in _joined(found[:many]):
            if numbers := known.get(reading.lstrip("0")):
                return _Hit(many, tuple(numbers), len(reading) >= LEAST_DIGITS)
    for reading in found[0].readings:
        if len(reading) >= LEAST_DIGITS:
            ends = [
                number for digits in known if digits.endswith(reading) for number in known[digits]
            ]
            if len(ends) == 1:
                return _Hit(1, tuple(ends))
    return _Hit(1)


def _is_introduced(number: str, before: str) -> bool:
    """True when the letters a number begins with stand right before it."""
    letters = re.match(r"[A-Z]*", number.upper())
    prefix = letters.group() if letters else ""
    return bool(prefix) and before.rstrip(" -#./:").endswith(prefix)


def _joined(found: Sequence[Piece]) -> list[str]:
    texts = [""]
    for piece in found:
        texts = [text + reading for text in texts for reading in piece.readings]
    return texts


def _range_from(found: Sequence[Piece], n: int, listed: Sequence[str], last: str) -> str:
    if not n or not listed or not RANGE.match(found[n].between):
        return ""
    first = listed[-1]
    low, high = digits_of(first), digits_of(last)
    is_range = len(low) == len(high) and 0 < int(high) - int(low) <= LONGEST_RANGE
    return first if is_range else ""


def _between(first: str, last: str, known: Mapping[str, list[str]]) -> list[str]:
    low, high = int(digits_of(first)), int(digits_of(last))
    inside = sorted(
        (int(digits), number)
        for digits, many in known.items()
        if digits and len(digits) == len(digits_of(first)) and low <= int(digits) <= high
        for number in many
    )
    return [number for _, number in inside]
