"""Corrections: a correction is a recalculation less what was posted.

40 h posted at 14.00 / 22.00, and now
    38 h are right            -2 h at 14.00 and at 22.00, one charge
    the bill rate is 23.00    -40 h at 22.00 and +40 h at 23.00, bill sides alone: pay was right
    nothing has changed       nothing
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rulebook.money import NOTHING
from rulebook.rates import Priced, Ref, Side


class About(NamedTuple):
    """What a charge is about: the work, its day and its code."""

    assignment: Ref
    day: date
    code: str


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
    """A charge to post, and the charges about the same work that stand before it (none: new)."""

    charge: Priced
    corrects: tuple[Ref, ...]


@dataclass(slots=True)
class _Moved:
    """What one side moves on one basis, and the version of the rates it is said under."""

    quantity: Decimal
    amount: Decimal
    version: Ref


def differences(desired: Iterable[Priced], posted: Sequence[Posted]) -> tuple[Difference, ...]:
    """What must be posted so that everything posted adds up to what is desired, side by side.

    The same rate before and after gives a difference of quantity; another rate takes the old one
    back, under its version, and posts the new one. A side that is right is left alone, even when
    the version of the rates is new. Nothing at all when everything is right.
    """
    wanted, standing = _by_about(desired), _by_about(entry.charge for entry in posted)
    refs: dict[About, list[Ref]] = {}
    for entry in posted:
        refs.setdefault(about(entry.charge), []).append(entry.ref)
    found: list[Difference] = []
    for subject in sorted({*wanted, *standing}, key=_in_order):
        new, old = wanted.get(subject, []), standing.get(subject, [])
        if not old:
            found.extend(Difference(charge, ()) for charge in new if not charge.is_nothing)
            continue
        label = (new or old)[-1].label
        pay, bill = (_subtracted(new, old, name) for name in ("pay", "bill"))
        found.extend(
            Difference(Priced(*subject, version, paid, billed, label), tuple(refs[subject]))
            for version, paid, billed in _paired(pay, bill)
        )
    return tuple(found)


def redone(desired: Iterable[Priced], posted: Sequence[Posted]) -> tuple[Difference, ...]:
    """As `differences`, but whatever changed is taken back whole and posted again whole.

    Each reversal mirrors one posted charge and corrects it alone.
    """
    wanted = _by_about(desired)
    everything = [charge for many in wanted.values() for charge in many]
    changed = {about(found.charge) for found in differences(everything, posted)}
    back = [reversal(entry) for entry in posted if about(entry.charge) in changed]
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
    return About(charge.assignment, charge.day, charge.code)


def _by_about(charges: Iterable[Priced]) -> dict[About, list[Priced]]:
    grouped: dict[About, list[Priced]] = {}
    for charge in charges:
        grouped.setdefault(about(charge), []).append(charge)
    return grouped


def _in_order(subject: About) -> tuple[str, date, str]:
    return (str(subject.assignment), subject.day, subject.code)


def _subtracted(
    wanted: Sequence[Priced], standing: Sequence[Priced], name: str
) -> list[tuple[Ref, Side]]:
    """One side of one subject: what is wanted less what stands, for each basis."""
    sums: dict[Basis, _Moved] = {}
    for charges, sign in ((standing, -1), (wanted, 1)):
        for charge in charges:
            part: Side | None = getattr(charge, name)
            if part is None:
                continue
            basis = Basis(part.unit, part.rate, part.factor, part.currency, part.tax)
            moved = sums.setdefault(basis, _Moved(NOTHING, NOTHING, charge.version))
            moved.quantity += sign * part.quantity
            moved.amount += sign * part.amount
            moved.version = charge.version
    return [
        (
            moved.version,
            Side(
                moved.quantity,
                basis.unit,
                basis.rate,
                moved.amount,
                basis.currency,
                basis.factor,
                basis.tax,
            ),
        )
        for basis, moved in sums.items()
        if moved.quantity or moved.amount
    ]


def _paired(
    pay: Sequence[tuple[Ref, Side]], bill: Sequence[tuple[Ref, Side]]
) -> list[tuple[Ref, Side | None, Side | None]]:
    """Put two sides that move the same quantity under one version into one charge."""
    pairs: list[tuple[Ref, Side | None, Side | None]] = []
    left = list(bill)
    for version, part in pay:
        movement = (version, part.unit, part.quantity)
        twin = next(
            (row for row in left if (row[0], row[1].unit, row[1].quantity) == movement), None
        )
        if twin is not None:
            left.remove(twin)
        pairs.append((version, part, twin[1] if twin else None))
    return [*pairs, *((version, None, part) for version, part in left)]
