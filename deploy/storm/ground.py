"""Ground: one prepared database, and copies of it in which the same week is played."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from deploy import database, processes, servers
from deploy.demo import kept
from deploy.demo.installation import enrol
from deploy.demo.people import PARTNER_PEOPLE, Person
from deploy.servers import homes

if TYPE_CHECKING:
    from uuid import UUID

    from deploy.bench.books.workweeks import Agency

SET: Final = "storm"
SWEEP_SECONDS: Final = "2"  # a bell that a kill swallowed is made up for within this time
BROKERS: Final = {"calm": "1", "stormy": "2"}  # a database of Valkey each
WALLS: Final = """
REVOKE ALL ON DATABASE "{0}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "{0}" TO bo_app;
GRANT CONNECT, CREATE ON DATABASE "{0}" TO bo_owner
"""
Say = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Office:
    """One agency: its books, its owner, and the sheets that wait to be approved."""

    agency: Agency
    owner: Person
    sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """The prepared database and who works in it."""

    running: servers.Servers
    folder: Path
    seed: str
    partner: str
    offices: tuple[Office, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A copy of the prepared database with its own web process, worker and clock."""

    ground: Ground
    url: str
    running: processes.Processes


@contextmanager
def made(workers: int, say: Say) -> Iterator[Ground]:
    """Start servers from nothing and prepare a week of so many workers, handed in and waiting."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped
    with kept.alone(SET), _servers() as running:
        folder = homes.home(SET)
        os.environ["FILES"] = str(folder / "files" / "prepared")
        database.stand(SET, running)
        say("ground", f"{workers} workers are hired, and hand their week in")
        ground = _prepared(running, folder, workers)
        _leave()
        try:
            yield ground
        finally:
            _leave()


@contextmanager
def _servers() -> Iterator[servers.Servers]:
    """Servers from nothing; the logs of the last storm are looked at until the next one."""
    servers.remove(SET)
    for name in ("files", "logs"):
        shutil.rmtree(homes.home(SET) / name, ignore_errors=True)
    with servers.running(SET) as running:
        yield running


def _prepared(running: servers.Servers, folder: Path, workers: int) -> Ground:
    from backline.kernel import ids
    from deploy.bench.books import firms, workweeks

    seed, offices = servers.secret(SET, "people"), []
    for one in workweeks.agencies(workers):
        owner = Person("Olive Owner", f"owner@{one.country.lower()}.test", "owner", "owns it")
        enrol(_key(one.ref), owner, seed)
        sheets = [ids.public("tsh", key) for some in workweeks.reports(one) for key in some]
        _begins_here(one)
        offices.append(Office(one, owner, tuple(sheets)))
    for person in PARTNER_PEOPLE.values():
        enrol(firms.partner(), person, seed)
    return Ground(running, folder, seed, ids.public("agy", firms.partner()), tuple(offices))


def _begins_here(one: Agency) -> None:
    """Let every reader of the feed begin behind hiring, which is no part of the week."""
    from backline.kernel import consumers, feed
    from backline.kernel.models import Offset

    with one.books():
        feed.number()
    with one.books():
        end = feed.last()
        here = [Offset(consumer=name, seq=end) for name in consumers.CONSUMERS]
        Offset.objects.bulk_create(here, ignore_conflicts=True)


def _key(ref: str) -> UUID:
    from tenants.agencies import registry

    return registry.key(ref)


@contextmanager
def copied(ground: Ground, name: str) -> Iterator[Place]:
    """Copy the prepared database, point this process at the copy, and run the service on it."""
    variables = _variables(ground, name)
    _copy(ground, name)
    _point(name)
    try:
        with (
            processes.running(variables, logs=ground.folder / "logs" / name) as running,
            processes.kept_alive(running),
        ):
            yield Place(ground, running.url, running)
    finally:
        _leave()


def _variables(ground: Ground, name: str) -> dict[str, str]:
    broker = urlunsplit(urlsplit(ground.running.broker_url)._replace(path=f"/{BROKERS[name]}"))
    files = ground.folder / "files" / name
    files.mkdir(parents=True)
    found: Mapping[str, str] = database.variables(SET, ground.running, name)
    return {
        **found,
        "BROKER_URL": broker,
        "DJANGO_SETTINGS_MODULE": "deploy.settings.demo",
        "FILES": str(files),
        "SWEEP_SECONDS": SWEEP_SECONDS,
    }


def _copy(ground: Ground, name: str) -> None:
    import psycopg

    with psycopg.connect(ground.running.database_url, autocommit=True) as admin:
        text = f'CREATE DATABASE "{name}" TEMPLATE "{database.NAME}" STRATEGY FILE_COPY'
        admin.execute(text.encode())
        admin.execute(WALLS.format(name).encode())


def _point(name: str) -> None:
    """Have this process read that database from now on."""
    from django.conf import settings
    from django.db import connections

    _leave()
    for alias in ("default", "owner"):
        settings.DATABASES[alias]["NAME"] = connections.settings[alias]["NAME"] = name


def _leave() -> None:
    from django.db import connections

    for alias in list(connections):
        connections[alias].close()
        del connections[alias]
