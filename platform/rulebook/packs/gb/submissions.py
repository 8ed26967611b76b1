"""Submissions: what HMRC is told on or before payday, figures taken from the payslips themselves.

The product prepares and checks the content; it does not send it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from rulebook.money import NOTHING
from rulebook.pack import Payslip, Situation
from rulebook.packs.gb import codes, elections, law, ni
from rulebook.packs.gb.taxyear import month_ends_on, payday, tax_month, tax_week

Fault = tuple[str, str, str]
FREQUENCY = {
    "weekly": "W1",
    "fortnightly": "W2",
    "biweekly": "W2",
    "four_weekly": "W4",
    "monthly": "M1",
}
NINO = re.compile(
    r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", re.ASCII
)
PAYE_REFERENCE = re.compile(r"\d{3}/[A-Z0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Employee:
    """Who a payment is for, as HMRC asks."""

    payroll_id: str
    surname: str
    forenames: str
    born_on: date | None
    sex: str
    nino: str = ""
    address: tuple[str, ...] = ()
    starts_on: date | None = None
    declaration: str = ""
    leaves_on: date | None = None
    weekly_hours: Decimal | None = None


def payment(employee: Employee, situation: Situation, slip: Payslip) -> dict[str, object]:
    """One payment of a full payment submission: the payslip's figures and its year to date; deemed
    pay inside the off-payroll rules is marked.
    """
    day, carried = situation.pay_on, slip.carried_forward
    when = payday(day, situation.frequency)
    own = situation.elections
    code = codes.read(str(own["tax_code"]), str(own.get("tax_basis") or ""))
    said = by_code(slip)
    return {
        "payroll_id": employee.payroll_id,
        "employee": {
            "surname": employee.surname,
            "forenames": employee.forenames,
            "nino": employee.nino,
            "born_on": employee.born_on,
            "sex": employee.sex,
            "address": () if employee.nino else employee.address,
        },
        "starter": {"starts_on": employee.starts_on, "declaration": employee.declaration},
        "leaves_on": employee.leaves_on,
        "is_off_payroll": own.get("off_payroll") is True,
        "pay_on": day,
        "frequency": FREQUENCY[situation.frequency],
        "tax_week": when.number if when.base == 52 else None,
        "tax_month": when.number if when.base == 12 else None,
        "periods_covered": when.covers,
        "hours_band": hours_band(employee.weekly_hours, day),
        "tax_code": code.text,
        "is_not_cumulative": code.alone or when.extra,
        "taxable_pay": carried.get("gb.taxable", NOTHING)
        - situation.year_to_date.get("gb.taxable", NOTHING),
        "taxable_pay_to_date": carried.get("gb.taxable", NOTHING),
        "tax": said.get("gb.paye", NOTHING),
        "tax_to_date": carried.get("gb.tax", NOTHING),
        "student_loan": said.get("gb.student_loan", NOTHING),
        "student_loan_to_date": carried.get("gb.student_loan", NOTHING),
        "postgraduate_loan": said.get("gb.postgraduate_loan", NOTHING),
        "postgraduate_loan_to_date": carried.get("gb.postgraduate_loan", NOTHING),
        "pension": _pension(situation, said),
        "national_insurance": _by_letter(situation, carried),
        "director": _director(situation),
    }


def by_code(slip: Payslip) -> dict[str, Decimal]:
    """The lines of a payslip added up by their codes."""
    said: dict[str, Decimal] = {}
    for line in slip.lines:
        said[line.code] = said.get(line.code, NOTHING) + line.amount
    return said


def hours_band(weekly_hours: Decimal | None, day: date) -> str:
    """The band of normal hours; E where there is no normal."""
    if weekly_hours is None:
        return "E"
    rows = cast(Sequence[tuple[object, str]], law.figure("paye.hours_bands", day).value)
    for ends, band in rows:
        if not isinstance(ends, Decimal) or weekly_hours < ends:
            return band
    return "E"


def _pension(situation: Situation, said: Mapping[str, Decimal]) -> dict[str, Decimal]:
    scheme = situation.employer.get("pension")
    is_net_pay = isinstance(scheme, Mapping) and scheme.get("arrangement") == "net_pay"
    paid = said.get("gb.pension.worker", NOTHING)
    return {
        "under_net_pay": paid if is_net_pay else NOTHING,
        "not_under_net_pay": NOTHING if is_net_pay else paid,
    }


def _by_letter(
    situation: Situation, carried: Mapping[str, Decimal]
) -> dict[str, dict[str, Decimal]]:
    """National Insurance of each letter of the year: this payment's figures and the year's."""
    letters = {
        parts[2]
        for key in carried
        if key.startswith("gb.ni.") and (parts := key.split("."))[2] != "director"
    }
    found: dict[str, dict[str, Decimal]] = {}
    for letter in sorted(letters):
        found[letter] = {}
        for kept in ni.KEPT:
            key = f"gb.ni.{letter}.{kept}"
            now, before = carried.get(key, NOTHING), situation.year_to_date.get(key, NOTHING)
            found[letter] |= {kept: now - before, f"{kept}_to_date": now}
    return found


def _director(situation: Situation) -> dict[str, object] | None:
    told = situation.elections.get("director")
    if not isinstance(told, Mapping):
        return None
    appointed = elections.day(told.get("appointed_on"))
    return {
        "method": {"annual": "AN", "alternative": "AL"}[str(told["method"])],
        "appointed_in_week": tax_week(appointed) if appointed else None,
    }


@dataclass(frozen=True, slots=True)
class Submission:
    """A full payment submission: its payments, its totals, and when it is due."""

    paye_reference: str
    accounts_office: str
    pay_on: date
    payments: tuple[Mapping[str, object], ...]
    late_reason: str
    totals: Mapping[str, Decimal]


def full_payment(
    paye_reference: str,
    accounts_office: str,
    pay_on: date,
    payments: Iterable[Mapping[str, object]],
    late_reason: str = "",
) -> Submission:
    """Put the payments of a payday together; due on or before that day."""
    told = tuple(payments)
    names = ("taxable_pay", "tax", "student_loan", "postgraduate_loan")
    totals = {name: sum((cast(Decimal, one[name]) for one in told), NOTHING) for name in names}
    for kept in ("worker", "employer"):
        totals[f"ni_{kept}"] = sum(
            (
                figures[kept]
                for one in told
                for figures in cast(
                    Mapping[str, Mapping[str, Decimal]], one["national_insurance"]
                ).values()
            ),
            NOTHING,
        )
    return Submission(paye_reference, accounts_office, pay_on, told, late_reason, totals)


def faults(submission: Submission, sent_on: date) -> tuple[Fault, ...]:
    """Everything HMRC's own checks would turn away, as (pointer, code, sentence)."""
    found = list[Fault]()
    if not PAYE_REFERENCE.fullmatch(submission.paye_reference):
        found.append(("paye_reference", "bad_reference", "A PAYE reference is like 123/AB456."))
    reasons = law.table("paye.late_reasons", submission.pay_on)
    if submission.late_reason and submission.late_reason not in reasons:
        found.append(("late_reason", "unknown_reason", f"One of {', '.join(reasons)}."))
    if sent_on > submission.pay_on and not submission.late_reason:
        found.append(("late_reason", "missing", "A submission after payday says why it is late."))
    for n, one in enumerate(submission.payments):
        found.extend(_payment_faults(f"payments.{n}", one))
    return tuple(found)


def _payment_faults(where: str, one: Mapping[str, object]) -> list[Fault]:
    found = list[Fault]()
    person = cast(Mapping[str, object], one["employee"])
    for name in ("surname", "forenames", "born_on", "sex"):
        if not person[name]:
            found.append((f"{where}.employee.{name}", "missing", f"HMRC asks for {name}."))
    nino = str(person["nino"])
    if nino and not NINO.fullmatch(nino):
        found.append(
            (f"{where}.employee.nino", "bad_nino", f"{nino} is no National Insurance number.")
        )
    if not nino and not person["address"]:
        said = "Without a National Insurance number an address is needed."
        found.append((f"{where}.employee.address", "missing", said))
    starter = cast(Mapping[str, object], one["starter"])
    if starter["starts_on"] and starter["declaration"] not in {"A", "B", "C"}:
        said = "A new starter's statement A, B or C is needed."
        found.append((f"{where}.starter.declaration", "missing", said))
    return found


@dataclass(frozen=True, slots=True)
class EmployerSummary:
    """An employer payment summary: what lowers or adds to what the payslips owe for a tax month."""

    tax_month: int
    due_on: date
    statutory_recovered: Mapping[str, Decimal]
    cis_suffered: Decimal
    claims_allowance: bool
    levy_to_date: Decimal
    no_payments: bool


def employer_summary(
    day: date,
    *,
    statutory_recovered: Mapping[str, Decimal],
    cis_suffered: Decimal = NOTHING,
    claims_allowance: bool = False,
    levy_to_date: Decimal = NOTHING,
    no_payments: bool = False,
) -> EmployerSummary:
    """The summary of the tax month around a day, due by the 19th after it."""
    due_day = int(law.table("paye.forms", day)["eps_day"])
    return EmployerSummary(
        tax_month(day),
        month_ends_on(day).replace(day=due_day),
        statutory_recovered,
        cis_suffered,
        claims_allowance,
        levy_to_date,
        no_payments,
    )
