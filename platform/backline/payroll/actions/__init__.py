"""What can be done in payroll, a file a group of deeds."""

from backline.payroll.actions.calculating import calculate
from backline.payroll.actions.deciding import (
    approve,
    cancel,
    reject,
    reschedule,
    submit,
    withdraw,
)
from backline.payroll.actions.opening import add_calendar, open_due, open_off_cycle
from backline.payroll.actions.owing import (
    note_file_reading,
    note_reading,
    pay_dues,
    set_release_policy,
)
from backline.payroll.actions.releasing import release
from backline.payroll.actions.returning import read_returns
from backline.payroll.actions.settling import Return, repay, return_payments, reverse, settle
from backline.payroll.actions.supplying import decide_supplier_invoice, take_supplier_invoice
from backline.payroll.actions.voiding import void

__all__ = [
    "Return", "add_calendar", "approve", "calculate", "cancel", "decide_supplier_invoice",
    "note_file_reading", "note_reading", "open_due", "open_off_cycle", "pay_dues", "read_returns",
    "reject", "release", "repay", "reschedule", "return_payments", "reverse",
    "set_release_policy", "settle", "submit", "take_supplier_invoice", "void", "withdraw",
]  # fmt: skip
