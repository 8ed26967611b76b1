"""What the desk remembers: exceptions, who is responsible for what, and messages sent."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q

from backline.kernel import fields
from backline.kernel.models import Row


class Trouble(Row):
    """An exception: what went wrong, about what, how much money is at stake, whose it is, by when,
    how it ended.

    `key` is the trouble itself (late_timesheet:{assignment}:{week}); one is open for a key at a
    time.
    """

    PREFIX = "exc"

    class State(models.TextChoices):
        """open, taken, then resolved or dismissed."""

        OPEN = "open"
        TAKEN = "taken"
        RESOLVED = "resolved"
        DISMISSED = "dismissed"

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        State.OPEN: frozenset({State.TAKEN, State.RESOLVED, State.DISMISSED}),
        State.TAKEN: frozenset({State.OPEN, State.RESOLVED, State.DISMISSED}),
        State.RESOLVED: frozenset(),
        State.DISMISSED: frozenset(),
    }

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    state = fields.state(State, State.OPEN)
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True, default="")
    about_kind = fields.words(30)
    about = models.UUIDField(null=True)
    stops = models.CharField(max_length=10, default="nothing")
    at_stake = fields.amount(null=True)
    currency = fields.currency(blank=True, default="")
    owner_role = models.CharField(max_length=30)
    taken_by = models.JSONField(null=True)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    evidence = models.JSONField(default=list)
    suggested = fields.words(200)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.JSONField(null=True)
    resolution = fields.words(300)
    outcome = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["open", "taken"]),
                name="one_open_exception_a_trouble",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "taken", "resolved", "dismissed"]),
                name="exception_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(stops__in=["pay", "bill", "money", "start", "nothing"]),
                name="exception_stop_is_known",
            ),
        )
        indexes = (models.Index(fields=["about"], name="exception_by_subject"),)


class Responsibility(models.Model):
    """Who owns a kind of exception in this firm, who stands in, and how long it may take."""

    kind = models.CharField(primary_key=True, max_length=60)
    owner_role = models.CharField(max_length=30)
    deputy_role = fields.words(30)
    hours = models.IntegerField(default=24)
    changed_at = models.DateTimeField()
    changed_by = models.JSONField()


class Message(Row):
    """A mail or text to one recipient: what it said, about what, and how far it got."""

    PREFIX = "msg"

    class State(models.TextChoices):
        """queued, sent, or failed with why."""

        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=10)
    kind = models.CharField(max_length=40)
    to_name = fields.words()
    to_address = models.CharField(max_length=200)
    subject_line = fields.words(200)
    body = models.TextField()
    attachments = models.JSONField(default=list)
    about = models.UUIDField(null=True, db_index=True)
    state = fields.state(State, State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    # not sent before this moment: somebody is sending it, or the next try waits; by the real clock
    not_before = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    trouble = fields.words(300)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(channel__in=["email", "sms"]), name="message_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "failed"]), name="message_state_is_known"
            ),
        )
        indexes = (models.Index(fields=["id"], condition=Q(state="queued"), name="message_due"),)
