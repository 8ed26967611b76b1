"""Pay and bill: approved time to payslips, invoices and books, against COPY of the same rows."""

import time
from collections.abc import Sequence
from datetime import date

from backline.invoicing.models import Invoice
from backline.ledger import queries as ledger
from backline.payroll.models import Payslip
from deploy.bench.books import copies, workweeks
from deploy.bench.books.workweeks import Agency
from deploy.bench.measuring import Differs, Row, Work


def prepare(count: int) -> Work:
    """So many workers, half of them on each side of the sea."""
    some = workweeks.agencies(count)
    written: list[copies.Rows] = []
    return Work(
        units=count,
        floor=lambda: copies.copy(written),
        ours=lambda: workweeks.each(some, workweeks.pays_and_bills),
        agree=lambda: _first_week(some, written),
        before=lambda: _next_week(some),
    )


def _first_week(some: Sequence[Agency], written: list[copies.Rows]) -> None:
    """Play a week, see that it ended as it must, and keep the rows that it wrote."""
    workweeks.each(some, workweeks.works)
    before = copies.moment()
    workweeks.each(some, workweeks.pays_and_bills)
    for one in some:
        _must_be_whole(one)
        written += copies.written_since(one.ref, before)
    copies.make_floor(written)


def _must_be_whole(one: Agency) -> None:

    with one.books():
        slips = Payslip.objects.filter(is_final=True).count()
        left = Invoice.objects.exclude(state="finalized").count()
        if slips != one.count or left or ledger.out_of_balance(date(2100, 1, 1)):
            raise Differs(f"{one.country}: {slips} payslips of {one.count}, {left} open drafts.")


def _next_week(some: Sequence[Agency]) -> None:

    workweeks.each(some, workweeks.works)
    for one in some:
        copies.settle(one.ref)
    copies.empty_floor()


ROW = Row(
    name="pay-and-bill",
    what="a week of approved time to payslips, invoices, ledger and feed, against COPY of its rows",
    unit="worker",
    scale=2000,
    goal=0.5,
    never_below=0.25,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=3,
)
