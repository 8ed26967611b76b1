"""What onboarding remembers: what must be on file, and what is."""

from django.db import models
from django.db.models import Q

from backline.assignments.models import Assignment
from backline.directory.models import Intermediary, Worker
from backline.kernel import fields
from backline.kernel.models import Document, Row

SUBJECTS = ("worker", "assignment", "intermediary")


def _only(subject: str) -> Q:
    return Q(**{f"{name}__isnull": name != subject for name in SUBJECTS})


_ONE_SUBJECT = _only("worker") | _only("assignment") | _only("intermediary")


class Requirement(Row):
    """Something that must be on file: for which work it is asked, and what it blocks until it is
    met.

    `when` maps a fact of the work (region, engagement, client, client_class, ...) to the values
    that count; with `over_months` only work that lasts longer counts. Any one kind of `accepts`
    will do, else its own code. `after` names what must be on file before it.
    """

    PREFIX = "req"

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    about = models.CharField(max_length=14, default="worker")
    country = fields.words(2)
    when = models.JSONField(default=dict)
    blocks = models.JSONField(default=list)
    accepts = models.JSONField(default=list)
    after = models.JSONField(default=list)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    valid_days = models.IntegerField(null=True)
    days_after_start = models.SmallIntegerField(null=True)
    over_months = models.SmallIntegerField(null=True)
    most_pages = models.SmallIntegerField(null=True)
    needs_document = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    source = fields.words(200)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(about__in=["worker", "assignment", "intermediary"]),
                name="requirement_subject_is_known",
            ),
            models.CheckConstraint(
                condition=Q(blocks__contained_by=["start", "pay"]),
                name="requirement_block_is_known",
            ),
        )


class Evidence(Row):
    """That a requirement was met: the paper, where it came from, its days. A newer row replaces,
    none is edited.

    `kind` is what the paper is; `scope` the facts of the work it was given for, and it counts only
    while they are the same. `expires_on` is the last day on which it holds.
    """

    PREFIX = "evd"

    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=40)
    worker = models.ForeignKey(Worker, models.PROTECT, null=True, related_name="evidence")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="evidence")
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, null=True, related_name="evidence"
    )
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    sha256 = fields.words(64)
    source = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    scope = models.JSONField(default=dict)
    dated_on = models.DateField()
    expires_on = models.DateField(null=True)
    received_at = models.DateTimeField()
    received_by = models.JSONField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = fields.words(200)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=_ONE_SUBJECT, name="evidence_is_about_one_thing"),
        )
        indexes = (
            models.Index(
                fields=["expires_on"],
                condition=Q(expires_on__isnull=False, withdrawn_at__isnull=True),
                name="evidence_by_expiry",
            ),
        )
