"""Fees: what funding an invoice costs up to a day, flat, by tier, by day or by turnover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from rulebook.advance.terms import (
    ADVANCED,
    DAILY,
    FACE,
    FLAT,
    FUNDS,
    NET,
    OUTSTANDING,
    PER_ITEM,
    SERVICE,
    TIER,
    Fee,
)
from rulebook.money import NOTHING, to_penny
from rulebook.periods import DAY
from rulebook.rates import FOUR_PLACES


@dataclass(frozen=True, slots=True)
class FeeCharge:
    """One fee up to a day: its amount and the VAT on it, in pennies, and how it was come by."""

    code: str
    amount: Decimal
    vat: Decimal
    because: str
    is_up_front: bool = False

    @property
    def total(self) -> Decimal:
        """The fee with its VAT."""
        return self.amount + self.vat


@dataclass(frozen=True, slots=True)
class Balance:
    """How much stood open for how many days."""

    amount: Decimal
    days: int


def accrued(
    fee: Fee,
    *,
    face: Decimal,
    net: Decimal,
    advanced: Decimal,
    funded_on: date,
    received: Sequence[tuple[date, Decimal]],
    until: date,
) -> FeeCharge:
    """Work out one fee of one funded invoice from its funding to a day, rounded once, to the penny.

    `received` are the receipts applied to it. Days run from the day of funding; the day cash is
    applied (and cleared) is the first on the smaller balance.
    """
    standing = {
        FACE: face,
        NET: net,
        OUTSTANDING: face,
        ADVANCED: advanced,
        FUNDS: advanced,
    }[fee.base]
    days = max((until - funded_on).days, 0)
    if fee.kind in (FLAT, SERVICE):
        exact, because = standing * fee.share, f"{fee.share} of {standing}"
    elif fee.kind == PER_ITEM:
        exact, because = fee.share, "per invoice"
    elif fee.kind == TIER:
        steps = ceil(max(days - fee.first_days, 0) / fee.step_days)
        share = (fee.first_share if fee.first_days else NOTHING) + steps * fee.share
        exact, because = standing * share, f"{days} days: {share} of {standing}"
    elif fee.kind == DAILY:
        rows = balances(fee, standing, funded_on, received, until)
        exact = sum((row.amount * row.days for row in rows), NOTHING) * fee.share / fee.basis
        because = " + ".join(f"{row.amount} x {row.days} d" for row in rows)
    else:
        raise ValueError(f"{fee.kind} is not a kind of fee")
    amount = to_penny(exact)
    return FeeCharge(fee.code, amount, to_penny(amount * fee.vat_share), because, fee.is_up_front)


def balances(
    fee: Fee,
    standing: Decimal,
    funded_on: date,
    received: Sequence[tuple[date, Decimal]],
    until: date,
) -> tuple[Balance, ...]:
    """What a daily fee is charged on, piece by piece; face and net stay whole until the end."""
    shrinks = fee.base in (FUNDS, OUTSTANDING)
    rows: list[Balance] = []
    since, left = funded_on, standing
    for day, amount in sorted(received) if shrinks else ():
        counts_on = min(max(day + DAY * fee.clearance_days, funded_on), until)
        if counts_on > since:
            rows.append(Balance(left, (counts_on - since).days))
            since = counts_on
        left = max(left - amount, NOTHING)
    if until > since:
        rows.append(Balance(left, (until - since).days))
    return tuple(row for row in rows if row.amount)


def minimum_top_up(
    earned: Decimal,
    minimum: Decimal,
    vat_share: Decimal = NOTHING,
    *,
    days: int = 1,
    of_days: int = 1,
) -> FeeCharge:
    """What a period's fees fall short of the minimum, as its own line, with VAT.

    A period begun part-way takes `days` / `of_days` of the minimum, to the penny.
    """
    owed = to_penny(minimum * days / of_days)
    short = max(owed - earned, NOTHING)
    return FeeCharge("minimum", short, to_penny(short * vat_share), f"{owed} less {earned}")


def effective_share(fees: Decimal, advanced: Decimal, days: int, basis: int = 365) -> Decimal:
    """What funding cost as a share a year of the cash that was used, four places."""
    exact = fees / advanced * basis / days
    return exact.quantize(FOUR_PLACES, ROUND_HALF_UP)
