"""What can be done to an assignment, a file a deed."""

from backline.assignments.actions.accepting import (
    Acceptance,
    Reached,
    Rejection,
    accept,
    price_milestones_with,
    reject,
    submit,
)
from backline.assignments.actions.adding import NewAssignment, add
from backline.assignments.actions.changing import change_assignment, set_billing_reference
from backline.assignments.actions.determining import determine
from backline.assignments.actions.equal import (
    NewEqualTerms,
    agree_equal_terms,
    bring_weeks,
    link_hirer,
    note_absence,
    set_role,
    withdraw_absence,
)
from backline.assignments.actions.moving import cancel, clear, confirm, end_past, hold, start_due
from backline.assignments.actions.planning import NewMilestone, NewPlan, plan, replan
from backline.assignments.actions.pricing import NewRate, NewRates, agree_rates

__all__ = [
    "Acceptance", "NewAssignment", "NewEqualTerms", "NewMilestone", "NewPlan", "NewRate",
    "NewRates", "Reached", "Rejection", "accept", "add", "agree_equal_terms", "agree_rates",
    "bring_weeks", "cancel", "change_assignment", "clear", "confirm", "determine", "end_past",
    "hold", "link_hirer", "note_absence", "plan", "price_milestones_with", "reject", "replan",
    "set_billing_reference", "set_role", "start_due", "submit", "withdraw_absence",
]  # fmt: skip
