"""An installation for the demo: its servers, its database, its processes, its first people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy import database, processes, servers
from deploy.demo import people
from deploy.servers import homes

if TYPE_CHECKING:
    from uuid import UUID

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PARTNER: Final = "Northstar Partners"
FIRST_MORNING: Final = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
Say = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Installation:
    """A running Backline: where it answers, its processes, and the seed of its people's secrets."""

    url: str
    set_name: str
    seed: str
    partner: str
    running: processes.Processes
    files: Path


@contextmanager
def standing(set_name: str, *, ports: Sequence[int], say: Say) -> Iterator[Installation]:
    """Start everything for a while; what it holds stays on disk for the next time."""
    folder = homes.home(set_name)
    with servers.running(set_name) as addresses:
        say("servers", "private PostgreSQL and Valkey on free ports of 127.0.0.1")
        os.environ["FILES"] = str(files_of(set_name))
        os.environ.setdefault("SWEEP_SECONDS", "5")
        database.stand(set_name, addresses)
        partner = _found_the_partner(servers.secret(set_name, "people"))
        say("database", "one shared schema, and one for each firm's books")
        variables = {
            **database.variables(set_name, addresses),
            "DJANGO_SETTINGS_MODULE": "deploy.settings.demo",
            "FILES": os.environ["FILES"],
            "SWEEP_SECONDS": os.environ["SWEEP_SECONDS"],
        }
        with (
            processes.running(variables, ports=ports, logs=folder / "logs") as running,
            processes.kept_alive(running),
        ):
            say("processes", f"web, worker and clock, at {running.url}")
            seed = servers.secret(set_name, "people")
            yield Installation(running.url, set_name, seed, partner, running, files_of(set_name))


def files_of(set_name: str) -> Path:
    """Where documents and mail lie: in the checkout, or beside servers that were put elsewhere."""
    place = homes.home(set_name) if os.environ.get("BACKLINE_SERVERS") else CHECKOUT / ".local"
    name = "files" if set_name == "demo" else f"files-{set_name}"
    folder = place / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _found_the_partner(seed: str) -> str:
    """Make the partner and its first people, as an operator does once; again changes nothing."""
    from backline.kernel import ids
    from backline.kernel.actors import SYSTEM
    from tenants import tenancy
    from tenants.agencies import actions as agencies

    told = {"actor": SYSTEM, "at": FIRST_MORNING}
    with tenancy.shared():
        firm = agencies.order(
            name=PARTNER, country="GB", partner=None, key="demo", livemode=False,
            clock=FIRST_MORNING, **told,  # type: ignore[arg-type]  # who and when
        )  # fmt: skip
    agencies.provision(firm.pk, at=FIRST_MORNING)
    for person in people.PARTNER_PEOPLE.values():
        enrol(firm.pk, person, seed)
    return ids.public("agy", firm.pk)


def enrol(firm: UUID, person: people.Person, seed: str) -> None:
    """Make somebody a member of a firm with a secret that the demo can print."""
    from backline.kernel.actors import SYSTEM
    from tenants import tenancy
    from tenants.access import actions as access

    with tenancy.shared():
        access.enrol(
            firm=firm,
            email=person.email,
            name=person.name,
            role=person.role,
            password=people.PASSWORD,
            secret=people.secret_of(person, seed),
            actor=SYSTEM,
            at=datetime.now(UTC),
        )


def quiet(*firms: str) -> bool:
    """Whether nothing is outstanding for these firms."""
    from tenants import attending

    return not any(attending.is_due(firm) for firm in firms)
