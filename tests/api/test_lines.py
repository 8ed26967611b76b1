"""Many records in one call: good ones go on, bad ones are told with their line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from api import asking, fields, lines
from backline.kernel.errors import Refusal
from rulebook.money import Money


class WorkLine(fields.Input):
    """Some hours."""

    who = fields.Text(longest=20)
    on = fields.Day()
    hours = fields.DecimalText(required=False)
    days = fields.Whole(required=False)
    is_night = fields.Flag(required=False)
    pay = fields.MoneyIn(required=False)


class WorkIn(fields.Input):
    """Many of them."""

    work = lines.Lines(WorkLine, most=100)


def read(text, encoding="utf-8"):
    """The lines of a CSV."""
    sent = lines.from_csv(WorkIn, text.encode(encoding))
    return asking.checked(WorkIn, sent, spelled=True)["work"]


def test_a_good_line_has_values_and_a_bad_one_has_faults():
    good, bad = read("who,on,hours\nAda,2026-01-05,7.50\n,2026-02-30,x\n")

    assert good.values == {"who": "Ada", "on": date(2026, 1, 5), "hours": Decimal("7.50")}
    assert (bad.n, bad.line, bad.values) == (1, 3, None)
    assert [(fault.code, fault.pointer) for fault in bad.faults] == [
        ("required", "/who"),
        ("invalid_day", "/on"),
        ("invalid_decimal", "/hours"),
    ]


def test_numbers_flags_and_money_are_read_from_their_spelling():
    (line,) = read(
        "who,on,days,is_night,pay.amount,pay.currency\nAda,2026-01-05,3,true,12.50,GBP\n"
    )

    assert line.values is not None
    assert (line.values["days"], line.values["is_night"]) == (3, True)
    assert line.values["pay"] == Money(Decimal("12.50"), "GBP")


def test_a_line_number_counts_what_an_editor_counts():
    first, second = read('who,on\n"Ada\nLovelace",2026-01-05\n\nBob,2026-01-05\n')

    assert first.values is not None
    assert first.values["who"] == "Ada\nLovelace"
    assert (first.line, second.line) == (3, 5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("who,on,wage\nAda,2026-01-05,1\n", "unknown_column"),
        ("who,who\nAda,Bob\n", "column_twice"),
        ("who,on\n", "too_many_lines"),
        ("", "too_many_lines"),
        ("who,on\n" + "Ada,2026-01-05\n" * 101, "too_many_lines"),
        ('who,on\n"Ada,2026-01-05\n', "body_not_csv"),
        ("who,on\nA\0da,2026-01-05\n", "text_not_writable"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(text, code):
    with pytest.raises(Refusal) as refused:
        read(text)

    assert refused.value.code == code


def test_a_line_of_another_length_is_told():
    (line,) = read("who,on\nAda\n")

    assert [fault.code for fault in line.faults] == ["cells_do_not_match"]


def test_what_excel_writes_is_read():
    (line,) = read("\ufeffwho,on\r\nAdä,2026-01-05\r\n")

    assert line.values is not None
    assert line.values["who"] == "Adä"


def test_another_encoding_is_refused():
    with pytest.raises(Refusal) as refused:
        read("who,on\nAdä,2026-01-05\n", encoding="latin-1")

    assert refused.value.code == "body_not_utf8"


def test_the_same_lines_come_as_json():
    sent = {"work": [{"who": "Ada", "on": "2026-01-05"}, {"who": 1, "x": 2}, 3]}

    good, bad, worse = asking.checked(WorkIn, sent)["work"]

    assert good.values is not None
    assert {fault.code for fault in bad.faults} == {"unknown_field", "not_a_string", "required"}
    assert worse.faults
