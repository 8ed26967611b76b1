"""What can be done in invoicing, a file a deed."""

from backline.invoicing.actions.adjusting import Change, adjust, credit
from backline.invoicing.actions.drafting import draft
from backline.invoicing.actions.finalizing import finalize, finalize_many
from backline.invoicing.actions.noting import note
from backline.invoicing.actions.ordering import add_order, change_order
from backline.invoicing.actions.sending import note_by_hand, note_delivery, send

__all__ = [
    "Change", "add_order", "adjust", "change_order", "credit", "draft", "finalize",
    "finalize_many", "note", "note_by_hand", "note_delivery", "send",
]  # fmt: skip
