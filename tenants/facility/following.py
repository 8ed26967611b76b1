"""Following: the agency's half of what its feed asks the facility to do, one set of events at
a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.collections.models import Allocation
from backline.desk import actions as desk
from backline.funding import actions as funding
from backline.funding import mirror
from backline.funding.actions import Half
from backline.funding.mirror import Move
from backline.kernel import consumers, here
from backline.kernel.actors import Actor
from backline.kernel.events import Told
from tenants import tenancy

CONSUMER = "facility"
NAMES = frozenset({"invoice.finalized", "allocation.made"})
SET = 500


def take(partner: str, *, actor: Actor, at: datetime) -> tuple[Half, bool]:
    """Take the next set of the agency's events; returns what the partner must mirror and
    whether any was passed.
    """
    gathered: list[Move] = []

    def react(events: Sequence[Told]) -> None:
        allocations = [event for event in events if event.name == "allocation.made"]
        gathered.extend(_repay(partner, allocations, actor, at))
        if any(event.name == "invoice.finalized" for event in events):
            gathered.extend(funding.advance(partner, actor=actor, at=at).moves)

    passed = consumers.run_with(CONSUMER, NAMES, react, limit=SET)
    return Half(moves=tuple(gathered)), passed > 0


def is_behind(*, at: datetime) -> bool:  # noqa: ARG001 - asked by the clock
    """Whether an agency's feed has something the facility has not seen; a partner's is not read."""
    return tenancy.place(here.firm()).kind == "agency" and consumers.is_behind(CONSUMER)


def _repay(partner: str, events: Sequence[Told], actor: Actor, at: datetime) -> Sequence[Move]:
    funded = {UUID(event.facts["invoice"]) for event in events if event.facts["is_funded"]}
    free = [
        Move(
            f"released:allocation:{event.subject}",
            "released",
            Decimal(event.facts["amount"]),
            event.facts["currency"],
            at.date(),
            UUID(event.facts["invoice"]),
            "Set against an invoice that is not funded",
        )
        for event in events
        if event.facts["held_by"] == "partner"
        and not event.facts["is_funded"]
        and event.facts["kind"] == "payment"
    ]
    mirror.move(mirror.AGENCY, partner, free, actor=actor, at=at)
    _misdirected(events, actor, at)
    if not funded:
        return free
    cash: dict[UUID, list[tuple[date, Decimal]]] = {key: [] for key in funded}
    rows = Allocation.objects.filter(
        invoice__in=funded, kind="payment", receipt__held_by="partner"
    ).order_by("applied_at", "id")
    for invoice, day, amount in rows.values_list("invoice_id", "applied_on", "amount"):
        cash[invoice].append((day, amount))
    return [*free, *funding.repay(partner, cash, actor=actor, at=at).moves]


def _misdirected(events: Sequence[Told], actor: Actor, at: datetime) -> None:
    """A funded invoice that the client paid to the agency: the money is held in trust and
    must be handed over.
    """
    desk.open_exceptions(
        (
            desk.Found(
                kind="misdirected_receipt",
                key=f"misdirected:{event.subject}",
                title="A client paid a funded invoice to the agency's own bank",
                detail="The money belongs to the funder and must be handed over the same day.",
                about_kind="invoice",
                about=UUID(event.facts["invoice"]),
                stops="money",
                at_stake=Decimal(event.facts["amount"]),
                currency=event.facts["currency"],
                suggested="Send it to the partner's collections bank.",
            )
            for event in events
            if event.facts["is_funded"]
            and event.facts["held_by"] == "firm"
            and event.facts["kind"] == "payment"
        ),
        actor=actor,
        at=at,
    )
