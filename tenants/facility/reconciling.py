"""Reconciling: an agency's books held against its partner's, to the penny; no breaks, or each
by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from backline.desk import actions as desk
from backline.funding import mirror
from backline.funding.models import Movement
from backline.kernel.actors import SYSTEM
from backline.kernel.events import plain
from backline.ledger import queries as ledger
from rulebook.advance import Break, compared
from tenants import tenancy
from tenants.agencies import registry
from tenants.facility.models import Reconciliation

NOTHING = Decimal("0.00")
KINDS = tuple(mirror.LEGS)


@dataclass(frozen=True, slots=True)
class Side:
    """One side's figures: by invoice, by kind of movement, and what its own books say in all."""

    by_invoice: Mapping[str, Mapping[UUID, Decimal]]
    moved: Mapping[str, Decimal]
    books: Mapping[str, Decimal] = field(default_factory=dict)


def reconcile(agency: str, *, at: datetime) -> Reconciliation:
    """Compare an agency's books with its partner's and keep the result; a break opens an exception
    in the agency.

    R1 receivables assigned by invoice, R2 funds in use by invoice, R3 what is due between them, R4
    every kind of
    movement, R5 each side's books against its own movements.
    """
    place = tenancy.place(agency)
    with tenancy.pair(agency, place.partner) as books:
        with books.agency():
            ours = _side(place.partner, {"R1": "1105", "R2": "2500"})
        with books.partner():
            theirs = _side(agency, {"R1": "9000", "R2": "1500"})
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


def _side(counterparty: str, accounts: Mapping[str, str]) -> Side:
    invoices = set(
        Movement.objects.filter(counterparty=counterparty, invoice__isnull=False)
        .values_list("invoice", flat=True)
        .distinct()
    )
    rows = Movement.objects.filter(counterparty=counterparty).values_list("kind")
    sums = dict.fromkeys(KINDS, NOTHING) | dict(rows.annotate(amount=Sum("amount")))
    by_invoice = {
        check: {
            key: abs(amount)
            for key, amount in ledger.balances_by_subject(code).items()
            if key in invoices and amount
        }
        for check, code in accounts.items()
    }
    return Side(by_invoice, sums)


def _breaks(ours: Side, theirs: Side) -> list[Break]:
    breaks = [
        *compared("R1 receivables assigned", ours.by_invoice["R1"], theirs.by_invoice["R1"]),
        *compared("R2 funds in use", ours.by_invoice["R2"], theirs.by_invoice["R2"]),
        *compared("R4 movements", ours.moved, theirs.moved),
    ]
    due = {"due": _due(ours.moved, mirror.AGENCY)}
    owed = {"due": _due(theirs.moved, mirror.PARTNER)}
    breaks += compared("R3 due between them", due, owed)
    in_books = sum(ours.by_invoice["R2"].values(), NOTHING)
    moved = ours.moved["advanced"] - ours.moved["repaid"] - ours.moved["charged_back"]
    breaks += compared("R5 books against movements", {"2500": in_books}, {"2500": moved})
    return breaks


def _due(moved: Mapping[str, Decimal], side: str) -> Decimal:
    """What the partner owes the agency by the movements of one side, the receipts among them."""
    due = {mirror.AGENCY: ("1510",), mirror.PARTNER: ("2600", "2610")}[side]
    total = moved["received"] if side == mirror.AGENCY else NOTHING
    for kind, amount in moved.items():
        for debit, credit in mirror.LEGS[kind][side]:
            grows = debit in due if side == mirror.AGENCY else credit in due
            shrinks = credit in due if side == mirror.AGENCY else debit in due
            total += amount * (int(grows) - int(shrinks))
    return total


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
