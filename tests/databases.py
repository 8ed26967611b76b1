"""One database for each process that runs tests, copied from a template made once.

The template holds what bootstrap makes, the shared tables and the firms of tests/firms.py. It is
named by a digest of what it is made from, so it is made anew only when that changes, and several
runs of one checkout share it.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from django.conf import settings
from psycopg import sql

from deploy import database as places
from deploy import release, servers
from deploy.servers import homes
from deploy.settings import environment

SET = "test"
_NUMBERS = itertools.count(1)
_HELD: list[str] = []  # the template that this process copies from
# Rights on a database itself are not copied with it.
_WALLS = """
REVOKE ALL ON DATABASE {0} FROM PUBLIC;
GRANT CONNECT ON DATABASE {0} TO bo_app;
GRANT CONNECT, CREATE ON DATABASE {0} TO bo_owner
"""
CHECKOUT = Path(__file__).resolve().parent.parent
# What a template is made from: models by their tables, and these by their text.
SOURCES = (
    "tenants/bootstrap",
    "tenants/agencies",
    "tenants/access",
    "tenants/facility/models.py",
    "tenants/operations/models.py",
    "tenants/reports/models.py",
    "platform/backline/onboarding/actions/requirements.py",
    "platform/backline/directory/actions/firm.py",
    "deploy/settings/base.py",
    "tests/firms.py",
)


@dataclass(frozen=True)
class Database:
    """A database of this process alone, and the variables by which settings find it."""

    name: str
    variables: dict[str, str]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Point Django, and every process started from here, at this database."""
        before = {name: os.environ.get(name) for name in self.variables}
        os.environ.update(self.variables)
        _point(self.variables)
        try:
            yield
        finally:
            _close()
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            given = {name: value for name, value in before.items() if value is not None}
            if {"DATABASE_URL", "OWNER_DATABASE_URL"} <= given.keys():
                _point(given)


@contextmanager
def for_this_process() -> Iterator[Database]:
    """Make a database for this process; it is gone at the end."""
    with (
        servers.running(SET) as found,
        _own_valkey(found) as running,
        _admin(running.database_url) as admin,
    ):
        name = f"run_{os.getpid()}"
        with _alone():
            _drop(admin, *_left_over(admin))
            template = _template(admin, running)
            held = _hold(template)
            _copy(admin, template, name)
        try:
            with held:
                yield Database(name, _variables(running, name))
        finally:
            _drop(admin, name)


@contextmanager
def of_its_own(engine: str = "tenants.backend") -> Iterator[Database]:
    """A second database, behind the real backend, for tests that commit; gone at the end."""
    running = servers.Servers(os.environ["ADMIN_DATABASE_URL"], os.environ["BROKER_URL"])
    with _admin(running.database_url) as admin:
        name = f"run_{os.getpid()}_{next(_NUMBERS)}"
        with _alone():
            # The one this run began with, whatever was changed since.
            _copy(admin, _HELD[-1], name)
        made = Database(name, _variables(running, name))
        try:
            with made.in_use(), _behind(engine):
                yield made
        finally:
            _drop(admin, name)


# --- the template ------------------------------------------------------------------------------


def _template(admin: psycopg.Connection, running: servers.Servers) -> str:
    name = f"template_{_digest()}"
    standing = _names(admin, "template\\_%")
    if name in standing:
        return name
    _drop(admin, *(other for other in standing if not _is_held(other)))
    fresh = f"{name}_fresh"
    with Database(fresh, _variables(running, fresh)).in_use():
        from tests import firms

        release.make_ready()
        firms.make()
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    admin.execute(rename.format(sql.Identifier(fresh), sql.Identifier(name)))
    return name


def _hold(template: str) -> IO[str]:
    """Keep a template standing for as long as this process runs: its tests copy it again."""
    held = _lock_of(template).open("a")
    fcntl.flock(held, fcntl.LOCK_SH)
    _HELD.append(template)
    return held


def _is_held(template: str) -> bool:
    with _lock_of(template).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lock_of(template: str) -> Path:
    return homes.home(SET) / f"{template}.lock"


def _digest() -> str:
    from tenants.agencies import template

    digest = hashlib.sha256(template.release().encode())
    for source in SOURCES:
        place = CHECKOUT / source
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if not path.exists():
                continue
            if path.suffix in {".py", ".toml", ".sql"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _variables(running: servers.Servers, name: str) -> dict[str, str]:
    # What this process seals and signs, the processes that it starts must open.
    ours = {key: getattr(settings, key) for key in ("SECRET_KEY", "SEALING_KEY", "ACCESS_PEPPER")}
    return {**places.variables(SET, running, name), **ours}


# --- the server --------------------------------------------------------------------------------


@contextmanager
def _admin(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as admin:
        yield admin


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time makes or copies a template: one being copied must have no guests."""
    with (homes.home(SET) / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _own_valkey(found: servers.Servers) -> Iterator[servers.Servers]:
    """Claim one of Valkey's databases, empty, so that no bell of another run is heard here."""
    for number in range(1, 64):
        with (homes.home(SET) / f"valkey-{number}.lock").open("a") as claim:
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            url = urlunsplit(urlsplit(found.broker_url)._replace(path=f"/{number}"))
            with redis.Redis.from_url(url) as valkey:
                valkey.flushdb()
            yield replace(found, broker_url=url)
            return
    raise RuntimeError("Sixty-three runs of these tests hold a database of Valkey each.")


def _names(admin: psycopg.Connection, like: str) -> list[str]:
    rows = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [like])
    return [row[0] for row in rows]


def _left_over(admin: psycopg.Connection) -> list[str]:
    """The databases of processes that were killed."""
    names = _names(admin, "run\\_%")
    return [name for name in names if not Path("/proc", name.split("_")[1]).exists()]


def _copy(admin: psycopg.Connection, template: str, name: str) -> None:
    # Copying files takes a third of the time of the default, which logs every block.
    text = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
    admin.execute(sql.SQL(text).format(sql.Identifier(name), sql.Identifier(template)))
    admin.execute(sql.SQL(_WALLS).format(sql.Identifier(name)))


def _drop(admin: psycopg.Connection, *names: str) -> None:
    for name in names:
        text = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        admin.execute(sql.SQL(text).format(sql.Identifier(name)))


# --- Django ------------------------------------------------------------------------------------


def _point(variables: dict[str, str]) -> None:
    """Change the addresses in the settings that are loaded; connections made later go there."""
    _close()
    for alias, name in (("default", "DATABASE_URL"), ("owner", "OWNER_DATABASE_URL")):
        entry = settings.DATABASES[alias]
        found = environment.database(variables[name], engine=entry["ENGINE"])
        entry.update({key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    if "BROKER_URL" in variables:
        settings.BROKER_URL = settings.CELERY_BROKER_URL = variables["BROKER_URL"]


@contextmanager
def _behind(engine: str) -> Iterator[None]:
    """Use this backend on the connections made from here on."""
    from django.db import connections

    entry = connections.settings["default"]
    before, entry["ENGINE"] = entry["ENGINE"], engine
    _forget_connection()
    try:
        yield
    finally:
        entry["ENGINE"] = before
        _forget_connection()


def _forget_connection() -> None:
    from django.db import connections

    connections["default"].close()
    del connections["default"]


def _close() -> None:
    from django.db import connections

    connections.close_all()
