"""An invoice adjustment: the client cuts hours after issue; the final invoice stays as it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.cycle.agreement import all_agree, untouched

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

TUESDAY = date(2026, 6, 9)


def test_a_line_is_credited_and_the_first_paper_stays(clerk: Clerk, other: Clerk) -> None:
    other.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
    with untouched(other):
        ada = clerk.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
        clerk.approves(clerk.reports(ada, hours=[8, 8, 8, 8, 8]))
        clerk.runs_payroll(TUESDAY)
        (invoice,) = clerk.bills_clients()
        where = f"/v1/invoices/{invoice['id']}"
        issued = clerk.office.billing.get(where)

        note = clerk.office.billing.post(
            f"{where}/adjust",
            {"line": issued["lines"][0]["n"], "quantity": "38", "reason": "Client cut two hours"},
        )
        clerk.settle()

    assert (note["kind"], note["number"]) == ("credit_note", "CN-000001")
    assert (note["net"]["amount"], note["tax"]["amount"]) == ("-42.00", "-8.40")
    assert note["adjusts"] == invoice["id"]
    after = clerk.office.billing.get(where)
    assert (after["net"], after["lines"], after["number"]) == (
        issued["net"], issued["lines"], issued["number"],
    )  # fmt: skip
    assert Decimal(after["open_amount"]["amount"]) == Decimal("957.60")  # 1,008.00 less 50.40

    closed = clerk.exception("invoice_adjustment")
    assert (closed["owner_role"], closed["state"]) == ("ops_billing", "resolved")
    assert closed["at_stake"]["amount"] == "42.00"
    (slip,) = clerk.statements()
    assert slip["gross"]["amount"] == "672.42"  # the worker's pay is not the client's to cut
    all_agree(clerk)
