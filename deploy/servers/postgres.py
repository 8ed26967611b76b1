"""Makes, starts and stops a PostgreSQL cluster."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import shutil
import signal
from pathlib import Path

from deploy.servers import homes, ports
from deploy.servers.accounts import Account, Unavailable
from deploy.servers.homes import State

SUPERUSER = "bo_super"
FOLDER = "postgres/pg18"
PATIENCE = "180"  # seconds that a server on a loaded machine may take to answer

ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_locks_per_transaction": "2048",  # a schema is made in one transaction
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # statements carry people's pay
    "log_parameter_max_length_on_error": "0",
}
# A test database is thrown away, so it need not survive a power cut.
THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "checkpoint_flush_after": "0",
    "bgwriter_flush_after": "0",
}
# A bench's data does not outlive its run either, and to make the files of a thousand agencies safe
# would take longer than the rows. Its memory is what deploy/README.md advises.
BENCHED = {"fsync": "off", "shared_buffers": "1GB", "max_wal_size": "8GB"}
# What was answered must be there after a crash, as in production, where a crash is rehearsed.
# Its thousands of small files are made safe as one file system, or coming back would take longest.
REHEARSED = {"synchronous_commit": "on", "recovery_init_sync_method": "syncfs"}


def address(state: State) -> str:
    """Give the superuser's address, by which databases and roles are made."""
    mine = state["postgres"]
    return f"postgresql://{SUPERUSER}:{mine['password']}@127.0.0.1:{mine['port']}/postgres"


def runs(place: Path, who: Account, programs: Path) -> bool:
    """Say whether the cluster of this home runs."""
    data = place / FOLDER
    return data.exists() and who.run([programs / "pg_ctl", "status", "-D", data]).returncode == 0


def start(place: Path, who: Account, programs: Path, state: State) -> None:
    """Start the cluster, made first if there is none; one that runs is left alone."""
    mine = state.setdefault("postgres", {})
    if "port" in mine and runs(place, who, programs):
        return
    data = place / FOLDER
    log = who.folder(data.parent) / "log"
    if not data.exists() or "password" not in mine:
        mine["password"] = secrets.token_urlsafe(24)
        _make_cluster(who, programs, data, mine["password"])
    options = ALWAYS | _of_its_kind(place.name)
    for port in ports.offer(mine.get("port")):
        mine["port"] = str(port)
        homes.write(place, state)  # before it runs, so that a starter that is killed loses nothing
        flags = shlex.join(f"-c{key}={value}" for key, value in (options | {"port": port}).items())
        command = [programs / "pg_ctl", "start", "-w", "-t", PATIENCE, "-D", data, "-l", log]
        if who.run([*command, "-o", flags], outlives=True).returncode == 0:
            return
        stop(
            place, who, programs, mode="immediate"
        )  # one that took too long is in the next one's way
    last = log.read_text(errors="replace")[-600:] if log.exists() else "It wrote nothing."
    raise Unavailable(f"PostgreSQL did not start. The end of {log}:\n{last}")


def stop(place: Path, who: Account, programs: Path, *, mode: str = "fast") -> None:
    """Stop the cluster if it runs; sessions still open are ended."""
    if runs(place, who, programs):
        who.run([programs / "pg_ctl", "stop", "-m", mode, "-t", PATIENCE, "-D", place / FOLDER])


def kill(place: Path, who: Account, programs: Path) -> None:
    """End the cluster and every session of it as a power cut of its processes would."""
    data = place / FOLDER
    with contextlib.suppress(OSError, ValueError):
        first = int((data / "postmaster.pid").read_text().split()[0])
        family = [first, *_children(first)]
        for process in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        # A session that still breathes holds the shared memory, and no new server would start.
        ports.wait(lambda: not any(_lives(process) for process in family), float(PATIENCE))
    if runs(place, who, programs):  # its dead are not buried here, and are taken for the living
        (data / "postmaster.pid").unlink()


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            facts = stat.read_text().rpartition(")")[2].split()
            if int(facts[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _lives(process: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _of_its_kind(name: str) -> dict[str, str]:
    if name.startswith("test"):
        return THROWAWAY
    if name.startswith("bench"):
        return BENCHED
    return REHEARSED if name.startswith("storm") else {}


def _make_cluster(who: Account, programs: Path, data: Path, password: str) -> None:
    fresh = data.with_suffix(".new")
    for folder in (fresh, data):
        shutil.rmtree(folder, ignore_errors=True)
    words = who.file(data.parent / "password", password)
    locale = [
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
    ]
    login = ["--auth=scram-sha-256", f"--username={SUPERUSER}", f"--pwfile={words}"]
    made = who.run([programs / "initdb", "-D", fresh, "--no-sync", *locale, *login])
    words.unlink()
    if made.returncode != 0:
        raise Unavailable(f"initdb failed: {made.stdout.strip()[-400:]}")
    fresh.rename(data)
