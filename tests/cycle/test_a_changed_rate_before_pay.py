"""A changed rate before pay: both sides move together, and nothing leaves at the old price."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tests.cycle.agreement import all_agree, untouched

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

WEDNESDAY, TUESDAY = date(2026, 6, 3), date(2026, 6, 9)


def test_approved_hours_are_priced_again_on_both_sides(clerk: Clerk, other: Clerk) -> None:
    other.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
    with untouched(other):
        ada = clerk.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
        clerk.approves(clerk.reports(ada, hours=[8, 8, 8, 8, 8]))
        clerk.agrees_new_rates(
            ada, since=WEDNESDAY, pay="16.00", bill="22.40", reason="Client raised the grade"
        )
        opened = clerk.exception("rate_changed_before_pay", state="open")
        assert opened["owner_role"] == "ops_payroll"
        assert opened["at_stake"]["amount"] == "60.50"

        clerk.runs_payroll(TUESDAY)
        (invoice,) = clerk.bills_clients()

    (slip,) = clerk.statements()
    assert slip["gross"]["amount"] == "699.32"  # 16 h at 15.00, 24 h at 16.00, and 12.07 %
    assert invoice["net"]["amount"] == "873.60"  # 16 h at 21.00, 24 h at 22.40
    closed = clerk.exception("rate_changed_before_pay")
    assert (closed["state"], closed["resolution"]) == ("resolved", "All of it is paid and billed.")
    all_agree(clerk)
