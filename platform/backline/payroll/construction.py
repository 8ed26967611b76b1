"""Construction: what subcontractors were paid in a tax month, and what of it was deducted: the
figures of the monthly return, a line a subcontractor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.payroll.companies import UNVERIFIED
from backline.payroll.models import Payslip, PayslipLine
from rulebook.money import NOTHING
from rulebook.packs.gb.taxyear import month_ends_on, months_after
from rulebook.periods import DAY

ROUTE, LINE = "cis", "gb.cis"


@dataclass(slots=True)
class Deducted:
    """What one subcontractor was paid in a tax month; what was voided is taken off."""

    worker: Worker
    standing: str = UNVERIFIED
    verification_number: str = ""
    utr: str = ""
    gross: Decimal = NOTHING
    liable: Decimal = NOTHING
    deducted: Decimal = NOTHING
    payments: list[tuple[date, Decimal]] = field(default_factory=list)

    @property
    def materials(self) -> Decimal:
        """What of the payments nothing is deducted from."""
        return self.gross - self.liable

    @property
    def paid(self) -> Decimal:
        """What arrived."""
        return self.gross - self.deducted


def month_before(on: date) -> date:
    """The 5th on which the tax month before that of a day ended."""
    return months_after(month_ends_on(on), -1)


def of_month(ends_on: date) -> list[Deducted]:
    """Every subcontractor who was paid in the tax month that ends on a day, by name; a few
    queries.
    """
    first = months_after(ends_on, -1) + DAY
    slips = list(
        Payslip.objects.filter(
            route=ROUTE, run__is_final=True, pay_on__gte=first, pay_on__lte=ends_on
        ).order_by("pay_on", "id")
    )
    workers = Worker.objects.in_bulk({slip.worker_id for slip in slips})
    bases = {
        slip: (base, amount)
        for slip, base, amount in PayslipLine.objects.filter(
            payslip__in=slips, code=LINE
        ).values_list("payslip_id", "base", "amount")
    }
    said = directory.elections(workers, ends_on)
    found: dict[UUID, Deducted] = {}
    for slip in slips:
        row = found.setdefault(slip.worker_id, Deducted(workers[slip.worker_id]))
        liable, deducted = bases.get(slip.pk, (NOTHING, NOTHING))
        row.gross += slip.gross
        row.liable += liable
        row.deducted += deducted
        row.payments.append((slip.pay_on, slip.gross))
    for worker, row in found.items():
        known = said.get(worker, {}).get("gb_cis", {})
        row.standing = str(known.get("standing", UNVERIFIED))
        row.verification_number = str(known.get("verification_number", ""))
        row.utr = str(known.get("utr", ""))
    return sorted(found.values(), key=lambda row: (row.worker.family_name, str(row.worker.pk)))


def sums(rows: Iterable[Deducted]) -> dict[str, Decimal]:
    """What a month comes to over all subcontractors."""
    own = list(rows)
    names = ("gross", "materials", "liable", "deducted", "paid")
    return {name: sum((getattr(row, name) for row in own), NOTHING) for name in names}
