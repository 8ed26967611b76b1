"""What the kernel remembers: events and their feed, operations, documents, links, counters, keys,
owners of fields.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Func, Q

from backline.kernel.ids import new_id, public


class Row(models.Model):
    """A row with a key of ours; PREFIX is how its id begins on paper."""

    PREFIX: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True

    @property
    def public_id(self) -> str:
        """The id as people and programs spell it."""
        return public(self.PREFIX, self.id)


class CurrentTransaction(Func):
    """The transaction that writes, as the server numbers it."""

    function = "pg_current_xact_id"
    template = "%(function)s()"


class TransactionId(models.Field):  # type: ignore[type-arg]
    """The server's own number of the transaction that wrote a row."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - one server only
        """xid8: it does not wrap around."""
        return "xid8"


class Event(Row):
    """That something happened to one object: audit trail and outbox at once. Insert only,
    unnumbered.
    """

    PREFIX = "evt"

    name = models.CharField(max_length=60)
    subject = models.UUIDField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(
        db_default=Func(function="clock_timestamp", output_field=models.DateTimeField())
    )
    actor = models.JSONField()
    request = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    facts = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    transaction = TransactionId(db_default=CurrentTransaction())

    class Meta:
        indexes = (
            models.Index(fields=["transaction"], name="event_by_transaction"),
            models.Index(fields=["subject", "id"], name="event_by_subject"),
        )


class Feed(models.Model):
    """The events of this firm in one order without gaps, as every consumer reads them. Insert
    only.
    """

    seq = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="+", db_constraint=False)
    name = models.CharField(max_length=60)  # the event's, for those who want some names only


class Sequencer(models.Model):
    """The one row under whose lock events are numbered."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    last_seq = models.BigIntegerField(default=0)
    decided_below = TransactionId()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_sequencer"),)


class Offset(models.Model):
    """How far one consumer has read the feed."""

    consumer = models.CharField(primary_key=True, max_length=40)
    seq = models.BigIntegerField(default=0)


class Operation(Row):
    """Work accepted and not yet done, with its progress; what a 202 points to."""

    PREFIX = "opn"

    class State(models.TextChoices):
        """pending, running, then one of the ends."""

        PENDING = "pending"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        PARTIALLY_SUCCEEDED = "partially_succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=160, unique=True)
    state = models.CharField(max_length=20, choices=State, default=State.PENDING)
    subject = models.UUIDField(null=True)
    args = models.JSONField(default=dict)
    actor = models.JSONField()
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    accepted_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    has_items = models.BooleanField(default=True)  # until its members are forgotten

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "pending",
                        "running",
                        "succeeded",
                        "partially_succeeded",
                        "failed",
                        "cancelled",
                    ]
                ),
                name="operation_state_is_known",
            ),
        )
        indexes = (
            models.Index(
                fields=["id"], name="operation_due", condition=Q(state__in=["pending", "running"])
            ),
            models.Index(
                fields=["finished_at"],
                name="operation_with_items",
                condition=Q(has_items=True, finished_at__isnull=False),
            ),
        )


class OperationItem(models.Model):
    """One member of an operation's set: what it is, whether it is done, and why not."""

    id = models.BigAutoField(primary_key=True)
    operation = models.ForeignKey(Operation, models.PROTECT, related_name="items", db_index=False)
    n = models.IntegerField()
    ref = models.CharField(max_length=160)
    state = models.CharField(max_length=10, default="pending")
    args = models.JSONField(null=True)
    outcome = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["operation", "n"], name="one_operation_item_a_place"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "done", "failed"]),
                name="operation_item_state_is_known",
            ),
        )


class Document(Row):
    """A file kept as it was made: its hash, its size, where it lies, what it is about. Insert
    only.
    """

    PREFIX = "doc"

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=80)
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    subject = models.UUIDField(null=True, db_index=True)
    actor = models.JSONField()
    kept_at = models.DateTimeField()


class Link(Row):
    """A signed link that lets one recipient do one thing once; the secret is kept as a hash
    alone.
    """

    PREFIX = "lnk"

    purpose = models.CharField(max_length=40)
    subject = models.UUIDField(db_index=True)
    recipient = models.JSONField()
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Counter(models.Model):
    """The last number taken of a series without gaps."""

    name = models.CharField(primary_key=True, max_length=60)
    last = models.BigIntegerField(default=0)


class SealingKey(Row):
    """A data or index key of this firm, wrapped by the key-encryption key that lies elsewhere."""

    PREFIX = "key"

    purpose = models.CharField(max_length=20)
    version = models.SmallIntegerField()
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["purpose", "version"], name="one_sealing_key_a_version"
            ),
        )


class FieldOwner(models.Model):
    """Who owns one field of one kind of record that a source sends: source, platform, seed or
    proposal.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=40)
    record = models.CharField(max_length=30)
    field = models.CharField(max_length=60)
    owner = models.CharField(max_length=10)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["source", "record", "field"], name="one_owner_a_field"),
            models.CheckConstraint(
                condition=Q(owner__in=["source", "platform", "seed", "proposal"]),
                name="field_owner_is_known",
            ),
        )


class Provenance(models.Model):
    """Where the present value of one field of one record came from."""

    id = models.BigAutoField(primary_key=True)
    subject = models.UUIDField()
    field = models.CharField(max_length=60)
    source = models.CharField(max_length=40, blank=True, default="")
    source_version = models.CharField(max_length=60, blank=True, default="")
    set_at = models.DateTimeField()
    set_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["subject", "field"], name="one_provenance_a_field"),
        )
