"""What assignments remember of work that is paid and billed by what is accepted: the plans of a
contract, and its milestones.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from backline.kernel import fields
from backline.kernel.models import Document, Row


class MilestonePlan(Row):
    """The price of a contract and how it was planned: the first version is the statement of work,
    each later one a change order. Insert only.
    """

    PREFIX = "mpl"

    assignment = models.ForeignKey(
        "assignments.Assignment", models.PROTECT, related_name="milestone_plans"
    )
    version = models.SmallIntegerField()
    pay_price = fields.amount(null=True)
    pay_currency = fields.currency(blank=True, default="")
    bill_price = fields.amount(null=True)
    bill_currency = fields.currency(blank=True, default="")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    reason = fields.words(300)
    planned_at = models.DateTimeField()
    planned_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["assignment", "version"], name="one_plan_a_version"),
            models.CheckConstraint(
                condition=Q(pay_price__isnull=False) | Q(bill_price__isnull=False),
                name="plan_has_a_side",
            ),
        )


class Milestone(Row):
    """One step of a plan: what it pays and bills once the client accepts it, and who said so.

    `charge` is what acceptance posted; `accepted_pay` and `accepted_bill` are its two sides.
    """

    PREFIX = "mst"

    class Status(models.TextChoices):
        """planned, submitted, then accepted whole or partly, or rejected; a rejected one may be
        submitted again; a change order supersedes what is not accepted.
        """

        PLANNED = "planned"
        SUBMITTED = "submitted"
        ACCEPTED = "accepted"
        PARTLY_ACCEPTED = "partly_accepted"
        REJECTED = "rejected"
        SUPERSEDED = "superseded"

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.PLANNED: frozenset({Status.SUBMITTED, Status.SUPERSEDED}),
        Status.SUBMITTED: frozenset(
            {Status.ACCEPTED, Status.PARTLY_ACCEPTED, Status.REJECTED, Status.SUPERSEDED}
        ),
        Status.REJECTED: frozenset({Status.SUBMITTED, Status.SUPERSEDED}),
        # final: what is left of a part is planned anew by a change order
        Status.ACCEPTED: frozenset(),
        Status.PARTLY_ACCEPTED: frozenset(),
        Status.SUPERSEDED: frozenset(),
    }

    assignment = models.ForeignKey(
        "assignments.Assignment", models.PROTECT, related_name="milestones"
    )
    plan = models.ForeignKey(MilestonePlan, models.PROTECT, related_name="milestones")
    number = models.SmallIntegerField()
    name = models.CharField(max_length=80)
    due_on = models.DateField(null=True)
    status = fields.state(Status, Status.PLANNED)
    pay_amount = fields.amount(null=True)
    pay_currency = fields.currency(blank=True, default="")
    bill_amount = fields.amount(null=True)
    bill_currency = fields.currency(blank=True, default="")
    note = fields.words(300)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.JSONField(null=True)
    submitted_by_id = fields.words(60)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.JSONField(null=True)
    decided_by_id = fields.words(60)
    reason = fields.words(300)
    evidence = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    accepted_on = models.DateField(null=True)
    accepted_share = fields.share(null=True)
    accepted_pay = fields.amount(null=True)
    accepted_bill = fields.amount(null=True)
    charge = models.UUIDField(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["assignment", "number"], name="one_milestone_a_number"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "planned",
                        "submitted",
                        "accepted",
                        "partly_accepted",
                        "rejected",
                        "superseded",
                    ]
                ),
                name="milestone_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(pay_amount__isnull=False) | Q(bill_amount__isnull=False),
                name="milestone_has_a_side",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["accepted", "partly_accepted"])
                | Q(evidence__isnull=False, charge__isnull=False),
                name="accepted_milestone_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(decided_by_id="") | ~Q(decided_by_id=F("submitted_by_id")),
                name="milestone_is_accepted_by_another",
            ),
            models.UniqueConstraint(fields=["charge"], name="one_milestone_a_charge"),
        )
        indexes = (models.Index(fields=["status", "due_on"], name="milestone_by_status"),)
