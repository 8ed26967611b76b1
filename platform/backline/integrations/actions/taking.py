"""Records of a source taken in: each compared with what is known by the source's own version,
applied, parked until what it names arrives, or set aside with what is missing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from backline.integrations import tokens
from backline.integrations.actions import applying, telling
from backline.integrations.actions.intake import (
    CONFLICT,
    CREATED,
    FAILED,
    HELD_UP,
    PARKED,
    PROPOSED,
    STALE,
    TWO_THINGS,
    UNCHANGED,
    Became,
    Intake,
    Push,
    Result,
)
from backline.integrations.models import Source, SourceRecord
from backline.integrations.records import CONTEXT, KINDS, ORDER
from backline.integrations.tokens import OLDER, SAME
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict
from backline.kernel.events import plain
from backline.kernel.operations import refused

MOST_WOKEN = 500


def take_in(source: Source, pushes: Sequence[Push], *, actor: Actor, at: datetime) -> list[Became]:
    """Take records in, whatever their order; one that cannot be applied never stops the others.

    What waited for a record that arrives is applied with it. Returns one outcome a record in the
    order sent.
    """
    intake = Intake(source, actor, at)
    by_place = sorted(range(len(pushes)), key=lambda n: ORDER[pushes[n].record])
    became = {place: take(intake, pushes[place]) for place in by_place}
    found = [became[place] for place in range(len(pushes))]
    intake.finish()
    source.last_heard_at = at
    source.save(update_fields=["last_heard_at"])
    for one in found:  # what was parked when it came may have been applied by what came after
        if one.outcome == PARKED:
            one.row.refresh_from_db()
            one.outcome = one.row.outcome
    return found


def take(intake: Intake, push: Push) -> Became:
    """Take one record in."""
    row = hold(intake, push)
    is_new = not row.digest
    digest = digest_of(push.body)
    token = push.token if push.token.scope else push.token.within(push.scope)
    told = token.against(tokens.read(row.token)) if row.digest else "newer"
    if told == OLDER:
        return _told(intake, Became(push, row, STALE))
    is_mended = push.is_again or row.outcome == FAILED
    if told == SAME and digest != row.digest and not is_mended:
        return _told(intake, _conflict(push, row))
    row.token, row.heard_at = str(token) or row.token, intake.at
    if digest == row.digest and row.outcome not in HELD_UP:
        if told != SAME:
            row.save(update_fields=["token", "heard_at"])
        return _told(intake, Became(push, row, UNCHANGED))
    row.body, row.digest = plain(dict(push.body)), digest
    row.parent = push.parent or row.parent
    if row.record in CONTEXT:
        row.save()  # its placement is worked out from what is kept
    return _told(intake, attempt(intake, push, row, is_new=is_new))


def attempt(intake: Intake, push: Push, row: SourceRecord, *, is_new: bool = False) -> Became:
    """Apply what is kept of a record, and whatever waited for it."""
    before, had_exception = row.outcome, row.has_exception
    was_applied = row.applied_at is not None
    result = _unless_declined(row, applying.apply(intake, row, take))
    _put(intake, row, result)
    ignored = _ignored(row, result)
    found = telling.exceptions(intake, row, result)
    row.has_exception = bool(found)
    row.save()
    became = Became(push, row, result.outcome, ignored, result.notes, result.refusal)
    telling.tell(intake, row, result)
    if found or had_exception:
        telling.put_on_desk(intake, row, found)
    if result.outcome == FAILED and (is_new or before != FAILED):
        telling.write_to_contact(intake, row)
    if row.outcome not in HELD_UP or (row.record not in KINDS and is_new):
        wake(intake, row, is_first=not was_applied)
    return became


def wake(intake: Intake, row: SourceRecord, *, is_first: bool) -> None:
    """Try what waited for this record again, now that it is there."""
    if not is_first:
        return
    keys = [row.external_id]
    if row.record == "rate_card":
        keys.append(f"version:{row.body.get('version', '')}")
    named = Q()
    for key in keys:
        if (row.record, key) not in intake.awaited:
            continue
        named |= Q(waits_for__contains=[{"record": row.record, "external_id": key}])
    if not named:
        return
    waited = SourceRecord.objects.filter(named, source=intake.source, outcome=PARKED)
    for one in list(waited.select_for_update().order_by("received_at", "id")[:MOST_WOKEN]):
        one.refresh_from_db()
        if one.outcome == PARKED:
            attempt(intake, again(one), one)


def again(row: SourceRecord) -> Push:
    """A kept record as if it were sent once more."""
    return Push(
        record=row.record,
        external_id=row.external_id,
        body=row.body,
        token=tokens.read(row.token),
        parent=row.parent,
    )


def digest_of(body: Mapping[str, Any]) -> str:
    """What makes two bodies the same, whatever the order of their names."""
    text = json.dumps(plain(dict(body)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def hold(intake: Intake, push: Push) -> SourceRecord:
    """The record's row, made where it is new; the source is locked, so senders take turns."""
    key = {"source": intake.source, "record": push.record, "external_id": push.external_id}
    known = SourceRecord.objects.select_for_update().filter(**key).first()
    return known or SourceRecord.objects.create(
        **key, parent=push.parent, outcome=PARKED, received_at=intake.at, heard_at=intake.at
    )


def _conflict(push: Push, row: SourceRecord) -> Became:
    told = (
        f"Version {tokens.told(row.token)} of this {row.record} said something else before."
        " Ours is kept; send a newer version."
    )
    return Became(push, row, CONFLICT, refusal=Conflict(TWO_THINGS, told))


def _unless_declined(row: SourceRecord, result: Result) -> Result:
    """What was declined is not proposed once more by the same words."""
    if result.outcome != PROPOSED or row.told.get("declined") != digest_of(result.proposed):
        return result
    return replace(result, outcome=UNCHANGED, proposed={})


def _put(intake: Intake, row: SourceRecord, result: Result) -> None:
    row.outcome, row.about = result.outcome, result.about or row.about
    row.problem = refused(result.refusal) if result.refusal else None
    row.waits_for = [
        {"record": each.record, "external_id": each.external_id} for each in result.waits_for
    ]
    intake.awaited.update((each.record, each.external_id) for each in result.waits_for)
    row.notes, row.proposed = list(result.notes), plain(dict(result.proposed))
    if row.outcome not in HELD_UP:
        row.applied_at = intake.at


def _ignored(row: SourceRecord, result: Result) -> list[str]:
    """The fields that are not the source's to say, each told once for each thing it said."""
    now = {name: digest_of({"said": value})[:16] for name, value in result.ignored.items()}
    fresh = sorted(name for name, print_ in now.items() if row.told.get(name) != print_)
    if fresh:
        row.told = {**row.told, **now}
    return fresh


def _told(intake: Intake, became: Became) -> Became:
    telling.keep_delivery(intake, became)
    return became


__all__ = ["CREATED", "FAILED", "again", "attempt", "hold", "take", "take_in", "wake"]
