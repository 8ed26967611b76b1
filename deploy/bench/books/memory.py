"""Memory: what one web process and its connection's server process hold after serving the fleet.

The process is one of its own, so that nothing of the bench is in it. The floor is the limit, and a
clock that counts MiB holds the larger of the two against it.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from backline.kernel.actors import Actor
from deploy.bench.books import fleet
from deploy.bench.measuring import Differs, Row, Work
from tenants import tenancy
from tenants.access import actions as access
from tenants.access import roles
from tenants.agencies.models import Firm

LIMIT = 150
PAGES = (
    "workers", "clients", "assignments", "timesheets", "charges", "pay-runs",
    "invoices", "exceptions", "events", "documents", "receipts",
)  # fmt: skip
# Every page of every agency, twice over, and then it waits to be looked at.
SERVE = """
import json, sys
import django
django.setup()
from django.db import connection
from django.test import Client
from deploy.bench.books.memory import mib
told = json.loads(sys.stdin.readline())
client, most = Client(SERVER_NAME="localhost"), 0.0
for key in told["keys"] * 2:
    for page in told["pages"]:
        answer = client.get(f"/v1/{page}", headers={"authorization": f"Bearer {key}"})
        if answer.status_code != 200:
            raise SystemExit(f"{page} was answered with {answer.status_code}")
    # Looked at after each agency, for a connection that has served many is followed by another.
    most = max(most, mib(connection.connection.info.backend_pid))
print(most, flush=True)
sys.stdin.readline()
"""


class Held:
    """A clock that stands still, and is moved by what was found."""

    mib = 0.0

    @classmethod
    def clock(cls) -> float:
        """Millions of MiB, as other clocks count seconds."""
        return cls.mib / 1e6


def prepare(agencies: int) -> Work:
    """A process that has served the fleet, looked at once."""
    keys = [_key(firm) for firm in fleet.of(agencies)]
    web, server = _after_serving(keys)
    sys.stderr.write(f"web process {web:.0f} MiB, its server process {server:.0f} MiB\n")
    return weighed(max(web, server), LIMIT, agree=lambda: None)


def weighed(held: float, limit: float, agree: Callable[[], None]) -> Work:
    """What was found once, in MiB, beside its limit: for a row by the clock of `Held`."""

    def moved(by: float) -> None:
        Held.mib += by

    return Work(units=1, floor=lambda: moved(limit), ours=lambda: moved(held), agree=agree)


def _key(firm: Firm) -> str:
    owner = Actor("person", "psn_bench", "Olive Owner", "owner")
    scopes = sorted(roles.within(roles.scopes_of(roles.INTEGRATION), firm_kind=firm.kind))
    with tenancy.firm(firm.public_id):
        return access.issue(
            firm=firm.pk, name="ATS", scopes=scopes, actor=owner, at=datetime.now(UTC)
        ).text


def _after_serving(keys: list[str]) -> tuple[float, float]:
    with subprocess.Popen(  # noqa: S603  # a text of our own
        [sys.executable, "-c", SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as web:
        if web.stdin is None or web.stdout is None:
            raise Differs("the process cannot be spoken to")
        web.stdin.write(json.dumps({"keys": keys, "pages": PAGES}) + "\n")
        web.stdin.flush()
        most = web.stdout.readline().strip()
        if not most:
            raise Differs("the process did not serve the fleet to its end")
        found = mib(web.pid), float(most)
        web.stdin.close()
    return found


def mib(process: int) -> float:
    """What a process of this machine holds for itself, without what is shared."""
    return told(process, "RssAnon")


def told(process: int, name: str) -> float:
    """A figure that the system keeps of a process of this machine, in MiB; raises Differs for one
    on another.
    """
    try:
        lines = Path("/proc", str(process), "status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError as error:
        raise Differs("the process is on another machine, so its memory is not seen") from error
    (held,) = (line.split()[1] for line in lines if line.startswith(name))
    return int(held) / 1024


ROW = Row(
    name="memory",
    what="the larger of a web process and its server process, having served every agency",
    unit="process",
    scale=fleet.SIZE,
    goal=1.0,
    never_below=0.5,
    prepare=prepare,
    clock=Held.clock,
    rounds=2,
    word="MiB",
)
