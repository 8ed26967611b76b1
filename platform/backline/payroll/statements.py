"""Statements: payslips and their figures as bulk work reads them, without an object each."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import Case, Q, Sum, When

from backline.kernel import rows
from backline.payroll.models import PayRun, Payslip, PayslipLine


class Statement(NamedTuple):
    """One payslip: whose it is, by which route, and what it comes to."""

    id: UUID
    worker_id: UUID
    intermediary_id: UUID | None
    route: str
    country: str
    tax_year: str
    pay_on: date
    currency: str
    gross: Decimal
    vat: Decimal
    net: Decimal
    voids_id: UUID | None


class Figure(NamedTuple):
    """One line of a payslip."""

    payslip_id: UUID
    kind: str
    code: str
    amount: Decimal
    payee: str


class Due(NamedTuple):
    """What a payee has to get of a run: a worker, or the company through which workers are paid."""

    person: UUID | None
    intermediary_id: UUID | None
    amount: Decimal
    is_contractor: bool  # paid for nothing but a contractor's work


def of_run(run: PayRun) -> Iterator[tuple[Statement, Sequence[Figure]]]:
    """The statements of a run in the order of their ids, each with its lines as they stand on
    paper; however long the run is, some are held at a time.
    """
    left = rows.stream(Statement, Payslip.objects.filter(run=run).order_by("id"))
    while some := list(islice(left, rows.SOME)):
        lines: dict[UUID, list[Figure]] = {slip.id: [] for slip in some}
        own = PayslipLine.objects.filter(payslip__among=lines).order_by("payslip_id", "n")
        for line in rows.read(Figure, own):
            lines[line.payslip_id].append(line)
        yield from ((slip, lines[slip.id]) for slip in some)


def due(run: PayRun) -> Iterator[Due]:
    """What each payee of a run has to get, where it is more than nothing, workers first."""
    person = Case(When(intermediary=None, then="worker_id"))
    sums = (
        Payslip.objects.filter(run=run)
        .values("intermediary_id", person=person)
        .annotate(amount=Sum("net"), is_contractor=BoolAnd(Q(route="1099")))
        .filter(amount__gt=0)
    )
    return rows.stream(Due, sums.order_by("person", "intermediary_id"))


def one(statement: UUID) -> Statement:
    """One statement that exists."""
    return next(rows.read(Statement, Payslip.objects.filter(pk=statement)))


def figures(statement: UUID) -> Iterator[Figure]:
    """The lines of one statement as they stand on paper."""
    return rows.read(Figure, PayslipLine.objects.filter(payslip=statement).order_by("n"))
