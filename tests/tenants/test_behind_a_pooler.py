"""Does a pooler that hands each transaction another server connection ever mix two firms?

pgbouncer in transaction mode, where it is installed (apt-get install pgbouncer). Here the stock
backend must mix them: it points a session somewhere and finds itself in another.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections

from backline.kernel import rows
from backline.kernel.models import Counter
from deploy.servers import accounts
from tests.tenants import drills

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
THREADS, EACH = 6, 60
SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
ignore_startup_parameters = extra_float_digits
logfile = {log}
"""

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="pgbouncer is not installed: apt-get install pgbouncer"
)


@pytest.fixture(scope="module")
def pooler(committed, tmp_path_factory) -> Iterator[int]:
    """A pooler in front of this module's database; gives its port."""
    who = accounts.account()
    folder = _open_to(who, tmp_path_factory.mktemp("pooler"))
    listen = _free_port()
    addresses = [urlsplit(committed.variables[f"{n}DATABASE_URL"]) for n in ("", "OWNER_")]
    users = who.file(
        folder / "users", "".join(f'"{a.username}" "{a.password}"\n' for a in addresses)
    )
    text = SETTINGS.format(
        host=addresses[0].hostname,
        port=addresses[0].port,
        listen=listen,
        users=users,
        log=folder / "log",
    )
    assert PROGRAM is not None
    command = [PROGRAM, str(who.file(folder / "settings.ini", text))]
    switch: dict[str, Any] = (
        {"user": who.uid, "group": who.gid, "extra_groups": []} if who.is_switched else {}
    )
    program = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **switch
    )
    try:
        _wait_for(addresses[0].geturl().replace(f":{addresses[0].port}/", f":{listen}/"))
        with _through(listen, "default"), _through(listen, "owner"):
            yield listen
    finally:
        program.terminate()
        program.wait(10)
        shutil.rmtree(folder)


def _open_to(who: accounts.Account, folder: Path) -> Path:
    """A folder that the pooler's account can reach; pytest's own are closed to others."""
    if not who.is_switched:
        return folder
    return who.folder(Path("/var/tmp") / f"pooler-{os.getpid()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    waiting = threading.Event()
    for _ in range(100):
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            waiting.wait(0.05)
        else:
            return
    pytest.fail("pgbouncer does not answer")


class Last(NamedTuple):
    """The last number of a series."""

    name: str
    last: int


class Streams(drills.Ours):
    """Our tenancy, with the twins' rows read one by one."""

    def whose(self) -> set[int]:
        """Read the twins' rows by a cursor of the server."""
        some = Counter.objects.filter(name__startswith="inv-").order_by("name")
        return {one.last for one in rows.stream(Last, some)}


@contextmanager
def _through(port: int, alias: str) -> Iterator[None]:
    """Send the connections of an alias through the pooler, which knows no statement by its name."""
    entry = connections.settings[alias]
    before = {name: entry.get(name) for name in ("PORT", "KEEPS_READY")}
    entry.update(PORT=str(port), KEEPS_READY=False)
    connections[alias].close()
    try:
        yield
    finally:
        connections[alias].close()
        entry.update(before)


def crowd(way: drills.Way) -> drills.Tally:
    """Threads read in turn from both firms; they are more than the server's connections."""
    tallies: list[drills.Tally] = []

    def work() -> None:
        tallies.append(drills.switches(way, EACH, drills.Tally()))
        connections[way.alias].close()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sum(tallies, drills.Tally())


def test_no_leak_behind_a_pooler(twins, pooler):
    tally = crowd(drills.Ours(twins))
    assert (tally.right, tally.wrong, tally.errors) == (THREADS * EACH, 0, 0)


def test_the_walls_stand_behind_a_pooler(pooler):
    from tenants.bootstrap import probes

    assert probes.missing() == []


def test_the_stock_backend_leaks_behind_a_pooler(twins, pooler):
    assert crowd(drills.Stock(twins)).wrong


def test_rows_are_streamed_behind_a_pooler(twins, pooler, monkeypatch):
    """A cursor of the server lives in one transaction, which has one server connection."""
    monkeypatch.setattr(rows, "SOME", 1)
    tally = crowd(Streams(twins))
    assert (tally.right, tally.wrong, tally.errors) == (THREADS * EACH, 0, 0)
