"""A late timecard: the week is paid and billed already when somebody's hours come in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tests.cycle.agreement import all_agree, margins, untouched

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

TUESDAY, NEXT_TUESDAY = date(2026, 6, 9), date(2026, 6, 16)


def test_late_hours_are_paid_and_billed_with_the_next_week(clerk: Clerk, other: Clerk) -> None:
    other.assigns("Bob", to="Acme", pay="15.00", bill="21.00")
    with untouched(other):
        ada = clerk.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
        bob = clerk.assigns("Bob", to="Acme", pay="15.00", bill="21.00")
        clerk.approves(clerk.reports(ada, hours=[8, 8, 8, 8, 8]))
        clerk.runs_payroll(TUESDAY)
        clerk.bills_clients()
        before = margins(clerk)

        late = clerk.reports(bob, hours=[8, 8, 8, 8, 8])
        assert late["is_late"]
        opened = clerk.exception("late_timesheet", state="open")
        assert (opened["about"], opened["owner_role"]) == (late["id"], "ops_payroll")
        assert opened["stops"] == "money"

        clerk.approves(late)
        priced = clerk.exception("late_timesheet", state="open")
        assert priced["at_stake"]["amount"] == "1512.42"  # 672.42 to pay, 840.00 to bill

        clerk.runs_payroll(NEXT_TUESDAY)
        (_, invoice) = clerk.invoices(state="finalized") + clerk.bills_clients()

    slips = {slip["worker"]: slip for slip in clerk.statements()}
    assert slips[bob["worker"]]["gross"]["amount"] == "672.42"
    assert slips[bob["worker"]]["pay_on"] > slips[ada["worker"]]["pay_on"]
    assert (invoice["net"]["amount"], invoice["starts_on"]) == ("840.00", "2026-06-01")
    assert margins(clerk)["hours"] != before["hours"]

    closed = clerk.exception("late_timesheet")
    assert (closed["state"], closed["resolution"]) == ("resolved", "All of it is paid and billed.")
    all_agree(clerk)
