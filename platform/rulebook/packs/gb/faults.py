"""Faults: what cannot be paid as it stands, apart from unreadable elections."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from rulebook.money import NOTHING, PENNY
from rulebook.pack import Situation
from rulebook.packs.gb import ni, pensions, wage
from rulebook.packs.gb.orders import order_type, type_name

Fault = tuple[str, str, str]
KINDS = frozenset(
    {
        "work",
        "overtime",
        "holiday",
        "bonus",
        "commission",
        "allowance",
        "expense",
        "statutory",
        "benefit",
    }
)
# What cannot be in the United Kingdom; everything else is a place as the client names it.
STATES = frozenset({
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL",
    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE",
    "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD",
    "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
})  # fmt: skip
TREATMENTS = frozenset({"after_tax", "before_tax", "salary_sacrifice"})
KEYS = frozenset(
    {f"gb.period.{kept}" for kept in ("earnings", "worker", "employer")}
    | {"gb.period.student_loan", "gb.period.postgraduate_loan"}
    | {"gb.pay", "gb.taxable", "gb.tax", "gb.previous.taxable", "gb.previous.tax", "gb.levy"}
    | {"gb.student_loan", "gb.postgraduate_loan"}
    | {"gb.pension.worker", "gb.pension.employer", "gb.pension.enrolled"}
    | {
        f"gb.ni.{who}{letter}.{kept}"
        for who in ("", "director.")
        for letter in "ABCDEFHIJKLMNSVXZ"
        for kept in ni.KEPT
    }
)


def faults_of(situation: Situation) -> tuple[Fault, ...]:
    """Everything wrong with the earnings, deductions and year to date of a situation."""
    found = list[Fault]()
    if situation.country != "GB":
        found.append(("country", "other_country", "These are the rules of the United Kingdom."))
    _earnings(situation, found)
    if situation.deductions:
        _deductions(situation, found)
    if situation.year_to_date:
        _year_to_date(situation, found)
    if situation.worker_born_on is not None:
        letter = str(situation.elections.get("ni_letter"))
        found.extend(of_age(letter, situation.worker_born_on, situation.pay_on))
    return tuple(found)


def _earnings(situation: Situation, found: list[Fault]) -> None:
    pay, hours, is_odd, is_plain = NOTHING, NOTHING, False, not situation.deductions
    for earning in situation.earnings:
        kind, worked = earning.kind, earning.hours
        pay += earning.amount
        hours += worked
        if kind != "work":
            is_plain = False
            is_odd = is_odd or kind not in KINDS
        if earning.place in STATES or worked.is_signed():
            is_odd = True
    if not (pay.is_finite() and hours.is_finite()):
        found.append(("earnings", "bad_amount", "Earnings are amounts and hours, in numbers."))
    elif is_odd or pay < 0 or pay != pay.quantize(PENNY):
        _odd_earnings(situation, found, pay, hours)
    elif hours and not (is_plain and wage.is_enough(situation, pay, hours)):
        found.extend(wage.fault(situation))


def _year_to_date(situation: Situation, found: list[Fault]) -> None:
    before = situation.year_to_date
    if before.keys() <= KEYS and sum(before.values(), NOTHING).is_finite():
        return
    for key, amount in before.items():
        if key.startswith("gb.") and key not in KEYS:
            said = f"{key!r} is no year-to-date figure of the United Kingdom."
            found.append((f"year_to_date.{key}", "unknown_key", said))
        elif not amount.is_finite():
            found.append((f"year_to_date.{key}", "bad_amount", "An amount is needed."))


def _odd_earnings(situation: Situation, found: list[Fault], pay: Decimal, hours: Decimal) -> None:
    for n, earning in enumerate(situation.earnings):
        if earning.hours < 0 <= earning.amount:
            said = "Hours below zero take back pay; they do not earn any."
            found.append((f"earnings.{n}.hours", "negative_hours", said))
        if earning.kind not in KINDS:
            said = f"A kind of earning is one of {', '.join(sorted(KINDS))}."
            found.append((f"earnings.{n}.kind", "unknown_kind", said))
        if earning.place in STATES:
            said = f"{earning.place!r} is a state of the United States."
            found.append((f"earnings.{n}.place", "other_country", said))
    if pay != pay.quantize(PENNY):
        found.append(("earnings", "bad_amount", "Earnings are amounts in whole pennies."))
    elif pay < 0:
        said = f"Pay of {pay} cannot be paid; recover it from later pay as a balance."
        found.append(("earnings", "negative_pay", said))
    if hours < 0:
        found.append(("earnings", "negative_hours", "Hours come to less than none."))
    if not found:
        found.extend(wage.fault(situation))


def _deductions(situation: Situation, found: list[Fault]) -> None:
    for n, deduction in enumerate(situation.deductions):
        if not whole_pennies(deduction.amount) or deduction.amount < 0:
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
