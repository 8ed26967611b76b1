"""The play: one agency's week from an empty set of books to settled money, step by step.

Each step may be repeated: what was done stays done. Steps say what they do, for the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import httpx

from deploy.demo.caller import HttpCaller, go_on
from deploy.demo.clerk import Clerk
from deploy.demo.installation import FIRST_MORNING, Installation, enrol, quiet
from deploy.demo.mail import Mail
from deploy.demo.office import Office, Unfinished
from deploy.demo.people import OWNERS, PARTNER_PEOPLE, signed_in, visiting
from deploy.demo.week import sheet_of
from deploy.demo.world import MONDAY, SUNDAY, Agency, funding_terms

Say = Callable[[str], None]
HANDS: Final = 4
DAY: Final = timedelta(days=1)
# Which jobs go wrong on purpose, so that a visitor has something to do in the first minute.
WITHOUT_PAPERS, REJECTED, REPRICED = 2, 3, 3
BY_LINK: Final = (5, 6)


class Partner:
    """The partner's staff at home, signed in."""

    def __init__(self, client: httpx.Client, installation: Installation) -> None:
        self.client, self.installation = client, installation
        self.people: dict[str, HttpCaller] = {
            name: signed_in(client, person, installation.seed)
            for name, person in PARTNER_PEOPLE.items()
        }

    def opens(self, agency: Agency) -> Clerk:
        """Make an agency and everybody who works for it; a clerk with all their hands."""
        admin = self.people["admin"]
        order = {
            "reference": agency.key,
            "name": agency.name,
            "legal_name": agency.legal_name,
            "country": agency.country,
            "sandbox": True,
            "clock": FIRST_MORNING.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        made = admin.post("/v1/partner/agencies", order)
        while made["state"] != "active":
            made = admin.get(f"/v1/partner/agencies/{made['id']}")
        return Clerk(self._office(agency, made["id"]), self._settle(made["id"]), hands=HANDS)

    def _office(self, agency: Agency, ref: str) -> Office:
        from tenants.agencies import registry

        enrol(registry.key(ref), OWNERS[agency.key], self.installation.seed)
        owner = signed_in(self.client, OWNERS[agency.key], self.installation.seed)
        inside = {
            name: visiting(self.client, self.people[name], PARTNER_PEOPLE[name], ref)
            for name in PARTNER_PEOPLE
        }
        return Office(
            agency=ref,
            key=HttpCaller(self.client, _key(owner)),
            owner=owner,
            payroll=inside["payroll"],
            releaser=inside["admin"],
            billing=inside["billing"],
            compliance=inside["compliance"],
            partner=self.people["admin"],
            lender=self.people["billing"],
            nobody=HttpCaller(self.client),
        )

    def _settle(self, agency: str) -> Callable[[], None]:
        import time

        def settle() -> None:
            # The worker needs the cores more than we do.
            pause = 0.05
            while not quiet(agency, self.installation.partner):
                go_on()
                time.sleep(pause)
                pause = min(pause * 1.6, 0.5)

        return settle


def _key(owner: HttpCaller) -> str:
    """A key with all that a key may hold."""
    from tenants.access import roles

    scopes = sorted(roles.within(roles.scopes_of(roles.INTEGRATION), firm_kind="agency"))
    body = {"name": "The agency's own system", "scopes": scopes}
    return str(owner.post("/v1/api-keys", body)["token"])


class Play:
    """One agency's week."""

    def __init__(self, agency: Agency, clerk: Clerk, say: Say, mail: Mail) -> None:
        self.agency, self.clerk, self.say, self.mail = agency, clerk, say, mail
        self.clients: list[dict[str, str]] = []
        self.companies: list[str] = []
        self.assignments: list[dict[str, Any]] = []
        self.invoices: list[dict[str, Any]] = []
        self.breaks: list[Any] = []
        self.left: list[str] = []  # on purpose, for the visitor

    @property
    def ends_at(self) -> str:
        """The last moment of the play, by the agency's clock."""
        return self.agency.moment(MONDAY + 13 * DAY, 21)

    def run(self) -> None:
        """Play it all."""
        self.hires()
        self.reports()
        self.approves()
        self.pays()
        self.bills()
        self.collects()
        self.settles()

    def hires(self) -> None:
        """Monday morning: clients, workers, papers, assignments."""
        agency, clerk = self.agency, self.clerk
        self.say("opens its books")
        clerk.opens(agency)
        clerk.agrees_funding(funding_terms(agency), agency.currency, "2026-01-01")
        self.clients = clerk.each(lambda one: clerk.takes_on_client(agency, one), agency.clients)
        self.companies = clerk.each(clerk.takes_on_company, agency.companies)
        clerk.limits_credit(self._unfunded(), agency.currency)
        self.left.append("advance declined")
        self.say(f"hires {len(agency.jobs)} workers for {len(agency.clients)} clients")
        self.assignments = self._assignments()
        self.say("puts every paper on file and confirms")
        held = self._held_back()
        clerk.supplies([one for one in self.assignments if one is not held])
        if held:
            clerk.supplies([held], but=["right_to_work"])
            self.left.append("missing form")
        clerk.confirms([one["id"] for one in self.assignments if one["status"] == "pending"])

    def _assignments(self) -> list[dict[str, Any]]:
        """Pushed by an ATS at one agency, brought in as files at the others."""
        agency, clerk = self.agency, self.clerk
        if agency.key == "harbour":
            clerk.connects_ats()
            clerk.approves_bank_accounts()
            return clerk.pushes(agency, agency.jobs, self.clients, self.companies)
        clerk.hires(agency, agency.jobs)
        clerk.approves_bank_accounts()
        return clerk.places(agency, agency.jobs, self.clients, self.companies)

    def reports(self) -> None:
        """Through the week: sheets open by themselves, are written down and handed in."""
        agency, clerk = self.agency, self.clerk
        held = self._held_back()
        working = [
            (job, one)
            for job, one in zip(agency.jobs, self.assignments, strict=True)
            if one is not held
        ]
        clerk.waits_for_sheets(len(working))
        self.say("workers report their week")
        clerk.moves_clock(agency.moment(SUNDAY, 20))
        clerk.reports_all([sheet_of(agency, job, one["id"]) for job, one in working])

    def approves(self) -> None:
        """Monday: clients approve, mostly in their own system, some by a mailed link."""
        self.clerk.moves_clock(self.agency.moment(SUNDAY + DAY, 9))
        self.say("clients approve")
        clerk = self.clerk
        sheets = clerk.sheets(status="submitted")
        if self.agency.key == "northgate":
            disputed = sheets.pop(self.assignments[REJECTED]["id"], None)
            if disputed:
                clerk.rejects(disputed["id"], "Friday was four hours, not eight")
            self.left.append("rejected sheet")
            for n in BY_LINK:
                self._approves_by_link(sheets.pop(self.assignments[n]["id"], None))
        clerk.approves_all(sorted(row["id"] for row in sheets.values()))

    def _approves_by_link(self, sheet: Any) -> None:
        """A client approves from the mail that was sent to them, as the person it was sent to."""
        if sheet is None:
            return
        clerk = self.clerk
        contact = clerk.office.key.get(f"/v1/contacts/{sheet['approver']}")

        def mailed() -> str:
            return self.mail.token(to=contact["email"], about=sheet["worker_name"])

        try:
            token = clerk.until("a mail is sent", mailed, patience=15)
        except Unfinished:
            # Whoever had claimed the letter died; it would go out again in five minutes.
            clerk.chases([sheet["id"]])
            token = clerk.until("a mail is sent", mailed)
        who = {"name": contact["name"], "email": contact["email"], "job_title": "Site manager"}
        if sheet["po_number"]:
            who["po_number"] = sheet["po_number"]
        clerk.office.nobody.post(f"/v1/links/{token}/approve", who)

    def _held_back(self) -> dict[str, Any] | None:
        """Whose right to work is not on file yet."""
        return self.assignments[WITHOUT_PAPERS] if self.agency.key == "northgate" else None

    def pays(self) -> None:
        """Tuesday: runs that opened by themselves are worked out, agreed to and let go."""
        agency, clerk = self.agency, self.clerk
        clerk.moves_clock(agency.moment(SUNDAY + 2 * DAY, 9))
        for run in clerk.until("pay runs open", lambda: clerk.runs(state="open")):
            stands = clerk.calculates(run["id"])
            self.say(f"pays {stands['payslips']}, gross {stands['gross']['amount']}")
            if stands["blockers"]:
                raise Unfinished(str(stands["blockers"][:3]))
            clerk.pays_out(run["id"])

    def bills(self) -> None:
        """Tuesday: drafts that made themselves become final, are sent, and are funded at once."""
        clerk = self.clerk
        self.invoices = clerk.bills_clients()
        self.say(f"bills {len(self.invoices)} invoices")
        if self.agency.key == "brightway":
            job, one = self.agency.jobs[REPRICED], self.assignments[REPRICED]
            clerk.agrees_new_rates(
                one, since=MONDAY + 2 * DAY, pay=str(job.pay + 1), bill=str(job.bill + 2),
                reason="Client raised the grade from Wednesday on", currency=self.agency.currency,
            )  # fmt: skip
            self.left.append("retroactive rate")

    def collects(self) -> None:
        """Friday: clients pay, mostly into the partner's lockbox; payday."""
        agency, clerk = self.agency, self.clerk
        friday = MONDAY + 11 * DAY
        clerk.moves_clock(agency.moment(friday, 15))
        self.say("the bank pays the workers, clients pay the agency")
        for run in clerk.runs(state="released"):
            clerk.settles_payments(run["id"], friday.isoformat())
        own: list[dict[str, Any]] = []
        lockbox: list[dict[str, Any]] = []
        for n, invoice in enumerate(self.invoices):
            if n % 5 == 4:
                continue  # this client takes its time
            receipt = {
                "bank_reference": f"{agency.key.upper()}-{n:04d}", "amount": invoice["gross"],
                "received_on": friday.isoformat(), "payer": invoice["client_name"],
                "remittance": "with thanks" if n == 1 else f"payment {invoice['number']}",
            }  # fmt: skip
            (own if invoice["client"] == self._unfunded() else lockbox).append(receipt)
        clerk.hands_over(lockbox)
        clerk.takes_bank_statement(own)
        if len(self.invoices) > 1:
            self.left.append("receipt without a reference")

    def _unfunded(self) -> str:
        """The client whose credit limit is used up: its invoices are not funded."""
        return self.clients[0]["client"]

    def settles(self) -> None:
        """Sunday night: the week is settled with the partner, and both books are compared."""
        clerk = self.clerk
        clerk.moves_clock(self.ends_at)
        clerk.settles_week((MONDAY + 7 * DAY).isoformat())
        self.breaks = clerk.reconciles()
        clerk.closes_week(MONDAY.isoformat())
        self.say(f"settles its week: {len(self.breaks)} breaks")
