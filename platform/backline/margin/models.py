"""What margin remembers: the figures of closed weeks, frozen as they were reported, and what was
put to margin alone. Insert only.
"""

from django.db import models

from backline.assignments.models import Assignment
from backline.directory.models import Client, Worker
from backline.kernel import fields
from backline.kernel.models import Row


class ClosedWeek(Row):
    """A week whose margin was reported: its totals, late items of earlier weeks included, and what
    they hash to.
    """

    PREFIX = "wek"

    week_starts_on = models.DateField()
    currency = fields.currency()
    hours = fields.quantity(default=0)
    bill = fields.amount()
    pay = fields.amount()
    burden = fields.amount()
    other = fields.amount(default=0)
    margin = fields.amount()
    late = fields.amount(default=0)
    digest = models.CharField(max_length=64)
    closed_at = models.DateTimeField()
    closed_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["week_starts_on", "currency"], name="one_closing_a_week"
            ),
        )


class WeekMargin(models.Model):
    """One assignment's margin in one closed week, as reported."""

    id = models.BigAutoField(primary_key=True)
    week = models.ForeignKey(ClosedWeek, models.PROTECT, related_name="rows")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    hours = fields.quantity(default=0)
    bill = fields.amount()
    pay = fields.amount()
    burden = fields.amount()
    other = fields.amount(default=0)
    margin = fields.amount()
    late = fields.amount(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["week", "assignment"], name="one_margin_an_assignment_and_week"
            ),
        )


class MarginAdjustment(Row):
    """What changes margin and neither pay nor bill: a cost or a gain of one assignment's week."""

    PREFIX = "mad"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    week_starts_on = models.DateField()
    amount = fields.amount()
    currency = fields.currency()
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.JSONField()

    class Meta:
        indexes = (models.Index(fields=["week_starts_on"], name="margin_adjustment_by_week"),)
