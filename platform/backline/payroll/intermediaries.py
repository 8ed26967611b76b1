"""Intermediaries: workers whom a quarter's final statements paid without tax taken here, for HMRC's
report; whoever was paid under PAYE here, deemed pay included, is left out.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Max, Min

from backline.directory.models import Intermediary, Worker
from backline.payroll.models import PayLine, Payslip
from rulebook.money import NOTHING
from rulebook.packs.gb.intermediaries import REASONS
from rulebook.periods import Period

Key = tuple[UUID, UUID | None, str]


@dataclass(slots=True)
class Reported:
    """One worker by one way of being paid in a quarter."""

    worker: Worker
    company: Intermediary | None
    route: str
    paid: Decimal = NOTHING
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def reason(self) -> str:
        """Why no tax was taken, by the report's letter."""
        return REASONS[self.route]


def of_quarter(quarter: Period) -> list[Reported]:
    """Everybody whom a quarter's report names, by name; what was voided is taken off."""
    slips = (
        Payslip.objects.filter(
            country="GB",
            run__is_final=True,
            route__in=REASONS,
            pay_on__gte=quarter.starts,
            pay_on__lt=quarter.ends,
        )
        .select_related("worker", "intermediary")
        .order_by("id")
    )
    found: dict[Key, Reported] = {}
    of: dict[UUID, Key] = {}
    for slip in slips:
        if slip.situation.get("deemed"):
            continue  # taxed here as pay
        key = (slip.worker_id, slip.intermediary_id, slip.route)
        row = found.setdefault(key, Reported(slip.worker, slip.intermediary, slip.route))
        row.paid += slip.gross
        of[slip.pk] = key
    spans = (
        PayLine.objects.filter(payslip__in=of)
        .values_list("payslip")
        .annotate(Min("charge__assignment__starts_on"), Max("charge__assignment__ends_on"))
    )
    for slip_key, starts_on, ends_on in spans:
        row = found[of[slip_key]]
        row.starts_on = min(filter(None, (row.starts_on, starts_on)), default=None)
        row.ends_on = ends_on
    paid = [row for row in found.values() if row.paid]
    return sorted(paid, key=lambda row: (row.worker.family_name, str(row.worker.pk)))
