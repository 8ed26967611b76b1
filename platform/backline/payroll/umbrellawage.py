"""Umbrella wage: whether an umbrella's payslip leaves the minimum for the hours worked."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from backline.payroll.models import PayLine, Payslip
from rulebook.packs.gb import wage
from rulebook.packs.gb.wage import HourlyMinimum
from rulebook.timeline import NoRule

Low = tuple[Decimal, HourlyMinimum, Decimal]


def short_of_minimum(paid: Payslip, gross: Decimal) -> Low | None:
    """The hours that a statement paid the umbrella for, the minimum of an hour, and how much gross
    pay falls short of it; None where it does not, or where hours or age are not known.

    All of gross pay is counted, so what falls short here does so for certain.
    """
    born = paid.worker.born_on.reveal() if paid.worker.born_on else ""
    worked = PayLine.objects.filter(payslip=paid, charge__unit="hour").exclude(
        charge__code__in=("premium", "holiday")
    )
    hours = worked.aggregate(hours=Sum("charge__pay_quantity"))["hours"]
    if not born or not hours:
        return None
    try:
        least = wage.minimum(date.fromisoformat(born), paid.run.starts_on)
    except NoRule:
        return None
    short = wage.shortfall(gross, hours, Decimal(0), least.amount)
    return (hours, least, short) if short else None
