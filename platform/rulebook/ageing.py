"""Ageing: how old what is owed is, how fast it comes in, and what lateness costs by law."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import cast

from rulebook.money import NOTHING, to_penny
from rulebook.periods import DAY
from rulebook.rates import Ref
from rulebook.timeline import Figure, Rules

BY_DUE, BY_INVOICE = "due_on", "invoiced_on"
COLLECTION_LIMITS = (0, 7, 30, 60, 90)
FUNDING_LIMITS = (30, 60, 90)
TWO_PLACES = Decimal("0.01")
DAYS_A_YEAR = Decimal(365)


@dataclass(frozen=True, slots=True)
class Open:
    """What is owed on one invoice: its remainder after part payments; below zero, a credit."""

    ref: Ref
    debtor: Ref
    invoiced_on: date
    due_on: date
    face: Decimal
    remaining: Decimal
    currency: str

    @property
    def is_part_paid(self) -> bool:
        """True when something, but not everything, has been paid."""
        return self.remaining not in (NOTHING, self.face)


@dataclass(frozen=True, slots=True)
class Bucket:
    """An age band in whole days, both ends inside; None is open. `amount` is what is owed in it."""

    label: str
    from_days: int | None
    to_days: int | None
    amount: Decimal
    invoices: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Ageing:
    """What one debtor owes in one currency, by age."""

    debtor: Ref
    currency: str
    buckets: tuple[Bucket, ...]

    @property
    def total(self) -> Decimal:
        """Everything owed, part-paid invoices with their remainder, credits taken off."""
        return sum((bucket.amount for bucket in self.buckets), NOTHING)


def aged(
    invoices: Iterable[Open],
    on: date,
    *,
    by: str = BY_DUE,
    limits: Sequence[int] = COLLECTION_LIMITS,
) -> tuple[Ageing, ...]:
    """Age open remainders by days since they fell due (or were invoiced), per debtor and currency.

    `limits` are the last days of each band; limits (0, 7, 30) make: not due, 1-7, 8-30, over 30.
    What is wholly paid is left out.
    """
    spans = _spans(limits, by)
    groups: dict[tuple[str, str], list[Open]] = {}
    for invoice in invoices:
        if invoice.remaining:
            groups.setdefault((str(invoice.debtor), invoice.currency), []).append(invoice)
    return tuple(
        Ageing(many[0].debtor, many[0].currency, _filled(spans, many, on, by))
        for _, many in sorted(groups.items())
    )


def days_old(invoice: Open, on: date, by: str = BY_DUE) -> int:
    """Whole days since the invoice fell due (negative before) or since it was dated."""
    since = invoice.due_on if by == BY_DUE else invoice.invoiced_on
    return (on - since).days


def _spans(limits: Sequence[int], by: str) -> list[tuple[str, int | None, int | None]]:
    spans: list[tuple[str, int | None, int | None]] = []
    first: int | None = None
    for last in limits:
        if first is None:
            label = "not due" if by == BY_DUE and last == 0 else f"0-{last}"
        else:
            label = f"{first}-{last}"
        spans.append((label, first, last))
        first = last + 1
    return [*spans, (f"over {limits[-1]}", first, None)]


def _filled(
    spans: Sequence[tuple[str, int | None, int | None]], invoices: Iterable[Open], on: date, by: str
) -> tuple[Bucket, ...]:
    oldest_first = sorted(invoices, key=lambda item: (item.due_on, item.invoiced_on, str(item.ref)))
    buckets = []
    for label, first, last in spans:
        inside = [
            invoice
            for invoice in oldest_first
            if (first is None or days_old(invoice, on, by) >= first)
            and (last is None or days_old(invoice, on, by) <= last)
        ]
        owed = sum((invoice.remaining for invoice in inside), NOTHING)
        buckets.append(Bucket(label, first, last, owed, tuple(invoice.ref for invoice in inside)))
    return tuple(buckets)


def days_sales_outstanding(receivables: Decimal, credit_sales: Decimal, days: int) -> Decimal:
    """Receivables over the credit sales of so many days, in days to two places; 0 without sales.

    With only what is not due yet it is the best possible figure; the difference is average delay.
    """
    return _share(receivables * days, credit_sales)


def count_back_days(receivables: Decimal, sales: Sequence[tuple[Decimal, int]]) -> Decimal:
    """Days of sales that receivables stand for, counted back month by month, to two places.

    `sales` are (credit sales, days of the month), newest first. What is owed
    beyond all sales counts all their days.
    """
    left, days = receivables, NOTHING
    for sold, length in sales:
        if left <= 0:
            break
        if sold > 0:
            days += min(Decimal(1), left / sold) * length
            left -= min(left, sold)
    return days.quantize(TWO_PLACES, ROUND_HALF_UP)


def collection_effectiveness(
    opening: Decimal, credit_sales: Decimal, closing: Decimal, closing_current: Decimal
) -> Decimal:
    """What was collected of what could have been, in percent to two places; 100 when nothing could.

    (opening + sales - closing) / (opening + sales - closing not yet due).
    """
    collectable = opening + credit_sales - closing_current
    if not collectable:
        return Decimal("100.00")
    return _share((opening + credit_sales - closing) * 100, collectable)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(TWO_PLACES, ROUND_HALF_UP) if whole else NOTHING


@dataclass(frozen=True, slots=True)
class LatePayment:
    """What a late debt costs by law: simple interest for the days late and a compensation."""

    days: int
    share: Decimal
    interest: Decimal
    daily: Decimal
    compensation: Decimal
    source: str

    @property
    def total(self) -> Decimal:
        """Interest and compensation together; neither carries VAT."""
        return self.interest + self.compensation


def statutory_interest(debt: Decimal, due_on: date, paid_on: date) -> LatePayment:
    """UK interest on a late gross debt: simple, over 365 days, at the rate of one half-year.

    Bank Rate before the half-year it became late in plus the statutory margin, from the day after
    it was due to the day it was paid, rounded once, to the penny; and a fixed compensation by the
    size of the debt. On time costs nothing. NoRule when no rate is held for that half-year.
    """
    days = (paid_on - due_on).days
    if days <= 0:
        return LatePayment(0, NOTHING, NOTHING, NOTHING, NOTHING, "")
    late_since = due_on + DAY
    reference, margin, fixed = (
        _late_payment_law()[f"gb.late_payment.{rule}"].on(late_since)
        for rule in ("reference_share", "over_base", "compensation")
    )
    share = cast(Decimal, reference.value) + cast(Decimal, margin.value)
    a_year = debt * share / DAYS_A_YEAR
    return LatePayment(
        days,
        share,
        to_penny(a_year * days),
        to_penny(a_year),
        _compensation(debt, fixed),
        f"{margin.source}; {reference.source}; {fixed.source}",
    )


def _compensation(debt: Decimal, figure: Figure) -> Decimal:
    """The sum of the first row whose bound the debt is below; the last row has no bound."""
    rows = cast(Sequence[tuple[Decimal | str, Decimal]], figure.value)
    return next(owed for below, owed in rows if not isinstance(below, Decimal) or debt < below)


@cache
def _late_payment_law() -> Rules:
    return Rules.read(Path(__file__).parent / "packs" / "gb" / "parameters", "gb")


def provision(by_bucket: Mapping[str, Decimal], shares: Mapping[str, Decimal]) -> Decimal:
    """The allowance for bad debts: each age band times its share, rounded once, to the penny."""
    return to_penny(sum((by_bucket[label] * shares[label] for label in by_bucket), NOTHING))
