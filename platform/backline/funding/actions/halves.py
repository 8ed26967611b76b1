"""Halves: what one side did, for the other side to mirror."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backline.funding import mirror
from backline.funding.mirror import Move
from backline.funding.models import Advance
from backline.kernel.actors import Actor
from backline.kernel.events import plain


@dataclass(frozen=True, slots=True)
class Half:
    """What one side did, for the other side to mirror: advances as told, and the movements."""

    advances: tuple[dict[str, Any], ...] = ()
    moves: tuple[Move, ...] = ()

    def __add__(self, other: "Half") -> "Half":
        """What was done by one deed after the other."""
        return Half(self.advances + other.advances, self.moves + other.moves)


def mirror_half(counterparty: str, half: Half, *, actor: Actor, at: datetime) -> int:
    """Write the partner's half of what an agency did: the same movements, posted from its side."""
    return mirror.move(mirror.PARTNER, counterparty, half.moves, actor=actor, at=at)


def told(rows: Sequence[Advance]) -> tuple[dict[str, Any], ...]:
    """Advances as the other side hears of them: no worker, no line, only the debt."""
    names = (
        "invoice", "invoice_number", "debtor", "state", "face", "eligible", "advanced", "unfunded",
        "repaid", "collected", "fee", "fee_tax", "released", "charged_back", "currency", "reason",
        "advanced_on",
    )  # fmt: skip
    return tuple({name: plain(getattr(row, name)) for name in names} for row in rows)
