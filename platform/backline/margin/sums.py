"""Sums: margin added up along one dimension, live from charges or as it was frozen.

What is late needs no list: everything charged for weeks that are closed, less everything that was
frozen of them, is what the open week has to tell. That holds for late time, for corrections and for
burden that came to something else than was expected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from backline.charges.models import Charge
from backline.margin.models import MarginAdjustment, WeekMargin
from rulebook.margin import ACTUAL, EXPECTED
from rulebook.money import NOTHING
from rulebook.rates import to_rate

Key = tuple[Any, str]  # the dimension's value and the currency
FIGURES = ("hours", "bill", "pay", "burden", "other")
TIME = ("hour",)
NOT_HOURS = ("premium",)  # paid for hours that stand as straight time already


@dataclass(slots=True)
class Sums:
    """What charges come to in one currency; `expected` counts those whose burden is not final."""

    hours: Decimal = NOTHING
    bill: Decimal = NOTHING
    pay: Decimal = NOTHING
    burden: Decimal = NOTHING
    other: Decimal = NOTHING
    expected: int = 0

    @property
    def margin(self) -> Decimal:
        """Bill less pay less burden, and what was put to margin alone."""
        return self.bill - self.pay - self.burden + self.other

    @property
    def margin_share(self) -> Decimal | None:
        """Margin as a share of the bill; None where nothing was billed."""
        return to_rate(self.margin / self.bill) if self.bill else None

    @property
    def markup_share(self) -> Decimal | None:
        """Margin as a share of pay; None where nothing was paid."""
        return to_rate(self.margin / self.pay) if self.pay else None

    @property
    def burden_is(self) -> str:
        """Whether all of the burden is what it cost, or some is what is to be expected."""
        return EXPECTED if self.expected else ACTUAL

    @property
    def is_nothing(self) -> bool:
        """Whether there is no figure to tell."""
        return not any(getattr(self, name) for name in FIGURES)

    def add(self, other: "Sums", sign: int = 1) -> None:
        """Add, or with -1 take away."""
        for name in FIGURES:
            setattr(self, name, getattr(self, name) + sign * getattr(other, name))
        self.expected += other.expected if sign > 0 else 0


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to add up: where its value is found beside a charge, an adjustment, a frozen row."""

    live: str
    frozen: str


DIMENSIONS: Mapping[str, Dimension] = {
    "assignment": Dimension("assignment_id", "assignment_id"),
    "client": Dimension("client_id", "client_id"),
    "worker": Dimension("worker_id", "worker_id"),
    "consultant": Dimension("assignment__consultant", "assignment__consultant"),
    "service_line": Dimension("assignment__service_line", "assignment__service_line"),
    "week": Dimension("week_starts_on", "week__week_starts_on"),
}


def live(by: str, weeks: Q) -> dict[Key, Sums]:
    """What charges and adjustments of some weeks come to now, along a dimension."""
    found: dict[Key, Sums] = {}
    column = DIMENSIONS[by].live
    for row in _charged(Charge.objects.filter(weeks), column):
        paid = Sums(
            hours=row["time"] or NOTHING,
            pay=row["paid"] or NOTHING,
            burden=row["cost"],
            expected=row["open"],
        )
        billed = Sums(bill=row["billed"] or NOTHING)
        for sums, currency in ((paid, row["pay_currency"]), (billed, row["bill_currency"])):
            if currency:
                found.setdefault((row[column], currency), Sums()).add(sums)
    adjusted = MarginAdjustment.objects.filter(weeks).values(column, "currency")
    for row in adjusted.annotate(put=Sum("amount")).order_by():
        key = (row[column], row["currency"])
        found.setdefault(key, Sums()).add(Sums(other=row["put"]))
    return found


def frozen(by: str, weeks: Q) -> dict[Key, Sums]:
    """What was reported of closed weeks, along a dimension."""
    column = DIMENSIONS[by].frozen
    rows = (
        WeekMargin.objects.filter(weeks)
        .values(column, currency=F("week__currency"))
        .annotate(**{f"all_{name}": Sum(name) for name in FIGURES})
        .order_by()
    )
    return {
        (row[column], row["currency"]): Sums(**{name: row[f"all_{name}"] for name in FIGURES})
        for row in rows
    }


def late(by: str, closed_through: date | None) -> dict[Key, Sums]:
    """What closed weeks come to now, less what was reported of them, along a dimension."""
    if closed_through is None:
        return {}
    # every late item stands in one week, the open one; which, the caller knows
    found = live(by, Q(week_starts_on__lte=closed_through))
    for key, sums in frozen(by, Q()).items():
        found.setdefault(key, Sums()).add(sums, -1)
    return {key: sums for key, sums in found.items() if not sums.is_nothing}


def added(parts: Iterable[Mapping[Key, Sums]]) -> dict[Key, Sums]:
    """Several sums as one."""
    found: dict[Key, Sums] = {}
    for part in parts:
        for key, sums in part.items():
            found.setdefault(key, Sums()).add(sums)
    return found


def _charged(rows: QuerySet[Charge], column: str) -> Iterable[dict[str, Any]]:
    is_final = Q(pay_line__payslip__run__is_final=True)
    is_time = Q(unit__in=TIME) & ~Q(code__in=NOT_HOURS)
    found: Iterable[dict[str, Any]] = (
        rows.values(column, "pay_currency", "bill_currency")
        .annotate(
            paid=Sum("pay_amount"),
            billed=Sum("bill_amount"),
            cost=Sum(
                Case(When(is_final, then=F("pay_line__burden")), default=F("expected_burden"))
            ),
            open=Count("id", filter=Q(pay_amount__isnull=False) & ~is_final),
            # hours are those that are paid: a bill of the same hours is not more of them
            time=Sum("pay_quantity", filter=is_time),
        )
        .order_by()
    )
    return found
