"""Questions to invoicing."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum

from backline.charges import waiting
from backline.desk import queries as desk
from backline.invoicing import ordering
from backline.invoicing.models import Invoice, PurchaseOrder

NOTHING = Decimal("0.00")
UNBILLED = "unbilled_work"


def finalized() -> QuerySet[Invoice]:
    """Invoices and credit notes that are final, newest number last."""
    return Invoice.objects.filter(state=Invoice.State.FINALIZED).order_by("finalized_at", "id")


def open_invoices(clients: Iterable[UUID] | None = None) -> QuerySet[Invoice]:
    """Final papers with something open, oldest due first; credit notes count with their sign."""
    rows = Invoice.objects.filter(state=Invoice.State.FINALIZED).exclude(open_amount=NOTHING)
    if clients is not None:
        rows = rows.filter(client__in=list(clients))
    return rows.order_by("due_on", "number")


def unbilled(on: date, clients: Iterable[UUID] | None = None) -> list[dict[str, Any]]:
    """Work approved and not on a final invoice, by client and currency: its value, the oldest day,
    its age, whose it is, and what it waits for.
    """
    rows = waiting.to_bill() if clients is None else waiting.to_bill(client__among=clients)
    sums = (
        rows.values("client_id", "client__legal_name", "bill_currency")
        .annotate(
            amount=Sum("bill_amount"),
            drafted=Sum("bill_amount", filter=Q(billed__isnull=False), default=NOTHING),
            charges=Count("id"),
            since=Min("worked_on"),
            approved_at=Min("priced_at"),
        )
        .order_by("since", "client_id")
    )
    found = list(sums)
    held = _held([row["client_id"] for row in found])
    owners = {one.kind: one.owner_role for one in desk.responsibilities()}
    return [
        {
            **row,
            "waiting": row["amount"] - row["drafted"],
            "days": (on - row["since"]).days,
            "owner": owners[UNBILLED],
            "because": held.get(row["client_id"], []),
        }
        for row in found
    ]


def _held(clients: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Why work of these clients is on no draft, as the desk has it."""
    found: dict[UUID, list[str]] = {}
    for row in desk.open_about(clients).filter(kind=UNBILLED):
        if row.about is not None:
            found.setdefault(row.about, []).append(row.title)
    return found


def used_of_orders(orders: Iterable[PurchaseOrder]) -> dict[UUID, Decimal]:
    """What final invoices billed to each of these purchase orders before tax."""
    rows = list(orders)
    used = ordering.used_of((row.client_id, row.number) for row in rows)
    return {row.pk: used.get((row.client_id, row.number), NOTHING) for row in rows}
