"""How many questions each list puts to the database: committed numbers, so that growth is seen.

Counted with rows in the books, without the frame's own transactions. The first is who is calling.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import urls
from api.door import DOORS
from tests.api.test_every_door import address, who_may

urls.load()
FILE = Path(__file__).with_name("query_counts.toml")
COUNTS = tomllib.loads(FILE.read_text(encoding="utf-8"))
LISTS = [door for door in DOORS.values() if door.lists is not None and door.role == "firm"]
FRAME = ("SAVEPOINT", "RELEASE", "SET ", "BEGIN", "COMMIT")


@pytest.mark.parametrize("door", LISTS, ids=[door.operation for door in LISTS])
def test_a_list_puts_no_more_questions_than_it_did(db, places, door):
    caller = who_may(door, places)
    path = address(door)
    caller.get(path)  # the first call of a minute notes that the key was used

    with CaptureQueriesContext(connection) as asked:
        reply = caller.get(path)

    if reply.status == 404:
        pytest.skip("a list below a record that is not there")
    count = sum(not query["sql"].startswith(FRAME) for query in asked.captured_queries)
    said = f"{door.operation} = {count}  # into {FILE.name}, if that is what it must cost"
    assert count == COUNTS.get(door.operation), said
    assert not [query for query in asked.captured_queries if "COUNT(" in query["sql"].upper()]
