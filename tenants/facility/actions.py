"""What can be done over a pair of books: hand cash over, fund, follow the client's money,
settle a week.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import OperationalError

from backline.collections import actions as collections
from backline.collections.actions import NewReceipt
from backline.funding import actions as funding
from backline.funding import mirror, pool
from backline.funding.actions import Half
from backline.funding.mirror import Move
from backline.kernel.actors import SYSTEM, Actor
from backline.kernel.errors import Conflict
from tenants import tenancy
from tenants.facility import following

if TYPE_CHECKING:
    from backline.kernel.outcomes import Outcome
    from tenants.backend.seats import Place

log = logging.getLogger(__name__)


def hand_over(
    agency: str, receipts: Sequence[NewReceipt], *, actor: Actor, at: datetime
) -> list[Outcome]:
    """Record client cash that landed in the partner's bank in the agency's books, and mirror it in
    the partner's.

    A receipt the agency refuses is mirrored nowhere; the same bank reference again changes nothing.
    """
    landed = [
        replace(new, held_by="partner", bank_reference=new.bank_reference.strip())
        for new in receipts
    ]
    outcomes: list[Outcome] = []

    def deed(partner: str) -> Half:
        pool.hold()
        outcomes.extend(collections.receive(landed, actor=actor, at=at))
        moves = tuple(
            Move(
                f"received:{new.bank_reference}",
                "received",
                new.amount,
                new.currency,
                new.received_on,
                because=new.remittance,
            )
            for new, outcome in zip(landed, outcomes, strict=True)
            if outcome.refusal is None
        )
        mirror.move(mirror.AGENCY, partner, moves, actor=actor, at=at)
        return Half(moves=moves)

    _both(_funded(agency), deed, actor, at)
    return outcomes


def fund(agency: str, *, actor: Actor = SYSTEM, at: datetime) -> Half:
    """Advance what the terms allow on the agency's final invoices, in both books."""
    return _both(
        _funded(agency), lambda partner: funding.advance(partner, actor=actor, at=at), actor, at
    )


def follow(agency: str, *, at: datetime) -> bool:
    """Follow the agency's feed and its days: new final invoices are funded, the client's money
    repays, what was not paid in time goes back; True when it moved on.

    What is done and the place in the feed are one transaction, so each is followed once. A set that
    cannot be followed is tried one by one; the event that cannot be is passed over, on a desk.
    """
    place = tenancy.place(agency)
    if place.kind != "agency" or not place.partner:
        return False
    try:
        return _take(place, at, following.SET, with_day=True)
    except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
        _note(agency, error)
    return _one_by_one(place, at)


def settle(agency: str, week: date, *, actor: Actor, at: datetime) -> Half:
    """Settle a week between an agency and its partner, in both books, with the wire it comes to."""
    return _both(
        _funded(agency),
        lambda partner: funding.settle_week(partner, week, actor=actor, at=at),
        actor,
        at,
    )


def _both(place: Place, deed: Callable[[str], Half], actor: Actor, at: datetime) -> Half:
    """Do the agency's half of a deed, then the partner's mirror of it; both are kept or neither."""
    with tenancy.pair(place.ref, place.partner) as books:
        with books.agency():
            half = deed(place.partner)
        with books.partner():
            if half.moves:
                funding.mirror_half(place.ref, half, actor=actor, at=at)
    return half


def _take(place: Place, at: datetime, limit: int, *, with_day: bool = False) -> bool:
    """Follow a set of events; once there are none left, do what the day asks for."""
    passed = False

    def deed(partner: str) -> Half:
        nonlocal passed
        half, passed = following.take(partner, actor=SYSTEM, at=at, limit=limit)
        if with_day and not passed:
            half += following.take_day(partner, actor=SYSTEM, at=at)
        return half

    return bool(_both(place, deed, SYSTEM, at).moves) or passed


def _one_by_one(place: Place, at: datetime) -> bool:
    moved = False
    while True:
        try:
            if not _take(place, at, 1):
                return moved
            moved = True
        except OperationalError as error:  # the server's trouble, not the event's: later again
            _note(place.ref, error)
            return moved
        except Exception as error:  # noqa: BLE001  # the one that cannot be followed is set aside
            why = _note(place.ref, error)
            with tenancy.firm(place.ref):
                following.give_up(why)
            return True


def _note(agency: str, error: Exception) -> str:
    """Log the failure without what the database said, which may quote people."""
    why = type(error).__name__
    log.error("following_failed", extra={"firm": agency}, exc_info=error)
    return why


def _funded(agency: str) -> Place:
    place = tenancy.place(agency)
    if place.kind != "agency" or not place.partner:
        raise Conflict("no_partner", "This firm has no partner that could fund it.")
    return place
