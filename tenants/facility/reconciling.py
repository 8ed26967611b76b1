"""Reconciling: an agency's books held against its partner's, to the penny; no breaks, or each
by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from backline.desk import actions as desk
from backline.funding import mirror, pool
from backline.funding.models import Movement
from backline.kernel import feed
from backline.kernel.actors import SYSTEM
from backline.kernel.events import plain
from backline.ledger import queries as ledger
from rulebook.advance import Break, compared
from tenants import tenancy
from tenants.agencies import registry
from tenants.facility import actions, following
from tenants.facility.models import Reconciliation

NOTHING = Decimal("0.00")
KINDS = tuple(mirror.LEGS)
MOST_TRIES = 5  # of an agency that never stops, the last comparison is kept


@dataclass(frozen=True, slots=True)
class Side:
    """One side's books: an account by invoice for each check, the movements by kind, what is due
    between the two, and each side's books against its own movements.
    """

    by_invoice: Mapping[str, Mapping[UUID, Decimal]]
    moved: Mapping[str, Decimal]
    due: Decimal
    in_use: Decimal


def reconcile(agency: str, *, at: datetime) -> Reconciliation:
    """Compare an agency's books with its partner's and keep the result; a break opens an exception
    in the agency.

    R1 receivables assigned by invoice, R2 funds in use by invoice, R3 what is due between them, R4
    every kind of movement, R5 each side's books against its own movements. Every figure is a sum of
    entries, with its sign. What the agency did a moment ago is followed first, and nothing moves
    between the two while they are read.
    """
    for _ in range(MOST_TRIES):
        _catch_up(agency, at)
        ours, theirs, is_whole = _read(agency)
        if is_whole:
            break
    breaks = _breaks(ours, theirs)
    with tenancy.shared():
        row = Reconciliation.objects.create(
            agency_id=registry.key(agency),
            checked_at=at,
            figures=plain({"agency": dict(ours.moved), "partner": dict(theirs.moved)}),
            breaks=[_told(one) for one in breaks],
        )
    if breaks:
        with tenancy.firm(agency):
            desk.open_exceptions((_found(one) for one in breaks), actor=SYSTEM, at=at)
    return row


def _catch_up(agency: str, at: datetime) -> None:
    with tenancy.firm(agency):
        feed.number()
    while actions.follow(agency, at=at):
        pass


def _read(agency: str) -> tuple[Side, Side, bool]:
    """Both sides, and whether the agency did nothing meanwhile that is not followed yet."""
    place = tenancy.place(agency)
    with tenancy.pair(agency, place.partner) as books:
        with books.agency():
            pool.hold()
            ours = _agency_side(place.partner)
            is_whole = following.is_whole()
        with books.partner():
            theirs = _partner_side(agency)
    return ours, theirs, is_whole


def _agency_side(partner: str) -> Side:
    """All that stands on the agency's accounts with its partner, whoever posted it."""
    owed = ledger.balances_by_subject("2500")
    by_invoice = {
        "R1": _some(ledger.balances_by_subject("1105")),
        "R2": _some({key: -amount for key, amount in owed.items()}),
    }
    currencies = Movement.objects.filter(counterparty=partner).values_list("currency", flat=True)
    due = sum((ledger.balance("1510", one) for one in set(currencies)), NOTHING)
    return Side(by_invoice, _moved(partner), due, sum(by_invoice["R2"].values(), NOTHING))


def _partner_side(agency: str) -> Side:
    """What the partner's books hold by its postings with that one agency."""
    keys = mirror.posting_key(agency)
    by_invoice = {
        "R1": _some(ledger.subjects_under(keys, "9000")),
        "R2": _some(ledger.subjects_under(keys, "1500")),
    }
    currencies = Movement.objects.filter(counterparty=agency).values_list("currency", flat=True)
    due = NOTHING
    for currency in set(currencies):
        for code in ("2600", "2610"):
            due -= ledger.balance_under(keys, code, currency)
    return Side(by_invoice, _moved(agency), due, sum(by_invoice["R2"].values(), NOTHING))


def _moved(counterparty: str) -> Mapping[str, Decimal]:
    rows = Movement.objects.filter(counterparty=counterparty).values_list("kind")
    return dict.fromkeys(KINDS, NOTHING) | dict(rows.annotate(amount=Sum("amount")))


def _some(amounts: Mapping[UUID, Decimal]) -> dict[UUID, Decimal]:
    return {key: amount for key, amount in amounts.items() if amount}


def _breaks(ours: Side, theirs: Side) -> list[Break]:
    breaks = [
        *compared("R1 receivables assigned", ours.by_invoice["R1"], theirs.by_invoice["R1"]),
        *compared("R2 funds in use", ours.by_invoice["R2"], theirs.by_invoice["R2"]),
        *compared("R3 due between them", {"due": ours.due}, {"due": theirs.due}),
        *compared("R4 movements", ours.moved, theirs.moved),
    ]
    for name, side in (("agency", ours), ("partner", theirs)):
        moved = side.moved["advanced"] - side.moved["repaid"] - side.moved["charged_back"]
        breaks += compared("R5 books against movements", {name: side.in_use}, {name: moved})
    return breaks


def _told(one: Break) -> dict[str, str]:
    return {
        "check": one.check,
        "about": str(one.about),
        "agency": str(one.agency),
        "partner": str(one.partner),
        "difference": str(one.difference),
    }


def _found(one: Break) -> desk.Found:
    return desk.Found(
        kind="reconciliation_break",
        key=f"reconciliation_break:{one.check}:{one.about}",
        title=f"The agency's books and the partner's differ: {one.check}",
        detail=f"Agency {one.agency}, partner {one.partner}, difference {one.difference}.",
        stops="money",
        at_stake=abs(one.difference),
        suggested="Find the movement that one side lacks.",
    )


def last(agency: UUID) -> Reconciliation | None:
    """The newest comparison of an agency."""
    return Reconciliation.objects.filter(agency_id=agency).order_by("-checked_at").first()
