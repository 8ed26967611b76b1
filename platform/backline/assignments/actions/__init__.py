"""What can be done to an assignment, a file a deed."""

from backline.assignments.actions.adding import NewAssignment, add
from backline.assignments.actions.changing import change_assignment, set_billing_reference
from backline.assignments.actions.moving import cancel, clear, confirm, end_past, hold, start_due
from backline.assignments.actions.pricing import NewRate, NewRates, agree_rates

__all__ = [
    "NewAssignment", "NewRate", "NewRates", "add", "agree_rates", "cancel", "change_assignment",
    "clear", "confirm", "end_past", "hold", "set_billing_reference", "start_due",
]  # fmt: skip
