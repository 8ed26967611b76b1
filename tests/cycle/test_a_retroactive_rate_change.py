"""A retroactive rate change: agreed after the week was paid and billed, from the middle of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tests.cycle.agreement import all_agree, untouched

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

WEDNESDAY, TUESDAY, NEXT_TUESDAY = date(2026, 6, 3), date(2026, 6, 9), date(2026, 6, 16)


def test_the_difference_alone_is_paid_and_billed(clerk: Clerk, other: Clerk) -> None:
    other.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
    with untouched(other):
        ada = clerk.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
        clerk.approves(clerk.reports(ada, hours=[8, 8, 8, 8, 8]))
        clerk.runs_payroll(TUESDAY)
        (first,) = clerk.bills_clients()

        clerk.agrees_new_rates(
            ada, since=WEDNESDAY, pay="16.00", bill="22.40", reason="Client raised the grade"
        )
        opened = clerk.exception("retroactive_rate", state="open")
        assert opened["owner_role"] == "ops_payroll"
        # 24 h at 1.00 more with 2.90 of holiday pay, and 24 h at 1.40 more
        assert opened["at_stake"]["amount"] == "60.50"

        clerk.runs_payroll(NEXT_TUESDAY)
        papers = clerk.bills_clients()

    (difference,) = papers
    assert (difference["kind"], difference["net"]["amount"]) == ("invoice", "33.60")
    assert difference["adjusts"] in {first["id"], None}
    (paid, topped_up) = clerk.statements()
    assert (paid["gross"]["amount"], topped_up["gross"]["amount"]) == ("672.42", "26.90")

    closed = clerk.exception("retroactive_rate")
    assert (closed["state"], closed["resolution"]) == ("resolved", "All of it is paid and billed.")
    all_agree(clerk)
