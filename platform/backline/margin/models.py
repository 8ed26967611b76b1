"""What margin remembers: the figures of closed weeks, frozen as they were reported. Insert only."""

from django.db import models

from backline.kernel import fields
from backline.kernel.models import Row


class ClosedWeek(Row):
    """A week whose margin was reported: its totals and the last charge it counted."""

    PREFIX = "wek"

    week_starts_on = models.DateField()
    currency = fields.currency()
    bill = fields.amount()
    pay = fields.amount()
    burden = fields.amount()
    margin = fields.amount()
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
    assignment = models.UUIDField()
    client = models.UUIDField(null=True)
    worker = models.UUIDField()
    hours = fields.quantity(default=0)
    bill = fields.amount()
    pay = fields.amount()
    burden = fields.amount()
    margin = fields.amount()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["week", "assignment"], name="one_margin_an_assignment_and_week"
            ),
        )
