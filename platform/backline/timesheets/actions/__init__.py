"""What can be done to timesheets, a file a deed."""

from backline.timesheets.actions.approving import approve, price_with, reassign, reject
from backline.timesheets.actions.chasing import chase
from backline.timesheets.actions.correcting import correct, void
from backline.timesheets.actions.entering import (
    NewEntry,
    NewSheet,
    declare_not_worked,
    enter,
    submit,
)
from backline.timesheets.actions.opening import close_through, open_due

__all__ = [
    "NewEntry", "NewSheet", "approve", "chase", "close_through", "correct", "declare_not_worked",
    "enter", "open_due", "price_with", "reassign", "reject", "submit", "void",
]  # fmt: skip
