"""Exceptions opened, taken, resolved, dismissed; who answers for what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from backline.desk.events import (
    ExceptionClosed,
    ExceptionOpened,
    ExceptionReleased,
    ExceptionRestated,
    ExceptionTaken,
    ResponsibilityDecided,
)
from backline.desk.models import Responsibility, Trouble
from backline.desk.responsibilities import ANYTHING_ELSE, KINDS, Answer
from backline.kernel import statements, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Invalid, Missing, Refusal
from backline.kernel.events import plain, record
from backline.kernel.outcomes import Outcome, in_order
from backline.kernel.statements import Slot

OPEN = ("open", "taken")
TOLD = ("title", "detail", "stops", "evidence", "suggested")
_OPEN = statements.whole(
    Trouble,
    lambda: (
        Trouble.objects.select_for_update()
        .filter(key__among=Slot("keys"), state__in=OPEN)
        .order_by("id")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A trouble as a stage finds it; `key` is what it is about, so that it is open once.

    `stops` is pay, bill, money, start or nothing; `at_stake` the money concerned, in `currency`.
    """

    kind: str
    key: str
    title: str
    detail: str = ""
    about_kind: str = ""
    about: UUID | None = None
    stops: str = "nothing"
    at_stake: Decimal | None = None
    currency: str = ""
    evidence: Sequence[Any] = ()
    suggested: str = ""
    due_at: datetime | None = None


def open_exceptions(found: Iterable[Found], *, actor: Actor, at: datetime) -> int:
    """Open an exception for every trouble that has none open, with its owner and due time;
    returns how many.

    One that is open is brought up to date: it says what is true now.
    """
    wanted = {one.key: one for one in found}
    if not wanted:
        return 0
    known = {
        row.key: row
        for row in Trouble.objects.select_for_update()
        .filter(key__among=wanted, state__in=OPEN)
        .order_by("id")
    }
    _bring_up_to_date(known.values(), wanted, actor, at)
    fresh = [one for key, one in wanted.items() if key not in known]
    if not fresh:
        return 0
    answers = _answers({one.kind for one in fresh})
    troubles = [
        Trouble(
            kind=one.kind,
            key=one.key,
            title=one.title[:200],
            detail=one.detail,
            about_kind=one.about_kind,
            about=one.about,
            stops=one.stops,
            at_stake=one.at_stake,
            currency=one.currency,
            owner_role=answers[one.kind].role,
            due_at=one.due_at or at + answers[one.kind].span,
            opened_at=at,
            evidence=plain(list(one.evidence)),
            suggested=one.suggested[:200],
        )
        for one in fresh
    ]
    # a twin that opened the same trouble a moment ago wins; ours is then not told
    Trouble.objects.bulk_create(troubles, ignore_conflicts=True)
    made = set(
        Trouble.objects.filter(pk__among=[one.pk for one in troubles]).values_list("pk", flat=True)
    )
    record((_opened(one) for one in troubles if one.pk in made), actor=actor, at=at)
    return len(made)


def close_for(
    keys: Iterable[str],
    *,
    resolution: str,
    actor: Actor,
    at: datetime,
    outcome: dict[str, Any] | None = None,
) -> int:
    """Resolve what is open under these keys because the trouble is gone; returns how many
    there were.
    """
    asked = list(keys)
    rows = _OPEN(keys=asked) if asked else []
    _close(rows, Trouble.State.RESOLVED, resolution, outcome=outcome or {}, actor=actor, at=at)
    return len(rows)


def restate(stakes: Mapping[str, tuple[Decimal, str]], *, actor: Actor, at: datetime) -> int:
    """Say what is at stake in open exceptions, by their keys, now that it is known; returns how
    many said something else before.
    """
    rows = list(
        Trouble.objects.select_for_update().filter(key__among=stakes, state__in=OPEN).order_by("id")
    )
    moved = [row for row in rows if (row.at_stake, row.currency) != stakes[row.key]]
    for row in moved:
        row.at_stake, row.currency = stakes[row.key]
    Trouble.objects.bulk_update(moved, ["at_stake", "currency"])
    facts = (
        ExceptionRestated(
            subject=row.pk, kind=row.kind, at_stake=row.at_stake, currency=row.currency
        )
        for row in moved
    )
    record(facts, actor=actor, at=at)
    return len(moved)


def take(exceptions: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Take exceptions on, so that the others see by whom."""
    rows, refusals = _movable(exceptions, Trouble.State.TAKEN)
    for row in rows:
        row.state, row.taken_by = Trouble.State.TAKEN, actor.as_json()
    Trouble.objects.bulk_update(rows, ["state", "taken_by"])
    record((ExceptionTaken(subject=row.pk, kind=row.kind) for row in rows), actor=actor, at=at)
    return in_order(exceptions, refusals)


def release(exceptions: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Give back exceptions that were taken on, so that another can take them."""
    rows, refusals = _movable(exceptions, Trouble.State.OPEN)
    for row in rows:
        row.state, row.taken_by = Trouble.State.OPEN, None
    Trouble.objects.bulk_update(rows, ["state", "taken_by"])
    record((ExceptionReleased(subject=row.pk, kind=row.kind) for row in rows), actor=actor, at=at)
    return in_order(exceptions, refusals)


def resolve(
    exceptions: Sequence[UUID], *, resolution: str, actor: Actor, at: datetime
) -> list[Outcome]:
    """Close exceptions as resolved, saying how."""
    return _end(exceptions, Trouble.State.RESOLVED, resolution, actor, at)


def dismiss(
    exceptions: Sequence[UUID], *, reason: str, actor: Actor, at: datetime
) -> list[Outcome]:
    """Close exceptions as not worth treating, saying why."""
    return _end(exceptions, Trouble.State.DISMISSED, reason, actor, at)


def decide_responsibility(
    kind: str, *, owner_role: str, deputy_role: str, hours: int, actor: Actor, at: datetime
) -> Responsibility:
    """Say who answers for a kind of exception in this firm, who stands in, and within how
    many hours; what is open and not taken on goes to them.
    """
    if not owner_role:
        raise Invalid(
            "owner_missing", "Every kind of exception has an owner.", pointer="/owner_role"
        )
    if not 1 <= hours <= 24 * 30:
        raise Invalid("hours_out_of_range", "Give between 1 and 720 hours.", pointer="/hours")
    before = Responsibility.objects.filter(kind=kind).first()
    row, _ = Responsibility.objects.update_or_create(
        kind=kind,
        defaults={
            "owner_role": owner_role,
            "deputy_role": deputy_role,
            "hours": hours,
            "changed_at": at,
            "changed_by": actor.as_json(),
        },
    )
    Trouble.objects.filter(kind=kind, state=Trouble.State.OPEN).update(owner_role=owner_role)
    fact = ResponsibilityDecided(
        subject=uuid5(NAMESPACE_OID, kind),  # a kind is its own key; an event's subject is a UUID
        kind=kind,
        changes={"owner_role": [before.owner_role if before else None, owner_role]},
    )
    record([fact], actor=actor, at=at)
    return row


def _bring_up_to_date(
    rows: Iterable[Trouble], wanted: Mapping[str, Found], actor: Actor, at: datetime
) -> None:
    moved = []
    for row in rows:
        one = wanted[row.key]
        now = (
            one.title[:200], one.detail, one.stops, plain(list(one.evidence)), one.suggested[:200],
        )  # fmt: skip
        if tuple(getattr(row, name) for name in TOLD) != now:
            for name, value in zip(TOLD, now, strict=True):
                setattr(row, name, value)
            moved.append(row)
    Trouble.objects.bulk_update(moved, TOLD)
    facts = (
        ExceptionRestated(
            subject=row.pk, kind=row.kind, at_stake=row.at_stake, currency=row.currency
        )
        for row in moved
    )
    record(facts, actor=actor, at=at)


def _opened(row: Trouble) -> ExceptionOpened:
    return ExceptionOpened(
        subject=row.pk,
        kind=row.kind,
        about_kind=row.about_kind,
        about=str(row.about or ""),
        stops=row.stops,
        at_stake=row.at_stake,
        currency=row.currency,
        owner_role=row.owner_role,
    )


def _answers(kinds: set[str]) -> dict[str, Answer]:
    own = {
        row.kind: Answer(row.owner_role, row.hours)
        for row in Responsibility.objects.filter(kind__in=kinds)
    }
    return {kind: own.get(kind) or KINDS.get(kind, ANYTHING_ELSE) for kind in kinds}


def _movable(exceptions: Sequence[UUID], to: str) -> tuple[list[Trouble], dict[UUID, Refusal]]:
    rows = list(Trouble.objects.select_for_update().filter(pk__in=exceptions).order_by("id"))
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such exception.")
        for key in set(exceptions) - {row.pk for row in rows}
    }
    for row in rows:
        refusal = states.refused(row.state, to, Trouble.MOVES, "exception")
        if refusal:
            refusals[row.pk] = refusal
    return [row for row in rows if row.pk not in refusals], refusals


def _end(
    exceptions: Sequence[UUID], to: str, why: str, actor: Actor, at: datetime
) -> list[Outcome]:
    if not why.strip():
        raise Invalid("reason_missing", "Say how or why it is closed.", pointer="/reason")
    rows, refusals = _movable(exceptions, to)
    _close(rows, to, why, outcome={}, actor=actor, at=at)
    return in_order(exceptions, refusals)


def _close(
    rows: Sequence[Trouble],
    to: str,
    why: str,
    *,
    outcome: dict[str, Any],
    actor: Actor,
    at: datetime,
) -> None:
    for row in rows:
        row.state, row.resolution, row.outcome = to, why[:300], plain(outcome)
        row.closed_at, row.closed_by = at, actor.as_json()
    Trouble.objects.bulk_update(rows, ["state", "resolution", "outcome", "closed_at", "closed_by"])
    facts = (
        ExceptionClosed(subject=row.pk, kind=row.kind, state=to, resolution=row.resolution)
        for row in rows
    )
    record(facts, actor=actor, at=at)


def given_up(
    consumer: str, subject: UUID, event: str, why: str, *, actor: Actor, at: datetime
) -> None:
    """Open an exception for an event that a consumer could not take, so that it is not lost
    in silence.
    """
    found = Found(
        kind="consumer_gave_up",
        key=f"consumer_gave_up:{consumer}:{subject}:{event}",
        title=f"{consumer} could not follow {event}",
        detail=why[:1000],
        about_kind="event",
        about=subject,
        suggested="Mend the cause, then replay the event.",
    )
    open_exceptions([found], actor=actor, at=at)
