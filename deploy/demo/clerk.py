"""A clerk: does only what a client of the API can do, in the words of a payroll office.

The same clerk works over the network in the demo and over the test client in the stories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from deploy.demo.hiring import Hiring
from deploy.demo.money import Money
from deploy.demo.office import Record, Refused
from deploy.demo.pushing import Pushing
from deploy.demo.week import DAY, Week
from deploy.demo.world import MONDAY, Agency, Client, Job, funding_terms, small

Hours = Sequence[str | int]


class Clerk(Hiring, Pushing, Week, Money):
    """Opens an agency, puts people to work, and carries their week to payslip and invoice."""

    agency: Agency
    taken_on: dict[str, dict[str, str]]

    # --- one worker, one assignment --------------------------------------------------------------

    def starts(self, country: str = "GB") -> None:
        """Open a small agency whose invoices the partner funds."""
        self.agency, self.taken_on = small(country), {}
        self.opens(self.agency)
        terms = funding_terms(self.agency)
        self.agrees_funding(terms, self.agency.currency, "2026-01-01")

    def assigns(
        self, name: str, *, to: str, pay: str, bill: str, but: Sequence[str] = (), region: str = ""
    ) -> dict[str, Any]:
        """Put a worker to work at a client, everything on file `but` what is named."""
        known = len(self.every(self.office.key, "/v1/workers"))
        client = self._client(to, region)
        job = Job(
            known, name, "Byron", date(1990, 5, 1), client, self.agency.engagements[0][1],
            self.agency.engagements[0][0], "Operative", "hour", Decimal(pay), Decimal(bill),
            "404784" if self.agency.is_british else "021000021", f"{70872490 + known}",
            "" if self.agency.is_british else f"{412551000 + known}",
        )  # fmt: skip
        self.hires(self.agency, [job])
        self.approves_bank_accounts()
        (record,) = self.places(self.agency, [job], list(self.taken_on.values()))
        self.supplies([record], but=but)
        self.confirms([record["id"]])
        self.settle()
        return record

    def _client(self, name: str, region: str) -> int:
        if name not in self.taken_on:
            place = region or ("ENG" if self.agency.is_british else "TX")
            email = f"time@{name.lower()}.test"
            client = Client(len(self.taken_on), name, "Leeds", place, "Meg Stone", email, 30)
            self.agency.clients.append(client)
            self.taken_on[name] = self.takes_on_client(self.agency, client)
        return list(self.taken_on).index(name)

    def reports(self, assignment: Record, hours: Hours, week: date = MONDAY) -> dict[str, Any]:
        """Write a week's hours down, Monday first, and hand them in; the sheet."""
        entries = [
            {"worked_on": (week + n * DAY).isoformat(), "unit": "hour", "quantity": str(each)}
            for n, each in enumerate(hours)
            if Decimal(str(each))
        ]
        body = {
            "assignment": assignment["id"], "starts_on": week.isoformat(), "entries": entries,
            "submit": True,
        }  # fmt: skip
        sheet = dict(self.office.key.post("/v1/timesheets", body))
        self.settle()
        return sheet

    def approves(self, sheet: Record) -> dict[str, Any]:
        """Approve one sheet, which prices it; the sheet."""
        told = dict(self.office.key.post(f"/v1/timesheets/{sheet['id']}/approve", {}))
        self.settle()
        return told

    def corrects(self, sheet: Record, hours: Hours, reason: str) -> dict[str, Any]:
        """Say what an approved week really was, and have that approved."""
        entries = [
            {"worked_on": (MONDAY + n * DAY).isoformat(), "unit": "hour", "quantity": str(each)}
            for n, each in enumerate(hours)
        ]
        body = {"entries": entries, "reason": reason}
        made = self.office.key.post(f"/v1/timesheets/{sheet['id']}/correct", body)
        handed_in = self.office.key.post(f"/v1/timesheets/{made['id']}/submit", {})
        return self.approves(handed_in)

    def agrees_new_rates(
        self,
        assignment: Record,
        *,
        since: date,
        pay: str,
        bill: str,
        reason: str,
        currency: str = "GBP",
    ) -> dict[str, Any]:
        """Agree both sides of an assignment's rates from a day; what was priced is corrected."""
        rate = {
            "code": "regular", "unit": "hour",
            "pay_rate": {"amount": pay, "currency": currency},
            "bill_rate": {"amount": bill, "currency": currency},
        }  # fmt: skip
        body = {"since": since.isoformat(), "rates": [rate], "reason": reason}
        made = self.office.owner.post(f"/v1/assignments/{assignment['id']}/rates", body)
        self.settle()
        return dict(made["agreement"])

    # --- the week as a whole ---------------------------------------------------------------------

    def comes_to(self, day: date, hour: int = 9) -> None:
        """Let time pass until an hour of that day."""
        self.moves_clock(self.agency.moment(day, hour))

    def runs_payroll(self, day: date) -> list[dict[str, Any]]:
        """Come to that day and pay every run that is open then; the runs as released."""
        self.comes_to(day)
        released = []
        for run in self.runs(state="open"):
            stands = self.calculates(run["id"])
            if stands["blockers"]:
                raise Refused(f"{stands['blockers']}")
            released.append(self.pays_out(run["id"]))
        return released

    def statements(self, **query: Any) -> list[dict[str, Any]]:
        """Final pay statements with every figure, oldest first."""
        rows = self.every(self.office.owner, "/v1/pay-statements", is_final="true", **query)
        return [
            dict(self.office.owner.get(f"/v1/pay-statements/{row['id']}"))
            for row in sorted(rows, key=lambda row: row["id"])
        ]

    def charges(self, **query: Any) -> list[dict[str, Any]]:
        """What was worked or agreed, priced with both sides."""
        return self.every(self.office.owner, "/v1/charges", **query)

    def exception(self, kind: str, **query: Any) -> dict[str, Any]:
        """The one exception of a kind, open or closed."""
        (found,) = self.every(self.office.owner, "/v1/exceptions", kind=kind, **query)
        return found


def total(rows: Sequence[Mapping[str, Any]], name: str) -> Decimal:
    """The sum of a column of amounts; an absent side counts nothing."""
    return sum((Decimal(row[name]["amount"]) for row in rows if row[name]), Decimal("0.00"))


WEEK = timedelta(days=7)
