"""Faults: what cannot be paid as it stands, apart from unreadable elections."""

from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from rulebook.money import NOTHING, PENNY
from rulebook.pack import Deduction, Situation
from rulebook.packs.gb import ni, pensions, wage
from rulebook.packs.gb.orders import order_type, type_name
from rulebook.packs.gb.state import LABELS, STATES
from rulebook.timeline import NoRule

Fault = tuple[str, str, str]
KINDS = LABELS.keys()
TREATMENTS = frozenset({"after_tax", "before_tax", "salary_sacrifice"})
KEYS: AbstractSet[str] = frozenset(
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


class Person(NamedTuple):
    """What a worker's age decides: what it rules out, and the least an hour must be paid.

    Where no minimum is held for the period, no pay is clearly enough.
    """

    faults: tuple[Fault, ...]
    least: Decimal


AGELESS = Person((), NOTHING)


@lru_cache(maxsize=65536)
def person(letter: str, born_on: date, day: date, starts_on: date, apprentice: str) -> Person:
    """What a day of birth decides on a payday, for a period that starts on a day."""
    try:
        least = wage.minimum(born_on, starts_on, apprentice).amount
    except NoRule:
        least = Decimal("Infinity")
    return Person(of_age(letter, born_on, day), least)


def faults_of(situation: Situation) -> tuple[Fault, ...]:
    """Everything wrong with the earnings, deductions and year to date of a situation."""
    found = list[Fault]()
    if situation.country != "GB":
        found.append(("country", "other_country", "These are the rules of the United Kingdom."))
    _earnings(situation, found)
    _deductions(situation, found)
    _year_to_date(situation, found)
    if situation.worker_born_on is not None:
        letter = str(situation.elections.get("ni_letter"))
        found.extend(of_age(letter, situation.worker_born_on, situation.pay_on))
    return tuple(found)


def has_none(situation: Situation, is_plain: bool) -> bool:
    """Whether clearly nothing is wrong, the worker's age apart; `is_plain` is of the earnings.

    False does not say that something is: what is not clear is looked at by `faults_of`.
    """
    before = situation.year_to_date
    return (
        is_plain
        and (not situation.deductions or all(map(_is_ordinary, situation.deductions)))
        and situation.country == "GB"
        and before.keys() <= KEYS
        and all(map(Decimal.is_finite, before.values()))
    )


def _is_ordinary(deduction: Deduction) -> bool:
    """Whether a deduction is for somebody else, by no order, and an amount."""
    amount = deduction.amount
    return (
        deduction.kind != "order"
        and deduction.payee != ""
        and deduction.treatment in TREATMENTS
        and amount.is_finite()
        and amount >= 0
        and amount == amount.quantize(PENNY)
    )


def _earnings(situation: Situation, found: list[Fault]) -> None:
    pay, hours, is_odd = NOTHING, NOTHING, False
    for earning in situation.earnings:
        pay += earning.amount
        hours += earning.hours
        if earning.kind not in KINDS or earning.place in STATES or earning.hours.is_signed():
            is_odd = True
    if not (pay.is_finite() and hours.is_finite()):
        found.append(("earnings", "bad_amount", "Earnings are amounts and hours, in numbers."))
    elif is_odd or pay < 0 or pay != pay.quantize(PENNY):
        _odd_earnings(situation, found, pay, hours)
    elif hours:
        found.extend(wage.fault(situation))


def _year_to_date(situation: Situation, found: list[Fault]) -> None:
    for key, amount in situation.year_to_date.items():
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
