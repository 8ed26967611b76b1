"""Reconciliation: what two sets of books say about the same thing, and every break between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from rulebook.money import NOTHING
from rulebook.rates import Ref

Key = TypeVar("Key", bound=Ref)


@dataclass(frozen=True, slots=True)
class Break:
    """One thing on which the agency's and the partner's books differ, in pennies."""

    check: str
    about: Ref
    agency: Decimal
    partner: Decimal

    @property
    def difference(self) -> Decimal:
        """By how much the agency says more."""
        return self.agency - self.partner


def compared(
    check: str, agency: Mapping[Key, Decimal], partner: Mapping[Key, Decimal]
) -> tuple[Break, ...]:
    """Every break of one check (by invoice, by release); what one side does not know is 0."""
    return tuple(
        Break(check, about, ours, theirs)
        for about in sorted({*agency, *partner}, key=str)
        if (ours := agency.get(about, NOTHING)) != (theirs := partner.get(about, NOTHING))
    )


def rolled(
    check: str, about: Ref, opening: Decimal, movements: Decimal, closing: Decimal
) -> tuple[Break, ...]:
    """The break of opening + movements against closing; none when they agree."""
    expected = opening + movements
    return () if expected == closing else (Break(check, about, expected, closing),)
