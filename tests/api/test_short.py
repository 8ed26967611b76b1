"""The short way of reading what is well formed comes to what the long way comes to."""

from __future__ import annotations

from datetime import date

import pytest
from rest_framework import serializers

from api import fields, short, urls
from api.door import DOORS
from tests.api.test_every_door import example

urls.load()
READ = [
    door
    for door in DOORS.values()
    if door.body is not None and door.takes[0].endswith("json") and door.method != "PATCH"
]


@pytest.mark.parametrize("door", READ, ids=[door.operation for door in READ])
def test_an_example_is_read_alike_by_both_ways(door):
    sent = example(door)
    reader = door.body(context={"spelled": False})

    by_short = short.read(reader, fields.Input, sent)

    if by_short is not None:
        assert _plain(by_short) == _plain(super(fields.Input, reader).run_validation(sent))


class _SheetIn(fields.Input):
    day = fields.Day()
    hours = fields.DecimalText(default="0")
    note = fields.Text(longest=5, required=False)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"day": None},
        {"day": "2026-02-30"},
        {"day": "2026-02-03", "night": "1"},
        {"day": "2026-02-03", "note": "longer"},
        {"day": "2026-02-03", "hours": 1},
        [],
        None,
    ],
)
def test_what_is_not_well_formed_is_left_to_the_long_way(sent):
    reader = _SheetIn()

    assert short.read(reader, fields.Input, sent) is None
    with pytest.raises(serializers.ValidationError):
        reader.run_validation(sent)


def test_what_is_left_out_takes_its_default_or_stays_out():
    assert short.read(_SheetIn(), fields.Input, {"day": "2026-02-03"}) == {
        "day": date(2026, 2, 3),
        "hours": "0",
    }


def _plain(read):
    """Lines of a file are made anew each time; what they hold is compared."""
    return {name: repr(value) for name, value in read.items()}
