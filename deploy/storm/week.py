"""Week: two agencies' time approved, paid and billed over HTTP, by the people who may."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import httpx
from django.db import InterfaceError, OperationalError

from backline.kernel import consumers, feed
from deploy.bench.books import workweeks
from deploy.demo.caller import GIVEN_UP, HttpCaller, go_on
from deploy.demo.office import Refused, shares
from deploy.demo.people import PARTNER_PEOPLE, signed_in, visiting
from deploy.storm.ground import Office, Place
from deploy.storm.verdict import Week, week_of
from tenants import attending, clock, tenancy

PATIENCE: Final = 3600.0  # seconds for one step, however often it is killed
DAY: Final = timedelta(days=1)
CALL: Final = httpx.Timeout(600, connect=10)
STAGES: Final = ("approval", "calculation", "release", "billing")
Say = Callable[[str], None]


def play(place: Place, say: Say, enters: Say = lambda _stage: None) -> dict[str, float]:
    """Play the week of every agency, side by side; how many seconds each stage took, from the
    first who entered it to the first who entered the next.
    """
    began: dict[str, float] = {}

    def entered(stage: str) -> None:
        began.setdefault(stage, time.monotonic())
        enters(stage)

    with httpx.Client(base_url=place.url, timeout=CALL) as client:
        home = {
            name: _patient(signed_in(client, person, place.ground.seed))
            for name, person in PARTNER_PEOPLE.items()
        }
        clerks = [
            Clerk(place, client, home, office, say=say, enters=entered)
            for office in place.ground.offices
        ]
        with ThreadPoolExecutor(len(clerks)) as pool:
            try:
                list(pool.map(_whole_week, clerks))
            except BaseException:
                GIVEN_UP.set()  # nobody waits for anything any more
                raise
        clerks[0].settles()
    moments = [*(began[stage] for stage in STAGES), time.monotonic()]
    spans = (after - before for before, after in pairwise(moments))
    return dict(zip(STAGES, spans, strict=True))


def read(place: Place) -> Week:
    """What the week left in the books, once what papers tell has its place as well."""
    tenancy.abandon()  # the server may have been killed since
    for office in place.ground.offices:
        rests(office.agency.ref)
    return week_of([office.agency for office in place.ground.offices])


def _whole_week(clerk: Clerk) -> None:
    try:
        clerk.plays()
    finally:
        tenancy.abandon()


def _patient(caller: HttpCaller) -> HttpCaller:
    caller.patience = PATIENCE
    return caller


class Clerk:
    """Everybody who works on one agency's week, each with a credential of their own."""

    def __init__(
        self, place: Place, client: httpx.Client, home: dict[str, HttpCaller], office: Office,
        *, say: Say, enters: Say,
    ) -> None:  # fmt: skip
        self.office, self.ref = office, office.agency.ref
        self.owner = _patient(signed_in(client, office.owner, place.ground.seed))
        self.payroll, self.billing, self.releaser = (
            _patient(visiting(client, home[name], PARTNER_PEOPLE[name], self.ref))
            for name in ("payroll", "billing", "admin")
        )
        self._say, self._enters = say, enters

    def says(self, what: str) -> None:
        """Say it for this agency."""
        self._say(f"{self.office.agency.country}: {what}")

    def plays(self) -> None:
        """The week from time handed in to money let go and invoices sent."""
        self._enters("approval")
        tuesday = self.office.agency.tuesday
        self.moves_to(tuesday - DAY)  # before anybody is late with it
        for share in shares(self.office.sheets, 5_000):
            self.finished(self.owner.post("/v1/timesheets/approve", {"timesheets": share}))
        self.settles()
        self.says("time is approved")
        self.moves_to(tuesday)
        self.settles()
        self.pays()
        self.bills()
        self.settles()
        self.says("all that follows is done")

    def moves_to(self, moment: datetime) -> None:
        """Let the agency's clock strike up to a moment."""
        now = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.owner.post("/v1/sandbox/clock", {"now": now})

    def pays(self) -> None:
        """Calculate, submit, approve and release the run, by three people."""
        (run,) = self.payroll.get("/v1/pay-runs", state="open")["data"]
        where = f"/v1/pay-runs/{run['id']}"
        self._enters("calculation")
        self.finished(self.payroll.post(f"{where}/calculate"))
        self.says("pay is calculated")
        self._enters("release")
        stands = self.payroll.post(f"{where}/submit")
        self.owner.post(f"{where}/approve", {"digest": stands["digest"]})
        released = self.releaser.post(f"{where}/release")
        self.says(f"pay is released: {released['net']['amount']} {released['net']['currency']}")

    def bills(self) -> None:
        """Make every draft final."""
        drafts: list[str] = []
        page: dict[str, Any] = {"has_more": True, "next_cursor": None}
        while page["has_more"]:
            more = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = self.billing.get("/v1/invoices", state="draft", limit=100, **more)
            drafts += [row["id"] for row in page["data"]]
        self._enters("billing")
        done = self.billing.post("/v1/invoices/finalize", {"invoices": drafts})
        if "results" not in done:
            self.finished(done)
        self.says(f"{len(drafts)} invoices are final")

    def finished(self, operation: dict[str, Any]) -> None:
        """Wait for accepted work to end; raises unless all of it was done."""
        if "results" in operation:  # few enough to be done at once
            bad = [one["problem"] for one in operation["results"] if one["problem"]]
        else:
            where = f"/v1/operations/{operation['id']}"
            while operation["state"] in {"pending", "running"}:
                go_on()
                time.sleep(0.3)
                operation = self.owner.get(where)
            bad = []
            if operation["state"] != "succeeded":
                bad = self.owner.get(f"{where}/items", state="failed", limit=5)["data"]
        if bad:
            raise Refused(f"{self.ref}: {len(bad)} refused; the first: {bad[0]}")

    def settles(self) -> None:
        """Wait until nothing is outstanding in the books."""
        rests(self.ref)


def rests(ref: str) -> None:
    """Wait until nothing is outstanding in a firm's books, but for papers, which are for later."""
    until = time.monotonic() + PATIENCE
    while not _is_quiet(ref):
        go_on()
        if time.monotonic() > until:
            raise TimeoutError(f"{ref} does not come to rest")
        time.sleep(0.3)


def _is_quiet(ref: str) -> bool:
    try:
        return _has_nothing_to_do(ref)
    except (OperationalError, InterfaceError):
        tenancy.abandon()  # the server was killed under us
        return False


def _has_nothing_to_do(ref: str) -> bool:
    at = attending.now(ref)
    with tenancy.firm(ref):
        return not (
            clock.is_behind(at)
            or feed.is_waiting()
            or any(consumers.behind().values())
            or workweeks.due() is not None
        )
