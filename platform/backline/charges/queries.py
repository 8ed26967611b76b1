"""Questions to charges."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum

from backline.charges.models import Charge, Correction
from backline.charges.weeks import TIME

NOTHING = Decimal("0.00")


def of_sheets(timesheets: Iterable[UUID]) -> QuerySet[Charge]:
    """Everything that was charged for these sheets' time."""
    return Charge.objects.filter(timesheet__in=list(timesheets), kind=TIME).order_by("id")


def of_corrections(corrections: Iterable[UUID]) -> QuerySet[Charge]:
    """What these corrections posted."""
    return Charge.objects.filter(correction__in=list(corrections)).order_by("id")


def corrected_before(correction: Correction) -> QuerySet[Charge]:
    """What a week had been charged at before it was corrected."""
    return Charge.objects.filter(
        worker_id=correction.worker_id,
        week_starts_on=correction.week_starts_on,
        kind=TIME,
        priced_at__lt=correction.corrected_at,
    ).order_by("id")


def totals(starts_on: date) -> list[dict[str, object]]:
    """The sums of a week's charges by the currencies of both sides."""
    rows = (
        Charge.objects.filter(week_starts_on=starts_on)
        .values("pay_currency", "bill_currency")
        .annotate(pay=Sum("pay_amount"), bill=Sum("bill_amount"))
        .order_by("pay_currency", "bill_currency")
    )
    return [dict(row) for row in rows]
