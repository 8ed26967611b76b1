"""A missing form: it is named, it blocks what it must, and everything follows once it is there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from deploy.demo.office import Problem
from tests.cycle.agreement import all_agree, untouched

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

TUESDAY = date(2026, 6, 9)


def test_a_missing_right_to_work_blocks_the_start_alone(clerk: Clerk, other: Clerk) -> None:
    other.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
    with untouched(other):
        ada = clerk.assigns("Ada", to="Acme", pay="15.00", bill="21.00", but=["right_to_work"])
        bob = clerk.assigns("Bob", to="Acme", pay="15.00", bill="21.00")

        opened = clerk.exception("missing_form", state="open")
        assert (opened["about"], opened["owner_role"]) == (ada["id"], "ops_compliance")
        assert (opened["stops"], opened["title"]) == ("start", "Missing: Right to work checked")
        assert [item["requirement"] for item in clerk.missing(ada["id"])] == ["right_to_work"]
        with pytest.raises(Problem) as refused:
            clerk.reports(ada, hours=[8, 8, 8, 8, 8])
        assert refused.value.code == "assignment_not_ready"

        clerk.files("right_to_work", [ada["worker"]], clerk.keeps_paper("passport.pdf"))
        clerk.settle()
        assert clerk.missing(ada["id"]) == []
        for one in (ada, bob):
            clerk.approves(clerk.reports(one, hours=[8, 8, 8, 8, 8]))
        clerk.runs_payroll(TUESDAY)
        (invoice,) = clerk.bills_clients()

    assert [slip["gross"]["amount"] for slip in clerk.statements()] == ["672.42", "672.42"]
    assert invoice["net"]["amount"] == "1680.00"
    closed = clerk.exception("missing_form")
    assert (closed["state"], closed["resolution"]) == (
        "resolved", "Everything that was missing is on file.",
    )  # fmt: skip
    all_agree(clerk)
