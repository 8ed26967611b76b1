"""Pay and bill: approved time to payslips, invoices and books, against COPY of the same rows.

Two worker processes, as the two cores of a machine have them, and each serves two agencies: one on
either side of the sea, so that neither has the lighter half.
"""

import time
from collections.abc import Sequence
from datetime import date

from backline.invoicing.models import Invoice
from backline.ledger import queries as ledger
from backline.payroll.models import Payslip
from deploy.bench.books import copies, workweeks
from deploy.bench.books.hands import Hands
from deploy.bench.books.workweeks import Agency
from deploy.bench.measuring import Differs, Row, Work


def prepare(count: int) -> Work:
    """So many workers, half of them on each side of the sea, and half of them each process's."""
    shares = [
        workweeks.agencies(count - count // 2, "first"),
        workweeks.agencies(count // 2, "second"),
    ]
    some = [one for share in shares for one in share]
    hands = Hands(shares)
    written: list[copies.Rows] = []
    return Work(
        units=count,
        floor=lambda: copies.copy(written),
        ours=lambda: hands.do(workweeks.pays_and_bills),
        agree=lambda: _first_week(some, hands, written),
        before=lambda: _next_week(some, hands),
        after=hands.rest,
        used=hands.used,
    )


def _first_week(some: Sequence[Agency], hands: Hands, written: list[copies.Rows]) -> None:
    """Play a week, see that it ended as it must, and keep the rows that it wrote."""
    hands.do(workweeks.works)
    before = copies.moment()
    hands.do(workweeks.pays_and_bills)
    for one in some:
        _must_be_whole(one)
        written += copies.written_since(one.ref, before)
    copies.make_floor(written)


def _must_be_whole(one: Agency) -> None:

    with one.books():
        slips = Payslip.objects.filter(run__is_final=True).count()
        left = Invoice.objects.exclude(state="finalized").count()
        if slips != one.count or left or ledger.out_of_balance(date(2100, 1, 1)):
            raise Differs(f"{one.country}: {slips} payslips of {one.count}, {left} open drafts.")


def _next_week(some: Sequence[Agency], hands: Hands) -> None:

    hands.do(workweeks.works)
    for one in some:
        copies.settle(one.ref)
    copies.empty_floor()


ROW = Row(
    name="pay-and-bill",
    what="a week of approved time to payslips, invoices, ledger and feed by two worker processes,"
    " against COPY of its rows by one connection",
    unit="worker",
    scale=20_000,
    goal=0.5,
    never_below=0.25,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=3,
)
