"""Payslips asked for from outside: what the packs say, to the penny; nothing unknown is let by."""

from dataclasses import replace

import pytest

from rulebook import calculations, pay
from rulebook.calculations import Asked, work_out
from rulebook.pack import Payslip
from tests.rulebook.gb import reading as british
from tests.rulebook.us import reading as american

pytestmark = pytest.mark.rulebook
BRITISH = ("paye", "ni", "loans", "pension", "deductions", "orders", "directors", "off_payroll")
AMERICAN = ("federal", "fica", "states", "local", "orders", "pretax", "printed", "supplemental")


def cases():
    """Every case of the packs that is a payslip, as it is asked for from outside."""
    for reading, files in ((british, BRITISH), (american, AMERICAN)):
        for param in reading.cases(*files):
            inputs = param.values[0]["inputs"]
            if not {"pay", "earnings"} & inputs.keys():
                continue  # a single deduction, not a payslip
            yield pytest.param(in_words(reading.situation(inputs)), id=param.id)


def in_words(situation):
    """The same with codes in words that the reader of cases takes for numbers."""
    told = dict(situation.elections)
    if "engagement" in told:
        told["engagement"] = str(told["engagement"])
    if "local" in told:
        told["local"] = [
            {name: value if value in (True, False) else str(value) for name, value in one.items()}
            for one in told["local"]
        ]
    return replace(situation, elections=told)


def engagement_of(situation):
    """By which engagement a case is paid."""
    if situation.country == "US":
        return str(situation.elections.get("engagement", "w2"))
    return "off_payroll" if situation.elections.get("off_payroll") else "paye"


@pytest.mark.parametrize("situation", list(cases()))
def test_what_is_asked_for_is_what_the_packs_say(situation):
    (plain,) = pay.payslips([situation])

    (asked,) = work_out([Asked(engagement_of(situation), situation)])

    if isinstance(plain, Payslip):
        assert isinstance(asked, Payslip), asked
        assert asked == plain
        known = calculations.COUNTRIES[situation.country]
        strangers = [key for key in plain.carried_forward if not known.is_carried(key)]
        assert not strangers
    else:
        assert (type(asked), str(asked)) == (type(plain), str(plain))
