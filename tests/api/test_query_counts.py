"""How many questions each door puts to the database: committed numbers, so that growth is seen.

Counted with rows in the books, without the frame's own transactions. The first is who is calling.
A list is counted as it answers. Every door is counted by every call of the suite that succeeds
(tests/counting.py), for one thing and for a set: a door that no test opens has no number, which is
a fault of the tests.
"""

from __future__ import annotations

import pytest

from api import urls
from api.door import DOORS
from tests import counting
from tests.api.test_every_door import address, who_may
from tests.counting import FILE, ONE, SET

urls.load()
EXACT, FIGURES = counting.exact(), counting.figures()
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


def test_every_door_has_a_number_and_no_other():
    assert set(FIGURES) == set(DOORS), sorted(set(FIGURES) ^ set(DOORS))
    lists = {door.operation for door in DOORS.values() if door.lists is not None}
    assert set(EXACT) <= lists


GROWS = counting.grows()


@pytest.mark.parametrize("name", [name for name, kinds in FIGURES.items() if len(kinds) == 2])
def test_a_set_asks_no_more_than_one_thing_and_a_few_questions(name):
    one, many = FIGURES[name][ONE], FIGURES[name][SET]

    assert (many.questions <= one.questions + MORE) is (name not in GROWS), (one, many)
