"""Faults: what cannot be paid as it stands, apart from unreadable elections."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from rulebook.money import NOTHING
from rulebook.pack import Situation
from rulebook.packs.gb import ni, pensions, wage
from rulebook.packs.gb.orders import order_type, type_name

Fault = tuple[str, str, str]
KINDS = frozenset(
    {"work", "overtime", "holiday", "bonus", "commission", "allowance", "expense", "statutory"}
)
# What cannot be in the United Kingdom; everything else is a place as the client names it.
STATES = frozenset(
    (
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
        "NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
    ).split()
)
TREATMENTS = frozenset({"after_tax", "before_tax", "salary_sacrifice"})
KEYS = frozenset(
    {"gb.pay", "gb.taxable", "gb.tax", "gb.previous.taxable", "gb.previous.tax", "gb.levy"}
    | {"gb.student_loan", "gb.postgraduate_loan"}
    | {"gb.pension.worker", "gb.pension.employer", "gb.pension.enrolled"}
)
NI_KEYS = frozenset({"earnings", "at_lel", "to_pt", "to_uel", "worker", "employer"})


def faults_of(situation: Situation) -> list[Fault]:
    """Everything wrong with the earnings, deductions and year to date of a situation."""
    found = list[Fault]()
    if situation.country != "GB":
        found.append(("country", "other_country", "These are the rules of the United Kingdom."))
    _earnings(situation, found)
    if not found:
        found.extend(wage.fault(situation))
    _deductions(situation, found)
    for key, amount in situation.year_to_date.items():
        if not _known(key):
            said = f"{key!r} is no year-to-date figure of the United Kingdom."
            found.append((f"year_to_date.{key}", "unknown_key", said))
        elif not amount.is_finite():
            found.append((f"year_to_date.{key}", "bad_amount", "An amount is needed."))
    if situation.worker_born_on is not None:
        found.extend(
            of_age(
                str(situation.elections.get("ni_letter")),
                situation.worker_born_on,
                situation.pay_on,
            )
        )
    return found


def _earnings(situation: Situation, found: list[Fault]) -> None:
    pay, hours = NOTHING, Decimal(0)
    for n, earning in enumerate(situation.earnings):
        pay += earning.amount
        if earning.hours < 0 <= earning.amount:
            said = "Hours below zero take back pay; they do not earn any."
            found.append((f"earnings.{n}.hours", "negative_hours", said))
        hours += earning.hours
        if earning.kind not in KINDS:
            said = f"A kind of earning is one of {', '.join(sorted(KINDS))}."
            found.append((f"earnings.{n}.kind", "unknown_kind", said))
        if earning.place in STATES:
            said = f"{earning.place!r} is a state of the United States."
            found.append((f"earnings.{n}.place", "other_country", said))
    if not whole_pennies(pay):
        found.append(("earnings", "bad_amount", "Earnings are amounts in whole pennies."))
    elif pay < 0:
        said = f"Pay of {pay} cannot be paid; recover it from later pay as a balance."
        found.append(("earnings", "negative_pay", said))
    if hours < 0:
        found.append(("earnings", "negative_hours", "Hours come to less than none."))


def _deductions(situation: Situation, found: list[Fault]) -> None:
    for n, deduction in enumerate(situation.deductions):
        if deduction.amount < 0 or not whole_pennies(deduction.amount):
            said = "A deduction is an amount in whole pennies, not below zero."
            found.append((f"deductions.{n}.amount", "bad_amount", said))
        if deduction.kind == "order" and not order_type(
            type_name(deduction.code), situation.pay_on
        ):
            said = "An order's code is gb.order and its kind, such as gb.order.dea_standard."
            found.append((f"deductions.{n}.code", "unknown_order", said))
        if deduction.treatment not in TREATMENTS:
            said = f"A treatment is one of {', '.join(sorted(TREATMENTS))}."
            found.append((f"deductions.{n}.treatment", "unknown_treatment", said))


def whole_pennies(amount: Decimal) -> bool:
    """Whether an amount is a finite number of pennies."""
    return amount.is_finite() and amount == amount.quantize(NOTHING)


@lru_cache(maxsize=4096)
def _known(key: str) -> bool:
    if key in KEYS or not key.startswith("gb."):
        return True
    parts = key.removeprefix("gb.ni.").removeprefix("director.").split(".")
    return key.startswith("gb.ni.") and len(parts) == 2 and parts[1] in NI_KEYS


@lru_cache(maxsize=65536)
def of_age(letter: str, born_on: date, day: date) -> tuple[Fault, ...]:
    """A letter that the worker's age on the payday rules out."""
    if letter not in ni.letters(day):
        return ()
    who = str(ni.letters(day)[letter]["who"])
    age, pensionable = (
        pensions.age_on(born_on, day),
        day >= pensions.state_pension_day(born_on, day),
    )
    wrong = (
        ("under 21" in who and age >= 21)
        or ("under 25" in who and age >= 25)
        or (letter != "X" and ("over State Pension age" in who) != pensionable)
    )
    if not wrong:
        return ()
    said = f"Letter {letter} ({who}) is not for someone aged {age} on {day.isoformat()}."
    return (("elections.ni_letter", "letter_contradicts_age", said),)
