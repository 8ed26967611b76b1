"""Deliveries: what a source sends in its own shapes, kept as it came, mapped, and taken in; mapped
again when more is known.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backline.integrations import tokens
from backline.integrations.actions.intake import FAILED, UNCHANGED, Became, Push
from backline.integrations.actions.sources import held
from backline.integrations.actions.taking import MOST_WOKEN, take_in
from backline.integrations.mappings import MAPPINGS
from backline.integrations.mappings.understanding import Mapped, Understanding
from backline.integrations.models import Delivery, Source, SourceRecord
from backline.integrations.reading import ABOUT
from backline.integrations.tokens import Token
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, Missing, Refusal
from backline.kernel.events import plain
from backline.kernel.operations import refused

MOST = 200
NO_OBJECT = "@"  # under which a payload is kept that is no object
ENTITY = re.compile(r"[A-Za-z][A-Za-z0-9]{0,29}")


@dataclass(slots=True)
class Delivered:
    """One payload: where it is kept, and what became of the record in it."""

    delivery: Delivery
    outcome: str
    became: Became | None = None
    refusal: Refusal | None = None
    note: str = ""


def deliver(
    name: str, body: Mapping[str, Any], entity: str = "", *, actor: Actor, at: datetime
) -> list[Delivered]:
    """Keep what a source sent in its own shape, and take in what it means; one payload that lacks
    something never stops the others, and none is dropped.
    """
    source = held(name)
    mapping = MAPPINGS.get(source.kind)
    if mapping is None:
        told = f"What {name} sends has no mapping: push our own shape to its records' addresses."
        raise Invalid("mapping_unknown", told)
    named, payloads = mapping.sent(body)
    entity = entity or named
    _check(entity, payloads)
    rows = [
        Delivery(
            source=source,
            record=entity,
            body=_as_kept(mapping.kept(each)),
            outcome="failed",
            mapping=mapping.VERSION,
            received_at=at,
        )
        for each in payloads
    ]
    Delivery.objects.bulk_create(rows)
    return _mapped(source, rows, actor=actor, at=at)


def _as_kept(payload: Any) -> dict[str, Any]:
    """A payload as it is kept; numbers with a point are kept as they were spelled."""
    return dict(plain(payload if isinstance(payload, Mapping) else {NO_OBJECT: payload}))


def remap(delivery: UUID, *, actor: Actor, at: datetime) -> Delivered:
    """Map a kept payload again, by the mapping and the settings of today."""
    row = Delivery.objects.select_related("source").filter(pk=delivery).first()
    if row is None:
        raise Missing("not_found", "There is no such delivery.")
    if not row.mapping:
        told = "This was sent in our own shape: there is nothing to map."
        raise Invalid("nothing_to_map", told)
    (again,) = _mapped(held(row.source.name), [row], actor=actor, at=at, is_again=True)
    return again


def try_again(name: str, *, actor: Actor, at: datetime) -> int:
    """Try every record that failed once more, now that more is known; returns how many applied."""
    source = held(name)
    rows = SourceRecord.objects.filter(source=source, outcome=FAILED).exclude(digest="")
    kept, own = [], []
    for row in rows.order_by("id")[:MOST_WOKEN]:
        found = _latest(source, row)
        if found is None:
            own.append(row)
        else:
            kept.append(found)
    done = sum(
        each.outcome != FAILED for each in _mapped(source, kept, actor=actor, at=at, is_again=True)
    )
    pushes = [_again(row) for row in own]
    return done + sum(
        each.outcome != FAILED for each in take_in(source, pushes, actor=actor, at=at)
    )


def _again(row: SourceRecord) -> Push:
    return Push(
        record=row.record,
        external_id=row.external_id,
        body=row.body,
        token=tokens.read(row.token),
        parent=row.parent,
        is_again=True,
        is_kept=True,
    )


def _latest(source: Source, row: SourceRecord) -> Delivery | None:
    entity = (row.body.get(ABOUT) or {}).get("entity")
    if not entity:
        return None
    rows = Delivery.objects.filter(
        source=source, record=entity, external_id=row.external_id
    ).exclude(mapping="")
    return rows.order_by("received_at", "id").last()


def _check(entity: str, payloads: Sequence[Any]) -> None:
    faults = []
    if not ENTITY.fullmatch(entity):
        told = "Say which entity it is: ?entity=Placement, or a field `entity` beside `data`."
        faults.append(Fault("entity_missing", told, "/entity"))
    if len(payloads) > MOST:
        faults.append(Fault("too_many_records", f"Send at most {MOST} records.", "/data"))
    if not payloads:
        faults.append(Fault("required", "There is no record in it.", "/data"))
    if faults:
        raise Invalid.of(faults)


def _mapped(
    source: Source,
    rows: Sequence[Delivery],
    *,
    actor: Actor,
    at: datetime,
    is_again: bool = False,
) -> list[Delivered]:
    """Map what is kept and take it in; the outcome is written beside what was sent."""
    found: list[Delivered] = []
    pushes: list[tuple[Delivered | None, Push]] = []
    for row in rows:
        one = Delivered(row, UNCHANGED)
        found.append(one)
        pushes += _pushes(source, one, is_again=is_again)
    became = take_in(source, [push for _, push in pushes], actor=actor, at=at)
    for (one_or_none, _), what in zip(pushes, became, strict=True):
        if one_or_none is not None:
            one_or_none.became, one_or_none.outcome = what, what.outcome
            one_or_none.refusal = what.refusal
    for one in found:
        row = one.delivery
        row.outcome = one.outcome
        row.problem = refused(one.refusal) if one.refusal else _noted(one.note)
    fields = ["external_id", "mapping", "outcome", "problem"]
    Delivery.objects.bulk_update([one.delivery for one in found], fields)
    return found


def _noted(note: str) -> dict[str, Any] | None:
    return {"errors": [{"code": "not_needed", "detail": note, "pointer": ""}]} if note else None


def _pushes(
    source: Source, one: Delivered, *, is_again: bool
) -> list[tuple[Delivered | None, Push]]:
    """The records in one payload; the first is what the delivery is told as."""
    row, mapping = one.delivery, MAPPINGS[source.kind]
    row.mapping = mapping.VERSION
    if set(row.body) == {NO_OBJECT}:
        told = "A record is an object with fields."
        one.outcome, one.refusal = FAILED, Invalid("not_an_object", told)
        return []
    how = Understanding(source.time_zone, source.settings)
    mapped: Sequence[Mapped] = mapping.records(row.record, row.body, how)
    row.external_id = mapped[0].external_id
    one.note = mapped[0].note
    needed = [each for each in mapped if each.record]
    if any(not each.external_id for each in needed):
        told = f"This {row.record} has no id, so nothing can be said of it twice."
        one.outcome, one.refusal = FAILED, Invalid("id_missing", told, pointer="/id")
        return []
    return [(one if each is mapped[0] else None, _push(each, is_again=is_again)) for each in needed]


def _push(each: Mapped, *, is_again: bool) -> Push:
    return Push(
        record=each.record,
        external_id=each.external_id,
        body=each.body,
        token=Token(None, each.updated_at),
        parent=each.parent,
        is_again=is_again,
        is_kept=True,
    )
