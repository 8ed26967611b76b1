"""The private servers: found by nobody else, shared by several, gone when the last leaves."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
import pytest

from deploy import servers
from deploy.servers import homes, ports

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def somewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home for servers that no other test knows, open to the account they run as.

    Not among pytest's own folders: every pytest that starts on this machine closes those to others.
    """
    with TemporaryDirectory(prefix="servers-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        monkeypatch.setenv("BACKLINE_SERVERS", name)
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.delenv("BROKER_URL", raising=False)
        yield folder
        servers.remove("test-own")


def test_servers_start_on_ports_of_their_own_and_ask_for_a_password(somewhere):
    with servers.running("test-own") as found:
        database, broker = urlsplit(found.database_url), urlsplit(found.broker_url)
        assert not {database.port, broker.port} & ports.STANDARD_PORTS
        with psycopg.connect(found.database_url) as raw:
            assert raw.info.server_version >= 180000
        wrong = found.database_url.replace(str(database.password), "guessed")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)
        assert _ask_valkey(broker.port, "PING").startswith(b"-NOAUTH")
        assert _ask_valkey(broker.port, f"AUTH {broker.password}") == b"+OK\r\n"


def test_the_last_to_leave_stops_them(somewhere):
    with servers.running("test-own") as first:
        with servers.running("test-own") as second:
            assert second == first
        assert servers.status("test-own") == first
    assert servers.status("test-own") is None


def test_a_server_that_is_slow_to_answer_is_not_taken_for_a_dead_one(somewhere):
    with servers.running("test-own") as first, ThreadPoolExecutor(1) as another:
        valkey = int((somewhere / "test-own" / "valkey" / "pid").read_text())
        os.kill(valkey, signal.SIGSTOP)
        try:
            second = another.submit(servers.start, "test-own")
            wait([second], timeout=3)  # what took it for dead would have started a second by then
        finally:
            os.kill(valkey, signal.SIGCONT)
        assert second.result() == first


def test_started_servers_stay_until_they_are_stopped_and_keep_their_data(somewhere):
    started = servers.start("test-own")
    with psycopg.connect(started.database_url, autocommit=True) as raw:
        raw.execute("CREATE DATABASE kept")
    with servers.running("test-own"):
        pass
    assert servers.status("test-own") == started
    servers.stop("test-own")
    assert servers.status("test-own") is None
    with servers.running("test-own") as again, psycopg.connect(again.database_url) as raw:
        assert raw.execute("SELECT 1 FROM pg_database WHERE datname = 'kept'").fetchone()


def test_of_several_starters_one_starts_and_the_others_attach(somewhere):
    command = [sys.executable, "-m", "deploy.servers", "up", "--name", "test-own"]
    started = [
        subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = {starter.communicate(timeout=120)[0] for starter in started}
    assert len(said) == 1
    assert said.pop().startswith("DATABASE_URL=postgresql://")


def test_what_is_known_of_a_set_is_for_its_owner_alone(somewhere):
    secret = servers.secret("test-own", "anything")
    assert secret == servers.secret("test-own", "anything")
    assert stat.S_IMODE((somewhere / "test-own" / "state.json").stat().st_mode) == 0o600


def test_an_address_that_is_given_is_used_as_it_is(somewhere, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere/database")
    monkeypatch.setenv("BROKER_URL", "redis://elsewhere/0")
    with servers.running("test-own") as found:
        assert found.database_url == "postgresql://somebody@elsewhere/database"
        assert found.broker_url == "redis://elsewhere/0"
    assert not (somewhere / "test-own" / "postgres").exists()


def test_a_standard_port_is_never_offered(monkeypatch):
    monkeypatch.setattr(ports, "STANDARD_PORTS", set(range(65536)))
    assert list(ports.offer(None)) == []


def test_a_port_that_somebody_took_meanwhile_is_not_offered():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert taken.getsockname()[1] not in list(ports.offer(str(taken.getsockname()[1])))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_that_belongs_to_somebody_else_is_refused(somewhere):
    os.chown(somewhere, 65534, 65534)
    with pytest.raises(servers.Unavailable, match="belongs to somebody else"):
        homes.base()
    os.chown(somewhere, 0, 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers live outside the checkout")
def test_a_new_clone_at_an_old_path_does_not_find_the_old_clones_data(tmp_path, monkeypatch):
    monkeypatch.delenv("BACKLINE_SERVERS", raising=False)
    monkeypatch.setattr(homes, "CHECKOUT", tmp_path)
    first, again = homes.base(), homes.base()
    (tmp_path / ".local" / "mark").unlink()
    second = homes.base()
    for folder in {first, second}:
        folder.rmdir()
    assert first == again
    assert first != second


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b"])
def test_a_name_that_would_lead_elsewhere_is_refused(somewhere, name):
    with pytest.raises(servers.Unavailable, match="cannot name"):
        servers.start(name)


def _ask_valkey(port: int | None, word: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port or 0), 5) as talk:
        talk.sendall(f"{word}\r\n".encode())
        return talk.recv(200)
