"""Client money that landed in the partner's bank for invoices that are not funded, passed on."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from backline.funding import mirror, pool
from backline.funding.actions.halves import Half
from backline.funding.mirror import Move
from backline.kernel.actors import Actor


class Free(NamedTuple):
    """So much set against an invoice that is the agency's own, or taken back (negative)."""

    allocation: UUID
    invoice: UUID
    amount: Decimal
    currency: str


def pass_on(counterparty: str, free: Sequence[Free], *, actor: Actor, at: datetime) -> Half:
    """Owe the agency all of this money; the same allocation again moves nothing."""
    pool.hold()
    moves = tuple(
        Move(
            f"passed_on:{one.allocation}",
            "passed_on",
            one.amount,
            one.currency,
            at.date(),
            one.invoice,
            "Set against an invoice that is not funded",
        )
        for one in free
    )
    mirror.move(mirror.AGENCY, counterparty, moves, actor=actor, at=at)
    return Half(moves=moves)
