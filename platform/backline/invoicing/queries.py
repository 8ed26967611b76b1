"""Questions to invoicing."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum

from backline.charges.models import Charge
from backline.invoicing.models import Invoice

NOTHING = Decimal("0.00")


def finalized() -> QuerySet[Invoice]:
    """Invoices and credit notes that are final, newest number last."""
    return Invoice.objects.filter(state=Invoice.State.FINALIZED).order_by("finalized_at", "id")


def open_invoices(clients: Iterable[UUID] | None = None) -> QuerySet[Invoice]:
    """Final papers with something open, oldest due first; credit notes count with their sign."""
    rows = Invoice.objects.filter(state=Invoice.State.FINALIZED).exclude(open_amount=NOTHING)
    if clients is not None:
        rows = rows.filter(client__in=list(clients))
    return rows.order_by("due_on", "number")


def unbilled(on: date) -> list[dict[str, Any]]:
    """Work approved and not on a final invoice, by client and currency, with the oldest day
    and the age of it.
    """
    rows = (
        Charge.objects.filter(
            Q(billed__isnull=True) | Q(billed__invoice__state=Invoice.State.DRAFT),
            bill_amount__isnull=False,
        )
        .values("client_id", "client__legal_name", "bill_currency")
        .annotate(amount=Sum("bill_amount"), charges=Count("id"), since=Min("worked_on"))
        .order_by("since", "client_id")
    )
    return [{**row, "days": (on - row["since"]).days} for row in rows]
