"""Lines that are read by columns come to what they come to when they are read one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from api import asking, columns, fields, lines
from api.v1.timesheets.entering import LineIn
from backline.kernel import ids
from backline.kernel.errors import Refusal

WHO = ids.public("asg", ids.new_id())


class _ByLine(fields.Input):
    lines = lines.Lines(LineIn, most=100)


class _ByColumn(fields.Input):
    lines = columns.Columns(LineIn, most=100)


class _Judged(LineIn):
    """A record whose fields are looked at together."""

    def validate(self, given):
        """No night is a day off."""
        if given["code"] == "night" and given.get("quantity") == 0:
            raise fields.wrong("quantity", "night_off", "That is no night.")
        return given


class _JudgedIn(fields.Input):
    lines = columns.Columns(_Judged, most=100)


def both(text):
    """The lines of a CSV as either way reads them."""
    raw = text.encode()
    by_line = asking.checked(_ByLine, lines.from_csv(_ByLine, raw), spelled=True)["lines"]
    taken = asking.checked(_ByColumn, lines.from_csv(_ByColumn, raw), spelled=True)["lines"]
    return by_line, taken


GOOD = f"{WHO},2026-06-01,8,night,,12"
FILES = {
    "all good": [GOOD, f"{WHO},2026-06-02,7.25,,by hand,"],
    "one bad": [GOOD, f"{WHO},2026-06-31,8,,,", GOOD],
    "spelled otherwise": [f" {WHO} , 2026-06-01 ,8.00,regular,,0"],
    "several faults": ["nobody,some day,-1,,,x", GOOD, ",,,,,"],
    "too few cells": [f"{WHO},2026-06-01", GOOD],
    "too many cells": [GOOD, GOOD + ",,"],
    "an empty line": [GOOD, "", GOOD],
    "a break in a cell": [f'{WHO},2026-06-01,8,,"two\nlines",', GOOD],
    "all bad": ["nobody,2026-06-01,8,,,"] * 3,
}


@pytest.mark.parametrize("file", FILES)
def test_both_ways_come_to_the_same(file):
    head = "assignment,worked_on,quantity,code,note,break_minutes"

    by_line, taken = both("\n".join((head, *FILES[file])) + "\n")

    assert list(taken.numbers) == [line.line for line in by_line]
    told = {line.n: line for line in by_line if line.values is None}
    assert {n: (line.line, line.faults, line.sent) for n, line in taken.bad.items()} == {
        n: (line.line, line.faults, line.sent) for n, line in told.items()
    }
    good = [line for line in by_line if line.values is not None]
    assert list(taken.good) == [line.n for line in good]
    for name in LineIn().fields:
        known = [line.values.get(name, "left out") for line in good]
        assert list(taken.column(name, "left out")) == known


@pytest.mark.parametrize(
    "text",
    ["assignment,worked_on\n", "", f"assignment,worked_on\n{WHO},2026-06-01\n" * 101],
)
def test_a_file_that_cannot_be_read_is_refused_whole_by_both(text):
    raw = text.encode()
    codes = []
    for kind in (_ByLine, _ByColumn):
        with pytest.raises(Refusal) as refused:
            asking.checked(kind, lines.from_csv(kind, raw), spelled=True)
        codes.append(refused.value.code)

    assert codes == ["too_many_lines"] * 2


def test_a_column_that_must_be_there_and_is_not_makes_every_line_bad():
    by_line, taken = both("worked_on,quantity\n2026-06-01,8\n2026-06-02,8\n")

    assert list(taken.good) == []
    assert [line.faults for line in taken.bad.values()] == [line.faults for line in by_line]


def test_records_whose_fields_are_judged_together_are_read_one_by_one():
    text = f"assignment,worked_on,quantity,code\n{WHO},2026-06-01,0,night\n{GOOD[:-4]}\n"

    sent = lines.from_csv(_JudgedIn, text.encode())
    taken = asking.checked(_JudgedIn, sent, spelled=True)["lines"]

    assert [fault.code for fault in taken.bad[0].faults] == ["night_off"]
    assert list(taken.column("quantity")) == [Decimal(8)]


def test_lines_as_json_come_as_columns_too():
    sent = {
        "lines": [
            {"assignment": WHO, "worked_on": "2026-06-01", "quantity": "8"},
            {"assignment": WHO, "worked_on": "2026-06-02"},
            {"assignment": "nobody"},
        ]
    }

    taken = asking.checked(_ByColumn, sent)["lines"]

    assert (list(taken.good), list(taken.bad), list(taken.numbers)) == ([0, 1], [2], [1, 2, 3])
    assert list(taken.column("quantity")) == [Decimal(8), None]
    assert list(taken.column("code")) == ["regular", "regular"]
