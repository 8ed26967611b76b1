"""Workforce: the payslips of the row, half of them British, half American, the same every time."""

from datetime import date
from decimal import Decimal
from random import Random

from rulebook.pack import Deduction, Earning, Situation
from rulebook.periods import Period

SEED = 20260703
PAID_ON = date(2026, 7, 3)
MONTHLY_ON = date(2026, 6, 30)
WEEK = Period(date(2026, 6, 22), date(2026, 6, 29))
FORTNIGHT = Period(date(2026, 6, 15), date(2026, 6, 29))
MONTH = Period(date(2026, 6, 1), date(2026, 7, 1))

UK_FIRM = {
    "pension": {
        "arrangement": "relief_at_source",
        "basis": "qualifying",
        "worker": "0.05",
        "employer": "0.03",
        "payee": "NEST",
    }
}
US_FIRM = {
    "suta": {
        "TX": {"rate": "0.027"},
        "FL": {"rate": "0.0105"},
        "IL": {"rate": "0.0325"},
        "PA": {"rate": "0.038"},
    },
    "states": ("TX", "FL", "IL", "PA"),
    "employees": 120,
}
CODES = ("1257L",) * 11 + ("S1257L", "C1257L", "BR", "K45", "1257L W1/M1", "0T W1/M1")
LOANS = (None,) * 14 + ("plan_2", "plan_2", "plan_5", "plan_1")
STATUSES = ("single", "single", "single", "married_jointly", "head_of_household")
PLACES = ("TX", "TX", "FL", "IL", "IL", "PA")


def situations(count: int) -> list[Situation]:
    """So many payslips, British and American in turn; every worker has files of their own."""
    chance = Random(SEED)  # noqa: S311 - a workforce that is the same every time, no secret
    return [_british(chance) if n % 2 else _american(chance) for n in range(count)]


def _amount(chance: Random, least: int, most: int) -> Decimal:
    return Decimal(chance.randint(least * 100, most * 100)) / 100


def _earned(chance: Random, hours: int, lowest: int, place: str) -> tuple[Earning, ...]:
    rate = _amount(chance, lowest, lowest + 17)
    cent = Decimal("0.01")
    found = [Earning("regular", "work", (rate * hours).quantize(cent), Decimal(hours), place)]
    if chance.random() < 0.3:
        more = Decimal(chance.randint(1, 10))
        lifted = (rate * more * Decimal("1.5")).quantize(cent)
        found.append(Earning("overtime", "overtime", lifted, more, place))
    return tuple(found)


def _british(chance: Random) -> Situation:
    monthly = chance.random() < 0.2
    earned = _earned(chance, 160 if monthly else 38, 13, "England")
    if chance.random() < 0.2:
        earned = (*earned, Earning("holiday", "holiday", _amount(chance, 40, 110)))
    told: dict[str, object] = {"tax_code": chance.choice(CODES), "ni_letter": "A"}
    plan = chance.choice(LOANS)
    if plan:
        told["student_loan"] = plan
    if chance.random() < 0.7:
        told["pension"] = {"state": chance.choice(("active", "active", "assess", "opted_out"))}
    before = (chance.randint(4, 12) * sum((one.amount for one in earned), Decimal(0))).quantize(
        Decimal("0.01")
    )
    return Situation(
        country="GB",
        pay_on=MONTHLY_ON if monthly else PAID_ON,
        frequency="monthly" if monthly else "weekly",
        earnings=earned,
        elections=told,
        employer=UK_FIRM,
        deductions=_british_deductions(chance),
        year_to_date={
            "gb.pay": before,
            "gb.taxable": before,
            "gb.tax": (before / 8).quantize(Decimal("0.01")),
            "gb.ni.A.earnings": before,
            "gb.ni.A.worker": (before / 20).quantize(Decimal("0.01")),
            "gb.ni.A.employer": (before / 10).quantize(Decimal("0.01")),
        },
        worker_born_on=date(chance.randint(1962, 2003), chance.randint(1, 12), 15),
        period=MONTH if monthly else WEEK,
    )


def _british_deductions(chance: Random) -> tuple[Deduction, ...]:
    if chance.random() < 0.9:
        return ()
    return (Deduction("advance", "advance", _amount(chance, 5, 25), payee="The agency"),)


def _american(chance: Random) -> Situation:
    biweekly = chance.random() < 0.25
    place = chance.choice(PLACES)
    earned = _earned(chance, 76 if biweekly else 38, 16, place)
    if chance.random() < 0.05:
        earned = (*earned, Earning("bonus", "bonus", _amount(chance, 50, 400), place=place))
    form: dict[str, object] = {"form": 2020, "status": chance.choice(STATUSES)}
    if chance.random() < 0.25:
        form["dependents"] = str(chance.choice((2200, 4400, 500)))
    if chance.random() < 0.1:
        form["extra"] = "15.00"
    told: dict[str, object] = {"w4": form}
    if place == "IL":
        told["states"] = {"IL": {"allowances": chance.randint(0, 3)}}
    before = (chance.randint(5, 25) * sum((one.amount for one in earned), Decimal(0))).quantize(
        Decimal("0.01")
    )
    return Situation(
        country="US",
        pay_on=PAID_ON,
        frequency="biweekly" if biweekly else "weekly",
        earnings=earned,
        elections=told,
        employer=US_FIRM,
        deductions=_american_deductions(chance),
        year_to_date=_american_year(place, before),
        worker_born_on=date(chance.randint(1962, 2003), chance.randint(1, 12), 15),
        period=FORTNIGHT if biweekly else WEEK,
    )


def _american_year(place: str, before: Decimal) -> dict[str, Decimal]:
    cent = Decimal("0.01")
    return {
        "us.gross": before,
        "us.fit": (before / 12).quantize(cent),
        "us.fit.wages": before,
        "us.ss": (before * Decimal("0.062")).quantize(cent),
        "us.ss.employer": (before * Decimal("0.062")).quantize(cent),
        "us.ss.wages": before,
        "us.medicare": (before * Decimal("0.0145")).quantize(cent),
        "us.medicare.employer": (before * Decimal("0.0145")).quantize(cent),
        "us.medicare.wages": before,
        "us.futa": (min(before, Decimal(7000)) * Decimal("0.006")).quantize(cent),
        "us.futa.wages": min(before, Decimal(7000)),
        f"us.sui.{place}.wages": min(before, Decimal(7000)),
        f"us.sit.{place}.wages": before,
    }


def _american_deductions(chance: Random) -> tuple[Deduction, ...]:
    found = []
    if chance.random() < 0.1:
        amount = _amount(chance, 20, 60)
        found.append(Deduction("401k", "pension", amount, payee="Plan", treatment="401k"))
    if chance.random() < 0.1:
        amount = _amount(chance, 10, 40)
        found.append(Deduction("health", "other", amount, payee="Insurer", treatment="section_125"))
    return tuple(found)
