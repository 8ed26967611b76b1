"""Calling: an application called as a server calls it, in this process, and the time that took."""

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connections

from backline.kernel import ids
from backline.kernel.actors import Actor
from deploy.bench.books import firms
from deploy.bench.measuring import Differs
from deploy.wsgi import application
from tenants import tenancy
from tenants.access import actions as access

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
TICKS = os.sysconf("SC_CLK_TCK")
ALSO_WATCHED: list[Any] = []  # connections that stand in for ours now and then
OWNER = Actor("person", "psn_bench", "Olive Owner", "owner")
# A row makes more calls than a key may in a minute; that they are counted stays.
settings.LIMITS = {"key": (1_000_000_000, 60)}


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON that was answered."""
        return orjson.loads(self.content)


@dataclass(frozen=True, slots=True)
class Caller:
    """One who calls an application; `token` is a key, where one is asked for."""

    of: Application
    token: str = ""

    def get(self, path: str) -> Reply:
        """Read; raises Differs unless it is answered well."""
        return self._called("GET", path, b"", {})

    def post(self, path: str, body: object, *, key: str = "") -> Reply:
        """Send JSON; raises Differs unless it is answered well."""
        return self.send(path, orjson.dumps(body), "application/json", key=key)

    def send(self, path: str, body: bytes, media: str, *, key: str = "") -> Reply:
        """Send bytes of a media type; raises Differs unless it is answered well."""
        more = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
        return self._called("POST", path, body, {"CONTENT_TYPE": media, **more})

    def _called(self, method: str, path: str, body: bytes, more: Mapping[str, str]) -> Reply:
        told: dict[str, Any] = {}

        def begin(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            told.update(status=int(status[:3]), headers=dict(headers))

        answer = self.of({**_environment(method, path, body, self.token), **more}, begin)
        try:
            content = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()  # a server does, and Django ends the request by it
        reply = Reply(told["status"], told["headers"], content)
        if not 200 <= reply.status < 300:  # what the wire calls well
            raise Differs(f"{method} {path} was answered with {reply.status}: {content[:500]!r}")
        return reply


def _environment(method: str, path: str, body: bytes, token: str) -> dict[str, Any]:
    where, _, query = path.partition("?")
    told = {
        "REQUEST_METHOD": method,
        "PATH_INFO": where,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "application/json",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    if body:
        told["CONTENT_LENGTH"] = str(len(body))
    if token:
        told["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return told


def ours(firm: str, scopes: Iterable[str]) -> Caller:
    """Who calls our application with a key of an agency, by its reference."""
    key = ids.parse("agy", firm)
    if key is None:
        raise Differs(f"{firm} is no agency.")
    with tenancy.firm(firm):
        issued = access.issue(
            firm=key, name="Bench", scopes=list(scopes), actor=OWNER, at=firms.FIRST_MORNING
        )
    return Caller(application, issued.text)


@contextmanager
def served() -> Iterator[None]:
    """Call as a server does: what a call leaves behind is cleared away in its own time."""
    gc.enable()
    try:
        yield
    finally:
        gc.disable()


def busy() -> float:
    """Processor seconds of this process and of the server's processes that serve it."""
    served = 0.0
    for each in (*connections.all(initialized_only=True), *ALSO_WATCHED):
        if each.connection is not None:
            served += _spent(each.connection.info.backend_pid)
    return time.process_time() + served


def _spent(process: int) -> float:
    """Seconds of a process of this machine; none where the server is elsewhere."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    name, _, rest = told.rpartition(")")
    if "postgres" not in name:
        return 0.0
    user, system = rest.split()[11:13]
    return (int(user) + int(system)) / TICKS
