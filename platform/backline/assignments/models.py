"""What assignments remember: the assignment, its rate agreements with their rates, its billing
references, and what the clock of equal treatment runs by besides time.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from backline.assignments.engagements import COMPANY, ENGAGEMENTS
from backline.assignments.milestones import Milestone, MilestonePlan
from backline.directory.models import Client, Contact, Intermediary, Site, Worker
from backline.kernel import fields
from backline.kernel.models import Document, Row

__all__ = [
    "Absence", "Assignment", "BillingReference", "Determination", "EqualTerms", "HirerLink",
    "Milestone", "MilestonePlan", "Rate", "RateAgreement", "RoleTold", "WeekElsewhere",
]  # fmt: skip


class Assignment(Row):
    """One worker at one client on agreed terms."""

    PREFIX = "asg"

    class Status(models.TextChoices):
        """pending until confirmed and cleared; then ready, active, ended; cancelled only before the
        start.
        """

        PENDING = "pending"
        CONFIRMED = "confirmed"
        READY = "ready"
        ACTIVE = "active"
        ENDED = "ended"
        CANCELLED = "cancelled"

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.PENDING: frozenset({Status.CONFIRMED, Status.CANCELLED}),
        Status.CONFIRMED: frozenset({Status.READY, Status.PENDING, Status.CANCELLED}),
        Status.READY: frozenset({Status.ACTIVE, Status.CONFIRMED, Status.CANCELLED, Status.ENDED}),
        Status.ACTIVE: frozenset({Status.ENDED}),
        Status.ENDED: frozenset({Status.ACTIVE}),
        Status.CANCELLED: frozenset(),
    }

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="assignments")
    client = models.ForeignKey(Client, models.PROTECT, related_name="assignments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", null=True)
    approver = models.ForeignKey(Contact, models.PROTECT, related_name="+", null=True)
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, related_name="assignments", null=True
    )
    engagement = models.CharField(max_length=12)
    job_title = fields.words()
    reference = fields.words(40)
    status = fields.state(Status, Status.PENDING)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    week_starts = models.SmallIntegerField(default=0)
    time_unit = models.CharField(max_length=6, default="hour")
    pay_frequency = models.CharField(max_length=14)
    consultant = fields.words(80)
    service_line = fields.words(40)
    overtime = models.JSONField(default=dict)
    workers_comp_class = fields.words(10)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.JSONField(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(engagement__in=ENGAGEMENTS), name="engagement_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["pending", "confirmed", "ready", "active", "ended", "cancelled"]
                ),
                name="assignment_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="assignment_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(engagement__in=list(COMPANY)) | Q(intermediary__isnull=False),
                name="company_engagement_has_a_company",
            ),
            models.CheckConstraint(
                condition=Q(time_unit__in=["hour", "day"]), name="time_unit_is_known"
            ),
        )
        indexes = (models.Index(fields=["status", "starts_on"], name="assignment_by_status"),)


class RateAgreement(Row):
    """What an assignment pays and bills from a day: one version, one validity, both sides."""

    PREFIX = "rag"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="agreements")
    version = models.IntegerField()
    valid = DateRangeField()
    pay_currency = fields.currency()
    bill_currency = fields.currency()
    overtime_billed = models.BooleanField(default=True)
    reason = fields.words(200)
    agreed_at = models.DateTimeField()
    agreed_by = models.JSONField()
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_rate_agreement_at_a_time",
                expressions=[
                    (F("assignment"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn=False),
            ),
            models.UniqueConstraint(
                fields=["assignment", "version"], name="one_agreement_a_version"
            ),
        )


class Rate(models.Model):
    """The price of one unit of one kind of work in an agreement: both sides, or one where that was
    agreed.
    """

    id = models.BigAutoField(primary_key=True)
    agreement = models.ForeignKey(
        RateAgreement, models.PROTECT, related_name="rates", db_index=False
    )
    code = models.CharField(max_length=20)
    unit = models.CharField(max_length=6, default="hour")
    pay_rate = fields.rate(null=True)
    bill_rate = fields.rate(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["agreement", "code"], name="one_rate_a_code"),
            models.CheckConstraint(
                condition=Q(pay_rate__isnull=False) | Q(bill_rate__isnull=False),
                name="rate_has_a_side",
            ),
        )


class BillingReference(Row):
    """The purchase order and cost centre an assignment is billed under, from a day."""

    PREFIX = "brf"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="billing_references")
    valid = DateRangeField()
    po_number = fields.words(40)
    cost_centre = fields.words(40)
    project = fields.words(40)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_billing_reference_at_a_time",
                expressions=[
                    (F("assignment"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn=False),
            ),
        )


class Determination(Row):
    """Whether work through a worker's own company is employment in all but name, from a day, as the
    client's status determination statement says.
    """

    PREFIX = "det"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="determinations")
    valid = DateRangeField()
    is_inside = models.BooleanField()
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    reason = fields.words(300)
    determined_at = models.DateTimeField()
    determined_by = models.JSONField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_determination_at_a_time",
                expressions=[
                    (F("assignment"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn=False),
            ),
            models.CheckConstraint(
                condition=Q(is_inside=True) | Q(document__isnull=False),
                name="outside_has_a_statement",
            ),
        )


class EqualTerms(Row):
    """What the hirer's own people get for the work of an assignment, from a day: paid once the
    clock of equal treatment says so, never before.
    """

    PREFIX = "eqt"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="equal_terms")
    valid = DateRangeField()
    rates = models.JSONField(default=list)
    holiday_share = fields.share(null=True)
    comparator = fields.words(200)
    agreed_at = models.DateTimeField()
    agreed_by = models.JSONField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_set_of_equal_terms_at_a_time",
                expressions=[
                    (F("assignment"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn=False),
            ),
        )


class RoleTold(Row):
    """The role that an assignment's weeks count in; the newest counts. Insert only.

    Without a word all work of a worker for a hirer is one role, whatever its title.
    """

    PREFIX = "rol"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="roles")
    role = fields.words(80)
    told_on = models.DateField(null=True)
    reason = fields.words(200)
    set_at = models.DateTimeField()
    set_by = models.JSONField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(role="") | Q(told_on__isnull=False), name="another_role_was_told"
            ),
        )


class HirerLink(Row):
    """That two records of clients are one hirer; the newest of a client counts. Insert only."""

    PREFIX = "hir"

    client = models.ForeignKey(Client, models.PROTECT, related_name="hirer_links")
    hirer = models.ForeignKey(Client, models.PROTECT, related_name="+", null=True)
    reason = fields.words(200)
    set_at = models.DateTimeField()
    set_by = models.JSONField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(hirer__isnull=True) | ~Q(hirer=F("client")),
                name="a_client_is_not_linked_to_itself",
            ),
        )


class WeekElsewhere(Row):
    """A week that a worker worked for a hirer through another agency. Insert only."""

    PREFIX = "wke"

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="weeks_elsewhere")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    role = fields.words(80)
    week_starts_on = models.DateField()
    through = fields.words()
    brought_at = models.DateTimeField()
    brought_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["worker", "client", "role", "week_starts_on"],
                name="one_week_elsewhere_a_role",
            ),
        )


class Absence(Row):
    """Days on which a worker is away for a reason that bears on the clock of equal treatment."""

    PREFIX = "abs"

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="absences")
    reason = models.CharField(max_length=20)
    starts_on = models.DateField()
    ends_on = models.DateField()
    noted_at = models.DateTimeField()
    noted_by = models.JSONField()
    withdrawn = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start"
            ),
        )
