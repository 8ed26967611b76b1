"""Health: /livez says that the process serves, /readyz that what it stands on answers.

Asked from inside by whatever runs the processes; it goes before every other middleware, so it
needs no host, no TLS and no firm. What is wrong is named by its part alone.
"""

from __future__ import annotations

from collections.abc import Callable

from celery import current_app
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from tenants import tenancy

Check = Callable[[], None]


class Health:
    """The middleware that answers the two addresses and lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes after."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer for the process, or pass the call on."""
        if request.path == "/livez":
            return JsonResponse({"status": "alive"})
        if request.path == "/readyz":
            return ready()
        return self.get_response(request)


def ready() -> HttpResponse:
    """Ask every part, and say which does not answer."""
    said = {name: _said(check) for name, check in CHECKS.items()}
    is_ready = set(said.values()) == {"ready"}
    body = {"status": "ready" if is_ready else "not ready", "parts": said}
    return JsonResponse(body, status=200 if is_ready else 503)


def _said(check: Check) -> str:
    try:
        check()
    except Exception:  # noqa: BLE001  # whatever it is, the part does not answer
        return "not ready"
    return "ready"


def _database() -> None:
    with tenancy.signing_in(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


CHECKS: dict[str, Check] = {"database": _database, "broker": _broker}
