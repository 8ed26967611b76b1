"""Automatic enrolment inside a pay run: assessed by age and earnings, enrolled, opted out.

600.00 a week: 480.00 lies between 120.00 and 967.00; 5 % of it is 24.00, of which 80 % come from
net pay (19.20) and the scheme claims the rest; the employer puts in 3 %, 14.40.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api import office
from tests.backline import payday
from tests.backline.payday import clock, opened, released
from tests.backline.week import MONDAY, TOLD, in_books, posts

pytestmark = pytest.mark.django_db
SCHEME = {
    "arrangement": "relief_at_source",
    "basis": "qualifying",
    "worker": "0.05",
    "employer": "0.03",
    "payee": "NEST",
}
BORN = {"Ann": "1990-01-01", "Bea": "1990-01-01", "Cid": "2006-01-01", "Dov": "1990-01-01"}
EARNS = {"Ann": "600.00", "Bea": "150.00", "Cid": "600.00", "Dov": "600.00"}


def world(place, wire) -> dict[str, str]:
    """Four workers in a firm with a scheme: two who must be enrolled, one paid less, one young."""
    from backline.directory import actions as directory
    from backline.kernel import ids

    known = {
        name: office.worker(wire, given_name=name, born_on=born) for name, born in BORN.items()
    }

    def works() -> None:
        payday.employer()
        directory.register(
            "pension", reference="EMP1", facts=SCHEME, since=date(2026, 1, 1), **TOLD
        )
        keys = {name: ids.parse("wrk", text) for name, text in known.items()}
        payday.payable([key for key in keys.values() if key])
        for name, key in keys.items():
            (post,) = posts(place, workers=[key] if key else ())
            for n in range(2):
                monday = MONDAY + timedelta(days=7 * n)
                payday.earns([post], EARNS[name], "900.00", on=monday, hours="10")

    in_books(place, works)
    return known


def pension(wire, run: str, worker: str) -> dict[str, Any]:
    """The lines of a worker's statement that are about the pension, by code."""
    (slip,) = wire.every("/v1/pay-statements", run=run, worker=worker)
    lines = wire.get(f"/v1/pay-statements/{slip['id']}").done()["lines"]
    return {
        line["code"]: Decimal(line["amount"]["amount"])
        for line in lines
        if line["code"].startswith("gb.pension")
    }


@pytest.mark.capability("OK-20")
def test_age_and_earnings_assess_enrol_and_an_opt_out_is_honoured(
    agency, other_agency, partner, wire, other_wire, *, owner
):
    clock(agency)
    clock(other_agency)
    known = world(agency, wire)
    world(other_agency, other_wire)
    people = payday.three(agency, partner)
    out = {"kind": "gb_pension", "facts": {"state": "opted_out"}, "since": "2026-06-01"}
    path = f"/v1/workers/{known['Dov']}/tax-elections"
    owner.post(path, out | {"source": "opt_out_notice"}).done()

    run = opened(agency)
    released(agency, people, run)

    read = people.preparer
    assert pension(read, run, known["Ann"]) == {
        "gb.pension.enrolled": Decimal("0.00"),
        "gb.pension.worker": Decimal("19.20"),
        "gb.pension.employer": Decimal("14.40"),
    }
    assert pension(read, run, known["Bea"]) == {"gb.pension.non_eligible": Decimal("0.00")}
    assert pension(read, run, known["Cid"]) == {"gb.pension.non_eligible": Decimal("0.00")}
    assert pension(read, run, known["Dov"]) == {}
    owed = [row for row in read.every("/v1/liabilities") if row["payee"] == "NEST"]
    assert sum(Decimal(row["amount"]["amount"]) for row in owed) == Decimal("33.60")

    # an opt-out in time gives back what was paid, and nothing is taken from then on
    gone = {"kind": "gb_pension", "facts": {"state": "opted_out", "refund": True}}
    gone |= {"since": "2026-06-15", "source": "opt_out_notice"}
    owner.post(f"/v1/workers/{known['Ann']}/tax-elections", gone).done()
    second = opened(agency, payday.TUESDAY + timedelta(days=7))
    released(agency, people, second)
    assert pension(read, second, known["Ann"]) == {
        "gb.pension.worker": Decimal("-19.20"),
        "gb.pension.employer": Decimal("-14.40"),
    }
