"""What stands on a draft beside its lines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from backline.invoicing.events import InvoiceNoted
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Conflict, Missing
from backline.kernel.events import record


def note(invoice: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Invoice:
    """Change the note of a draft; what is final is never edited."""
    row = Invoice.objects.select_for_update().filter(pk=invoice).first()
    if row is None:
        raise Missing("not_found", "There is no such invoice.")
    if row.state != Invoice.State.DRAFT:
        raise Conflict(
            "invoice_is_final",
            "A final invoice is never edited; credit it, or adjust one of its lines.",
            status=row.state,
        )
    changes = change(row, wanted)
    if changes:
        record([InvoiceNoted(subject=row.pk, changes=changes)], actor=actor, at=at)
    return row
