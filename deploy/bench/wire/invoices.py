"""Time to invoice: from a request to approve a client's week until the API shows its final invoice.

Eight clients at once, over HTTP to a web process of its own, while a worker attends to what follows
of it. Drafts are asked for by their own door, as whoever is in a hurry does, so nobody waits for
the worker. The floor is one bare DRF POST over HTTP and the bare week's one statement.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import psycopg
from celery import current_app

from backline.assignments.models import Assignment
from backline.kernel import ids
from deploy import processes
from deploy.bench.books import firms, workweeks
from deploy.bench.measuring import Differs, Row, Work
from deploy.bench.wire import bare, bare_week, calling, creates
from deploy.demo import people
from deploy.demo.installation import enrol
from tenants import attending, bells, tasks, tenancy, turns
from tenants.agencies import actions as agencies
from tenants.agencies import registry

AT_ONCE, WORKERS = 8, 5
PATIENCE = 120.0
NUMBERS = count(1)


@dataclass(slots=True)
class Line:
    """One connection to a web process that is kept open."""

    to: HTTPConnection

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """The JSON of a good answer; raises Differs for any other."""
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if method == "POST":
            headers["Idempotency-Key"] = f"call-{next(NUMBERS)}"
        self.to.request(method, path, None if body is None else orjson.dumps(body), headers)
        answer = self.to.getresponse()
        content = answer.read()
        if not 200 <= answer.status < 300:  # what the wire calls well
            raise Differs(f"{method} {path} was answered with {answer.status}: {content[:500]!r}")
        return orjson.loads(content)


@dataclass(slots=True)
class Week:
    """What is there to be approved: the sheets of each client."""

    agency: workweeks.Agency
    clients: list[str]
    sheets: list[list[str]] = field(default_factory=list)

    def begins(self, at_rest: Callable[[], None]) -> None:
        """Report everybody's next week, and let what follows of that be done."""
        one = self.agency
        told = [ids.public("tsh", key) for some in workweeks.reports(one) for key in some]
        self.sheets = [told[n : n + WORKERS] for n in range(0, len(told), WORKERS)]
        bare_week.works(
            one.weeks,
            ((n // WORKERS, n, Decimal(8 + n % 2), Decimal(25 + n % 9)) for n in range(one.count)),
        )
        with tenancy.shared():
            agencies.set_clock(
                _key(one.ref), clock=one.tuesday, actor=calling.OWNER, at=datetime.now(UTC)
            )
        one.weeks += 1
        tasks.attend.ring(one.ref, "bench")
        at_rest()


@dataclass(slots=True)
class Office:
    """Who approves and who bills, by place, and where ours is reached."""

    port: int
    keys: Sequence[str]
    billers: Sequence[str]

    def line(self) -> Line:
        """A new connection."""
        return Line(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE))

    def bills(self, line: Line, place: int, client: str, sheets: Sequence[str]) -> Any:
        """A client's week approved, drafted and final; the invoice as the API shows it."""
        key, biller = self.keys[place], self.billers[place]
        done = line.call("POST", "/v1/timesheets/approve", {"timesheets": sheets}, key)
        if done["refused"]:
            raise Differs(f"A week was not approved: {done}")
        drafts = line.call("POST", "/v1/invoices/draft", {"clients": [client]}, biller)["data"]
        for draft in drafts:
            line.call("POST", f"/v1/invoices/{draft['id']}/finalize", None, biller)
        (shown,) = [line.call("GET", f"/v1/invoices/{one['id']}", None, key) for one in drafts]
        return shown


def prepare(clients: int) -> Work:
    """So many clients a week, each with five workers."""
    agency = workweeks.Agency("GB", clients * WORKERS, key="to-invoice", a_client=WORKERS)
    workweeks.begins(agency)
    bare.stands_beside(tenancy.place(agency.ref).schema)
    bare_week.stands()
    with agency.books():
        of = dict(Assignment.objects.values_list("id", "client_id"))
    mine = [ids.public("cli", of[key]) for key in agency.assignments[::WORKERS]]
    week = Week(agency, mine)
    current_app.control.purge()  # what rows before this one rang for is theirs
    turns.forget_bell(bells.ATTEND, agency.ref)
    running = _started()
    try:
        ours, other = (_web(one, running) for one in running[:2])
        office = _office(agency, ours)
    except BaseException:
        _stop(running)
        raise

    def at_rest() -> None:
        _until(lambda: not attending.is_due(agency.ref), running)

    return Work(
        units=clients,
        floor=lambda: _at_once(clients, lambda: _bare(other, agency.weeks - 1)),
        ours=lambda: _at_once(clients, lambda: _ours(office, week)),
        agree=lambda: _agree(week, office, other, at_rest),
        before=lambda: week.begins(at_rest),
        after=lambda: _stop(running),
    )


# --- one unit of either side ---------------------------------------------------------------------

Do = Callable[[int, int], object]  # whose week, and who does it


def _at_once(clients: int, begins: Callable[[], Do]) -> None:
    """All clients' weeks, by so many callers at once, each with a connection of its own."""

    def some(place: int) -> None:
        do = begins()
        for n in range(place, clients, AT_ONCE):
            do(n, place)

    with calling.served(), ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(some, range(AT_ONCE)))


def _ours(office: Office, week: Week) -> Do:
    line = office.line()
    return lambda n, place: office.bills(line, place, week.clients[n], week.sheets[n])


def _bare(port: int, week: int) -> Do:
    line = Line(HTTPConnection("127.0.0.1", port, timeout=PATIENCE))
    raw = bare_week.connection()
    return lambda n, _place: _bare_unit(line, raw, n, week)


def _bare_unit(line: Line, raw: psycopg.Connection, n: int, week: int) -> Decimal:
    line.call("POST", "/clients", creates.client(next(NUMBERS)))
    return bare_week.bill(raw, n, week)


def _agree(week: Week, office: Office, other: int, at_rest: Callable[[], None]) -> None:
    """An invoice is final, has five lines and a number, and comes to what the bare one comes to."""
    week.begins(at_rest)
    ours, plain = _ours(office, week), _bare(other, week.agency.weeks - 1)
    for n in range(len(week.clients)):
        shown: Any = ours(n, n % AT_ONCE)
        net = Decimal(shown["net"]["amount"])
        if shown["state"] != "finalized" or not shown["number"] or len(shown["lines"]) != WORKERS:
            raise Differs(f"An invoice is {shown['state']} with {len(shown['lines'])} lines.")
        if net != plain(n, 0):
            raise Differs(f"An invoice comes to {net}, and the bare one to something else.")
    at_rest()


# --- what runs beside ----------------------------------------------------------------------------


def _started() -> list[processes.Process]:
    """Our web process, the bare one, and our worker."""
    logs = Path(tempfile.mkdtemp(prefix="bench-"))
    planned = []
    for name, application in (("ours", "deploy.wsgi"), ("bare", "deploy.bench.wire.bare_web")):
        (logs / name).mkdir()
        all_three = processes.planned(dict(os.environ), logs=logs / name)
        web = all_three.web
        web.command = [*web.command[:-1], application]
        if name == "bare":
            web.without = frozenset()
        planned.append(web)
    planned.append(all_three.worker)
    for one in planned:
        one.start()
    return planned


def _web(one: processes.Process, running: Sequence[processes.Process]) -> int:
    """The port of a web process, once it answers."""
    port = 0 if one.listener is None else int(one.listener.getsockname()[1])

    def answers() -> bool:
        line = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/livez")
            line.getresponse()
        except OSError:
            return False
        return True

    _until(answers, running)
    return port


def _office(agency: workweeks.Agency, port: int) -> Office:
    """A key and a biller of the partner for each caller: nobody calls more often than he may."""
    keys = [
        calling.ours(agency.ref, ["timesheets:approve", "invoices:read"]) for _ in range(AT_ONCE)
    ]
    billers = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
        for n in range(AT_ONCE):
            who = people.Person(f"Bea {n}", f"bea{n}@bench.test", "ops_billing", "bills")
            enrol(firms.partner(), who, "bench")
            host = people.signed_in(client, who, "bench")
            billers.append(people.visiting(client, host, who, agency.ref).token)
    return Office(port, [one.token for one in keys], billers)


def _key(ref: str) -> UUID:
    return registry.key(ref)


def _until(holds: Callable[[], bool], running: Iterable[processes.Process]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        dead = next((one for one in running if not one.is_running), None)
        if dead is not None or time.monotonic() > until:
            raise Differs(f"What runs beside is not well: {dead.last_words() if dead else ''}")
        time.sleep(0.02)


def _stop(running: Iterable[processes.Process]) -> None:
    for one in running:
        one.stop()


ROW = Row(
    name="time-to-invoice",
    what="a client's week from approval to a final invoice that the API shows, 8 at once",
    unit="week",
    scale=40,
    goal=0.25,
    never_below=0.1,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=5,
)
