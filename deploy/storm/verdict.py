"""Verdict: what a week left in the books, and what two weeks differ in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, Sum

from backline.charges.models import Charge
from backline.invoicing.models import Invoice
from backline.kernel import consumers, feed
from backline.kernel.models import Operation
from backline.ledger import queries as ledger
from backline.payroll.models import Payment, Payslip
from deploy.bench.books.workweeks import PAPERS, Agency
from deploy.demo import books

FAR: Final = date(2100, 1, 1)
OF_PAPERS: Final = "exception kind=invoice_undelivered"
LONGEST: Final = 400  # characters of a line that differs


@dataclass(frozen=True, slots=True)
class Week:
    """Every firm's books by business key, what must hold of them whatever happened, and counts."""

    books: dict[str, list[str]]
    broken: tuple[str, ...]
    counts: dict[str, int]

    def told(self) -> str:
        """How much there is, in a sentence."""
        counted = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"{counted}; {sum(map(len, self.books.values()))} lines of books compared"


def week_of(agencies: Sequence[Agency]) -> Week:
    """Read what a week left."""
    broken: list[str] = []
    counts = dict.fromkeys(("payslips", "payments", "charges", "invoices"), 0)
    for one in agencies:
        with one.books():
            broken += [f"{one.country}: {fault}" for fault in _broken(one.count)]
            counts["payslips"] += Payslip.objects.filter(run__is_final=True).count()
            counts["payments"] += Payment.objects.count()
            counts["charges"] += Charge.objects.count()
            counts["invoices"] += Invoice.objects.filter(state="finalized").count()
    return Week(_without_papers(books.of_everybody()), tuple(broken), counts)


def _without_papers(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The books but for what printing and sending papers says, which is for later."""
    return {
        firm: [line for line in lines if not line.startswith(OF_PAPERS)]
        for firm, lines in found.items()
    }


def difference(calm: Week, stormy: Week) -> list[str]:
    """What is wrong with either week, and what stands in one set of books and not in the other."""
    found = [f"the calm week: {fault}" for fault in calm.broken]
    found += [f"the stormy week: {fault}" for fault in stormy.broken]
    found += [line[:LONGEST] for line in books.differences(calm.books, stormy.books)]
    return found


def _broken(workers: int) -> list[str]:
    """Nobody paid twice, nothing lost, nothing left lying, and the books balance."""
    twice = Payslip.objects.values("worker_id").annotate(n=Count("id")).filter(n__gt=1).count()
    paid_twice = Payment.objects.values("worker_id").annotate(n=Count("id")).filter(n__gt=1).count()
    slips = Payslip.objects.filter(run__is_final=True).count()
    owed = Payslip.objects.aggregate(sum=Sum("net"))["sum"]
    paid = Payment.objects.aggregate(sum=Sum("amount"))["sum"]
    left = Operation.objects.exclude(state="succeeded").exclude(kind__in=PAPERS).count()
    behind = {name: places for name, places in consumers.behind().items() if places}
    rules = (
        (twice == 0, f"{twice} workers have two payslips"),
        (paid_twice == 0, f"{paid_twice} workers are paid twice"),
        (slips == workers, f"{slips} of {workers} workers have a final payslip"),
        (owed == paid, f"payslips say {owed}, payments say {paid}"),
        (not Invoice.objects.filter(state="draft").exists(), "drafts are left"),
        (left == 0, f"{left} operations did not succeed"),
        (not feed.is_waiting(), "events have no place in the feed"),
        (not behind, f"consumers are behind: {behind}"),
        (not ledger.out_of_balance(FAR), "the books do not balance"),
    )
    return [fault for holds, fault in rules if not holds]
