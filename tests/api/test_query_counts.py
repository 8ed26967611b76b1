"""How many questions each door puts to the database: committed numbers, so that growth is seen.

Counted with rows in the books, without the frame's own transactions. The first is who is calling.
A list is counted as it answers. Any other door is knocked at with the document's own example, in
the way that every door is, whatever it then answers: what it asks before it can say so.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import urls
from api.door import DOORS
from tenants import tenancy
from tests.api.test_every_door import address, example, knock, who_may
from tests.wire import Wire

urls.load()
FILE = Path(__file__).with_name("query_counts.toml")
COUNTS = tomllib.loads(FILE.read_text(encoding="utf-8"))
LISTS = [door for door in DOORS.values() if door.lists is not None and door.role == "firm"]
OTHERS = [door for door in DOORS.values() if door not in LISTS]
# A data key is remembered for some minutes, so that only the first of many asks for it.
REMEMBERED = ("kernel_sealingkey", "pg_current_xact_id_if_assigned")
FRAME = ("SAVEPOINT", "RELEASE", "SET ", "BEGIN", "COMMIT")


@pytest.mark.parametrize("door", LISTS, ids=[door.operation for door in LISTS])
def test_a_list_puts_no_more_questions_than_it_did(db, places, door):
    caller = who_may(door, places)
    path = address(door)
    caller.get(path)  # the first call of a minute notes that the key was used

    with CaptureQueriesContext(connection) as asked:
        reply = caller.get(path)

    if reply.status == 404:
        pytest.skip(COUNTS["not_counted"][door.operation])
    count = _counted(asked)
    said = f"{door.operation} = {count}  # into {FILE.name}, if that is what it must cost"
    assert count == COUNTS.get(door.operation), said
    assert not [query for query in asked.captured_queries if "COUNT(" in query["sql"].upper()]


@pytest.mark.parametrize("door", OTHERS, ids=[door.operation for door in OTHERS])
def test_no_other_door_puts_more_questions_than_it_did(db, places, door):
    caller = Wire("") if door.role == "public" else who_may(door, places)
    caller.get("/v1/clients")  # the first call of a minute notes that the key was used
    for place in places.values():
        tenancy.place(place.ref)  # asked for once in a process

    with CaptureQueriesContext(connection) as asked:
        knock(caller, door, address(door), example(door))

    count = _counted(asked)
    said = f"{door.operation} = {count}  # into {FILE.name}, if that is what it must cost"
    said = "\n".join([said, *(query["sql"][:300] for query in asked.captured_queries)])
    assert count == COUNTS["others"].get(door.operation), said


def test_every_door_has_a_number_and_no_other():
    told = {name for name in COUNTS if name not in ("others", "not_counted")}
    told |= {*COUNTS["others"], *COUNTS["not_counted"]}

    assert told == set(DOORS), sorted(told ^ set(DOORS))


def _counted(asked):
    return sum(
        not query["sql"].startswith(FRAME) and not any(word in query["sql"] for word in REMEMBERED)
        for query in asked.captured_queries
    )
