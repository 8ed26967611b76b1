"""Ordering: what clients' purchase orders still allow; work they cannot carry waits in the open."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from backline.desk import actions as desk
from backline.desk import queries as troubles
from backline.invoicing.models import BilledCharge, Invoice, PurchaseOrder
from backline.kernel import statements
from backline.kernel.actors import Actor
from backline.kernel.statements import Slot
from rulebook import orders
from rulebook.bill import BillLine
from rulebook.money import NOTHING
from rulebook.orders import Burn, Held, Order

HELD = "unbilled_work"
_GIVEN = statements.whole(
    PurchaseOrder,
    lambda: PurchaseOrder.objects.filter(client__among=Slot("clients")).order_by("id"),
)
_STANDING = statements.columns(
    lambda: troubles.open_about(Slot("clients")).filter(kind=HELD).values_list("key")
)
WORDS = {
    orders.MISSING: "It needs a purchase order and names none.",
    orders.UNKNOWN: "Its purchase order is not one that the client gave.",
    orders.EXPIRED: "Its day lies outside the purchase order.",
    orders.EXHAUSTED: "The purchase order does not cover it any more.",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What may be billed of each client, what is held, how far orders are used, what is told."""

    billable: Mapping[UUID, Sequence[BillLine]]
    held: Mapping[UUID, Sequence[Held]]
    burns: Mapping[UUID, Sequence[Burn]]
    standing: AbstractSet[str]  # the keys of what is on a desk as held


@dataclass(frozen=True, slots=True)
class Known:
    """The purchase orders of clients and what is on a desk about them, once they are told."""

    given: Callable[[], list[PurchaseOrder]]
    standing: Callable[[], list[tuple[Any, ...]]]


def known_soon(clients: Sequence[UUID]) -> Known:
    """What is known of these clients, asked with whatever is asked next."""
    return Known(_GIVEN.soon(clients=clients), _STANDING.soon(clients=clients))


def look(
    lines: Mapping[UUID, Sequence[BillLine]],
    required: Mapping[UUID, bool],
    known: Known,
) -> Looked:
    """Set clients' lines against the purchase orders they gave, in a few queries for all.

    A client that gave none is asked only for a number, where its terms want one.
    """
    rows: dict[UUID, list[PurchaseOrder]] = {}
    for row in known.given():
        rows.setdefault(row.client_id, []).append(row)
    # only what lines are set against can be used up by them
    used = used_of(
        (client, row.number)
        for client, own in lines.items()
        for row in rows.get(client, ())
        if row.limit is not None and any(line.po_number == row.number for line in own)
    )
    billable: dict[UUID, Sequence[BillLine]] = {}
    held: dict[UUID, Sequence[Held]] = {}
    burns: dict[UUID, Sequence[Burn]] = {}
    for client, own in lines.items():
        if client not in rows and not required.get(client, False):
            billable[client] = own
            continue
        own_orders = [
            Order(
                row.number,
                row.limit,
                used.get((client, row.number), NOTHING),
                row.starts_on,
                row.ends_on,
            )
            for row in rows.get(client, ())
        ]
        named = {line.po_number for line in own} - {""} if client not in rows else set()
        open_ones = [Order(number) for number in sorted(named)]
        checked = orders.checked(
            own, [*own_orders, *open_ones], is_required=required.get(client, False)
        )
        billable[client], held[client] = checked.billable, checked.held
        burns[client] = checked.burns[: len(own_orders)]
    return Looked(billable, held, burns, {key for (key,) in known.standing()})


def used_of(orders: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], Decimal]:
    """What final invoices billed before tax to each of these purchase orders, by client and
    number; nothing is read but what names one of them.
    """
    wanted = set(orders)
    if not wanted:
        return {}
    rows = (
        BilledCharge.objects.filter(
            invoice__state=Invoice.State.FINALIZED,
            charge__client__among={client for client, _ in wanted},
            charge__po_number__among={number for _, number in wanted},
        )
        .exclude(charge__po_number="")
        .values_list("charge__client_id", "charge__po_number")
        .annotate(amount=Sum("charge__bill_amount"))
    )
    return {(client, number): amount for client, number, amount in rows}


def tell(clients: Sequence[UUID], looked: Looked, *, actor: Actor, at: datetime) -> None:
    """Put what is held on a desk, and orders that are four fifths used; close what is over."""
    found = [
        one
        for client in clients
        for one in (
            *_held(client, looked.held.get(client, ())),
            *_low(client, looked.burns.get(client, ())),
        )
    ]
    over = looked.standing - {one.key for one in found}
    if over:
        told = "Its purchase order carries it now, or there is nothing left to bill."
        desk.close_for(sorted(over), resolution=told, actor=actor, at=at)
    if found:
        desk.open_exceptions(found, actor=actor, at=at)


def _held(client: UUID, held: Sequence[Held]) -> list[desk.Found]:
    sums: dict[tuple[str, str, str], Decimal] = {}
    for one in held:
        key = (one.line.po_number, one.reason, one.line.currency)
        sums[key] = sums.get(key, NOTHING) + one.line.amount
    return [
        desk.Found(
            kind=HELD,
            key=f"po_held:{client}:{number}:{reason}",
            title=f"Approved work cannot be billed: {WORDS[reason]}",
            detail=f"Purchase order {number or '(none)'}: {reason}.",
            about_kind="client",
            about=client,
            stops="bill",
            at_stake=amount,
            currency=currency,
            suggested="Get a purchase order that covers it; it is then billed by itself.",
        )
        for (number, reason, currency), amount in sorted(sums.items())
    ]


def _low(client: UUID, burns: Sequence[Burn]) -> list[desk.Found]:
    return [
        desk.Found(
            kind="purchase_order_low",
            key=f"po_low:{client}:{burn.order.number}",
            title=f"Purchase order {burn.order.number} is nearly used up",
            detail=f"{burn.used} of {burn.order.limit} is billed or about to be.",
            about_kind="client",
            about=client,
            stops="nothing",
            at_stake=burn.left,
            suggested="Ask the client for another order before work is held.",
        )
        for burn in burns
        if burn.needs_warning
    ]
