"""Sending: claim what is due, call without a transaction, report what became of it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import models
from standardwebhooks import Webhook

from api import clock, nouns
from api.models import Delivery, Endpoint
from api.resource import as_json
from api.webhooks import outward
from api.webhooks.events import EndpointPaused
from backline.kernel import events, forgetting, here, ids
from backline.kernel.actors import SYSTEM
from backline.kernel.models import Event
from tenants import tenancy

AT_ONCE = 20
CLAIMED_FOR = timedelta(minutes=2)
PAUSED_AFTER = timedelta(days=5)
# How long to wait after each attempt that failed; the last one ends it after three days and more.
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
GONE = 410


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to go."""

    delivery: UUID
    endpoint: UUID
    url: str
    message: str  # the event's id: the same at every attempt
    secrets: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one attempt."""

    letter: Letter
    status: int | None
    error: str
    retry_after: int = 0

    @property
    def is_delivered(self) -> bool:
        """Whether the other side took it."""
        return self.status is not None and 200 <= self.status < 300


def send_due(firm: str, *, at: datetime) -> bool:  # noqa: ARG001  # leases live by the real clock
    """Send a share of what is due for one firm; True while more may be due.

    Opens its own transactions: the caller holds none.
    """
    with tenancy.firm(firm):
        letters = claim(clock.now())
    if not letters:
        return False
    with ThreadPoolExecutor(max_workers=min(8, len(letters))) as pool:
        reports = list(pool.map(attempt, letters))
    with tenancy.firm(firm):
        report(reports, clock.now())
    return len(reports) == AT_ONCE


def is_due(*, at: datetime) -> bool:  # noqa: ARG001  # leases live by the real clock
    """Whether anything of the firm whose books are open waits to be sent."""
    return _due(clock.now()).exists()


def _due(now: datetime) -> "models.QuerySet[Delivery]":
    free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lt=now)
    return Delivery.objects.filter(
        free,
        state=Delivery.State.PENDING,
        next_at__lte=now,
        endpoint__state=Endpoint.State.ACTIVE,
    )


@forgetting.forgets("webhook_delivery")
def _over(before: datetime) -> "models.QuerySet[Delivery]":
    """What was delivered, or given up, and is older than a moment."""
    over = Delivery.objects.exclude(state=Delivery.State.PENDING)
    return over.filter(made_at__lt=before).order_by("made_at")


def claim(now: datetime) -> list[Letter]:
    """Take the next messages for ourselves for a while, and read what they say."""
    rows = list(
        _due(now)
        .select_related("endpoint")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("next_at", "seq")[:AT_ONCE]
    )
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=now + CLAIMED_FOR)
    told = Event.objects.in_bulk([row.event for row in rows])
    return [_letter(row, told[row.event], now) for row in rows]


def _letter(row: Delivery, event: Event, now: datetime) -> Letter:
    endpoint = row.endpoint
    keys = [endpoint.secret.reveal()]
    if endpoint.former_until is not None and now < endpoint.former_until:
        keys.append(endpoint.former_secret.reveal())
    name = ids.public("evt", event.id)
    body = {
        "type": event.name,
        "timestamp": event.at,
        "data": {
            "id": name,
            "seq": row.seq,
            "subject": nouns.subject(event.name, event.subject),
            "agency": here.firm(),
        },
    }
    return Letter(row.pk, endpoint.pk, endpoint.url, name, tuple(keys), as_json(body))


def attempt(letter: Letter) -> Report:
    """Call once; whatever happens is a report."""
    moment = clock.now()
    try:
        answer = outward.post(letter.url, letter.body, headers(letter, moment))
    except outward.Unreachable as reason:
        return Report(letter, None, str(reason))
    wait = answer.headers.get("retry-after", "")
    told = "" if 200 <= answer.status < 300 else f"It answered {answer.status}."
    return Report(letter, answer.status, told, int(wait) if wait.isdigit() and len(wait) < 7 else 0)


def headers(letter: Letter, moment: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks; during a roll both secrets sign."""
    text = letter.body.decode()
    signed = [Webhook(key).sign(letter.message, moment, text) for key in letter.secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Backline-Webhooks/1",
        "webhook-id": letter.message,
        "webhook-timestamp": str(int(moment.astimezone(UTC).timestamp())),
        "webhook-signature": " ".join(signed),
    }


# --- what became of it ----------------------------------------------------------------------------


def report(reports: Sequence[Report], now: datetime) -> None:
    """Note each attempt; set the next one, or give up; pause an endpoint that fails for days."""
    rows = Delivery.objects.select_for_update().in_bulk([each.letter.delivery for each in reports])
    for each in reports:
        row = rows[each.letter.delivery]
        row.attempts += 1
        row.claimed_until = None
        row.last_status, row.last_error = each.status, each.error
        if each.is_delivered:
            row.state, row.delivered_at, row.next_at = Delivery.State.DELIVERED, now, None
        elif row.attempts > len(WAITS):
            row.state, row.next_at = Delivery.State.FAILED, None
        else:
            row.next_at = now + wait_after(row.attempts, row.pk, each.retry_after)
    Delivery.objects.bulk_update(
        rows.values(),
        [
            "attempts",
            "claimed_until",
            "last_status",
            "last_error",
            "state",
            "delivered_at",
            "next_at",
        ],
    )
    _note_health(reports, now)


def wait_after(attempts: int, delivery: UUID, asked: int = 0) -> timedelta:
    """How long to wait: by the table, up to a tenth more, and never less than was asked for."""
    wait = WAITS[attempts - 1]
    spread = wait * (delivery.int % 100) / 1000
    return max(wait + spread, timedelta(seconds=min(asked, 86_400)))


def _note_health(reports: Sequence[Report], now: datetime) -> None:
    well = {each.letter.endpoint for each in reports if each.is_delivered}
    gone = {each.letter.endpoint for each in reports if each.status == GONE}
    touched = {each.letter.endpoint for each in reports}
    for endpoint in Endpoint.objects.select_for_update().filter(pk__in=touched).order_by("pk"):
        if endpoint.pk in gone:
            _pause(endpoint, "It answered 410: it does not want to be called again.", now)
        elif endpoint.pk in well:
            if endpoint.failing_since is not None:
                endpoint.failing_since = None
                endpoint.save(update_fields=["failing_since"])
        elif endpoint.failing_since is None:
            endpoint.failing_since = now
            endpoint.save(update_fields=["failing_since"])
        elif now - endpoint.failing_since >= PAUSED_AFTER:
            _pause(endpoint, "It has not taken anything for five days.", now)


def _pause(endpoint: Endpoint, why: str, now: datetime) -> None:
    if endpoint.state != Endpoint.State.ACTIVE:
        return
    endpoint.state, endpoint.paused_because = Endpoint.State.PAUSED, why
    endpoint.save(update_fields=["state", "paused_because"])
    fact = EndpointPaused(subject=endpoint.pk, reason=why)
    events.record([fact], actor=SYSTEM, at=now)
