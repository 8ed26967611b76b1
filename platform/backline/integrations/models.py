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
    """One record of a source: what was last sent, what became of it, and what of ours it is.

    `parent` is the record it belongs to (a change of rates to its placement), `earlier` what it
    stood for before, `supplied` what the firm added, `told` the ignored fields that were told.
    """

    PREFIX = "srr"

    source = models.ForeignKey(Source, models.PROTECT, related_name="records")
    record = models.CharField(max_length=30)
    external_id = models.CharField(max_length=80)
    parent = fields.words(80)
    token = fields.words(80)
    digest = fields.words(64)
    outcome = models.CharField(max_length=20)
    about = models.UUIDField(null=True)
    earlier = models.JSONField(default=list)
    body = models.JSONField(default=dict)
    supplied = models.JSONField(default=dict)
    told = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    waits_for = models.JSONField(default=list)
    proposed = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    has_exception = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    heard_at = models.DateTimeField()
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
        indexes = (
            models.Index(fields=["about"], name="source_record_by_subject"),
            models.Index(fields=["source", "outcome"], name="source_record_by_outcome"),
            models.Index(fields=["source", "record", "parent"], name="source_record_by_parent"),
        )


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

    class Meta:
        indexes = (
            models.Index(fields=["source", "received_at"], name="delivery_by_time"),
            models.Index(fields=["source", "record", "external_id"], name="delivery_by_key"),
        )
