"""Deciding: what a person of the firm does about a source's record: accept or decline what it
proposes, supply what it lacks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backline.integrations.actions import telling
from backline.integrations.actions.intake import PROPOSED, Became, Intake
from backline.integrations.actions.sources import held
from backline.integrations.actions.taking import again, attempt, digest_of, go
from backline.integrations.events import ProposalDecided
from backline.integrations.models import Source, SourceRecord
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing
from backline.kernel.events import plain, record

Key = tuple[str, str]  # the kind of record and the source's key of it


def accept(source: str, key: Key, *, actor: Actor, at: datetime) -> Became:
    """Accept what a source proposes, as if it owned the fields this once."""
    intake = Intake(held(source), actor, at, is_accepted=True)
    row = _proposed(intake.source, key)
    _decided(intake, row, "accepted")
    return _tried(intake, row)


def decline(source: str, key: Key, *, reason: str, actor: Actor, at: datetime) -> Became:
    """Leave things as they are; the same proposal is not made again."""
    intake = Intake(held(source), actor, at)
    row = _proposed(intake.source, key)
    row.told = {**row.told, "declined": digest_of(row.proposed)}
    _decided(intake, row, "declined", reason)
    return _tried(intake, row)


def supply(
    source: str, key: Key, facts: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Became:
    """Add facts that a source's record lacks; where the source says them later, its word holds."""
    intake = Intake(held(source), actor, at)
    (row,) = intake.kept.take([known_record(intake.source, key)])
    merged = {**row.supplied, **plain(dict(facts))}
    row.supplied = {name: each for name, each in merged.items() if each is not None}
    (became,) = go(intake, [attempt(intake, again(row), row)])
    telling.finish(intake)
    return became


def _tried(intake: Intake, row: SourceRecord) -> Became:
    """The record once more; a part of a placement also where its placement proposed."""
    intake.kept.take([row])
    (became,) = go(intake, [attempt(intake, again(row), row)])
    if row.record == "placement":
        parts = intake.kept.all().filter(parent=row.external_id, outcome=PROPOSED)
        for part in intake.kept.take(parts):
            go(intake, [attempt(intake, again(part), part)])
    telling.finish(intake)
    return became


def _decided(intake: Intake, row: SourceRecord, decision: str, reason: str = "") -> None:
    fact = ProposalDecided(
        subject=row.pk,
        source=intake.source.name,
        record=row.record,
        external_id=row.external_id,
        decision=decision,
        reason=reason,
    )
    record([fact], actor=intake.actor, at=intake.at)


def _proposed(source: Source, key: Key) -> SourceRecord:
    row = known_record(source, key)
    if row.outcome != PROPOSED:
        raise Conflict(
            "nothing_proposed",
            f"This {row.record} proposes nothing; it is {row.outcome.replace('_', ' ')}.",
            status=row.outcome,
        )
    return row


def known_record(source: Source, key: Key) -> SourceRecord:
    """One record of a source, locked; raises Missing."""
    rows = SourceRecord.objects.select_for_update().filter(source=source)
    row = rows.filter(record=key[0], external_id=key[1]).first()
    if row is None:
        raise Missing("not_found", "This source sent no such record.")
    return row
