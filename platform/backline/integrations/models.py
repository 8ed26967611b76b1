"""What integrations remember: sources, every record they sent with its outcome, and raw
deliveries.
"""

from django.db import models
from django.db.models import Q

from backline.kernel import fields
from backline.kernel.models import Row


class Source(Row):
    """Another system that sends records: an ATS, a timesheet system, a file."""

    PREFIX = "src"

    name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20)
    mapping_version = models.CharField(max_length=20, default="1")
    time_zone = models.CharField(max_length=40, default="UTC")
    settings = models.JSONField(default=dict)
    contact_email = fields.words(200)
    last_heard_at = models.DateTimeField(null=True)


class SourceRecord(Row):
    """One record of a source: what was last applied, what became of it, and what of ours it is."""

    PREFIX = "srr"

    source = models.ForeignKey(Source, models.PROTECT, related_name="records")
    record = models.CharField(max_length=30)
    external_id = models.CharField(max_length=80)
    token = fields.words(60)
    digest = fields.words(64)
    outcome = models.CharField(max_length=20)
    about = models.UUIDField(null=True)
    body = models.JSONField(default=dict)
    waits_for = models.JSONField(default=list)
    problem = models.JSONField(null=True)
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["source", "record", "external_id"], name="one_record_a_source_key"
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        "created",
                        "updated",
                        "unchanged",
                        "stale_ignored",
                        "parked",
                        "failed",
                        "proposed",
                        "tombstoned",
                    ]
                ),
                name="source_outcome_is_known",
            ),
        )
        indexes = (models.Index(fields=["about"], name="source_record_by_subject"),)


class Delivery(Row):
    """A raw payload as a source sent it, kept so that it can be mapped again. Insert only."""

    PREFIX = "dlv"

    source = models.ForeignKey(Source, models.PROTECT, related_name="deliveries")
    record = models.CharField(max_length=30)
    external_id = fields.words(80)
    mapping = fields.words(20)
    body = models.JSONField()
    outcome = models.CharField(max_length=20)
    problem = models.JSONField(null=True)
    received_at = models.DateTimeField()
