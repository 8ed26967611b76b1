"""Money: pay runs by three people, invoices, funding, receipts, settlement, margin."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from deploy.demo.office import Desk, Record, ended_well, shares


class Money(Desk):
    """A clerk who pays, bills, funds and collects; no two steps of a pay run by the same person."""

    # --- pay -------------------------------------------------------------------------------------

    def runs(self, **query: Any) -> list[dict[str, Any]]:
        """The pay runs of the agency, oldest first."""
        return sorted(self.every(self.office.payroll, "/v1/pay-runs", **query),
                      key=lambda run: run["id"])  # fmt: skip

    def calculates(self, run: str) -> dict[str, Any]:
        """Work a run out; the run as it then stands."""
        self.finished(
            self.office.payroll, self.office.payroll.post(f"/v1/pay-runs/{run}/calculate")
        )
        return dict(self.office.payroll.get(f"/v1/pay-runs/{run}"))

    def pays_out(self, run: str) -> dict[str, Any]:
        """Submit, approve and release a run: prepared, agreed to and let go by three people."""
        where = f"/v1/pay-runs/{run}"
        stands = self.office.payroll.post(f"{where}/submit")
        self.office.owner.post(f"{where}/approve", {"digest": stands["digest"]})
        released = dict(self.office.releaser.post(f"{where}/release"))
        self.settle()
        return released

    def settles_payments(self, run: str, on: str) -> None:
        """Note that the bank sent the money of a run."""
        sent = [
            row["id"] for row in self.every(self.office.payroll, "/v1/payments", run=run,
                                            state="sent")
        ]  # fmt: skip
        for share in shares(sorted(sent), 1000):
            self.office.payroll.post("/v1/payments/settle", {"payments": share, "on": on})

    # --- bill ------------------------------------------------------------------------------------

    def invoices(self, **query: Any) -> list[dict[str, Any]]:
        """Invoices and credit notes, by client and amount."""
        rows = self.every(self.office.billing, "/v1/invoices", **query)
        return sorted(
            rows,
            key=lambda row: (row["client_name"], row["kind"], row["gross"]["amount"], row["id"]),
        )

    def bills_clients(self) -> list[dict[str, Any]]:
        """Make every draft final, which numbers, posts, prints and sends it; the invoices."""
        self.settle()
        drafts = [row["id"] for row in self.invoices(state="draft")]
        self.in_hundreds(self.office.billing, "/v1/invoices/finalize", "invoices", drafts)
        self.settle()
        made = {row["id"]: row for row in self.invoices(state="finalized")}
        return [made[key] for key in drafts]

    # --- the partner -----------------------------------------------------------------------------

    def agrees_funding(self, facts: dict[str, Any], currency: str, since: str) -> None:
        """The partner agrees to fund the agency's invoices."""
        body = {"since": since, "currency": currency, "facts": facts}
        self.office.partner.post(f"/v1/partner/agencies/{self.office.agency}/funding-terms", body)

    def hands_over(self, receipts: Sequence[dict[str, Any]]) -> list[Record]:
        """Cash in the partner's lockbox, handed over to the agency's books."""
        done: list[Record] = []
        for share in shares(receipts):
            told = self.office.lender.post(
                f"/v1/partner/agencies/{self.office.agency}/receipts", {"receipts": share}
            )
            done += told["results"]
        self.settle()
        return done

    def takes_bank_statement(self, receipts: Sequence[dict[str, Any]]) -> None:
        """Cash in the agency's own bank, as a CSV of its statement."""
        if not receipts:
            return
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(
            ["bank_reference", "amount.amount", "amount.currency", "received_on", "payer",
             "remittance"]
        )  # fmt: skip
        for one in receipts:
            writer.writerow(
                [one["bank_reference"], *one["amount"].values(), one["received_on"], one["payer"],
                 one["remittance"]]
            )  # fmt: skip
        told = self.office.billing.post("/v1/receipts/imports", text.getvalue(), media="text/csv")
        ended_well(told)
        self.settle()

    def settles_week(self, monday: str) -> None:
        """Settle a week between the agency and the partner."""
        self.office.lender.post(
            f"/v1/partner/agencies/{self.office.agency}/settle", {"week_starts_on": monday}
        )
        self.settle()

    def reconciles(self) -> list[Any]:
        """Compare the agency's books with the partner's; the breaks."""
        self.settle()
        told = self.office.lender.post(f"/v1/partner/agencies/{self.office.agency}/reconcile")
        return list(told["breaks"])

    def position(self) -> Record:
        """What moved between agency and partner so far, and what may still be drawn."""
        told: Record = self.office.partner.get(f"/v1/partner/agencies/{self.office.agency}/funding")
        return told

    # --- what came in, and what needs a person ---------------------------------------------------

    def receipts(self) -> list[dict[str, Any]]:
        """Money that came in from clients."""
        return self.every(self.office.billing, "/v1/receipts")

    def exceptions(self, **query: Any) -> list[dict[str, Any]]:
        """What needs a person now."""
        asked = {"state": "open", **query}
        return self.every(self.office.owner, "/v1/exceptions", **asked)

    def closes_week(self, day: str) -> None:
        """Report a week's margin and freeze it."""
        self.office.owner.post(f"/v1/weeks/{day}/close")

    # --- the books -------------------------------------------------------------------------------

    def trial_balance(self, on: str = "") -> Record:
        """Every account of the agency; asked of a reader who may."""
        asked = {"on": on} if on else {}
        told: Record = self.office.owner.get("/v1/ledger/trial-balance", **asked)
        return told

    def balance(self, code: str, on: str = "") -> Decimal:
        """What stands on one account at the end of a day, today if none is named."""
        rows = self.trial_balance(on)["accounts"]
        return sum(
            (Decimal(row["balance"]["amount"]) for row in rows if row["code"] == code),
            Decimal("0.00"),
        )
