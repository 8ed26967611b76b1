"""What can be done over a pair of books: hand cash over, fund, follow the client's money,
settle a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from backline.collections import actions as collections
from backline.collections.actions import NewReceipt
from backline.funding import actions as funding
from backline.funding import mirror
from backline.funding.actions import Half
from backline.funding.mirror import Move
from backline.kernel.actors import SYSTEM, Actor
from backline.kernel.errors import Conflict
from tenants import tenancy
from tenants.facility import following

if TYPE_CHECKING:
    from backline.kernel.outcomes import Outcome
    from tenants.backend.seats import Place


def hand_over(
    agency: str, receipts: Sequence[NewReceipt], *, actor: Actor, at: datetime
) -> list[Outcome]:
    """Record client cash that landed in the partner's bank in the agency's books, and mirror it in
    the partner's.

    A receipt the agency refuses is mirrored nowhere; the same bank reference again changes nothing.
    """
    place = _funded(agency)
    with tenancy.pair(agency, place.partner) as books:
        with books.agency():
            outcomes = collections.receive(receipts, actor=actor, at=at)
            moves = tuple(
                Move(
                    f"received:{new.bank_reference}",
                    "received",
                    new.amount,
                    new.currency,
                    new.received_on,
                    because=new.remittance,
                )
                for new, outcome in zip(receipts, outcomes, strict=True)
                if outcome.refusal is None
            )
            mirror.move(mirror.AGENCY, place.partner, moves, actor=actor, at=at)
        with books.partner():
            funding.mirror_half(agency, Half(moves=moves), actor=actor, at=at)
    return outcomes


def fund(agency: str, *, actor: Actor = SYSTEM, at: datetime) -> Half:
    """Advance what the terms allow on the agency's final invoices, in both books."""
    place = _funded(agency)
    with tenancy.pair(agency, place.partner) as books:
        with books.agency():
            half = funding.advance(place.partner, actor=actor, at=at)
        with books.partner():
            funding.mirror_half(agency, half, actor=actor, at=at)
    return half


def follow(agency: str, *, at: datetime) -> bool:
    """Follow the agency's feed: new final invoices are funded, the client's money repays; True when
    it moved on.

    Cash and movement are one transaction with the place in the feed, so each is followed once.
    """
    place = tenancy.place(agency)
    if place.kind != "agency" or not place.partner:
        return False
    with tenancy.pair(agency, place.partner) as books:
        with books.agency():
            half, moved = following.take(place.partner, actor=SYSTEM, at=at)
        with books.partner():
            if half.moves:
                funding.mirror_half(agency, half, actor=SYSTEM, at=at)
    return moved


def settle(agency: str, week: date, *, actor: Actor, at: datetime) -> Half:
    """Settle a week between an agency and its partner, in both books, with the wire it comes to."""
    place = _funded(agency)
    with tenancy.pair(agency, place.partner) as books:
        with books.agency():
            half = funding.settle_week(place.partner, week, actor=actor, at=at)
        with books.partner():
            funding.mirror_half(agency, half, actor=actor, at=at)
    return half


def _funded(agency: str) -> Place:
    place = tenancy.place(agency)
    if place.kind != "agency" or not place.partner:
        raise Conflict("no_partner", "This firm has no partner that could fund it.")
    return place
