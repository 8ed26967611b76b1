"""Entry: how a call is received, step by step, and the two transactions it is given.

Who is calling is read in the first; the whole deed and its answer are the second, in the role of
the firm that the credential names. A refusal rolls back; nothing that is sent gets a 500.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from psycopg import errors as postgres

from api import asking, callers, clock, errors, idempotency, rendering
from api.door import Call, Door
from api.errors import Refused
from api.resource import Resource, etag
from backline.kernel import here, ids, later
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing, Refusal
from tenants import tenancy

if TYPE_CHECKING:
    from tenants.access.queries import Credential

LOG = logging.getLogger(__name__)
VERSION = "v1"
NOBODY = Actor("system", "nobody", "Not signed in")
TWINS = (postgres.UniqueViolation, postgres.ExclusionViolation)
BUSY = (
    postgres.DeadlockDetected,
    postgres.SerializationFailure,
    postgres.LockNotAvailable,
    postgres.QueryCanceled,
)


class Undone(Exception):
    """A dry run ended well: its answer, once everything is rolled back."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


# --- around everything --------------------------------------------------------------------------


class Entry:
    """The middleware around everything: names the request, and says so in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Name the request, have it answered, and say which one it was."""
        name = ids.public("req", ids.new_id())
        began = time.monotonic()
        with here.asked_by(name):
            answer = self.get_response(request)
            _log(request, answer, began)
        answer["Request-Id"] = name
        if request.path.startswith("/v1/"):
            answer.headers.setdefault("Cache-Control", "no-store")
            answer.headers.setdefault("Content-Security-Policy", "default-src 'none'")
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an error under /v1 without telling its insides; pages answer their own."""
        return failed(request, error) if request.path.startswith("/v1/") else None


def _log(request: HttpRequest, answer: HttpResponse, began: float) -> None:
    """One line a request: who and what, never what was said."""
    match = request.resolver_match
    who = getattr(request, "caller", None)
    LOG.info(
        "request",
        extra={
            "request_id": here.request_id(),
            "method": request.method,
            "route": match.route if match else "",
            "status": answer.status_code,
            "duration_ms": int((time.monotonic() - began) * 1000),
            **({"firm": who.firm, "actor": who.actor.id} if who else {}),
        },
    )


def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to what nobody foresaw: busy is 503, a value no column holds 422, the rest 500."""
    refusal: Refusal
    cause = error.__cause__
    if isinstance(error, IntegrityError) and isinstance(cause, TWINS):
        refusal = Conflict(
            "twin_was_faster",
            "Somebody wrote the same thing at the same moment; read it again and repeat.",
        )
    elif isinstance(cause, postgres.CheckViolation):
        rule = str(cause.diag.constraint_name or "")
        refusal = Invalid("rule_broken", f"This would break a rule: {rule}.", rule=rule)
    elif isinstance(cause, postgres.ForeignKeyViolation):
        refusal = Invalid("unknown_reference", "Something that was named is not there.")
    elif isinstance(error, DataError):
        refusal = Invalid("value_out_of_range", "One of the values is larger than we can keep.")
    elif isinstance(error, tenancy.NotRaised):
        refusal = Refused(
            503,
            "agency_being_raised",
            "This agency's books are being brought to a new release and nothing was changed; repeat"
            " it in a moment.",
            {"Retry-After": "10"},
        )
    elif isinstance(error, OperationalError | InterfaceError):
        LOG.error("database_unavailable", exc_info=None if isinstance(cause, BUSY) else error)
        refusal = Refused(
            503,
            "busy",
            "This could not be done just now and nothing was changed; repeat it in a moment.",
            {"Retry-After": "2"},
        )
    else:
        LOG.error("request_failed", exc_info=error)
        return errors.broken(request.path)
    return errors.response(refusal, request.path)


# --- one address --------------------------------------------------------------------------------


def address(doors: Mapping[str, Door]) -> Callable[..., HttpResponse]:
    """The view of one path: the doors behind it by method."""
    offered = ", ".join(sorted({*doors, "OPTIONS", *({"HEAD"} if "GET" in doors else ())}))

    @csrf_exempt  # a bearer token is no cookie: no browser sends it by itself
    def view(request: HttpRequest, **given: str) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else str(request.method)
        door = doors.get(method)
        if door is None and method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": offered})
        try:
            return receive(door or _no_door(offered), request, given)
        except Refusal as refusal:
            answer = errors.response(refusal, request.path)
        except Exception as error:  # noqa: BLE001  # the last wall: whatever it was, no insides go out
            answer = failed(request, error)
        for name, value in getattr(request, "limits", {}).items():
            answer.headers.setdefault(name, value)
        return answer

    return view


def _no_door(offered: str) -> Door:
    raise Refused(405, "method_not_allowed", f"Use one of: {offered}.", {"Allow": offered})


def receive(door: Door, request: HttpRequest, given: Mapping[str, str]) -> HttpResponse:
    """Answer one call: who, whether, what, and then the deed."""
    at = clock.now()
    caller = None
    if door.role != "public":
        caller = callers.identify(request, at)
        request.caller = caller  # type: ignore[attr-defined]  # ours, for the line in the log
        request.limits = callers.within_limits(caller)  # type: ignore[attr-defined]  # ours, for the answer
        callers.admit(request, door, caller, at)
    words = asking.words(door, given)
    asking.check_accept(door, request)
    try:
        answer = _answered(_asked(door, request, caller, at), words, at, looks=False)
    except (IntegrityError, DataError) as error:
        if not idempotency.is_not_free(error):
            raise
        answer = _answered(_asked(door, request, caller, at), words, at, looks=True)
    for name, value in getattr(request, "limits", {}).items():
        answer[name] = value
    return answer


def _asked(door: Door, request: HttpRequest, caller: "Credential | None", at: datetime) -> Call:
    query, asked, dry_run = asking.query(door, request)
    body = asking.body(door, request)
    call = _call(door, request, caller, at)
    call.query, call.asked, call.dry_run, call.body = query, asked, dry_run, body
    return call


def _call(door: Door, request: HttpRequest, caller: "Credential | None", at: datetime) -> Call:
    if caller is None:
        return Call(request, door, NOBODY, at, at.date())
    own = caller.clock or at
    return Call(
        request, door, caller.actor, own, callers.local_day(caller, own), caller.firm, caller
    )


# --- the deed -----------------------------------------------------------------------------------


def _answered(call: Call, words: dict[str, Any], real: datetime, *, looks: bool) -> HttpResponse:
    """Do the deed in its transaction; what is noted of a refusal is kept in another one.

    Where it `looks`, the call's key is looked into first; else it is claimed as if it were free.
    """
    key = None
    if call.door.key is not None and not call.dry_run:
        key = idempotency.key_of(call.request, required=call.door.key == "required")
    if key is not None and call.door.role == "apart":
        return _once_apart(call, words, key, real, looks=looks)
    try:
        with _books(call):
            return _once(call, words, key, real, looks=looks)
    except Undone as undone:
        return undone.answer
    except Refusal:
        if call.notes:
            with _books(call):
                for note in call.notes:
                    note()
        raise


def _books(call: Call) -> AbstractContextManager[Any]:
    if call.door.role == "firm":
        return tenancy.firm(call.firm)
    if call.door.role == "shared":
        return tenancy.shared()
    return nullcontext()  # public and apart: the door opens what it needs, one after the other


def _once(
    call: Call, words: dict[str, Any], key: str | None, real: datetime, *, looks: bool
) -> HttpResponse:
    """Do the deed, or answer as it was answered before; key and deed are one transaction."""
    if key is None:
        return _done(call, words)
    until = real + idempotency.kept_for(required=call.door.key == "required")
    claimed = _claim(call, key, real, until, looks=looks)
    if isinstance(claimed, HttpResponse):
        return claimed
    try:
        answer = _done(call, words)
    except Refusal:
        later.send()  # where it asked nothing yet: what was done before is not refused now
        raise
    idempotency.keep(claimed, answer, until=until)
    return answer


def _once_apart(
    call: Call, words: dict[str, Any], key: str, real: datetime, *, looks: bool
) -> HttpResponse:
    """The same for a deed that opens its own books: the key is leased while it runs."""
    with tenancy.firm(call.firm):
        claimed = _claim(call, key, real, real + idempotency.LEASE, looks=looks)
    if isinstance(claimed, HttpResponse):
        return claimed
    try:
        answer = _done(call, words)
    except BaseException:
        with tenancy.firm(call.firm):
            idempotency.release(claimed)
        raise
    until = real + idempotency.kept_for(required=call.door.key == "required")
    with tenancy.firm(call.firm):
        idempotency.keep(claimed, answer, until=until)
    return answer


def _claim(
    call: Call, key: str, real: datetime, until: datetime, *, looks: bool
) -> idempotency.Claimed | HttpResponse:
    caller = f"{call.actor.kind}:{call.actor.id}"
    print_ = idempotency.fingerprint(call.request, VERSION)
    if looks:
        return idempotency.claim(caller, key, print_, now=real, until=until)
    return idempotency.claim_at_once(caller, key, print_, until=until)


def _done(call: Call, words: dict[str, Any]) -> HttpResponse:
    if call.door.match is not None:
        _check_match(call, call.door.match, words)
    answer = rendering.render(call, call.door.deed(call, **words))
    if call.dry_run:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        answer["Dry-Run"] = "true"
        raise Undone(answer)
    return _unless_known(call, answer)


def _unless_known(call: Call, answer: HttpResponse) -> HttpResponse:
    """304 when a reader already has this version."""
    known = call.request.headers.get("If-None-Match", "")
    if call.door.method != "GET" or "ETag" not in answer.headers or not known:
        return answer
    tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
    if answer["ETag"] not in tags and "*" not in tags:
        return answer
    same = HttpResponse(status=304, headers={"ETag": answer["ETag"]})
    del same["Content-Type"]
    return same


def _check_match(call: Call, resource: Resource, words: dict[str, Any]) -> None:
    """Refuse to change what has changed since the caller read it; the row is locked meanwhile."""
    known = call.request.headers.get("If-Match")
    if known is None:
        raise Refused(
            428,
            "if_match_required",
            "Two people may change this: read it, and send its ETag as If-Match.",
        )
    rows = resource.model._default_manager.select_for_update(of=("self",))
    if resource.known_by:
        rows = rows.filter(**{resource.known_by: words[call.door.parameters[0].name]})
    named = [words[part.name] for part in call.door.parameters if part.prefix == resource.prefix]
    # A record of which there is one, as the firm itself, has no id in the path.
    found = list((rows.filter(pk=named[0]) if named else rows).values_list("pk", flat=True))
    if not found:
        raise Missing("not_found", "There is no such record, or not for you.")
    key = found[0]
    present = etag(resource.one(key))
    if known.strip() != "*" and present not in [tag.strip() for tag in known.split(",")]:
        raise Refused(
            412,
            "changed_since_read",
            "It has changed since you read it; read it again, and decide anew.",
            {"ETag": present},
            etag=present,
        )


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """The answer where nothing is: a problem under /v1, a page elsewhere."""
    refusal = Refused(404, "no_such_address", "There is nothing at this address; see /v1/docs.")
    return errors.response(refusal, request.path)


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """The answer to a request that the server could not read."""
    return errors.response(
        Refused(400, "request_unreadable", "The request cannot be read."), request.path
    )


def unforeseen(request: HttpRequest) -> HttpResponse:
    """The answer to an error outside any door."""
    return errors.broken(request.path)
