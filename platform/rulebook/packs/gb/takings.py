"""Takings: what leaves gross pay, step by step, each as lines on the payslip."""

from decimal import Decimal

from rulebook.lines import Line, Step
from rulebook.money import NOTHING, pound_down, to_penny
from rulebook.packs.gb import directors, law, ni, orders, paye
from rulebook.packs.gb import loans as plans
from rulebook.packs.gb.elections import Director
from rulebook.packs.gb.state import Slip

HMRC = "HMRC"


def income_tax(slip: Slip) -> None:
    """Take PAYE from taxable pay, or give back what was taken too much."""
    situation = slip.situation
    table = paye.tax_table(slip.told.code, situation.pay_on, situation.frequency)
    before = slip.had("gb.taxable") + slip.had("gb.previous.taxable")
    taxed = slip.had("gb.tax") + slip.had("gb.previous.tax")
    pay = slip.tax_pay
    due = paye.tax(table, pay, before, taxed)
    said = paye.steps(table, pay, before, taxed) if situation.explain else ()
    slip.take(Line("tax", "gb.paye", "Income tax", due, pay, table.rule, table.source, HMRC, said))
    slip.carry("gb.taxable", pay)
    slip.carry("gb.tax", due)


def national_insurance(slip: Slip) -> None:
    """Take the worker's National Insurance and add the employer's."""
    if slip.told.director is not None:
        _director(slip, slip.told.director)
        return
    pay, letter, when = slip.ni_pay, slip.told.letter, slip.when
    table = ni.ni_table(letter, when.interval, when.pay_on)
    worker = ni.contribution(table.worker, pay)
    employer = ni.contribution(table.employer, pay)
    explain = slip.situation.explain
    _ni_lines(
        slip,
        table,
        (worker, ni.steps(table.worker, pay) if explain else ()),
        (employer, ni.steps(table.employer, pay) if explain else ()),
    )
    _ni_carry(slip, f"gb.ni.{letter}", ni.banded(table, pay), worker, employer)


def _director(slip: Slip, director: Director) -> None:
    told, when = slip.told, slip.when
    weeks = directors.weeks_left(director.appointed_on, when.pay_on)
    year = directors.annual_table(told.letter, weeks, when.pay_on)
    paid = _paid_so_far(slip)
    if director.method == "annual" or director.last_payment:
        table, settled = year, directors.settled(paid, weeks, when.pay_on)
        worker, employer = settled.worker, settled.employer
        said = directors.steps(weeks, settled.earned, settled.owed[0], settled.paid[0])
        employer_said = directors.steps(weeks, settled.earned, settled.owed[1], settled.paid[1])
    else:
        table = ni.ni_table(told.letter, when.interval, when.pay_on)
        worker = ni.contribution(table.worker, slip.ni_pay)
        employer = ni.contribution(table.employer, slip.ni_pay)
        said = ni.steps(table.worker, slip.ni_pay)
        employer_said = ni.steps(table.employer, slip.ni_pay)
    if not slip.situation.explain:
        said = employer_said = ()
    _ni_lines(slip, table, (worker, said), (employer, employer_said))
    for key in (f"gb.ni.director.{told.letter}", f"gb.ni.{told.letter}"):
        _ni_carry(slip, key, (NOTHING, NOTHING, NOTHING), worker, employer)
    earned = slip.forward.get(f"gb.ni.director.{told.letter}.earnings", NOTHING)
    for name, amount in zip(("at_lel", "to_pt", "to_uel"), ni.banded(year, earned), strict=True):
        slip.forward[f"gb.ni.{told.letter}.{name}"] = amount


def _paid_so_far(slip: Slip) -> tuple[directors.LetterPay, ...]:
    """A director's year by letter, with this payment's pay in it."""
    prefix, mine = "gb.ni.director.", slip.told.letter
    letters = {key.split(".")[3] for key in slip.situation.year_to_date if key.startswith(prefix)}
    return tuple(
        directors.LetterPay(
            letter,
            slip.had(f"{prefix}{letter}.earnings") + (slip.ni_pay if letter == mine else NOTHING),
            slip.had(f"{prefix}{letter}.worker"),
            slip.had(f"{prefix}{letter}.employer"),
        )
        for letter in sorted(letters | {mine})
    )


def _ni_lines(
    slip: Slip,
    table: ni.NiTable,
    worker: tuple[Decimal, tuple[Step, ...]],
    employer: tuple[Decimal, tuple[Step, ...]],
) -> None:
    pay, rule, source = slip.ni_pay, table.rule, table.source
    label = f"National Insurance {table.letter}"
    slip.take(Line("tax", "gb.ni.worker", label, worker[0], pay, rule, source, HMRC, worker[1]))
    slip.lines.append(
        Line(
            "employer",
            "gb.ni.employer",
            f"Employer's {label}",
            employer[0],
            pay,
            rule,
            source,
            HMRC,
            employer[1],
        )
    )


def _ni_carry(
    slip: Slip,
    key: str,
    bands: tuple[Decimal, ...],
    worker: Decimal,
    employer: Decimal,
) -> None:
    slip.carry(f"{key}.earnings", slip.ni_pay)
    slip.carry(f"{key}.at_lel", bands[0])
    slip.carry(f"{key}.to_pt", bands[1])
    slip.carry(f"{key}.to_uel", bands[2])
    slip.carry(f"{key}.worker", worker)
    slip.carry(f"{key}.employer", employer)


def loans(slip: Slip) -> None:
    """Take student and postgraduate loan repayments, each by itself."""
    if slip.told.plan:
        _loan(slip, slip.told.plan, "gb.student_loan", "Student loan")
    if slip.told.postgraduate:
        _loan(slip, "postgraduate", "gb.postgraduate_loan", "Postgraduate loan")


def _loan(slip: Slip, plan: str, code: str, label: str) -> None:
    situation, pay = slip.situation, slip.ni_pay
    table = plans.loan_table(plan, situation.pay_on, situation.frequency)
    due = plans.repayment(table, pay)
    said = plans.steps(table, pay) if situation.explain else ()
    room = orders.room_for_loans(slip) if situation.deductions else None
    if room is not None and due > room:
        due = pound_down(room).quantize(NOTHING)
        said = (*said, Step("Orders leave room for", f"{due}")) if situation.explain else ()
    name = f"{label}, {table.plan.replace('_', ' ')}" if plan != "postgraduate" else label
    slip.take(Line("tax", code, name, due, pay, table.rule, table.source, HMRC, said))
    slip.carry(code, due)


def levy(slip: Slip) -> None:
    """Show the apprenticeship levy that this pay adds, before the firm's allowance."""
    if not slip.told.pays_levy:
        return
    day = slip.situation.pay_on
    held, rate = law.figure("levy", day), law.table("levy", day)["rate"]
    due = to_penny(slip.ni_pay * rate)
    said: tuple[Step, ...] = ()
    if slip.situation.explain:
        said = (Step(f"{ni.percent(rate)} of pay subject to National Insurance", f"{due}"),)
    slip.lines.append(
        Line(
            "employer",
            "gb.levy",
            "Apprenticeship levy",
            due,
            slip.ni_pay,
            held.version,
            held.source,
            HMRC,
            said,
        )
    )
    slip.carry("gb.levy", due)
