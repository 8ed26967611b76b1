"""A rejected timecard: sent back with a reason, mended, approved; nothing was paid meanwhile."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from deploy.demo.office import Problem
from tests.cycle.agreement import all_agree, untouched

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

TUESDAY = date(2026, 6, 9)


def test_rejected_hours_cost_nothing_until_they_are_mended(clerk: Clerk, other: Clerk) -> None:
    other.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
    with untouched(other):
        ada = clerk.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
        sheet = clerk.reports(ada, hours=[8, 8, 8, 8, 10])
        clerk.rejects(sheet["id"], "Friday was eight hours")
        clerk.settle()

        opened = clerk.exception("timesheet_rejected", state="open")
        assert (opened["about"], opened["owner_role"]) == (sheet["id"], "staff")
        assert clerk.charges() == []
        with pytest.raises(Problem) as refused:
            clerk.approves(sheet)
        assert refused.value.status == 409

        mended = clerk.reports(ada, hours=[8, 8, 8, 8, 8])
        assert mended["id"] == sheet["id"]
        clerk.approves(mended)
        clerk.runs_payroll(TUESDAY)
        (invoice,) = clerk.bills_clients()

    (slip,) = clerk.statements()
    assert (slip["gross"]["amount"], invoice["net"]["amount"]) == ("672.42", "840.00")
    closed = clerk.exception("timesheet_rejected")
    assert (closed["state"], closed["resolution"]) == ("resolved", "The time was approved.")
    all_agree(clerk)
