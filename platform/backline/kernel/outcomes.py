"""Outcomes: what became of each member of a set that an action was asked to treat."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from backline.kernel.errors import Missing, Refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """One member: done when `refusal` is None, else why not."""

    id: UUID
    refusal: Refusal | None = None


def one(outcomes: Sequence[Outcome]) -> UUID:
    """The id of a set of one; raises its refusal, or Missing for an empty set."""
    if not outcomes:
        raise Missing("not_found", "There is no such record.")
    if outcomes[0].refusal is not None:
        raise outcomes[0].refusal
    return outcomes[0].id


def in_order(asked: Iterable[UUID], refusals: dict[UUID, Refusal]) -> list[Outcome]:
    """The outcomes in the order asked, one a member however often it was named."""
    return [Outcome(key, refusals.get(key)) for key in dict.fromkeys(asked)]
