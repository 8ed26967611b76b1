"""What the API remembers in a firm's books: answers under a key, endpoints, deliveries."""

from django.db import models
from django.db.models import Q

from backline.kernel.models import Row
from backline.kernel.sealing import SealedText


class Answered(Row):
    """An answer given once under an Idempotency-Key; its row is claimed before the deed is done."""

    PREFIX = "ans"

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = SealedText(blank=True, default="")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["caller", "key"], name="one_answer_a_key"),)
        indexes = (models.Index(fields=["expires_at"], name="answered_by_expiry"),)


class Endpoint(Row):
    """An address that wants to be told of events."""

    PREFIX = "whe"

    class State(models.TextChoices):
        """active, or paused: by its owner, or by us after days of failure."""

        ACTIVE = "active"
        PAUSED = "paused"
        REMOVED = "removed"

    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True, default="")
    events = models.JSONField(default=list)  # names, or families such as "timesheet.*"; [] is all
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    paused_because = models.CharField(max_length=200, blank=True, default="")
    secret = SealedText()
    former_secret = SealedText(blank=True, default="")
    former_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.JSONField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "removed"]),
                name="endpoint_state_is_known",
            ),
        )


class Delivery(Row):
    """One event on its way to one endpoint, with what became of each attempt."""

    PREFIX = "whd"

    class State(models.TextChoices):
        """pending until it is delivered or given up."""

        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries")
    seq = models.BigIntegerField()
    event = models.UUIDField()
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    last_status = models.SmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    replays = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["pending", "delivered", "failed"]),
                name="delivery_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "event"],
                condition=Q(replays__isnull=True),
                name="one_delivery_an_event",
            ),
        )
        indexes = (
            models.Index(fields=["next_at"], name="delivery_due", condition=Q(state="pending")),
            models.Index(fields=["made_at"], name="delivery_by_age", condition=~Q(state="pending")),
        )
