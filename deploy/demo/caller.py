"""Calling the API as any client would: over HTTP, and again until there is an answer.

A call that got no answer (the process died, the database was busy) is repeated unchanged under the
same Idempotency-Key, so it has its effect once. Keys are made of the call itself: the same play
begun anew sends the same keys.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import httpx

PATIENCE: Final = 180.0  # seconds for one call, restarts of the service included
PAUSE: Final = 0.2
AGAIN: Final = frozenset({429, 502, 503, 504})
WAITS: Final = frozenset({"twin_is_running", "twin_was_faster"})
STALE: Final = frozenset({"fresh_factor_required", "not_signed_in", "credential_unknown"})

GIVEN_UP: Final = threading.Event()  # the play is being ended: nobody waits for anything any more


class Stopped(Exception):
    """The play was ended by somebody, or because another agency's week failed."""


class Problem(Exception):
    """The service refused a call; carries its problem document."""

    def __init__(self, method: str, path: str, status: int, body: Mapping[str, Any]) -> None:
        self.status, self.body = status, body
        self.code = str(body.get("code", ""))
        self.faults = [str(fault.get("code", "")) for fault in body.get("errors", ())]
        super().__init__(f"{method} {path}: {status} {json.dumps(body)[:1500]}")


def go_on() -> None:
    """Raise Stopped when the play is being ended."""
    if GIVEN_UP.is_set():
        raise Stopped


class Caller(Protocol):
    """Whoever holds a credential of one firm and calls the API with it."""

    def get(self, path: str, **query: Any) -> Any:
        """Read; the JSON, or raises Problem."""

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Do a deed."""

    def put(self, path: str, body: Any = None) -> Any:
        """Set a record."""

    def patch(self, path: str, body: Any) -> Any:
        """Change some fields of a record, as it stands now."""

    def fetch(self, path: str) -> bytes:
        """Fetch a paper."""


class Keys:
    """Makes idempotency keys of the calls themselves: the same play makes the same ones again."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._counting = threading.Lock()

    def key(self, path: str, body: Any) -> str:
        """The key of this call: what it says, and the how-manieth of its kind it is."""
        told = body if isinstance(body, str) else json.dumps(body, sort_keys=True)
        print_ = hashlib.sha256(f"{path}\n{told}".encode()).hexdigest()[:40]
        with self._counting:
            self._seen[print_] += 1
            return f"{print_}-{self._seen[print_]}"


class HttpCaller:
    """A caller over the network with a bearer token; `renew` gives a new one when it is stale."""

    def __init__(
        self, client: httpx.Client, token: str = "", renew: Callable[[], str] | None = None
    ) -> None:
        self.client, self.token, self.renew = client, token, renew
        self.calls = 0
        self.patience = PATIENCE
        self.keys = Keys()
        self._lock = threading.Lock()

    def get(self, path: str, **query: Any) -> Any:
        """Read; the JSON, or raises Problem."""
        return self._asked("GET", path, query=query).json()

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Do a deed; once, however often it has to be sent."""
        answer = self._asked("POST", path, body, key=self.keys.key(path, body), **more)
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any = None) -> Any:
        """Set a record; the same again changes nothing."""
        return self._asked("PUT", path, body).json()

    def patch(self, path: str, body: Any) -> Any:
        """Change some fields of a record, as it stands now."""
        tag = self._asked("GET", path).headers.get("ETag", "*")
        media = "application/merge-patch+json"
        return self._asked("PATCH", path, body, media=media, match=tag).json()

    def fetch(self, path: str) -> bytes:
        """Fetch a paper."""
        return self._asked("GET", path).content

    def _asked(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        until = time.monotonic() + self.patience
        while True:
            go_on()
            answer = self._once(method, path, body, **more)
            if answer is not None and answer.is_success:
                return answer
            if answer is not None:
                self._refused(answer, method, path)
            if time.monotonic() > until:
                raise TimeoutError(f"{method} {path}: no answer within {self.patience:.0f} s")
            time.sleep(_pause(answer))

    def _refused(self, answer: httpx.Response, method: str, path: str) -> None:
        """Return when the call may be repeated; else raise the problem."""
        body = _problem(answer)
        code = str(body.get("code", ""))
        if answer.status_code in AGAIN or code in WAITS:
            return
        is_stale = answer.status_code == httpx.codes.UNAUTHORIZED or code in STALE
        if is_stale and self.renew is not None:
            with self._lock:
                self.token = self.renew()
            return
        raise Problem(method, path, answer.status_code, body)

    def _once(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        key: str = "",
        match: str = "",
        media: str = "application/json",
        query: Mapping[str, Any] | None = None,
    ) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        if match:
            headers["If-Match"] = match
        sent: bytes | None = None
        if body is not None:
            headers["Content-Type"] = media
            sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.calls += 1
        try:
            return self.client.request(
                method, path, content=sent, headers=headers, params=dict(query or {})
            )
        except httpx.TransportError:
            return None  # it died, or is not up again yet


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"code": "", "detail": answer.text[:300]}


def _pause(answer: httpx.Response | None) -> float:
    if answer is None:
        return PAUSE
    told = answer.headers.get("Retry-After", "")
    return float(told) if told.isdigit() else PAUSE
