"""One command works every final payslip out again, and finds the one that somebody changed."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from tests.backline.payday import BOB, CAT, TUESDAY, opened, staffed
from tests.backline.week import ANN, attend, in_books


def paid(place, country="GB") -> None:
    """Three workers paid by a run that three persons saw through."""
    from backline.kernel import ids
    from backline.payroll import actions

    more = {"country": country} if country == "US" else {}
    in_books(place, partial(staffed, place, 3, earned={"pay": "812.37"}, **more))
    run = ids.parse("run", opened(place))
    assert run is not None
    in_books(place, lambda: actions.calculate(run, actor=ANN, at=TUESDAY))
    attend(place)

    def release():
        actions.submit(run, actor=ANN, at=TUESDAY)
        actions.approve(run, actor=BOB, at=TUESDAY)
        actions.release(run, actor=CAT, at=TUESDAY)

    in_books(place, release)


@pytest.fixture(scope="module")
def payrolls(committed, places):
    """Three agencies that paid, two of which look alike."""
    for name in ("agency", "other_agency"):
        paid(places[name])
    paid(places["us_agency"], "US")
    return places


def recompute(*words: str) -> tuple[str, str]:
    """What the command prints, and what it refuses with."""
    printed = io.StringIO()
    try:
        call_command("recompute", *words, stdout=printed)
    except CommandError as refusal:
        return printed.getvalue(), f"{refusal} ({refusal.returncode})"
    return printed.getvalue(), ""


def rows(printed: str) -> list[tuple[str, ...]]:
    """The table without its head: agency, payslips, the same, differ."""
    return [tuple(re.split(r"\s{2,}", line.strip())) for line in printed.splitlines()[1:]]


def test_every_payslip_comes_out_again_as_it_was_paid(payrolls):
    printed, refused = recompute()

    assert refused == ""
    assert [row for row in rows(printed) if row[1] != "0"] == [
        ("Acorn Staffing", "3", "3", "0"),
        ("Acorn Staffing", "3", "3", "0"),
        ("Acorn Staffing of Texas", "3", "3", "0"),
    ]
    assert rows(recompute("--agency", payrolls["us_agency"].ref)[0]) == [
        ("Acorn Staffing of Texas", "3", "3", "0")
    ]
    assert len(rows(recompute("--agency", "Acorn Staffing")[0])) == 2


def test_an_agency_that_nobody_knows_is_told_in_a_sentence(payrolls):
    assert recompute("--agency", "Nobody's") == ("", "There is no such agency. (1)")


def test_a_line_that_was_changed_behind_the_walls_is_found_and_named(committed, payrolls):
    place, look_alike = payrolls["agency"], payrolls["other_agency"]
    table = f'"{place.schema}".payroll_payslipline'
    change: Any = f"UPDATE {table} SET amount = amount + %s WHERE id = %s"
    with psycopg.connect(committed.variables["ADMIN_DATABASE_URL"], autocommit=True) as superuser:
        one: Any = f"SELECT id, payslip_id, amount FROM {table} WHERE code = 'gb.ni.worker' LIMIT 1"
        found = superuser.execute(one).fetchone()
        assert found is not None
        line, slip, amount = found
        superuser.execute(change, ("0.01", line))
        try:
            printed, refused = recompute()
            own, _ = recompute("--agency", look_alike.ref)
        finally:
            superuser.execute(change, ("-0.01", line))

    from backline.kernel import ids

    assert refused == "1 payslips differ from what was paid. (1)"
    last = printed.splitlines()[-1]
    assert ids.public("pay", slip) in last
    assert f"gb.ni.worker: amount {amount + Decimal('0.01')} is kept, {amount} comes out" in last
    assert ("Acorn Staffing", "3", "2", "1") in rows(printed)
    assert rows(own) == [("Acorn Staffing", "3", "3", "0")]
    assert recompute()[1] == ""


SPOILED = {
    "{earnings,0,amount}": ('"812.36"', "gross 812.37 is kept, 812.36 comes out"),
    "{elections,ni_letter}": ('"Q"', "'Q' is no letter in use."),
    "{elections}": ("7", "cannot read"),
    "{pay_on}": ('"2031-01-01"', "No figure is held"),
    "{frequency}": ("[]", "cannot read"),
}


@pytest.mark.parametrize("path", SPOILED)
def test_whatever_was_spoiled_is_named_and_stops_no_other(committed, payrolls, path):
    place, (value, says) = payrolls["agency"], SPOILED[path]
    table = f'"{place.schema}".payroll_payslip'
    with psycopg.connect(committed.variables["ADMIN_DATABASE_URL"], autocommit=True) as superuser:
        one: Any = f"SELECT id, situation::text FROM {table} ORDER BY id LIMIT 1"
        found = superuser.execute(one).fetchone()
        assert found is not None
        slip, kept = found
        spoil: Any = f"UPDATE {table} SET situation = jsonb_set(situation, %s, %s) WHERE id = %s"
        heal: Any = f"UPDATE {table} SET situation = %s WHERE id = %s"
        superuser.execute(spoil, (path, value, slip))
        try:
            printed, refused = recompute("--agency", place.ref)
        finally:
            superuser.execute(heal, (kept, slip))

    assert refused == "1 payslips differ from what was paid. (1)"
    assert rows(printed)[0] == ("Acorn Staffing", "3", "2", "1")
    assert says in printed.splitlines()[-1]
