"""Statements: payslips and their figures as bulk work reads them, without an object each."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

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


def of_run(run: PayRun) -> list[Statement]:
    """The statements of a run, in the order of their ids."""
    return list(rows.read(Statement, Payslip.objects.filter(run=run).order_by("id")))


def figures_of_run(run: PayRun) -> list[Figure]:
    """The lines of a run's statements, statement by statement as they stand on paper."""
    lines = PayslipLine.objects.filter(payslip__run=run).order_by("payslip_id", "n")
    return list(rows.read(Figure, lines))


def one(statement: UUID) -> Statement:
    """One statement that exists."""
    return next(rows.read(Statement, Payslip.objects.filter(pk=statement)))


def figures(statement: UUID) -> Iterator[Figure]:
    """The lines of one statement as they stand on paper."""
    return rows.read(Figure, PayslipLine.objects.filter(payslip=statement).order_by("n"))
