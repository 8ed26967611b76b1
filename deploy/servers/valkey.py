"""Starts and stops a Valkey that keeps nothing on disk: it is a bell and a cache."""

from __future__ import annotations

import contextlib
import secrets
import socket
from pathlib import Path

from deploy.servers import homes, ports
from deploy.servers.accounts import Account, Unavailable
from deploy.servers.homes import State

# Seconds. A machine under load may keep it from answering for long; where none is, that is said at
# once, so nobody waits for it.
PATIENCE = 30


def address(state: State) -> str:
    """Give the address of the first of its 64 databases."""
    mine = state["valkey"]
    return f"redis://:{mine['password']}@127.0.0.1:{mine['port']}/0"


def answers(state: State) -> bool:
    """Say whether ours answers; a stranger on the same port would not know the password."""
    return _say(state, "PING") == b"+OK\r\n+PONG\r\n"


def start(place: Path, who: Account, program: Path, state: State) -> None:
    """Start it; one that answers is left alone."""
    if answers(state):
        return
    mine = state.setdefault("valkey", {})
    mine["password"] = secrets.token_urlsafe(24)
    folder = who.folder(place / "valkey")
    for port in ports.offer(mine.get("port")):
        mine["port"] = str(port)
        homes.write(place, state)
        who.run([program, who.file(folder / "conf", _settings(folder, mine))], outlives=True)
        if ports.wait(lambda: answers(state), PATIENCE):
            return
    raise Unavailable(f"Valkey did not start; {folder / 'log'} says why.")


def stop(state: State) -> None:
    """Stop it if it answers."""
    if answers(state):
        _say(state, "SHUTDOWN NOSAVE")
        ports.wait(lambda: not answers(state), PATIENCE)


def _settings(folder: Path, mine: dict[str, str]) -> str:
    settings = {
        "bind": "127.0.0.1",
        "port": mine["port"],
        "requirepass": mine["password"],
        "databases": 64,
        "daemonize": "yes",
        "dir": folder,
        "logfile": folder / "log",
        "pidfile": folder / "pid",
        "loglevel": "warning",
        "save": '""',
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
    }
    return "".join(f"{key} {value}\n" for key, value in settings.items())


def _say(state: State, word: str) -> bytes:
    mine = state.get("valkey", {})
    heard = b""
    if "port" in mine:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", int(mine["port"])), PATIENCE) as talk,
        ):
            talk.sendall(f"AUTH {mine['password']}\r\n{word}\r\n".encode())
            while heard.count(b"\r\n") < 2 and (part := talk.recv(64)):
                heard += part
    return heard
