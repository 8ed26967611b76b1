"""Leave: what a worker earned before an absence, and the holiday that was earned and taken, all out
of charges and final statements.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, Sum

from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.kernel.errors import Missing
from backline.payroll.models import Payslip, PayslipLine
from rulebook.money import NOTHING, to_penny
from rulebook.packs.gb import holiday, sick
from rulebook.packs.gb.holiday import PaidWeek

TAKEN = "Holiday taken"
WORKED = ("work", "overtime")
EIGHT_WEEKS = timedelta(days=56)
LOOK_BACK = timedelta(weeks=104)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Hours of holiday: brought along, earned here while it accrued, taken, and what is left."""

    method: str
    brought: Decimal
    earned: Decimal
    taken: Decimal

    @property
    def left(self) -> Decimal:
        """Hours that may still be taken."""
        return self.brought + self.earned - self.taken


def balance(worker: UUID, on: date) -> Holiday:
    """A worker's holiday up to a day: hours worked in weeks in which it accrued earn it; those in
    which holiday pay went along with pay earned none.
    """
    row = Worker.objects.filter(pk=worker).first()
    if row is None:
        raise Missing("not_found", "There is no such worker.")
    firm = directory.firm()
    own = Charge.objects.filter(worker=worker, engagement="paye", unit="hour")
    weeks = (
        own.filter(pay_treatment__in=WORKED, worked_on__lte=on)
        .exclude(code="premium")
        .values_list("week_starts_on")
        .annotate(hours=Sum("pay_quantity"))
    )
    earned = sum(
        (
            holiday.accrued_hours(hours or NOTHING, week)
            for week, hours in weeks
            if directory.holiday_method_on(week, firm) == "accrued"
        ),
        NOTHING,
    )
    taken = own.filter(because=TAKEN).aggregate(hours=Sum("pay_quantity"))["hours"]
    return Holiday(
        directory.holiday_method_on(on, firm), row.holiday_hours, earned, taken or NOTHING
    )


def hour_of_holiday(worker: UUID, on: date) -> Decimal | None:
    """What an hour of holiday is paid: the average week over the average hours of the weeks looked
    back on; None where no week was paid.
    """
    rows = (
        Charge.objects.filter(
            worker=worker,
            engagement="paye",
            pay_line__payslip__run__is_final=True,
            pay_treatment__in=(*WORKED, "bonus", "commission", "allowance"),
            week_starts_on__lt=on,
            week_starts_on__gte=on - LOOK_BACK,
        )
        .values_list("week_starts_on")
        .annotate(
            paid=Sum("pay_amount"),
            hours=Sum("pay_quantity", filter=Q(unit="hour", pay_treatment__in=WORKED)),
        )
    )
    paid = [PaidWeek(week, amount or NOTHING) for week, amount, _ in rows]
    hours = [PaidWeek(week, worked or NOTHING) for week, amount, worked in rows if amount]
    try:
        week, length = holiday.week_pay(paid, on), holiday.week_pay(hours, on)
    except ValueError:
        return None
    return (week / length).quantize(Decimal("0.0001")) if length else None


def average_before(worker: UUID, on: date) -> Decimal | None:
    """Average weekly earnings of the eight weeks up to the last payday before a day, or of the
    weeks that were paid where there are fewer; None where nothing was paid.
    """
    slips = Payslip.objects.filter(
        worker=worker, route="paye", run__is_final=True, pay_on__lt=on
    ).select_related("run__calendar")
    last = slips.order_by("-pay_on").first()
    if last is None:
        return None
    rows = [slip for slip in slips if slip.pay_on > last.pay_on - EIGHT_WEEKS]
    earned = PayslipLine.objects.filter(
        payslip__in=[slip.pk for slip in rows], kind="earning"
    ).exclude(Q(code="expense") | Q(code__startswith="advance."))
    paid = earned.aggregate(amount=Sum("amount"))["amount"] or NOTHING
    if last.run.calendar.frequency == "monthly":
        months = len({slip.run.starts_on for slip in rows})
        return to_penny(sick.average_weekly(paid, months=min(months, 2)))
    days = {slip.run.starts_on: (slip.run.ends_on - slip.run.starts_on).days + 1 for slip in rows}
    return to_penny(sick.average_weekly(paid, weeks=max(sum(days.values()) // 7, 1)))
