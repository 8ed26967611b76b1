"""What the stories end with, too: whatever a firm's lists show can be opened, by itself alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from api import urls
from api.door import DOORS, Door
from tenants.access.roles import INTEGRATION, MATRIX

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk
    from tests.wire import Wire

urls.load()


def all_is_opened_by_its_own_firm_alone(clerk: Clerk, other: Clerk) -> set[str]:
    """Open the first record of every list: it says what the list says, and another firm finds
    nothing under its id. Returns the doors that there was something to open by.
    """
    opened = set()
    for name, door in _lists_of_records().items():
        own, theirs = _who_may(clerk, door), _who_may(other, door)
        rows = own.get(door.path).done()["data"]
        if not rows:
            continue
        where = f"{door.path}/{rows[0]['id']}"
        record = own.get(where).done().body
        assert {part: record[part] for part in rows[0]} == rows[0], name
        assert theirs.get(where).status == 404, name
        assert rows[0]["id"] not in [row["id"] for row in theirs.get(door.path).done()["data"]]
        opened.add(name)
    return opened


def _lists_of_records() -> dict[str, Door]:
    """The firm's lists whose records can be opened, by the name of the door that opens one."""
    opens = {
        re.sub(r"/\{\w+:\w+\}$", "", door.path): door.operation
        for door in DOORS.values()
        if door.operation.endswith("_retrieve") and len(door.parameters) == 1
    }
    lists = (door for door in DOORS.values() if door.lists is not None and door.role == "firm")
    return {opens[door.path]: door for door in lists if door.path in opens}


def _who_may(one: Clerk, door: Door) -> Wire:
    """The program of an agency, or its owner where a program may not look."""
    by_key = INTEGRATION in MATRIX.functions[door.scope].held_by
    caller: Any = one.office.key if by_key else one.office.owner
    wire: Wire = caller.wire
    return wire
