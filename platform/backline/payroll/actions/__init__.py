"""What can be done in payroll, a file a group of deeds."""

from backline.payroll.actions.absent import (
    FamilyLeave,
    Paid,
    Sickness,
    pay_family_leave,
    pay_sickness,
    take_holiday,
)
from backline.payroll.actions.amending import correct_year
from backline.payroll.actions.calculating import calculate
from backline.payroll.actions.construction import issue_statements
from backline.payroll.actions.deciding import (
    approve,
    cancel,
    reject,
    reschedule,
    submit,
    withdraw,
)
from backline.payroll.actions.opening import add_calendar, open_due, open_off_cycle
from backline.payroll.actions.overriding import override, take_override_back
from backline.payroll.actions.owing import (
    note_file_reading,
    note_reading,
    pay_dues,
    set_release_policy,
)
from backline.payroll.actions.recovering import (
    agree,
    draw_early,
    grant_advance,
    open_overpayment,
    plan,
    write_off,
)
from backline.payroll.actions.recovering import (
    repay as repay_balance,
)
from backline.payroll.actions.releasing import release
from backline.payroll.actions.returning import read_returns
from backline.payroll.actions.settling import Return, repay, return_payments, reverse, settle
from backline.payroll.actions.supplying import decide_supplier_invoice, take_supplier_invoice
from backline.payroll.actions.umbrellas import (
    NewUmbrellaPayslip,
    allow_company,
    take_umbrella_payslip,
)
from backline.payroll.actions.voiding import void

__all__ = [
    "FamilyLeave", "NewUmbrellaPayslip", "Paid", "Return", "Sickness", "add_calendar", "agree",
    "allow_company", "approve", "calculate", "cancel", "correct_year", "decide_supplier_invoice",
    "draw_early", "grant_advance", "issue_statements", "note_file_reading", "note_reading",
    "open_due", "open_off_cycle", "open_overpayment", "override", "pay_dues", "pay_family_leave",
    "pay_sickness", "plan", "read_returns", "reject", "release", "repay", "repay_balance",
    "reschedule", "return_payments", "reverse", "set_release_policy", "settle", "submit",
    "take_holiday", "take_override_back", "take_supplier_invoice", "take_umbrella_payslip", "void",
    "withdraw", "write_off",
]  # fmt: skip
