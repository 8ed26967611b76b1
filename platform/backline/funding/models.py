"""What funding remembers: versioned terms, advances with their reasons, weekly settlements.

The same tables serve both sides: an agency holds what it was advanced, the partner what it advanced
(its agencies are its clients there, named by an opaque reference).
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from backline.kernel import fields
from backline.kernel.models import Row


class FundingTerms(Row):
    """What the funder offers from a day: advance share, fee, reserve, limits and the order of
    eligibility rules.
    """

    PREFIX = "ftm"

    counterparty = models.CharField(max_length=60)
    version = models.IntegerField()
    valid = DateRangeField()
    facts = models.JSONField()
    currency = fields.currency()
    agreed_at = models.DateTimeField()
    agreed_by = models.JSONField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_set_of_funding_terms_at_a_time",
                expressions=[
                    (F("counterparty"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
            ),
            models.UniqueConstraint(
                fields=["counterparty", "version"], name="one_version_of_funding_terms"
            ),
        )


class Advance(Row):
    """Money advanced on one invoice: what was eligible and why not the rest, the advance, the
    unfunded part, fees.
    """

    PREFIX = "adv"

    class State(models.TextChoices):
        """advanced, partly repaid, repaid, released once nothing is open; declined with a reason
        until that goes away; charged_back: the invoice is the agency's again.
        """

        DECLINED = "declined"
        ADVANCED = "advanced"
        PART_REPAID = "part_repaid"
        REPAID = "repaid"
        RELEASED = "released"
        CHARGED_BACK = "charged_back"

    counterparty = models.CharField(max_length=60)
    invoice = models.UUIDField()
    invoice_number = models.CharField(max_length=20)
    debtor = fields.words(120)
    debtor_ref = models.UUIDField(null=True)
    terms = models.ForeignKey(FundingTerms, models.PROTECT, related_name="advances")
    state = fields.state(State, State.ADVANCED)
    face = fields.amount()
    eligible = fields.amount()
    ineligible = fields.amount(default=0)
    reason = fields.words(40)
    reason_detail = fields.words(300)
    # every pound that was not advanced: [{"reason": …, "amount": …}], together `unfunded` that day
    unfunded_because = models.JSONField(default=list)
    advanced = fields.amount(default=0)
    unfunded = fields.amount(default=0)
    repaid = fields.amount(default=0)
    collected = fields.amount(default=0)
    fee = fields.amount(default=0)
    fee_tax = fields.amount(default=0)
    released = fields.amount(default=0)
    charged_back = fields.amount(default=0)
    currency = fields.currency()
    advanced_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    key = models.CharField(max_length=200, unique=True)
    evidence = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["counterparty", "invoice"], name="one_advance_an_invoice"
            ),
            models.CheckConstraint(
                condition=Q(face=F("advanced") + F("unfunded")),
                name="advance_and_unfunded_are_face",
            ),
            models.CheckConstraint(
                condition=Q(repaid__lte=F("advanced")), name="repaid_is_within_the_advance"
            ),
        )


class Movement(models.Model):
    """One movement of money between agency and partner, the same on both sides, once by its
    key with that counterparty. Insert only.
    """

    id = models.BigAutoField(primary_key=True)
    counterparty = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    invoice = models.UUIDField(null=True)
    amount = fields.amount()
    currency = fields.currency()
    moved_on = models.DateField()
    moved_at = models.DateTimeField()
    because = fields.words(200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["counterparty", "key"], name="one_movement_a_counterparty_and_key"
            ),
        )
        indexes = (models.Index(fields=["counterparty", "moved_on"], name="movement_by_week"),)


class Settlement(Row):
    """One week between agency and partner: opening, every movement, closing, net wire; frozen with
    its hash.

    It covers every movement up to its last day that no statement before it has; `through` is the
    newest of them that was known when it was made.
    """

    PREFIX = "stl"

    counterparty = models.CharField(max_length=60)
    week_starts_on = models.DateField()
    currency = fields.currency()
    opening = fields.amount()
    advanced = fields.amount()
    repaid = fields.amount()
    charged_back = fields.amount(default=0)
    closing = fields.amount()
    collected = fields.amount()
    unapplied = fields.amount(default=0)
    fees = fields.amount()
    fee_tax = fields.amount(default=0)
    released = fields.amount()
    net_wire = fields.amount()
    through = models.BigIntegerField(default=0)
    rows = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["counterparty", "week_starts_on"], name="one_settlement_a_week"
            ),
            models.CheckConstraint(
                condition=Q(closing=F("opening") + F("advanced") - F("repaid") - F("charged_back")),
                name="settlement_ties",
            ),
        )
