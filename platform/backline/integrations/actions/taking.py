"""Records of a source taken in: each compared with what is known by the source's own version,
applied, parked until what it names arrives, or set aside with what is missing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q

from backline.integrations import tokens
from backline.integrations.actions import applying, context, telling
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
from backline.integrations.actions.kept import named_in
from backline.integrations.actions.stepping import Steps, side_by_side
from backline.integrations.models import Source, SourceRecord
from backline.integrations.records import KINDS, ORDER
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
    became: dict[int, Became] = {}
    for _, alike in groupby(by_place, key=lambda n: ORDER[pushes[n].record]):
        places = list(alike)
        some = [pushes[place] for place in places]
        read_for(intake, some)
        took = go(intake, [take(intake, push) for push in some])
        became |= zip(places, took, strict=True)
    found = [became[place] for place in range(len(pushes))]
    telling.finish(intake)
    source.last_heard_at = at
    source.save(update_fields=["last_heard_at"])
    for one in found:  # what was parked when it came may have been applied by what came after
        if one.outcome == PARKED:
            one.outcome = one.row.outcome
    return found


def read_for(intake: Intake, pushes: Sequence[Push]) -> None:
    """Read what these records name, and what is known of it, in a few queries."""
    kept = intake.kept
    named = [key for one in pushes for key in named_in(one.record, one.external_id, one.body)]
    kept.read(named)
    if all(one.body.get("is_deleted") for one in pushes):
        return
    placements = [one.external_id for one in pushes if one.record == "placement"]
    if placements:
        context.read(intake, placements)
    stand = (kept.find(*key) for key in named)
    intake.read_said(row.about for row in stand if row is not None and row.about is not None)
    intake.read_clients(kept.about("client"))
    applying.read(intake)


def go(intake: Intake, some: Sequence[Steps[Became]]) -> list[Became]:
    """Let these records be taken in side by side, and then what waited for them."""
    became = side_by_side(some, actor=intake.actor, at=intake.at)
    while woken := _woken(intake):
        for _, alike in groupby(woken, key=lambda row: ORDER[row.record]):
            rows = list(alike)
            read_for(intake, [again(row) for row in rows])
            side_by_side([_at_last(intake, row) for row in rows], actor=intake.actor, at=intake.at)
    return became


def take(intake: Intake, push: Push) -> Steps[Became]:
    """Take one record in."""
    row = hold(intake, push)
    yield from intake.turn(row)
    became = yield from _take(intake, push, row)
    intake.busy.discard(row.pk)
    return became


def _take(intake: Intake, push: Push, row: SourceRecord) -> Steps[Became]:
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
            intake.kept.change(row)
        return _told(intake, Became(push, row, UNCHANGED))
    row.body, row.digest = plain(dict(push.body)), digest
    row.parent = push.parent or row.parent
    became = yield from attempt(intake, push, row, is_new=is_new)
    return _told(intake, became)


def attempt(
    intake: Intake, push: Push, row: SourceRecord, *, is_new: bool = False
) -> Steps[Became]:
    """Apply what is kept of a record, and whatever waited for it."""
    before, had_exception = row.outcome, row.has_exception
    was_applied = row.applied_at is not None
    applied = yield from applying.apply(intake, row, take)
    result = _unless_declined(row, applied)
    _put(intake, row, result)
    ignored = _ignored(row, result)
    found = telling.exceptions(intake, row, result)
    row.has_exception = bool(found)
    intake.kept.change(row)
    became = Became(push, row, result.outcome, ignored, result.notes, result.refusal)
    telling.tell(intake, row, result)
    if found or had_exception:
        telling.for_desk(intake, row, found)
    if result.outcome == FAILED and (is_new or before != FAILED):
        telling.write_to_contact(intake, row)
    if row.outcome not in HELD_UP or (row.record not in KINDS and is_new):
        _arrived(intake, row, is_first=not was_applied)
    return became


def _arrived(intake: Intake, row: SourceRecord, *, is_first: bool) -> None:
    """Note what may be tried again, now that this record is there."""
    if not is_first:
        return
    keys = {(row.record, row.external_id)}
    if row.record == "rate_card":
        keys.add((row.record, f"version:{row.body.get('version', '')}"))
    intake.arrived |= keys & intake.awaited


def _woken(intake: Intake) -> list[SourceRecord]:
    """The records that waited for what arrived, in the order in which they need each other."""
    named = Q()
    for record, key in sorted(intake.arrived):
        named |= Q(waits_for__contains=[{"record": record, "external_id": key}])
    intake.arrived.clear()
    if not named:
        return []
    waited = intake.kept.all().filter(named, outcome=PARKED).order_by("received_at", "id")
    found = intake.kept.take(waited.select_for_update()[:MOST_WOKEN])
    return sorted(found, key=lambda row: ORDER[row.record])


def _at_last(intake: Intake, row: SourceRecord) -> Steps[Became]:
    """What waited, tried again; unless it was applied with what it waited for."""
    yield from intake.turn(row)
    became = Became(again(row), row, row.outcome)
    if row.outcome == PARKED:
        became = yield from attempt(intake, again(row), row)
    intake.busy.discard(row.pk)
    return became


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
    known = intake.kept.find(push.record, push.external_id)
    return known or intake.kept.add(
        SourceRecord(
            source=intake.source,
            record=push.record,
            external_id=push.external_id,
            parent=push.parent,
            outcome=PARKED,
            received_at=intake.at,
            heard_at=intake.at,
        )
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


__all__ = ["CREATED", "FAILED", "again", "attempt", "go", "hold", "take", "take_in"]
