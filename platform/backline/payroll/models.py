"""What payroll remembers: calendars, runs, payslips with lines, payments, files, and dues."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull

from backline.charges.models import Charge
from backline.directory.models import BankAccount, Intermediary, PayingAccount, Worker
from backline.kernel import fields
from backline.kernel.models import Document, Row
from backline.payroll.balances import (
    OpeningFigure,
    Override,
    Recovery,
    YearCorrection,
    YearToDate,
)

__all__ = [
    "Liability", "OpeningFigure", "Override", "PayCalendar", "PayLine", "PayRun", "Payment",
    "PaymentFile", "Payslip", "PayslipLine", "Recovery", "ReleasePolicy", "SupplierInvoice",
    "YearCorrection", "YearToDate",
]  # fmt: skip


class PayCalendar(Row):
    """How often a group of workers is paid and how long after the period."""

    PREFIX = "cal"

    name = models.CharField(max_length=80, unique=True)
    frequency = models.CharField(max_length=14)
    engagements = models.JSONField(default=list)
    currency = fields.currency()
    anchor_on = models.DateField()
    pay_lag_days = models.SmallIntegerField(default=5)
    holidays = models.CharField(max_length=20)
    is_active = models.BooleanField(default=True)


class PayRun(Row):
    """One pay day of one calendar, from open to settled; maker, checker and releaser are apart."""

    PREFIX = "run"

    class State(models.TextChoices):
        """The states of design: open .. settled or partly_paid; rejected and cancelled aside."""

        OPEN = "open"
        CALCULATING = "calculating"
        READY = "ready"
        BLOCKED = "blocked"
        SUBMITTED = "submitted"
        APPROVED = "approved"
        RELEASING = "releasing"
        RELEASED = "released"
        SETTLED = "settled"
        PARTLY_PAID = "partly_paid"
        REJECTED = "rejected"
        CANCELLED = "cancelled"

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        State.OPEN: frozenset({State.CALCULATING, State.CANCELLED}),
        # again, when a calculation was lost or something changed under it
        State.CALCULATING: frozenset({State.READY, State.BLOCKED, State.CALCULATING}),
        State.READY: frozenset({State.SUBMITTED, State.CALCULATING, State.OPEN, State.CANCELLED}),
        State.BLOCKED: frozenset({State.CALCULATING, State.OPEN, State.CANCELLED}),
        State.SUBMITTED: frozenset({State.APPROVED, State.REJECTED}),
        State.REJECTED: frozenset({State.CALCULATING, State.OPEN, State.CANCELLED}),
        State.APPROVED: frozenset({State.RELEASING, State.READY}),
        State.RELEASING: frozenset({State.RELEASED}),
        State.RELEASED: frozenset({State.SETTLED, State.PARTLY_PAID}),
        State.PARTLY_PAID: frozenset({State.SETTLED}),
        State.SETTLED: frozenset({State.PARTLY_PAID}),
        State.CANCELLED: frozenset(),
    }

    calendar = models.ForeignKey(PayCalendar, models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=14, default="regular")
    # what an off-cycle run is for decides what it pays and what it takes
    purpose = fields.words(12)
    reason = fields.words(200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    pay_on = models.DateField()
    currency = fields.currency()
    state = fields.state(State, State.OPEN)
    blockers = models.JSONField(default=list)
    payslips = models.IntegerField(default=0)
    gross = fields.amount(default=0)
    taken = fields.amount(default=0)
    net = fields.amount(default=0)
    employer_cost = fields.amount(default=0)
    digest = fields.words(64)
    prepared_by = fields.words(60)
    prepared_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    approved_by = fields.words(60)
    approved_at = models.DateTimeField(null=True)
    approved_digest = fields.words(64)
    released_by = fields.words(60)
    released_at = models.DateTimeField(null=True)
    # so are its payslips: nothing of them is written again at release
    is_final = models.GeneratedField(
        expression=IsNull(F("released_at"), False),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    preparer_may_release = models.BooleanField(default=False)
    # a void after which the same work is paid once more
    pays_again = models.BooleanField(default=False)
    reject_reason = fields.words(300)
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["calendar", "starts_on"],
                condition=Q(kind="regular") & ~Q(state="cancelled"),
                name="one_regular_run_a_period",
            ),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("prepared_by")),
                name="approver_is_not_preparer",
            ),
            models.CheckConstraint(
                condition=Q(released_by="")
                | (
                    ~Q(released_by=F("approved_by"))
                    & (Q(preparer_may_release=True) | ~Q(released_by=F("prepared_by")))
                ),
                name="releaser_is_another_person",
            ),
        )


class Payslip(Row):
    """What one worker is paid in one run, by which route, and everything it was made from. Final
    once the run is released.
    """

    PREFIX = "pay"

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="slips", db_constraint=False)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="payslips")
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, null=True, related_name="payslips"
    )
    route = models.CharField(max_length=12)
    country = models.CharField(max_length=2)
    tax_year = models.CharField(max_length=9)
    pay_on = models.DateField()
    # where it goes, as it stood when it was worked out; a change since then stops the release
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    currency = fields.currency()
    gross = fields.amount()
    taxable = fields.amount(default=0)
    taken = fields.amount()
    vat = fields.amount(default=0)
    net = fields.amount()
    employer_cost = fields.amount()
    situation = models.JSONField()
    carried_forward = models.JSONField(default=dict)
    follows = models.UUIDField(null=True)
    pack = models.CharField(max_length=40)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["run", "worker", "route", "intermediary"],
                nulls_distinct=False,
                condition=Q(voids__isnull=True),
                name="one_payslip_a_worker_and_route",
            ),
            models.CheckConstraint(
                condition=Q(net=F("gross") - F("taken") + F("vat")), name="payslip_adds_up"
            ),
        )
        indexes = (models.Index(fields=["worker", "tax_year"], name="payslip_by_tax_year"),)

    def added(self) -> dict[str, Decimal]:
        """What the statement added to each figure of the year to date."""
        told = self.situation.get("deemed") or self.situation
        before, after = told.get("year_to_date", {}), self.carried_forward
        return {
            key: Decimal(after.get(key, 0)) - Decimal(before.get(key, 0))
            for key in sorted({*before, *after})
        }


class PayLine(models.Model):
    """One charge on one payslip. A charge is paid at most once, ever."""

    id = models.BigAutoField(primary_key=True)
    payslip = models.ForeignKey(Payslip, models.PROTECT, related_name="pay_lines")
    charge = models.OneToOneField(
        Charge, models.PROTECT, related_name="pay_line", db_constraint=False
    )
    amount = fields.amount()
    burden = fields.amount(default=0)


class PayslipLine(models.Model):
    """One figure of a payslip: an earning, a tax, a deduction, an employer's cost; with its
    rule.
    """

    id = models.BigAutoField(primary_key=True)
    payslip = models.ForeignKey(Payslip, models.PROTECT, related_name="lines")
    n = models.SmallIntegerField()
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    amount = fields.amount()
    base = fields.amount(default=0)
    rule = fields.words(120)
    source = fields.words(200)
    payee = fields.words(60)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["payslip", "n"], name="one_payslip_line_a_place"),
        )


class PaymentFile(Row):
    """A bank file made once: its rail, serial, totals, hash and bytes. Insert only."""

    PREFIX = "fil"

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="files")
    rail = models.CharField(max_length=10)
    account = models.ForeignKey(PayingAccount, models.PROTECT, related_name="+")
    serial = models.IntegerField()
    batch = models.SmallIntegerField(default=1)
    count = models.IntegerField()
    amount = fields.amount()
    currency = fields.currency()
    process_on = models.DateField()
    sha256 = models.CharField(max_length=64)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["run", "rail", "batch"], name="one_payment_file_a_batch"
            ),
            models.UniqueConstraint(fields=["rail", "serial"], name="one_payment_file_a_serial"),
        )


class Payment(Row):
    """Money to one payee of one run: frozen bank details, one file, until settled or returned."""

    PREFIX = "pmt"

    class State(models.TextChoices):
        """queued, sent, settled; asked back; returned, then repaid by a new payment; held before
        sending.
        """

        QUEUED = "queued"
        HELD = "held"
        SENT = "sent"
        SETTLED = "settled"
        REVERSING = "reversing"
        RETURNED = "returned"

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.SENT, State.HELD}),
        State.HELD: frozenset({State.QUEUED}),
        State.SENT: frozenset({State.SETTLED, State.RETURNED, State.REVERSING}),
        State.SETTLED: frozenset({State.RETURNED, State.REVERSING}),
        # the bank could not get it back, or did
        State.REVERSING: frozenset({State.SETTLED, State.RETURNED}),
        State.RETURNED: frozenset(),
    }

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="payments", db_constraint=False)
    worker = models.ForeignKey(Worker, models.PROTECT, null=True, related_name="payments")
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, null=True, related_name="payments"
    )
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    rail = models.CharField(max_length=10)
    amount = fields.amount()
    currency = fields.currency()
    state = fields.state(State, State.QUEUED)
    reference = models.CharField(max_length=15, unique=True)
    # a company's paper: its number stands in a series of that company alone
    number = fields.words(20)
    file = models.ForeignKey(
        PaymentFile, models.PROTECT, null=True, related_name="payments", db_constraint=False
    )
    trace = fields.words(40)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    return_code = fields.words(10)
    return_reason = fields.words(200)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reversal_reason = fields.words(20)
    reversal_note = fields.words(200)
    reversing_since = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
            models.UniqueConstraint(
                fields=["intermediary", "number"],
                condition=~Q(number=""),
                name="one_paper_a_number_and_company",
            ),
            models.UniqueConstraint(
                fields=["run", "worker", "intermediary"],
                nulls_distinct=False,
                condition=~Q(state="returned"),
                name="one_live_payment_a_payee",
            ),
        )


class Liability(Row):
    """What a run, or a year taken out, owes an authority, scheme or order payee, and by when."""

    PREFIX = "lia"

    run = models.ForeignKey(PayRun, models.PROTECT, null=True, related_name="liabilities")
    correction = models.ForeignKey(YearCorrection, models.PROTECT, null=True, related_name="+")
    payee = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    amount = fields.amount()
    currency = fields.currency()
    due_on = models.DateField()
    paid_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["run", "payee", "kind"], name="one_liability_a_payee_and_kind"
            ),
        )


class SupplierInvoice(Row):
    """What a worker's own company invoiced for its work, set against what was agreed."""

    PREFIX = "sup"

    class State(models.TextChoices):
        """accepted when it agrees within the margin, else held; paid with a run, or refused."""

        ACCEPTED = "accepted"
        HELD = "held"
        PAID = "paid"
        REFUSED = "refused"

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=40)
    issued_on = models.DateField()
    ends_on = models.DateField()
    net = fields.amount()
    tax = fields.amount(default=0)
    currency = fields.currency()
    expected_net = fields.amount()
    expected_tax = fields.amount(default=0)
    state = fields.state(State, State.HELD)
    run = models.ForeignKey(PayRun, models.PROTECT, null=True, related_name="supplier_invoices")
    because = fields.words(200)
    received_at = models.DateTimeField()
    decided_by = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["intermediary", "number"], name="one_supplier_invoice_a_number"
            ),
        )


class ReleasePolicy(Row):
    """Whether the preparer of a small agency may release; set by the partner. Insert only."""

    PREFIX = "pol"

    preparer_may_release = models.BooleanField()
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    set_by = models.JSONField()
