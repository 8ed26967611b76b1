"""Whether the figures of a run still hold: nothing has changed under them since they were worked
out.
"""

from django.db import connection

from backline.charges import waiting
from backline.kernel.errors import Conflict
from backline.payroll.actions.calculating import digest_of
from backline.payroll.gathering import EMPLOYED
from backline.payroll.models import PayRun, Payslip

PAYEE = ("worker_id", "intermediary_id")

# Whose last final payslip of the tax year is another than the one that theirs was worked out from;
# what is deemed pay has a year to date of its own with each company.
OVERTAKEN = """
SELECT own.worker_id
FROM payroll_payslip own LEFT JOIN LATERAL (
    SELECT slip.id
    FROM payroll_payslip slip JOIN payroll_payrun run ON run.id = slip.run_id
    WHERE slip.worker_id = own.worker_id AND slip.tax_year = own.tax_year
      AND slip.country = own.country AND slip.is_final AND slip.route = ANY (%(employed)s)
    ORDER BY run.released_at DESC, slip.id DESC LIMIT 1
) latest ON true
WHERE own.run_id = %(run)s AND own.route = ANY (%(employed)s)
  AND own.follows IS DISTINCT FROM latest.id
UNION
SELECT own.worker_id
FROM payroll_payslip own LEFT JOIN (
    SELECT DISTINCT ON (slip.worker_id, slip.intermediary_id, slip.tax_year)
           slip.worker_id, slip.intermediary_id, slip.tax_year, slip.id
    FROM payroll_payslip slip JOIN payroll_payrun run ON run.id = slip.run_id
    WHERE slip.is_final AND slip.route <> ALL (%(employed)s) AND slip.carried_forward <> '{}'
      AND (slip.worker_id, slip.intermediary_id) IN (
          SELECT worker_id, intermediary_id FROM payroll_payslip
          WHERE run_id = %(run)s AND route <> ALL (%(employed)s) AND carried_forward <> '{}'
      )
    ORDER BY slip.worker_id, slip.intermediary_id, slip.tax_year, run.released_at DESC, slip.id DESC
) latest USING (worker_id, intermediary_id, tax_year)
WHERE own.run_id = %(run)s AND own.route <> ALL (%(employed)s) AND own.carried_forward <> '{}'
  AND own.follows IS DISTINCT FROM latest.id
"""


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
    with connection.cursor() as cursor:
        cursor.execute(OVERTAKEN, {"run": row.pk, "employed": sorted(EMPLOYED)})
        return {str(worker) for (worker,) in cursor.fetchall()}


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
