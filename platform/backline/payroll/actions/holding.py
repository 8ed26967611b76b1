"""Whether the figures of a run still hold: nothing has changed under them since they were worked
out.
"""

from collections.abc import Iterable
from uuid import UUID

from backline.assignments.engagements import COUNTRY
from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.kernel.errors import Conflict
from backline.payroll.actions.calculating import digest_of
from backline.payroll.gathering import EMPLOYED, figures_before
from backline.payroll.models import PayRun, Payslip


def must_hold(row: PayRun) -> None:
    """Refuse figures that something has overtaken since they were worked out, naming whose."""
    if row.digest != digest_of(row):
        raise Conflict("figures_changed", "The payslips are no longer those; calculate again.")
    stale = overtaken(row)
    if stale:
        raise Conflict(
            "figures_overtaken",
            f"{len(stale)} workers were paid by another run meanwhile; calculate again.",
            workers=sorted(stale),
        )
    corrected = corrected_since(row)
    if corrected:
        raise Conflict(
            "work_corrected",
            f"What {len(corrected)} workers are paid for was corrected meanwhile; calculate again.",
            workers=sorted(corrected),
        )
    moved = moved_accounts(row)
    if moved:
        raise Conflict(
            "bank_account_changed",
            f"{len(moved)} payees have other bank details than when the run was calculated;"
            " calculate again, so that they are approved with it.",
            payees=sorted(moved),
        )


def overtaken(row: PayRun) -> set[str]:
    """The workers whose year to date moved on since their payslip of this run was worked out."""
    slips = list(
        Payslip.objects.filter(run=row, route__in=EMPLOYED).values_list(
            "worker_id", "route", "follows"
        )
    )
    found: set[str] = set()
    for country in sorted({COUNTRY[route] for _, route, _ in slips}):
        own: Iterable[UUID] = [worker for worker, route, _ in slips if COUNTRY[route] == country]
        before = figures_before(list(own), country, row.pay_on)
        found |= {
            str(worker)
            for worker, route, follows in slips
            if COUNTRY[route] == country and before.get(worker, (None, {}))[0] != follows
        }
    return found


def corrected_since(row: PayRun) -> set[str]:
    """The workers with a charge that corrects one of this run and is on no payslip yet: a rate or
    hours changed before pay.
    """
    rows = Charge.objects.filter(
        corrects__pay_line__payslip__run=row,
        pay_amount__isnull=False,
        pay_line__isnull=True,
        worked_on__lte=row.ends_on,
    )
    return {str(worker) for worker in rows.values_list("worker_id", flat=True).distinct()}


def moved_accounts(row: PayRun) -> set[str]:
    """The payees whose approved bank account is no longer the one their payslip was made for."""
    if row.kind == "void":
        return set()
    columns = ("worker_id", "intermediary_id", "bank_account_id")
    slips: Iterable[tuple[UUID, UUID | None, UUID | None]] = Payslip.objects.filter(
        run=row
    ).values_list(*columns)
    held: dict[UUID, UUID | None] = {}
    companies: set[UUID] = set()
    for worker, company, account in slips:
        held[worker if company is None else company] = account
        companies |= set() if company is None else {company}
    known = directory.approved_accounts(workers=held.keys() - companies, intermediaries=companies)
    return {
        str(payee)
        for payee, account in held.items()
        if payee not in known or known[payee].pk != account
    }
