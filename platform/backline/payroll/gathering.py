"""Gathering: the charges that a run is to pay, and each worker's situation made of them, in a
few queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from backline.assignments.engagements import COMPANY, COUNTRY
from backline.charges import waiting
from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import Intermediary, Order, SelfBilling, Worker
from backline.directory.queries import PayeeAccount
from backline.kernel import rows
from backline.kernel.events import plain
from backline.kernel.sealing import Secret
from backline.payroll import deemed, latest, owed, standing
from backline.payroll.earning import OF_ASSIGNMENT, PaySide
from backline.payroll.models import PayRun, Recovery, SupplierInvoice
from rulebook.pack import Situation
from rulebook.periods import DAY, Period

EMPLOYED_IN = {"GB": "paye", "US": "w2"}

Payee = tuple[UUID, str, UUID | None]
Before = dict[tuple[UUID, str], latest.Standing]


def payable(run: PayRun, **of: Any) -> QuerySet[Charge]:
    """The charges with a pay side that are on no payslip, worked up to the end of the
    run's period, all or those `of` some; a run for bonuses pays bonuses alone, one for advances no
    work at all.
    """
    if run.purpose == "advance":
        return Charge.objects.none()
    found = waiting.to_pay(**of).filter(
        pay_currency=run.currency,
        pay_frequency=run.calendar.frequency,
        engagement__in=run.calendar.engagements,
        worked_on__lte=run.ends_on,
    )
    return found.filter(pay_treatment__in=owed.BONUS) if run.purpose == "bonus" else found


class Person(NamedTuple):
    """What pay asks of a worker besides their elections."""

    id: UUID
    address: dict[str, Any]
    born_on: Secret | None

    def born(self) -> date | None:
        """The day of birth, if it is known."""
        return date.fromisoformat(self.born_on.reveal(self.id)) if self.born_on else None


@dataclass(slots=True)
class Gathered:
    """What a chunk of workers' payslips is made from."""

    run: PayRun
    charges: dict[Payee, list[PaySide]] = field(default_factory=dict)
    workers: dict[UUID, Person] = field(default_factory=dict)
    companies: dict[UUID, Intermediary] = field(default_factory=dict)
    elections: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    orders: dict[UUID, list[Order]] = field(default_factory=dict)
    accounts: dict[UUID, PayeeAccount] = field(default_factory=dict)
    before: Before = field(default_factory=dict)
    invoices: dict[UUID, SupplierInvoice] = field(default_factory=dict)
    taken: Mapping[tuple[UUID, str], Decimal] = field(default_factory=dict)
    employer: Mapping[str, Any] = field(default_factory=dict)
    balances: Mapping[UUID, Sequence[Recovery]] = field(default_factory=dict)
    overrides: dict[UUID, Decimal] = field(default_factory=dict)
    agreements: Mapping[UUID, Sequence[SelfBilling]] = field(default_factory=dict)
    inside: deemed.Inside = field(default_factory=deemed.Inside)
    employer_told: Mapping[str, Any] = field(default_factory=dict)  # as each payslip keeps it
    allowed: frozenset[UUID] = frozenset()  # companies off the register that somebody let through

    def situation(self, payee: Payee) -> Situation:
        """The situation of an employed worker in this run."""
        worker, route, _ = payee
        row, country = self.workers[worker], COUNTRY[route]
        before = self.before.get((worker, country), (None, {}))[1]
        own = self.elections.get(worker, {})
        charges = self.charges[payee]
        balances = [one for one in self.balances.get(worker, ()) if one.country == country]
        standing_ones = [
            (order.pk, standing.deduction(order, country, self.run.pay_on, self.taken))
            for order in self.orders.get(worker, ())
        ]
        return Situation(
            country=country,
            pay_on=self.run.pay_on,
            frequency=self.run.calendar.frequency,
            earnings=owed.earned(charges, balances, self.run, self.overrides),
            elections=standing.of_us(own, row.address, charges, before, self.employer)
            if country == "US"
            else standing.of_uk(own),
            employer=self.employer,
            deductions=owed.taken_after_tax(standing_ones, balances, self.run, self.overrides),
            year_to_date=before,
            worker_born_on=row.born(),
            period=Period(self.run.starts_on, self.run.ends_on + DAY),
        )

    def account(self, payee: Payee) -> PayeeAccount | None:
        """Where the payee is paid: the company's account where there is a company, else the
        worker's.
        """
        return self.accounts.get(payee[2] or payee[0])


def gather(run: PayRun, workers: Sequence[UUID]) -> Gathered:
    """Read everything that the payslips of these workers in a run are made from."""
    found = Gathered(run)
    work = payable(run, worker__among=workers).order_by("worked_on", "id")
    for charge in rows.read(PaySide, work, **OF_ASSIGNMENT):
        company = charge.intermediary_id if charge.engagement in COMPANY else None
        found.charges.setdefault((charge.worker_id, charge.engagement, company), []).append(charge)
    _advance(found, workers)
    companies = {company for _, _, company in found.charges if company}
    people = Worker.objects.filter(pk__among=workers)
    found.workers = {one.id: one for one in rows.read(Person, people)}
    found.companies = Intermediary.objects.in_bulk(companies)
    found.elections = directory.elections(workers, run.pay_on)
    found.orders = directory.orders(workers, run.pay_on)
    found.taken = standing.taken_so_far(found.orders)
    found.accounts = directory.approved_accounts(workers=workers, intermediaries=companies)
    found.allowed = frozenset(run.allowances.values_list("intermediary_id", flat=True))
    found.agreements = directory.self_billing(companies)
    found.inside = deemed.inside(found.charges, run.pay_on)
    found.invoices = _supplier_invoices(run, companies)
    for country in sorted({COUNTRY[route] for _, route, _ in found.charges}):
        for worker, own in latest.of_employees(workers, country, run.pay_on).items():
            found.before[worker, country] = own
    found.employer = standing.of_employer(run.pay_on)
    found.employer_told = plain(found.employer)
    found.balances, found.overrides = owed.of_run(run, workers), owed.overrides(run)
    return found


def _advance(found: Gathered, workers: Sequence[UUID]) -> None:
    """Who is paid nothing but an advance is paid all the same."""
    if found.run.kind == "regular":
        return
    for worker, country in owed.advanced(found.run):
        if worker in workers:
            found.charges.setdefault((worker, EMPLOYED_IN[country], None), [])


def _supplier_invoices(run: PayRun, companies: Iterable[UUID]) -> dict[UUID, SupplierInvoice]:
    """The accepted invoice of each company that no run has paid, the oldest first."""
    found = SupplierInvoice.objects.filter(
        intermediary__among=companies, state="accepted", currency=run.currency
    ).order_by("-issued_on", "-id")
    return {row.intermediary_id: row for row in found}
