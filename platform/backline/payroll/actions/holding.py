"""Whether the figures of a run still hold: nothing has changed under them since they were worked
out.
"""

from backline.charges import waiting
from backline.kernel.errors import Conflict
from backline.payroll import latest
from backline.payroll.actions.calculating import digest_of
from backline.payroll.models import PayRun, Payslip

PAYEE = ("worker_id", "intermediary_id")


def must_hold(row: PayRun) -> None:
    """Refuse figures that are not those of the calculation, or that something has overtaken since:
    for who agrees to them, and who lets their money go.
    """
    if row.digest != digest_of(row):
        raise Conflict("figures_changed", "The payslips are no longer those; calculate again.")
    must_stand(row)


def must_stand(row: PayRun) -> None:
    """Refuse figures that something has overtaken since they were worked out, naming whose."""
    stale = latest.overtaken(row)
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


def corrected_since(row: PayRun) -> set[str]:
    """The workers with a charge that corrects one of this run and is on no payslip yet: a rate or
    hours changed before pay.
    """
    rows = waiting.to_pay().filter(
        corrects__pay_line__payslip__run=row,
        worked_on__lte=row.ends_on,
    )
    return {str(worker) for worker in rows.values_list("worker_id", flat=True).distinct()}


def moved_accounts(row: PayRun) -> set[str]:
    """The payees whose approved bank account is no longer the one their payslip was made for."""
    if row.kind == "void":
        return set()
    # an approved account never goes to another payee, so its state says enough
    moved = Payslip.objects.filter(run=row).exclude(bank_account__state="approved")
    return {str(company or worker) for worker, company in moved.values_list(*PAYEE)}
