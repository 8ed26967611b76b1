"""What collections remember: receipts and what each penny of them was set against."""

from django.db import models
from django.db.models import F, Q

from backline.directory.models import Client
from backline.invoicing.models import Invoice
from backline.kernel import fields
from backline.kernel.models import Row


class Receipt(Row):
    """Money in from a client: the bank's own reference makes it once."""

    PREFIX = "rcp"

    class State(models.TextChoices):
        """unmatched, proposed to a person, part or wholly applied, or refunded."""

        UNMATCHED = "unmatched"
        PROPOSED = "proposed"
        PART_APPLIED = "part_applied"
        APPLIED = "applied"

    bank_reference = models.CharField(max_length=80, unique=True)
    held_by = models.CharField(max_length=10, default="firm")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="receipts")
    payer = fields.words(120)
    remittance = fields.words(300)
    amount = fields.amount()
    applied = fields.amount(default=0)
    currency = fields.currency()
    received_on = models.DateField()
    state = fields.state(State, State.UNMATCHED)
    proposals = models.JSONField(default=list)
    because = fields.words(200)
    recorded_at = models.DateTimeField()
    recorded_by = models.JSONField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_is_positive"),
            models.CheckConstraint(
                condition=Q(applied__gte=0, applied__lte=F("amount")),
                name="applied_is_within_receipt",
            ),
            models.CheckConstraint(
                condition=Q(held_by__in=["firm", "partner"]), name="receipt_holder_is_known"
            ),
        )


class Allocation(Row):
    """Part of a receipt, or of a credit note, set against one invoice; undone by one that reverses
    it. Insert only.
    """

    PREFIX = "alc"

    receipt = models.ForeignKey(Receipt, models.PROTECT, null=True, related_name="allocations")
    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, related_name="credit_allocations"
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
    amount = fields.amount()
    currency = fields.currency()
    kind = models.CharField(max_length=20, default="payment")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    applied_on = models.DateField()
    applied_at = models.DateTimeField()
    applied_by = models.JSONField()
    because = fields.words(200)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="allocation_is_something"),
        )
