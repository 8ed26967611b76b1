"""What can be done to timesheets, a file a deed."""

from backline.timesheets.actions.approving import approve, price_with, reassign, reject
from backline.timesheets.actions.asking import address, ask_approvers
from backline.timesheets.actions.by_link import (
    Identity,
    approve_by_link,
    enter_by_link,
    note_refused,
    question_by_link,
    reject_by_link,
    set_entries_by_link,
    show,
)
from backline.timesheets.actions.chasing import chase, put_overdue_on_desk
from backline.timesheets.actions.correcting import correct, void
from backline.timesheets.actions.entering import NewSheet, enter, set_entries
from backline.timesheets.actions.fitting import fit
from backline.timesheets.actions.lines import enter_lines
from backline.timesheets.actions.many import accept, accept_entries
from backline.timesheets.actions.opening import close_through, open_due
from backline.timesheets.actions.questioning import asked, question
from backline.timesheets.actions.rates import know_newest_rates
from backline.timesheets.actions.submitting import (
    NOT_WORKED_AS,
    declare_not_worked,
    put_doubts_on_desk,
    recall,
    submit,
)
from backline.timesheets.actions.writing import NewEntry

__all__ = [
    "NOT_WORKED_AS", "Identity", "NewEntry", "NewSheet", "accept", "accept_entries",
    "address", "approve", "approve_by_link", "ask_approvers", "asked", "chase", "close_through",
    "correct", "declare_not_worked", "enter", "enter_by_link", "enter_lines", "fit",
    "know_newest_rates", "note_refused", "open_due", "price_with", "put_doubts_on_desk",
    "put_overdue_on_desk", "question", "question_by_link", "reassign", "recall", "reject",
    "reject_by_link", "set_entries", "set_entries_by_link", "show", "submit", "void",
]  # fmt: skip
