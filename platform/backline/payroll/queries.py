"""Questions to payroll: totals of a year, what is owed, who may release."""

from datetime import date
from typing import Any

from django.db.models import Count, Sum

from backline.payroll.models import Liability, Payslip, ReleasePolicy


def totals_of_year(tax_year: str, route: str = "") -> list[dict[str, Any]]:
    """What final statements of a tax year come to, worker by worker and route by route, voids
    taken off.
    """
    rows = Payslip.objects.filter(tax_year=tax_year, run__is_final=True)
    if route:
        rows = rows.filter(route=route)
    sums = (
        rows.values("worker_id", "route", "currency")
        .annotate(
            statements=Count("id"),
            gross=Sum("gross"),
            taken=Sum("taken"),
            net=Sum("net"),
            employer_cost=Sum("employer_cost"),
        )
        .order_by("worker_id", "route")
    )
    return [{**row, "worker": row["worker_id"]} for row in sums]


def dues(on: date) -> list[dict[str, Any]]:
    """What is still owed to tax, pension and order payees by due day, the earliest first."""
    sums = (
        Liability.objects.filter(paid_on__isnull=True)
        .values("payee", "due_on", "currency")
        .annotate(amount=Sum("amount"))
        .order_by("due_on", "payee")
    )
    # what is to come back has no day on which we would be late
    return [{**row, "is_overdue": row["due_on"] < on and row["amount"] > 0} for row in sums]


def preparer_may_release() -> bool:
    """Whether the partner lets the preparer of this firm's runs release them."""
    newest = ReleasePolicy.objects.order_by("-id").values_list("preparer_may_release", flat=True)
    return bool(newest.first())
