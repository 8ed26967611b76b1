"""Statements of a tax year that is over: taken out of that year's forms, which are filed anew; the
year to date of the present is left alone.
"""

from datetime import datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.events import plain, record
from backline.ledger import actions as ledger
from backline.payroll import deadlines, dues, posting, statements
from backline.payroll.actions.calculating import held
from backline.payroll.actions.recovering import owe_back
from backline.payroll.earning import tax_year
from backline.payroll.events import YearCorrected
from backline.payroll.latest import EMPLOYED
from backline.payroll.models import Payslip, YearCorrection
from backline.payroll.yearend import AMENDED


def correct_year(statement: UUID, *, reason: str, actor: Actor, at: datetime) -> YearCorrection:
    """Take a final statement of an earlier tax year out of that year's forms; what was paid by it
    is owed back, under a plan that is still to be agreed.

    Within the tax year it is voided instead. Somebody is asked to file the forms anew.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is taken back.", pointer="/reason")
    found = Payslip.objects.filter(pk=statement).values_list("run_id", flat=True).first()
    if found is None:
        raise Missing("not_found", "There is no such pay statement.")
    held(found)
    slip = Payslip.objects.select_related("run").get(pk=statement)
    _must_be_over(slip, at)
    row = YearCorrection.objects.create(
        statement=slip,
        worker_id=slip.worker_id,
        country=slip.country,
        tax_year=slip.tax_year,
        figures=plain({key: -added for key, added in slip.added().items()}),
        reason=reason[:200],
        made_at=at,
        made_by=actor.as_json(),
    )
    told, lines, on = (
        statements.one(slip.pk),
        list(statements.figures(slip.pk)),
        deadlines.today(at),
    )
    ledger.post([posting.year_corrected(row.pk, told, lines, on)], actor=actor, at=at)
    dues.take_back(row, told, lines, on)
    owe_back(slip, slip.net, reason, actor, at)
    fact = YearCorrected(
        subject=slip.pk,
        tax_year=slip.tax_year,
        net=slip.net,
        currency=slip.currency,
        reason=reason,
    )
    record([fact], actor=actor, at=at)
    _ask_for_forms(row, slip, actor, at)
    return row


def _ask_for_forms(row: YearCorrection, slip: Payslip, actor: Actor, at: datetime) -> None:
    trouble = desk.Found(
        kind="negative_pay",
        key=f"year_correction:{row.pk}",
        title=f"The tax year {slip.tax_year} is to be filed anew",
        detail=row.reason,
        about_kind="worker",
        about=slip.worker_id,
        stops="money",
        at_stake=slip.net,
        currency=slip.currency,
        suggested=f"File: {', '.join(AMENDED[slip.country])}. Then agree how the pay comes back.",
    )
    desk.open_exceptions([trouble], actor=actor, at=at)


def _must_be_over(slip: Payslip, at: datetime) -> None:
    if not slip.run.is_final or slip.voids_id is not None or slip.route not in EMPLOYED:
        raise Conflict(
            "not_corrected_so", "Only a final statement of somebody employed is corrected so."
        )
    if tax_year(slip.country, deadlines.today(at)) == slip.tax_year:
        raise Conflict("same_tax_year", "Its tax year is not over: void the statement instead.")
    if (
        Payslip.objects.filter(voids=slip).exists()
        or YearCorrection.objects.filter(statement=slip).exists()
    ):
        raise Conflict("voided_already", "This statement was taken back already.")
