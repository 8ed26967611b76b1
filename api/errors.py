"""Errors: every refusal as an RFC 9457 problem document; the one place that knows numbers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.encoding import escape_uri_path

from api.resource import as_json
from backline.kernel import here
from backline.kernel.errors import Conflict, Fault, Forbidden, Invalid, Missing, Refusal

PROBLEM = "application/problem+json"

TITLES = {
    400: "The request cannot be read",
    401: "Who is calling is not known",
    403: "This is not allowed",
    404: "There is no such thing",
    405: "This address does not take this method",
    406: "None of the accepted forms is offered",
    409: "Not in its present state",
    412: "It has changed since it was read",
    413: "The request is too large",
    415: "This form of content is not taken",
    422: "What was sent cannot be accepted",
    428: "Say which version is meant",
    429: "Too many requests",
    500: "Something of ours failed",
    503: "Not available just now",
}
KINDS: tuple[tuple[type[Refusal], int], ...] = (
    (Missing, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
)
RETRYABLE = {409, 429, 500, 503}


class Unreadable(Refusal):
    """The request is malformed: 400."""


class Unknown(Refusal):
    """Nobody we know is calling: 401."""


class Refused(Refusal):
    """A refusal of the wire itself, with its own status and headers."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        *,
        pointer: str = "",
        **facts: Any,
    ) -> None:
        super().__init__(code, detail, pointer=pointer, **facts)
        self.status = status
        self.headers = dict(headers or {})


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    if isinstance(refusal, Refused):
        return refusal.status
    if isinstance(refusal, Unreadable):
        return 400
    if isinstance(refusal, Unknown):
        return 401
    return next((status for kind, status in KINDS if isinstance(refusal, kind)), 422)


def problem_of(refusal: Refusal, instance: str = "") -> dict[str, object]:
    """The problem document of a refusal: its first code, what to do, and every fault."""
    status = status_of(refusal)
    return document(status, refusal.faults, instance)


def document(status: int, faults: Sequence[Fault], instance: str = "") -> dict[str, object]:
    """A problem document; `retryable` says whether the same request may succeed later."""
    first = faults[0]
    told: dict[str, object] = {
        "type": f"/problems/{first.code}",
        "title": TITLES.get(status, "It cannot be done"),
        "status": status,
        "code": first.code,
        "detail": first.detail or TITLES.get(status, ""),
        "retryable": status in RETRYABLE,
        "errors": [fault_of(fault) for fault in faults],
    }
    if instance:
        told["instance"] = escape_uri_path(instance)
    if here.request_id():
        told["request_id"] = here.request_id()
    return told


def fault_of(fault: Fault) -> dict[str, object]:
    """One entry of `errors`: where, what, and the facts a program needs."""
    told: dict[str, object] = {"code": fault.code, "detail": fault.detail}
    if fault.pointer:
        told["pointer"] = fault.pointer
    return told | {name: plain(value) for name, value in fault.facts.items() if name not in told}


def plain(value: object) -> object:
    """A fact as JSON: decimals as strings, moments and days as they are spelled on the wire."""
    if isinstance(value, str | int | bool | date | datetime | None):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in value]
    return str(value)


def response(refusal: Refusal, instance: str = "") -> HttpResponse:
    """The answer to a call that was refused."""
    status = status_of(refusal)
    answer = HttpResponse(
        as_json(document(status, refusal.faults, instance)), status=status, content_type=PROBLEM
    )
    if isinstance(refusal, Refused):
        for name, value in refusal.headers.items():
            answer[name] = value
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="backline"'
    return answer


def broken(instance: str = "") -> HttpResponse:
    """The answer when something of ours failed: nothing of the inside is told."""
    fault = Fault(
        "internal_error",
        "Something of ours failed and nothing was changed."
        " Try again; if it stays, tell us the request id.",
    )
    return HttpResponse(as_json(document(500, [fault], instance)), status=500, content_type=PROBLEM)


def faults_in(detail: object, pointer: str = "") -> list[Fault]:
    """Every fault in a tree of validation errors, each with its JSON pointer."""
    if isinstance(detail, Mapping):
        faults = []
        for name, inner in detail.items():
            step = "" if name in ("", "non_field_errors") else f"/{escaped(str(name))}"
            faults += faults_in(inner, pointer + step)
        return faults
    if isinstance(detail, list | tuple):
        faults = []
        leaves = all(isinstance(each, str) for each in detail)
        for place, each in enumerate(detail):
            faults += faults_in(each, pointer if leaves else f"{pointer}/{place}")
        return faults
    code = str(getattr(detail, "code", "") or "invalid")
    return [Fault(code, str(detail), pointer)] if detail else []


def escaped(step: str) -> str:
    """One step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")
