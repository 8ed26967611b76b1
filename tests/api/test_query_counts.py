"""How many questions each door puts to the database: committed numbers, so that growth is seen.

Counted with rows in the books, without the frame's own transactions. The first is who is calling.
A list is counted as it answers. Any other door is counted by every call of the suite that succeeds
(tests/counting.py), for one thing and for a set; one that no test opens is knocked at with the
document's own example, whatever it then answers: what it asks before it can say so.
"""

from __future__ import annotations

import pytest

from api import urls
from api.door import DOORS
from tenants import tenancy
from tests import counting
from tests.api.test_every_door import address, example, knock, who_may
from tests.counting import FILE, ONE, SET
from tests.wire import Wire

urls.load()
EXACT, NEVER, FIGURES = counting.exact(), counting.never(), counting.figures()
# A set may be read another way than one thing: a few questions more, however many there are.
MORE = 12


@pytest.mark.parametrize("name", EXACT)
def test_a_list_puts_no_more_questions_than_it_did(db, places, name):
    door = DOORS[name]
    caller = who_may(door, places)

    reply = caller.get(address(door)).done()

    count = reply.counted
    said = f"{name} = {count}  # into {FILE.name}, if that is what it must cost"
    assert count == EXACT[name], said


@pytest.mark.parametrize("name", NEVER)
def test_a_door_that_no_test_opens_puts_no_more_questions_than_it_did(db, places, name):
    door = DOORS[name]
    caller = Wire("") if door.role == "public" else who_may(door, places)
    for place in places.values():
        tenancy.place(place.ref)  # asked for once in a process

    reply = knock(caller, door, address(door), example(door))

    count = reply.counted
    said = f"{name} = {count}  # into {FILE.name}, if that is what it must cost"
    assert count == NEVER[name], "\n".join([said, *(text[:300] for text in reply.asked)])


def test_every_door_has_a_number_and_no_other():
    assert {*EXACT, *FIGURES, *NEVER} == set(DOORS), sorted({*EXACT, *FIGURES, *NEVER} ^ set(DOORS))
    assert not set(FIGURES) & set(NEVER), "a door that a test opens needs no knock"
    lists = {door.operation for door in DOORS.values() if door.lists is not None}
    assert set(EXACT) <= lists


GROWS = counting.grows()


@pytest.mark.parametrize("name", [name for name, kinds in FIGURES.items() if len(kinds) == 2])
def test_a_set_asks_no_more_than_one_thing_and_a_few_questions(name):
    one, many = FIGURES[name][ONE], FIGURES[name][SET]

    assert (many.questions <= one.questions + MORE) is (name not in GROWS), (one, many)
