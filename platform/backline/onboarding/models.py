"""What onboarding remembers: what must be on file, and what is."""

from django.db import models
from django.db.models import Q

from backline.assignments.models import Assignment
from backline.directory.models import Intermediary, Worker
from backline.kernel import fields
from backline.kernel.models import Document, Row


class Requirement(Row):
    """Something that must be on file: for whom it applies and what it blocks until it is met."""

    PREFIX = "req"

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    about = models.CharField(max_length=14, default="worker")
    country = fields.words(2)
    region = fields.words(10)
    engagement = fields.words(12)
    client = models.UUIDField(null=True)
    blocks = models.CharField(max_length=10, default="start")
    warn_days = models.SmallIntegerField(default=30)
    valid_days = models.IntegerField(null=True)
    needs_document = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(about__in=["worker", "assignment", "intermediary"]),
                name="requirement_subject_is_known",
            ),
            models.CheckConstraint(
                condition=Q(blocks__in=["start", "pay", "nothing"]),
                name="requirement_block_is_known",
            ),
        )


class Evidence(Row):
    """That a requirement was met: the paper, where it came from, its days. A newer row replaces,
    none is edited.
    """

    PREFIX = "evd"

    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="evidence")
    worker = models.ForeignKey(Worker, models.PROTECT, null=True, related_name="evidence")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="evidence")
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, null=True, related_name="evidence"
    )
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    sha256 = fields.words(64)
    source = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    dated_on = models.DateField()
    expires_on = models.DateField(null=True)
    received_at = models.DateTimeField()
    received_by = models.JSONField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = fields.words(200)
