"""Weeks: time handed in and approved, and runs worked out, for tests that begin after that."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from tests.books.trade import Trade, person


def approved_week(
    trade: Trade, assignment: UUID, monday: date, hours: str, *, approve: bool = True
) -> UUID:
    """A week of so many hours over five days, handed in and, if wanted, approved; its sheet."""
    from backline.kernel.outcomes import one
    from backline.timesheets import actions as timesheets

    daily = Decimal(hours) / 5
    entries = [
        timesheets.NewEntry(worked_on=monday + timedelta(days=day), quantity=daily)
        for day in range(5)
    ]
    new = timesheets.NewSheet(assignment=assignment, starts_on=monday, entries=entries, submit=True)
    with trade.inside():
        sheet = one(timesheets.enter([new], **trade.told))
    if approve:
        with trade.inside():
            one(timesheets.approve([sheet], actor=person("bob"), at=trade.at))
    return sheet


def ready_run(trade: Trade) -> UUID:
    """The oldest run of the calendar that is open, worked out."""
    from backline.payroll import actions as payroll
    from backline.payroll.models import PayRun

    with trade.inside():
        payroll.open_due(trade.on, **trade.told)
        run = PayRun.objects.filter(state="open").order_by("starts_on").first()
        assert run is not None
    return worked_out(trade, run.pk)


def worked_out(trade: Trade, run: UUID) -> UUID:
    """A run, worked out chunk by chunk."""
    from backline.kernel import operations
    from backline.payroll import actions as payroll

    with trade.inside():
        operation = payroll.calculate(run, **trade.told)
    more = True
    while more:
        with trade.inside():
            more = operations.run_chunk(operation.pk, trade.at)
    return run
