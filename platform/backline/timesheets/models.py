"""What timesheets remember: a sheet a period, its entries, who approved it, who was chased."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from backline.assignments.models import Assignment
from backline.directory.models import Contact
from backline.kernel import fields
from backline.kernel.models import Row


class Timesheet(Row):
    """One worker's period on one assignment."""

    PREFIX = "tsh"

    class Status(models.TextChoices):
        """draft, submitted, approved; rejected goes back to the worker; not_worked is a declared
        empty week.
        """

        DRAFT = "draft"
        SUBMITTED = "submitted"
        APPROVED = "approved"
        REJECTED = "rejected"
        NOT_WORKED = "not_worked"
        VOIDED = "voided"

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.SUBMITTED, Status.NOT_WORKED, Status.VOIDED}),
        Status.SUBMITTED: frozenset({Status.APPROVED, Status.REJECTED, Status.DRAFT}),
        Status.REJECTED: frozenset({Status.SUBMITTED, Status.NOT_WORKED, Status.DRAFT}),
        Status.NOT_WORKED: frozenset({Status.DRAFT}),
        # final: wrong time is corrected by a sheet that names this one
        Status.APPROVED: frozenset(),
        Status.VOIDED: frozenset(),
    }

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="timesheets")
    starts_on = models.DateField()
    ends_on = models.DateField()
    status = fields.state(Status, Status.DRAFT)
    unit = models.CharField(max_length=6, default="hour")
    revision = models.SmallIntegerField(default=1)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    correction_reason = fields.words(300)
    approver = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    external_id = fields.words(80)
    po_number = fields.words(40)
    entered_by = models.JSONField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.JSONField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.JSONField(null=True)
    reject_reason = fields.words(300)
    not_worked_as = fields.words(20)
    overrides = models.JSONField(default=list)
    rates_version = models.IntegerField(null=True)
    is_late = models.BooleanField(default=False)
    total = fields.quantity(default=0)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["assignment", "starts_on"],
                condition=Q(corrects__isnull=True) & ~Q(status="voided"),
                name="one_timesheet_a_period",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "draft",
                        "submitted",
                        "approved",
                        "rejected",
                        "not_worked",
                        "voided",
                    ]
                ),
                name="timesheet_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="timesheet_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="one_timesheet_an_external_id",
            ),
        )
        indexes = (models.Index(fields=["status", "ends_on"], name="timesheet_by_status"),)


class TimeEntry(models.Model):
    """Time on one day: from and to with breaks, or a quantity of hours, days or units."""

    id = models.BigAutoField(primary_key=True)
    timesheet = models.ForeignKey(Timesheet, models.PROTECT, related_name="entries")
    worked_on = models.DateField()
    code = models.CharField(max_length=20, default="regular")
    unit = models.CharField(max_length=6, default="hour")
    quantity = fields.quantity()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    break_minutes = models.SmallIntegerField(default=0)
    note = fields.words(200)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=0), name="time_is_not_negative"),
        )


class Chase(models.Model):
    """One reminder about one sheet: to whom, by what, the how-manieth. Insert only."""

    id = models.BigAutoField(primary_key=True)
    timesheet = models.ForeignKey(Timesheet, models.PROTECT, related_name="chases")
    n = models.SmallIntegerField()
    channel = models.CharField(max_length=10)
    to_kind = models.CharField(max_length=10)
    to_name = fields.words()
    message = models.UUIDField(null=True)
    chased_at = models.DateTimeField()
    chased_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["timesheet", "n"], name="one_chase_a_number"),
        )


class Cutoff(models.Model):
    """Through which day pay was closed for a frequency; time for earlier periods is late."""

    frequency = models.CharField(primary_key=True, max_length=14)
    closed_through = models.DateField()
