"""Purchase orders noted and changed; drafts follow at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.directory.models import Client
from backline.invoicing.actions.drafting import draft
from backline.invoicing.events import PurchaseOrderAdded, PurchaseOrderChanged
from backline.invoicing.models import PurchaseOrder
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.events import record
from rulebook.money import Money


def add_order(
    client: UUID,
    *,
    number: str,
    limit: Money | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> PurchaseOrder:
    """Note a client's purchase order: how much before tax, and for which days of work."""
    row = Client.objects.filter(pk=client).first()
    if row is None:
        raise Missing("not_found", "There is no such client.", pointer="/client")
    _check(starts_on, ends_on)
    if limit is not None and limit.currency != row.currency:
        told = f"This client is billed in {row.currency}."
        raise Invalid("currency_differs", told, pointer="/limit/currency")
    if PurchaseOrder.objects.filter(client=row, number=number).exists():
        raise Conflict("order_known", f"{number} of this client is noted.", pointer="/number")
    made = PurchaseOrder.objects.create(
        client=row,
        number=number,
        limit=limit.amount if limit else None,
        currency=row.currency,
        starts_on=starts_on,
        ends_on=ends_on,
        added_at=at,
    )
    fact = PurchaseOrderAdded(subject=made.pk, client=str(client), number=number)
    record([fact], actor=actor, at=at)
    draft([client], actor=actor, at=at)
    return made


def change_order(
    order: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime
) -> PurchaseOrder:
    """Change what a purchase order allows, or its days."""
    row = PurchaseOrder.objects.select_for_update().filter(pk=order).first()
    if row is None:
        raise Missing("not_found", "There is no such purchase order.")
    told = dict(wanted)
    if "limit" in told:
        limit: Money | None = told["limit"]
        if limit is not None and limit.currency != row.currency:
            said = f"This order is in {row.currency}."
            raise Invalid("currency_differs", said, pointer="/limit/currency")
        told["limit"] = limit.amount if limit else None
    _check(told.get("starts_on", row.starts_on), told.get("ends_on", row.ends_on))
    changes = change(row, told)
    if changes:
        record([PurchaseOrderChanged(subject=row.pk, changes=changes)], actor=actor, at=at)
        draft([row.client_id], actor=actor, at=at)
    return row


def _check(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid("ends_before_start", "It would end before it began.", pointer="/ends_on")
