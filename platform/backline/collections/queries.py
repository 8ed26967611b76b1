"""Questions to collections: who owes what, how late, and what waits."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from backline.collections.models import Receipt
from backline.invoicing import queries as invoicing
from rulebook.ageing import BY_DUE, Ageing, Open, aged


def ageing(
    on: date, *, clients: Iterable[UUID] | None = None, by: str = BY_DUE
) -> tuple[Ageing, ...]:
    """What each client owes by age, part-paid invoices with their remainder."""
    rows = invoicing.open_invoices(clients)
    return aged(
        [
            Open(
                row.pk,
                row.client_id,
                row.issued_on or on,
                row.due_on or on,
                row.gross,
                row.open_amount,
                row.currency,
            )
            for row in rows
        ],
        on,
        by=by,
    )


def waiting() -> QuerySet[Receipt]:
    """Receipts with something not applied, oldest first."""
    return Receipt.objects.filter(state__in=["unmatched", "proposed", "part_applied"]).order_by(
        "received_on", "id"
    )
