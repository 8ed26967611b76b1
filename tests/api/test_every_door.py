"""What every door does, whatever it is for; made from the doors, so a new one is covered."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest
from django.db import connection

from api import urls
from api.document import document
from api.door import DOORS, Door
from backline.kernel import ids
from tenants import tenancy
from tenants.access.roles import INTEGRATION, MATRIX
from tenants.agencies.template import tables
from tests.callers import key_of, signed_in
from tests.wire import Wire

urls.load()
CLOSED = [door for door in DOORS.values() if door.role != "public"]
IN_BOOKS = [door for door in CLOSED if door.role == "firm"]
PLAIN = ("", "int", "date")
NAMED = [door for door in IN_BOOKS if any(part.prefix not in PLAIN for part in door.parameters)]
WITH_BODY = [door for door in CLOSED if door.body is not None]
MONEY = {"amount": "1e9", "currency": "GBP"}
WORDS = ("", " ", "x" * 3000, "é💩", "NaN", "-0", "9" * 30, "\u202e", "../../etc/passwd")
DAYS = ("2026-02-30", "9999-12-31", "0001-01-01")
SENT: list[Any] = [None, 0, -1, 2**53, 1.5, True, [], [None], [[]], {}, MONEY, *WORDS, *DAYS]


def named(doors: list[Door]) -> Any:
    """These doors as cases."""
    return pytest.mark.parametrize("door", doors, ids=[door.operation for door in doors])


@cache
def said(door: Door) -> dict[str, Any]:
    """What the document says of a door."""
    found = (ops for ops in document()["paths"].values())
    return next(
        one for ops in found for one in ops.values() if one["operationId"] == door.operation
    )


def example(door: Door) -> Any:
    """The document's own example of a body."""
    content = said(door).get("requestBody", {}).get("content", {})
    media = content.get(door.takes[0], {})
    return media.get("example")


def address(door: Door, key: Any = None) -> str:
    """The path with an id that nobody has, or with this one."""
    path = door.path
    for part in door.parameters:
        spelled = {"": "none", "int": "1", "date": "2026-01-05"}.get(part.prefix)
        if spelled is None:
            spelled = ids.public(part.prefix, key or ids.new_id())
        path = path.replace(f"{{{part.name}:{part.prefix}}}", spelled)
        path = path.replace(f"{{{part.name}}}", spelled)
    return path


def knock(caller: Wire, door: Door, path: str, body: Any) -> Any:
    """Call a door with all that it asks for."""
    return caller.call(
        door.method,
        path,
        body,
        key="once" if door.key else "",
        match="*" if door.match else "",
        media=door.takes[0] if body is not None else "",
    )


def who_may(door: Door, places: dict[str, Any]) -> Wire:
    """Somebody this door is open to."""
    function = MATRIX.functions[door.scope]
    place = places["partner" if function.partner_only else "agency"]
    if INTEGRATION in function.held_by and not door.fresh:
        return Wire(key_of(place, door.scope))
    roles = sorted(name for name in function.held_by if place.kind in MATRIX.roles[name].firms)
    if not roles:
        place = places["partner"]
        roles = sorted(name for name in function.held_by if "partner" in MATRIX.roles[name].firms)
    return Wire(signed_in(place, roles[0]))


def rows_of(place: Any) -> list[Any]:
    """How many rows each table of a firm holds."""
    parts = (f"SELECT '{table}' AS t, count(*) AS n FROM \"{table}\"" for table in tables())
    with tenancy.firm(place.ref), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 1")
        return list(cursor.fetchall())


@named(CLOSED)
def test_a_stranger_is_turned_away(stranger, agency, door):
    before = rows_of(agency)

    reply = knock(stranger, door, address(door), example(door))

    assert (reply.status, reply.code) == (401, "not_authenticated")
    assert rows_of(agency) == before


@named(CLOSED)
def test_a_key_without_the_scope_is_turned_away(db, agency, door):
    other = "sandbox:write" if door.scope != "sandbox:write" else "workers:read"
    caller = Wire(key_of(agency, other))
    before = rows_of(agency)

    reply = knock(caller, door, address(door), example(door))

    assert (reply.status, reply.code) == (403, "scope_missing")
    assert rows_of(agency) == before


@named(NAMED)
def test_what_nobody_has_is_missing(db, places, door):
    caller = who_may(door, places)
    before = rows_of(places["agency"])

    reply = knock(caller, door, address(door), example(door))

    # A body may be refused before the record is looked for; either way nothing is told of it.
    assert reply.status == 404 or (reply.status == 422 and door.body is not None), reply.body
    assert rows_of(places["agency"]) == before


@named([door for door in NAMED if door.method == "GET"])
def test_what_another_firm_has_looks_like_what_nobody_has(db, places, door):
    from django.apps import apps

    prefix = next(part.prefix for part in door.parameters if part.prefix not in PLAIN)
    models = [found for found in apps.get_models() if getattr(found, "PREFIX", "") == prefix]
    with tenancy.firm(places["other_agency"].ref):
        key = models[0]._default_manager.values_list("pk", flat=True).first() if models else None
    caller = who_may(door, places)

    unknown = dict(knock(caller, door, address(door), None).body)
    theirs = dict(knock(caller, door, address(door, key), None).body)

    for told in (unknown, theirs):
        del told["instance"], told["request_id"]
    assert theirs == unknown


@named(WITH_BODY)
def test_an_unknown_field_is_refused(db, places, door):
    if door.body.keeps_unknown:
        pytest.skip("takes a vendor's own shape")
    caller = who_may(door, places)

    reply = knock(caller, door, address(door), (example(door) or {}) | {"surprise": 1})

    assert reply.status == 422
    assert ("unknown_field", "/surprise") in reply.codes


@named([door for door in CLOSED if door.method == "GET"])
def test_an_unknown_parameter_is_refused(db, places, door):
    reply = who_may(door, places).get(address(door), surprise=1)

    assert reply.status == 422
    assert ("unknown_parameter", "surprise") in reply.codes


@named(WITH_BODY)
def test_nothing_that_is_sent_breaks_anything(db, places, door):
    chance = random.Random(door.operation)
    caller = who_may(door, places)
    good = example(door) or {}
    for _ in range(12):
        bad = damaged(good, chance)
        reply = knock(caller, door, address(door), bad)
        assert reply.status < 500, (bad, reply.body)


def damaged(good: Any, chance: random.Random) -> Any:
    """A body with one thing changed, somewhere."""
    if isinstance(good, dict) and good and chance.random() < 0.85:
        name = chance.choice(sorted(good))
        if chance.random() < 0.15:
            return {key: value for key, value in good.items() if key != name}
        return good | {name: damaged(good[name], chance)}
    if isinstance(good, list) and good and chance.random() < 0.6:
        return [damaged(good[0], chance)]
    return chance.choice(SENT)
