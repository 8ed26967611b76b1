"""What invoicing remembers: invoices, credit notes, their lines and tax rows, and how they were
delivered.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from backline.charges.models import Charge
from backline.directory.models import Client, Terms
from backline.kernel import fields
from backline.kernel.models import Document, Row


class Invoice(Row):
    """An invoice or credit note: a draft without a number, or final with one and never edited
    again.
    """

    PREFIX = "inv"

    class State(models.TextChoices):
        """draft, finalized; discarded drafts free their charges. Paid or not is told by
        collections.
        """

        DRAFT = "draft"
        FINALIZED = "finalized"
        DISCARDED = "discarded"

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        State.DRAFT: frozenset({State.FINALIZED, State.DISCARDED}),
        State.FINALIZED: frozenset(),
        State.DISCARDED: frozenset(),
    }

    kind = models.CharField(max_length=12, default="invoice")
    state = fields.state(State, State.DRAFT)
    client = models.ForeignKey(Client, models.PROTECT, related_name="invoices")
    terms = models.ForeignKey(Terms, models.PROTECT, null=True, related_name="+")
    group_key = models.CharField(max_length=200)
    # no number yet is null, for only null may stand many times in a unique column
    number = models.CharField(max_length=20, null=True, unique=True)  # noqa: DJ001
    adjusts = models.ForeignKey("self", models.PROTECT, null=True, related_name="adjustments")
    reason = fields.words(300)
    note = fields.words(300)
    currency = fields.currency()
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    po_number = fields.words(40)
    cost_centre = fields.words(40)
    net = fields.amount(default=0)
    tax = fields.amount(default=0)
    gross = fields.amount(default=0)
    tax_rows = models.JSONField(default=list)
    is_funded = models.BooleanField(default=False)
    open_amount = fields.amount(default=0)
    # "" until it is sent; then queued (for mail), to_post or to_upload; then sent, or undelivered
    delivery = fields.words(20)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    finalized_at = models.DateTimeField(null=True)
    finalized_by = models.JSONField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["invoice", "credit_note"]), name="invoice_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="invoice_adds_up"),
            models.CheckConstraint(
                condition=Q(state="finalized", number__isnull=False)
                | (~Q(state="finalized") & Q(number__isnull=True)),
                name="only_final_invoices_have_numbers",
            ),
            models.UniqueConstraint(
                fields=["group_key"], condition=Q(state="draft"), name="one_draft_a_group"
            ),
        )
        indexes = (models.Index(fields=["client", "due_on"], name="invoice_by_client"),)


class InvoiceLine(models.Model):
    """One line as the client reads it: the charges behind it are named beside it."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines", db_constraint=False)
    n = models.IntegerField()
    label = models.CharField(max_length=200)
    assignment = models.UUIDField(null=True)
    worker = models.UUIDField(null=True)
    worker_name = fields.words()
    code = fields.words(20)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    factor = models.DecimalField(max_digits=7, decimal_places=4, default=1)
    unit = models.CharField(max_length=6, default="hour")
    quantity = fields.quantity()
    rate = fields.rate()
    amount = fields.amount()
    treatment = models.CharField(max_length=30)
    po_number = fields.words(40)
    cost_centre = fields.words(40)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["invoice", "n"], name="one_invoice_line_a_place"),
        )


class BilledCharge(models.Model):
    """A charge on a line. A charge is billed at most once, ever; only a draft gives its
    charges up.
    """

    charge = models.OneToOneField(
        Charge, models.PROTECT, primary_key=True, related_name="billed", db_constraint=False
    )
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="billed_charges", db_constraint=False
    )
    line = models.IntegerField()


class PurchaseOrder(Row):
    """What a client ordered under a number: how much before tax, and for which days of work."""

    PREFIX = "por"

    client = models.ForeignKey(Client, models.PROTECT, related_name="purchase_orders")
    number = models.CharField(max_length=40)
    limit = fields.amount(null=True)
    currency = fields.currency()
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    warned_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    added_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["client", "number"], name="one_purchase_order_a_number"
            ),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(limit__gte=0),
                name="purchase_order_limit_is_not_negative",
            ),
        )
