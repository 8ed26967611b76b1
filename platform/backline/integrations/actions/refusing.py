"""Refusing: a record that was refused at the door, remembered so that it is not lost in silence."""

from datetime import datetime

from backline.integrations.actions import telling
from backline.integrations.actions.intake import (
    CONFLICT,
    FAILED,
    TWO_THINGS,
    Became,
    Intake,
    Push,
    Result,
)
from backline.integrations.actions.sources import held
from backline.integrations.actions.taking import hold
from backline.kernel.actors import Actor
from backline.kernel.errors import Refusal
from backline.kernel.operations import refused


def set_aside(source: str, push: Push, refusal: Refusal, *, actor: Actor, at: datetime) -> None:
    """Remember that a record was refused, with an exception that closes when it is applied.

    What it said is not kept: the sender was told, and may send the same version again, mended.
    """
    intake = Intake(held(source), actor, at)
    intake.source.last_heard_at = at
    intake.source.save(update_fields=["last_heard_at"])
    row = hold(intake, push)
    if refusal.code == TWO_THINGS:
        telling.keep_delivery(intake, Became(push, row, CONFLICT, refusal=refusal))
        telling.finish(intake)
        return
    is_first = row.outcome != FAILED
    result = Result(FAILED, row.about, refusal)
    if row.applied_at is None:
        row.outcome, row.problem = FAILED, refused(refusal)
    row.heard_at, row.has_exception = at, True
    intake.kept.change(row)
    telling.keep_delivery(intake, Became(push, row, FAILED, refusal=refusal))
    telling.tell(intake, row, result)
    telling.for_desk(intake, row, telling.exceptions(intake, row, result))
    if is_first:
        telling.write_to_contact(intake, row)
    telling.finish(intake)
