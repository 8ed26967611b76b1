"""What can be done in payroll, a file a group of deeds."""

from backline.payroll.actions.calculating import calculate
from backline.payroll.actions.deciding import approve, cancel, reject, submit, withdraw
from backline.payroll.actions.opening import add_calendar, open_due, open_off_cycle
from backline.payroll.actions.releasing import release
from backline.payroll.actions.settling import repay, return_payments, settle

__all__ = [
    "add_calendar", "approve", "calculate", "cancel", "open_due", "open_off_cycle", "reject",
    "release", "repay", "return_payments", "settle", "submit", "withdraw",
]  # fmt: skip
