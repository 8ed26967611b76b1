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

    `is_doubtful` is true when a shortened number fitted more than one of the known ones.
    """

    listed: tuple[str, ...]
    ranged: tuple[str, ...]
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

    Split digits are joined, leading zeros dropped, look-alike letters read as digits; a shortened
    number (its last four digits or more) counts only when it fits exactly one known number.
    """
    known: dict[str, list[str]] = {}
    for number in numbers:
        known.setdefault(digits_of(number), []).append(number)
    found = pieces(text)
    listed: list[str] = []
    ranged: list[str] = []
    is_doubtful = False
    n = 0
    while n < len(found):
        taken, hits = _longest(found[n:], known)
        if len(hits) == 1:
            if ranged_from := _range_from(found, n, listed, hits[0]):
                ranged.extend(_between(ranged_from, hits[0], known))
            if hits[0] not in listed:
                listed.append(hits[0])
        elif len(hits) > 1:
            is_doubtful = True
        n += taken
    everything = dict.fromkeys((*listed, *ranged)) if ranged else {}
    return Read(tuple(listed), tuple(everything), is_doubtful)


def _longest(found: Sequence[Piece], known: Mapping[str, list[str]]) -> tuple[int, list[str]]:
    """The most pieces that together are a known number; else one piece, whole or shortened."""
    for many in range(min(MOST_PIECES, len(found)), 0, -1):
        for reading in _joined(found[:many]):
            if reading.lstrip("0") in known:
                return many, known[reading.lstrip("0")]
    for reading in found[0].readings:
        if len(reading) >= LEAST_DIGITS:
            ends = [
                number for digits in known if digits.endswith(reading) for number in known[digits]
            ]
            if ends:
                return 1, ends
    return 1, []


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
