"""What can have happened in payroll, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAdded(Fact):
    """A group of workers is paid in a rhythm."""

    name: ClassVar[str] = "pay_calendar.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunOpened(Fact):
    """A pay day lies ahead."""

    name: ClassVar[str] = "pay_run.opened"
    calendar: str
    pay_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunCalculated(Fact):
    """Every payslip was worked out: ready, or blocked with what blocks it."""

    name: ClassVar[str] = "pay_run.calculated"
    state: str
    payslips: int
    net: Decimal
    blockers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunSubmitted(Fact):
    """The preparer asks for approval."""

    name: ClassVar[str] = "pay_run.submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunApproved(Fact):
    """A second person agreed to exactly these figures."""

    name: ClassVar[str] = "pay_run.approved"
    digest: str
    net: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunRejected(Fact):
    """A second person did not agree, and why."""

    name: ClassVar[str] = "pay_run.rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunWithdrawn(Fact):
    """The approval was taken back before release."""

    name: ClassVar[str] = "pay_run.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunRescheduled(Fact):
    """It has another pay day and is to be calculated again."""

    name: ClassVar[str] = "pay_run.rescheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunCancelled(Fact):
    """It will not take place; its charges wait for another run."""

    name: ClassVar[str] = "pay_run.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunReleased(Fact):
    """A third person let the money go: payslips are final and bank files are made."""

    name: ClassVar[str] = "pay_run.released"
    pay_on: str
    ends_on: str
    net: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRunSettled(Fact):
    """Every payment arrived, or some came back."""

    name: ClassVar[str] = "pay_run.settled"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReturned(Fact):
    """The bank sent a payment back."""

    name: ClassVar[str] = "payment.returned"
    run: str
    amount: Decimal
    currency: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRepeated(Fact):
    """A returned payment goes out again to new details; the subject is the new payment."""

    name: ClassVar[str] = "payment.repeated"
    replaces: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReversing(Fact):
    """The bank was asked for a sent payment back."""

    name: ClassVar[str] = "payment.reversing"
    run: str
    amount: Decimal
    currency: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayStatementVoided(Fact):
    """A final statement was taken back by an exact negative copy; the subject is the original."""

    name: ClassVar[str] = "pay_statement.voided"
    noun: ClassVar[str] = "payslip"
    by: str
    net: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayStatementFetched(Fact):
    """Somebody fetched the paper of a pay statement."""

    name: ClassVar[str] = "pay_statement.fetched"
    noun: ClassVar[str] = "payslip"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFileFetched(Fact):
    """Somebody fetched a bank file, account numbers and all."""

    name: ClassVar[str] = "payment_file.fetched"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiabilityPaid(Fact):
    """An authority, a scheme or an order's payee was paid."""

    name: ClassVar[str] = "liability.paid"
    amount: Decimal
    currency: str
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePolicySet(Fact):
    """The partner decided whether a preparer may release."""

    name: ClassVar[str] = "release_policy.set"
    preparer_may_release: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierInvoiceTaken(Fact):
    """A worker's own company invoiced: accepted, or held with its difference."""

    name: ClassVar[str] = "supplier_invoice.taken"
    intermediary: str
    state: str
    net: Decimal
    expected_net: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierInvoiceDecided(Fact):
    """Somebody accepted or refused an invoice that was held."""

    name: ClassVar[str] = "supplier_invoice.decided"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresCarriedIn(Fact):
    """A worker brought year-to-date figures along; the subject is the worker."""

    name: ClassVar[str] = "figures.carried_in"
    noun: ClassVar[str] = "worker"
    tax_year: str
    figures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOpened(Fact):
    """A worker owes what was paid too much, or is paid in advance."""

    name: ClassVar[str] = "recovery.opened"
    worker: str
    kind: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryAgreed(Fact):
    """How a balance is paid back was agreed."""

    name: ClassVar[str] = "recovery.agreed"
    way: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTaken(Fact):
    """Some of a balance was taken from pay; below zero where a void gave it back."""

    name: ClassVar[str] = "recovery.taken"
    statement: str
    amount: Decimal
    owed: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRepaid(Fact):
    """A worker paid some of a balance back by transfer."""

    name: ClassVar[str] = "recovery.repaid"
    amount: Decimal
    owed: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWrittenOff(Fact):
    """The firm asks for nothing more."""

    name: ClassVar[str] = "recovery.written_off"
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideSet(Fact):
    """One run takes another amount than what stands."""

    name: ClassVar[str] = "pay_override.set"
    run: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRemoved(Fact):
    """A run takes again what stands."""

    name: ClassVar[str] = "pay_override.removed"
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyAllowed(Fact):
    """Somebody lets a run pay through a company off the register; the subject is the run."""

    name: ClassVar[str] = "pay_run.company_allowed"
    intermediary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UmbrellaPayslipTaken(Fact):
    """What an umbrella's payslip says was held against what it should say."""

    name: ClassVar[str] = "umbrella_payslip.taken"
    worker: str
    short: Decimal
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionStatementIssued(Fact):
    """A subcontractor was told what was deducted in a tax month."""

    name: ClassVar[str] = "deduction_statement.issued"
    worker: str
    month_ends_on: str
    deducted: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class YearCorrected(Fact):
    """A statement was taken out of a tax year that is over; the subject is the statement."""

    name: ClassVar[str] = "pay_statement.year_corrected"
    noun: ClassVar[str] = "payslip"
    tax_year: str
    net: Decimal
    currency: str
