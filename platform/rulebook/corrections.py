"""Corrections: a correction is a recalculation less what was posted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rulebook.money import NOTHING
from rulebook.rates import Priced, Ref, Side


class About(NamedTuple):
    """What a charge is about: the work, its day, its code and the version of the rates."""

    assignment: Ref
    day: date
    code: str
    version: Ref


class Basis(NamedTuple):
    """What two sides must share for their quantities to be subtracted from each other."""

    unit: str
    rate: Decimal
    factor: Decimal
    currency: str
    tax: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A charge that stands in the books, by its own reference."""

    ref: Ref
    charge: Priced


@dataclass(frozen=True, slots=True)
class Difference:
    """A charge to post, and the charges it corrects (none when it is about something new)."""

    charge: Priced
    corrects: tuple[Ref, ...]


def differences(desired: Iterable[Priced], posted: Sequence[Posted]) -> tuple[Difference, ...]:
    """What must be posted so that everything posted adds up to what is desired, side by side.

    The same rate on both sides of the subtraction gives a difference of quantity; a new version of
    the rates takes the old one back and posts the new one. Nothing when they are equal already.
    """
    wanted, standing = _by_about(desired), _by_about(entry.charge for entry in posted)
    labels: dict[About, str] = {}
    refs: dict[About, list[Ref]] = {}
    for entry in posted:
        labels[about(entry.charge)] = entry.charge.label
        refs.setdefault(about(entry.charge), []).append(entry.ref)
    for subject, charges in wanted.items():
        labels[subject] = charges[0].label
    found: list[Difference] = []
    for subject in sorted({*wanted, *standing}, key=_in_order):
        pay, bill = (
            _subtracted(wanted.get(subject, ()), standing.get(subject, ()), name)
            for name in ("pay", "bill")
        )
        corrects = tuple(refs.get(subject, ()))
        found.extend(
            Difference(Priced(*subject, *pair, labels[subject]), corrects)
            for pair in _paired(pay, bill)
        )
    return tuple(found)


def redone(desired: Iterable[Priced], posted: Sequence[Posted]) -> tuple[Difference, ...]:
    """As `differences`, but whatever changed is taken back whole and posted again whole.

    Each reversal mirrors one posted charge and corrects it alone.
    """
    wanted = _by_about(desired)
    changed = {
        about(difference.charge)
        for difference in differences(
            [charge for many in wanted.values() for charge in many], posted
        )
    }
    back = [
        Difference(-entry.charge, (entry.ref,))
        for entry in posted
        if about(entry.charge) in changed
    ]
    again = [
        Difference(charge, ())
        for subject in sorted(changed & wanted.keys(), key=_in_order)
        for charge in wanted[subject]
    ]
    return (*back, *again)


def reversal(entry: Posted) -> Difference:
    """The exact mirror of a posted charge, both sides, naming it."""
    return Difference(-entry.charge, (entry.ref,))


def about(charge: Priced) -> About:
    """What a charge is about, as the key it is compared by."""
    return About(charge.assignment, charge.day, charge.code, charge.version)


def _by_about(charges: Iterable[Priced]) -> dict[About, list[Priced]]:
    grouped: dict[About, list[Priced]] = {}
    for charge in charges:
        grouped.setdefault(about(charge), []).append(charge)
    return grouped


def _in_order(subject: About) -> tuple[str, date, str, str]:
    return (str(subject.assignment), subject.day, subject.code, str(subject.version))


def _subtracted(wanted: Sequence[Priced], standing: Sequence[Priced], name: str) -> list[Side]:
    """One side of one subject: what is wanted less what stands, for each basis."""
    sums: dict[Basis, tuple[Decimal, Decimal]] = {}
    for charges, sign in ((standing, -1), (wanted, 1)):
        for charge in charges:
            part: Side | None = getattr(charge, name)
            if part is None:
                continue
            basis = Basis(part.unit, part.rate, part.factor, part.currency, part.tax)
            quantity, amount = sums.get(basis, (NOTHING, NOTHING))
            sums[basis] = (quantity + sign * part.quantity, amount + sign * part.amount)
    return [
        Side(
            quantity,
            basis.unit,
            basis.rate,
            amount,
            basis.currency,
            basis.factor,
            basis.tax,
        )
        for basis, (quantity, amount) in sums.items()
        if quantity or amount
    ]


def _paired(pay: Sequence[Side], bill: Sequence[Side]) -> list[tuple[Side | None, Side | None]]:
    """Put two sides that move the same quantity of a unit into one charge; the rest stand alone."""
    pairs: list[tuple[Side | None, Side | None]] = []
    left = list(bill)
    for part in pay:
        moved = (part.unit, part.quantity)
        twin = next((other for other in left if (other.unit, other.quantity) == moved), None)
        if twin is not None:
            left.remove(twin)
        pairs.append((part, twin))
    return [*pairs, *((None, part) for part in left)]
