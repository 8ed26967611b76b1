"""Idempotency: the same call under the same key has one effect and one answer.

The key's row is claimed in the transaction of the deed, so that a call that was killed leaves
neither; only a 2xx answer is kept. The claim goes with the first question of the deed: where the
key is not free that fails, nothing is done, and the key is looked into. A twin then waits on the
row for two seconds and is told to come back.

A deed that opens its own books cannot share a transaction with its key: the key is claimed in the
caller's own books for two minutes and given back, or kept, afterwards.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from psycopg import errors as postgres

from api import clock
from api.errors import Refused, Unreadable
from api.models import Answered
from backline.kernel import forgetting, later
from backline.kernel.ids import new_id

KEPT_FOR = timedelta(days=30)
KEPT_FOR_MONEY = timedelta(days=400)
LEASE = timedelta(minutes=2)  # of a deed that opens its own books, while it runs
KEPT_HEADERS = ("ETag", "Location", "Retry-After")

INTO = "INSERT INTO api_answered (id, caller, key, fingerprint, headers, body, expires_at)"
# The lock is held by whoever claims this key just now. Where it is free nobody is waited for; where
# it is not, a claim at once is an error.
LOCK = "pg_try_advisory_xact_lock(hashtextextended(%s || '|' || current_schema(), 1))"
CLAIM = f"""
{INTO} SELECT %s, %s, %s, %s, '{{}}', '', %s WHERE {LOCK} IS NOT NULL
ON CONFLICT (caller, key) DO NOTHING
"""  # our own words
CLAIM_AT_ONCE = f"""
{INTO[:-1]}, status) VALUES (%s, %s, %s, %s, '{{}}', '', %s, nullif(1 / {LOCK}::int, 1))
"""  # our own words
NOT_FREE = "one_answer_a_key"
KEEP = """
UPDATE api_answered SET status = %s, headers = %s, body = %s, expires_at = %s WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A key that is this call's: its row waits for the answer."""

    id: UUID


def key_of(request: HttpRequest, *, required: bool) -> str | None:
    """The Idempotency-Key of a call, bare or quoted; raises Unreadable."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        if required:
            raise Unreadable(
                "idempotency_key_required",
                "This moves money: send an Idempotency-Key of your own, and the same one again"
                " when you repeat the call.",
            )
        return None
    key = given.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Unreadable(
            "idempotency_key_invalid", "Send an Idempotency-Key of 1 to 255 printable characters."
        )
    return key


def kept_for(*, required: bool) -> timedelta:
    """How long an answer is kept; longer where money moves."""
    return KEPT_FOR_MONEY if required else KEPT_FOR


def fingerprint(request: HttpRequest, version: str) -> str:
    """What makes two calls the same: method, path, query, version and every byte sent."""
    query = sorted((name, value) for name, values in request.GET.lists() for value in values)
    said = (request.method, request.path, query, version, hashlib.sha256(request.body).hexdigest())
    return hashlib.sha256(repr(said).encode()).hexdigest()


def is_not_free(error: Exception) -> bool:
    """Whether an error is that of a claim at once, or may be: who looks into the key meets a deed's
    own division by zero again.
    """
    cause = error.__cause__
    if isinstance(cause, postgres.UniqueViolation):
        return cause.diag.constraint_name == NOT_FREE
    return isinstance(cause, postgres.DivisionByZero)


def claim_at_once(caller: str, key: str, print_: str, *, until: datetime) -> Claimed:
    """Claim a key with the next question of this transaction, which fails unless it is free."""
    mine = new_id()
    later.put_off(CLAIM_AT_ONCE, _telling(mine, caller, key, print_, until))
    return Claimed(mine)


def _telling(mine: UUID, caller: str, key: str, print_: str, until: datetime) -> list[Any]:
    return [mine, caller, key, print_, until, f"{caller}|{key}"]


def claim(
    caller: str, key: str, print_: str, *, now: datetime, until: datetime
) -> Claimed | HttpResponse:
    """Claim a key for this call, or answer as the call before it was answered."""
    mine = new_id()
    if _inserted(mine, caller, key, print_, until):
        return Claimed(mine)
    kept = Answered.objects.select_for_update().filter(caller=caller, key=key).first()
    if kept is None or kept.expires_at <= now:
        if kept is not None:
            kept.delete()
        return claim(caller, key, print_, now=now, until=until)
    if kept.fingerprint != print_:
        raise Refused(
            422,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another call; take a new key for a new call.",
        )
    if kept.status is None:
        raise _twin()
    return _again(kept)


def _twin() -> Refused:
    return Refused(
        409,
        "twin_is_running",
        "The same call is still being done; ask again in a moment, unchanged.",
        {"Retry-After": "2"},
    )


def _inserted(mine: UUID, caller: str, key: str, print_: str, until: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        try:
            cursor.execute(CLAIM, _telling(mine, caller, key, print_, until))
        except OperationalError as error:
            if isinstance(error.__cause__, postgres.LockNotAvailable):
                raise _twin() from None
            raise
        is_mine = bool(cursor.rowcount)
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    return is_mine


def _again(kept: Answered) -> HttpResponse:
    body = kept.body.reveal()
    answer = HttpResponse(body, status=kept.status, content_type="application/json")
    if not body:
        del answer["Content-Type"]
    for name, value in kept.headers.items():
        answer[name] = value
    answer["Idempotent-Replayed"] = "true"
    return answer


def release(claimed: Claimed) -> None:
    """Give a key back: the deed was not done."""
    Answered.objects.filter(pk=claimed.id).delete()


def keep(claimed: Claimed, answer: HttpResponse, *, until: datetime) -> None:
    """Keep a good answer beside the deed it belongs to; give the key back for any other."""
    if not 200 <= answer.status_code < 300:
        release(claimed)
        return
    column: Any = Answered._meta.get_field("body")
    headers = {name: answer[name] for name in KEPT_HEADERS if name in answer}
    sealed = column.sealed(claimed.id, answer.content.decode())
    body = column.get_db_prep_save(sealed, connection)
    told: list[Any] = [answer.status_code, json.dumps(headers), body, until, claimed.id]
    later.put_off(KEEP, told)


@forgetting.forgets("answer")
def expired(_before: datetime) -> "QuerySet[Answered]":
    """The answers that need not be given again; keys live by the real clock."""
    return Answered.objects.filter(expires_at__lte=clock.now()).order_by("expires_at")
