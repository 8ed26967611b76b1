"""Opening an agency and putting people to work: everything that stands before the first hour."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from deploy.demo.office import Desk
from deploy.demo.world import FRIDAY, MONDAY, SITE_ZONES, Agency, Client, Company, Job

SINCE: Final = "2026-01-01"
TAX_YEAR: Final = {"GB": "2026-04-06", "US": "2026-01-01"}
BACS: Final = {
    "name": "Wages", "rail": "bacs", "currency": "GBP", "account": "12345678",
    "facts": {"sun": "123456", "sort_code": "404784"},
}  # fmt: skip
ACH: Final = {
    "name": "Payroll", "rail": "ach", "currency": "USD", "account": "123456789",
    "facts": {"routing": "021000021", "origin": "1234567890", "bank_name": "First Bank"},
}  # fmt: skip
PAPER: Final = base64.b64encode(b"%PDF-1.4\n% one page, signed\n").decode()
RATES_OF_STATES: Final = {"TX": "0.027", "FL": "0.027", "IL": "0.0395", "PA": "0.03822"}


class Hiring(Desk):
    """A clerk who opens the agency's books and brings in clients, workers and assignments."""

    def opens(self, agency: Agency) -> None:
        """What an employer has to have: registrations, a bank, a rhythm of pay."""
        owner = self.office.owner
        if agency.is_british:
            self.registers("hmrc_paye", "123/AB45678")
            self.registers("hmrc_vat", "GB123456789")
            self.pays_from(BACS)
        else:
            self.registers("irs", "12-3456789")
            for state, rate in RATES_OF_STATES.items():
                self.registers(f"state:{state}", f"{state}-10-{4711}", {"rate": rate})
            self.pays_from(ACH)
        for frequency in sorted({frequency for frequency, _ in agency.engagements}):
            engagements = sorted(
                {engagement for every, engagement in agency.engagements if every == frequency}
            )
            self.pays(frequency, engagements, agency.currency)
        owner.get("/v1/firm")

    def registers(self, authority: str, reference: str, facts: Any = None) -> None:
        """Note the firm's registration with an authority."""
        body = {
            "authority": authority, "reference": reference, "facts": facts or {}, "since": SINCE,
        }  # fmt: skip
        self.office.owner.post("/v1/registrations", body)

    def pays_from(self, account: Mapping[str, Any]) -> None:
        """Name the account that wages are paid from."""
        self.office.owner.post("/v1/paying-accounts", dict(account))

    def pays(self, frequency: str, engagements: Sequence[str], currency: str) -> str:
        """Add a rhythm of pay; its id."""
        body = {
            "name": f"{frequency.title()} {currency}",
            "frequency": frequency,
            "engagements": list(engagements),
            "currency": currency,
            "anchor_on": MONDAY.isoformat(),
            "pay_lag_days": 5,
            "holidays": "gb.england_wales" if currency == "GBP" else "us.federal_reserve",
        }
        return str(self.office.payroll.post("/v1/pay-calendars", body)["id"])

    def takes_on_client(self, agency: Agency, client: Client) -> dict[str, str]:
        """A client with its terms, its approver and its site; their ids."""
        key, country = self.office.key, agency.country
        zone = SITE_ZONES.get(client.region, agency.zone.key)
        body = {
            "legal_name": client.name, "country": country, "currency": agency.currency,
            "reference": f"C{client.n:03d}",
            "billing_address": {"line1": "1 Works Road", "city": client.city},
        }  # fmt: skip
        made = key.post("/v1/clients", body)["id"]
        terms = {
            "since": SINCE, "net_days": client.net_days, "group_by": list(client.group_by),
            "po_required": bool(client.po_number), "deliver_to": [client.email],
        }  # fmt: skip
        key.post(f"/v1/clients/{made}/terms", terms)
        contact = key.post(
            "/v1/contacts",
            {"client": made, "name": client.approver, "email": client.email,
             "roles": ["timesheet_approver", "billing"]},
        )["id"]  # fmt: skip
        site = key.post(
            "/v1/sites",
            {"client": made, "name": f"{client.city} works", "country": country,
             "region": client.region, "locality": client.city, "time_zone": zone},
        )["id"]  # fmt: skip
        return {"client": made, "contact": contact, "site": site}

    def limits_credit(self, client: str, currency: str) -> None:
        """Give a client no credit, so that its invoices are not funded."""
        limit = {"credit_limit": {"amount": "0.00", "currency": currency}}
        self.office.key.patch(f"/v1/clients/{client}", limit)

    def takes_on_company(self, company: Company) -> str:
        """An umbrella or a worker's own company, approved, with its agreement; its id."""
        key = self.office.key
        body = {
            "kind": company.kind, "legal_name": company.name,
            "company_number": f"0{7000000 + company.n}", "vat_registered": True,
            "vat_number": f"GB{200000000 + company.n}", "self_billing": True,
            "approved_from": SINCE,
        }  # fmt: skip
        made = str(key.post("/v1/intermediaries", body)["id"])
        key.post(
            "/v1/bank-accounts",
            {"intermediary": made, "rail": "bacs", "holder": company.name[:80],
             "routing": company.sort_code, "account": company.account},
        )  # fmt: skip
        return made

    def keeps_paper(self, name: str = "signed.pdf") -> str:
        """A file for evidence to name; its id."""
        body = {"name": name, "media_type": "application/pdf", "content": PAPER}
        return str(self.office.key.post("/v1/documents", body)["id"])

    def files(self, requirement: str, about: Iterable[str], document: str = "") -> None:
        """Put on file what was required, for everybody it is about."""
        papers = [
            {
                "requirement": requirement, "about": each, "source": "office",
                "dated_on": MONDAY.isoformat(), **({"document": document} if document else {}),
            }
            for each in about
        ]  # fmt: skip
        self.brings_in("evidence", "evidence", papers)

    def brings_in(self, noun: str, name: str, lines: Sequence[Any]) -> list[str]:
        """Send many lines through an import door; their ids in the order sent."""
        return self.in_hundreds(self.office.key, f"/v1/{noun}/import", name, lines)

    def missing(self, assignment: str) -> list[dict[str, Any]]:
        """What an assignment lacks before it may start or be paid."""
        told = self.office.key.get(f"/v1/assignments/{assignment}/clearance")
        return [item for item in told["missing"] if item["blocks"]]

    def supplies(self, records: Sequence[Mapping[str, Any]], *, but: Sequence[str] = ()) -> None:
        """Put everything on file that stands in the way of these assignments.

        What is asked of one is asked of all who are engaged alike; `but` is left out.
        """
        paper = self.keeps_paper()
        alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
        wanted: dict[str, dict[str, None]] = {}
        for record in records:
            kind = (record["engagement"], record["site"])
            if kind not in alike:
                alike[kind] = self.missing(record["id"])
            for item in alike[kind]:
                about = record["id" if item["about"] == "assignment" else item["about"]]
                wanted.setdefault(item["requirement"], {})[about] = None
        for code in self._in_order([code for code in wanted if code not in but]):
            self.files(code, wanted[code], paper)

    def _in_order(self, codes: Sequence[str]) -> list[str]:
        """Requirements so that what must be on file before another comes before it."""
        asked = self.every(self.office.key, "/v1/requirements")
        after = {row["code"]: row["after"] for row in asked}
        return sorted(codes, key=lambda code: (len(after[code]), code))

    def hires(self, agency: Agency, jobs: Sequence[Job]) -> list[str]:
        """Workers with their tax elections and bank accounts; their ids in order."""
        return self.brings_in("workers", "workers", [worker_line(agency, job) for job in jobs])

    def approves_bank_accounts(self) -> None:
        """A second person looks at every account that was proposed."""
        waiting = [
            row["id"] for row in self.every(self.office.payroll, "/v1/bank-accounts",
                                            state="proposed")
        ]  # fmt: skip
        self.in_hundreds(
            self.office.payroll, "/v1/bank-accounts/approve", "bank_accounts", sorted(waiting)
        )

    def places(
        self,
        agency: Agency,
        jobs: Sequence[Job],
        clients: Sequence[Mapping[str, str]],
        companies: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """Assignments, not yet confirmed, in the order of the jobs."""
        lines = [
            assignment_line(
                agency, job, clients[job.client],
                companies[job.company] if job.company is not None else "",
            )
            for job in jobs
        ]  # fmt: skip
        made = self.brings_in("assignments", "assignments", lines)
        known = {row["id"]: row for row in self.every(self.office.key, "/v1/assignments")}
        return [known[key] for key in made]

    def confirms(self, assignments: Sequence[str]) -> None:
        """Confirm assignments, all that are sent."""
        self.in_hundreds(
            self.office.key, "/v1/assignments/confirm", "assignments", list(assignments)
        )


def worker_line(agency: Agency, job: Job) -> dict[str, Any]:
    """A worker as the import takes one; who works through a company has no tax or bank of ours."""
    line: dict[str, Any] = {
        "given_name": job.given, "family_name": job.family, "country": agency.country,
        "reference": f"W{job.n:04d}", "born_on": job.born_on.isoformat(),
        "email": f"w{job.n:04d}@workers.{agency.key}.test",
        **({"tax_id": job.tax_id} if job.tax_id else {}),
    }  # fmt: skip
    if job.company is not None:
        return line
    bank = {
        "rail": "bacs" if agency.is_british else "ach", "holder": f"{job.given} {job.family}",
        "routing": job.routing, "account": job.account,
        **({} if agency.is_british else {"account_type": "checking"}),
    }  # fmt: skip
    british = {"code": "1257L", "basis": "week1_month1", "ni_letter": "A", "source": "p45"}
    american = {"filing_status": "single", "source": "w4"}
    tax = (british if agency.is_british else american) | {"since": TAX_YEAR[agency.country]}
    return line | {"tax": tax, "bank": bank}


def assignment_line(
    agency: Agency, job: Job, client: Mapping[str, str], company: str = ""
) -> dict[str, Any]:
    """An assignment as the import takes one."""
    po_number = agency.clients[job.client].po_number
    return {
        "worker": f"W{job.n:04d}", "client": client["client"], "site": client["site"],
        "approver": client["contact"], "engagement": job.engagement,
        "starts_on": MONDAY.isoformat(), "pay_frequency": job.frequency, "time_unit": job.unit,
        "job_title": job.title, "reference": f"A{job.n:04d}", "week_starts": 0,
        "pay_rate": {"amount": str(job.pay), "currency": agency.currency},
        "bill_rate": {"amount": str(job.bill), "currency": agency.currency},
        **({"intermediary": company} if company else {}),
        # who is paid by the month is done at the end of this week: the sheet is whole
        **({"ends_on": FRIDAY.isoformat()} if job.frequency == "monthly" else {}),
        **({"po_number": po_number} if po_number else {}),
    }  # fmt: skip
