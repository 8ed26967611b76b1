"""Creates: a client added by a key of an agency, beside one added by a bare serializer."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

from backline.kernel import ids
from deploy.bench.books import firms
from deploy.bench.measuring import Differs, Row, Work
from deploy.bench.wire import bare, calling
from tenants import tenancy
from tenants.bootstrap import connections

NUMBERS = count(1)
LEFT = ("kernel_event", "api_answered")  # of each: one for a client


def prepare(calls: int) -> Work:
    """So many clients added on each side, one call each."""
    ref = ids.public("agy", firms.agency("create").pk)
    schema = tenancy.place(ref).schema
    bare.stands_beside(schema)
    other, one = calling.ours(ref, ["clients:read", "clients:write"]), bare.caller()
    return Work(
        units=calls,
        floor=lambda: _adds(lambda n: one.post("/clients", client(n)), calls),
        ours=lambda: _adds(lambda n: other.post("/v1/clients", client(n), key=f"k{n}"), calls),
        agree=lambda: _agree(schema, one, other),
    )


def client(n: int) -> dict[str, object]:
    """A client to add, by its number."""
    return {
        "legal_name": f"Widgets {n} Limited",
        "country": "GB",
        "currency": "GBP",
        "reference": f"W{n}",
        "billing_address": {"line1": "1 High Street", "city": "Leeds", "postal_code": "LS1 1AA"},
        "vat_number": "GB123456789",
    }


def _adds(add: Callable[[int], object], calls: int) -> None:
    with calling.served():
        for _ in range(calls):
            add(next(NUMBERS))


def _agree(schema: str, one: calling.Caller, other: calling.Caller) -> None:
    """The same client on both sides; ours with its event, and the same answer to a repeat."""
    before = _counted(schema)
    sent = client(next(NUMBERS))
    first = other.post("/v1/clients", sent, key="first").body
    if other.post("/v1/clients", sent, key="first").body != first:
        raise Differs("The same call again was answered otherwise.")
    if [after - was for after, was in zip(_counted(schema), before, strict=True)] != [1, 1, 1]:
        raise Differs("A client left no event, or no answer to a repeat, or came twice.")
    plain: dict[str, Any] = one.post("/clients", sent).body
    differ = {name for name in sent if first[name] != plain[name]}
    if differ:
        raise Differs(f"Ours and the bare one differ in {sorted(differ)}.")


def _counted(schema: str) -> list[int]:
    with connections.owner() as raw:
        found = [
            raw.execute(f"SELECT count(*) FROM {schema}.{table}".encode()).fetchone()  # noqa: S608  # our own names
            for table in ("directory_client", *LEFT)
        ]
    return [int(row[0]) for row in found if row]


ROW = Row(
    name="create",
    what="a client with key, checks, repeat's answer, event and feed, against a bare create",
    unit="call",
    scale=200,
    goal=0.8,
    never_below=0.5,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=15,
)
