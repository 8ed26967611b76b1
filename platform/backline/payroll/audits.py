"""Audits: a span of payments through umbrellas, each with its payslip, its proof and the standing
of the company on that day; what is missing is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backline.directory.models import CompanyStanding
from backline.payroll.chain import CompanyAllowance, UmbrellaPayslip
from backline.payroll.models import PayLine, Payment, Payslip
from rulebook.money import NOTHING

ROUTE = "umbrella"


@dataclass(frozen=True, slots=True)
class Link:
    """One payment through an umbrella, and everything that shows that tax on it was paid."""

    statement: Payslip
    assignments: Sequence[UUID]
    payment: Payment | None
    payslip: UmbrellaPayslip | None
    standing: CompanyStanding | None
    allowance: CompanyAllowance | None

    @property
    def is_approved(self) -> bool:
        """Whether the register said that the company may be used on the day of the payment."""
        one, on = self.standing, self.statement.pay_on
        return (
            one is not None
            and one.state == CompanyStanding.State.APPROVED
            and (one.until is None or on <= one.until)
        )

    @property
    def gaps(self) -> list[str]:
        """What is missing, by stable codes."""
        missing = {
            "payment_missing": self.payment is None,
            "payment_not_settled": self.payment is not None and self.payment.state != "settled",
            "payslip_missing": self.payslip is None,
            "payslip_differs": self.payslip is not None and not self.payslip.is_right,
            "proof_missing": self.payslip is not None and not self.payslip.proof,
            "company_not_approved": not self.is_approved,
        }
        return [code for code, is_so in missing.items() if is_so]


def through_umbrellas(starts_on: date, ends_on: date) -> list[Link]:
    """Every payment through an umbrella on pay days of a span, both included; a few queries.

    What was voided is left out with what voided it.
    """
    rows = list(
        Payslip.objects.filter(
            route=ROUTE,
            run__is_final=True,
            pay_on__gte=starts_on,
            pay_on__lte=ends_on,
            voids__isnull=True,
            voided_by__isnull=True,
        )
        .select_related("worker", "intermediary")
        .order_by("pay_on", "id")
    )
    work = _assignments(rows)
    paid = _payments(rows)
    slips = {
        row.statement_id: row
        for row in UmbrellaPayslip.objects.filter(statement__in=rows).order_by("id")
    }
    standings = _standings({row.intermediary_id for row in rows if row.intermediary_id})
    allowed = {
        (row.run_id, row.intermediary_id): row
        for row in CompanyAllowance.objects.filter(run__in={row.run_id for row in rows})
    }
    return [
        Link(
            row,
            work.get(row.pk, ()),
            paid.get((row.run_id, row.intermediary_id)),
            slips.get(row.pk),
            _on(standings.get(row.intermediary_id, ()), row.pay_on),
            allowed.get((row.run_id, row.intermediary_id)) if row.intermediary_id else None,
        )
        for row in rows
    ]


def sums(links: Iterable[Link]) -> dict[str, Decimal]:
    """What a span comes to: paid, of that with a right payslip and proof, short by payslips."""
    told = {"paid": NOTHING, "proved": NOTHING, "short": NOTHING}
    for link in links:
        told["paid"] += link.statement.net
        if not link.gaps:
            told["proved"] += link.statement.net
        if link.payslip is not None:
            told["short"] += link.payslip.short
    return told


def _assignments(rows: Sequence[Payslip]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    lines = PayLine.objects.filter(payslip__in=rows).order_by("charge__assignment_id")
    for slip, assignment in lines.values_list("payslip_id", "charge__assignment_id").distinct():
        found.setdefault(slip, []).append(assignment)
    return found


def _payments(rows: Sequence[Payslip]) -> dict[tuple[UUID, UUID | None], Payment]:
    """The payment of each run and company: one that was paid again stands for the one before."""
    some = Payment.objects.filter(
        run__in={row.run_id for row in rows},
        intermediary__in={row.intermediary_id for row in rows if row.intermediary_id},
    )
    return {(row.run_id, row.intermediary_id): row for row in some.order_by("id")}


def _standings(companies: set[UUID]) -> dict[UUID | None, list[CompanyStanding]]:
    found: dict[UUID | None, list[CompanyStanding]] = {}
    for row in CompanyStanding.objects.filter(intermediary__in=companies).order_by("id"):
        found.setdefault(row.intermediary_id, []).append(row)
    return found


def _on(rows: Sequence[CompanyStanding], day: date) -> CompanyStanding | None:
    """The last decision that holds on a day: of those that had begun, the one taken last."""
    begun = [row for row in rows if row.since <= day]
    return begun[-1] if begun else None
