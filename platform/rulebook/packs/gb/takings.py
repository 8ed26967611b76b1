"""Takings: what leaves gross pay, step by step, each as lines on the payslip."""

from decimal import Decimal

from rulebook.lines import Line, Step, percent
from rulebook.money import NOTHING, pound_down, to_penny
from rulebook.packs.gb import directors, loans, ni, orders, paye
from rulebook.packs.gb.elections import Director
from rulebook.packs.gb.state import PERIOD, PERIOD_EARNINGS, Slip
from rulebook.timeline import Figure

HMRC = "HMRC"
IN_PERIOD = ("earnings", "worker", "employer")
Steps = tuple[Step, ...]
UNSAID: Steps = ()


def income_tax(slip: Slip) -> None:
    """Take PAYE from taxable pay, or give back what was taken too much."""
    table, pay, forward = slip.told.tax, slip.tax_pay, slip.forward
    had = slip.situation.year_to_date
    here, taxed_here = had.get("gb.taxable", NOTHING), had.get("gb.tax", NOTHING)
    before, taxed = here, taxed_here
    if "gb.previous.taxable" in had or "gb.previous.tax" in had:
        before += had.get("gb.previous.taxable", NOTHING)
        taxed += had.get("gb.previous.tax", NOTHING)
    due = paye.tax(table, pay, before, taxed, slip.benefits)
    said = paye.steps(table, pay, before, taxed, slip.benefits) if slip.explain else UNSAID
    line = ("tax", "gb.paye", "Income tax", due, pay, table.rule, table.source, HMRC, said)
    slip.rows.append(line)
    slip.net -= due
    forward["gb.taxable"] = here + pay
    forward["gb.tax"] = taxed_here + due


def national_insurance(slip: Slip) -> None:
    """Take the worker's National Insurance and add the employer's."""
    told, pay = slip.told, slip.ni_pay
    if told.director is not None:
        _director(slip, told.director)
        return
    table = told.ni
    if PERIOD_EARNINGS in slip.situation.year_to_date:
        worker, employer, bands = _in_period(slip, table)
    else:
        worker = ni.contribution(table.worker, pay)
        employer = ni.contribution(table.employer, pay)
        bands = ni.banded(table, pay)
        rule, source, said, beside, append = (
            table.rule,
            table.source,
            UNSAID,
            UNSAID,
            slip.rows.append,
        )
        if slip.explain:
            said, beside = ni.steps(table.worker, pay), ni.steps(table.employer, pay)
        code, label = "gb.ni.worker", table.label
        append(("tax", code, label, worker, pay, rule, source, HMRC, said))
        slip.net -= worker
        code, label = "gb.ni.employer", table.employer_label
        rule, source = table.employer_rule, table.employer_source
        append(("employer", code, label, employer, pay, rule, source, HMRC, beside))
    _keep(slip.forward, told.ni_keys, (pay, *bands, worker, employer))


def _keep(forward: dict[str, Decimal], keys: ni.Six[str], kept: ni.Six[Decimal]) -> None:
    """Add what a letter's year keeps; written out, because every payslip passes here."""
    had = forward.get
    earnings, at_lel, to_pt, to_uel, worker, employer = keys
    forward[earnings] = had(earnings, NOTHING) + kept[0]
    forward[at_lel] = had(at_lel, NOTHING) + kept[1]
    forward[to_pt] = had(to_pt, NOTHING) + kept[2]
    forward[to_uel] = had(to_uel, NOTHING) + kept[3]
    forward[worker] = had(worker, NOTHING) + kept[4]
    forward[employer] = had(employer, NOTHING) + kept[5]


def _in_period(slip: Slip, table: ni.NiTable) -> tuple[Decimal, Decimal, ni.Bands]:
    """A second payment of one earnings period: both together, less what was taken before."""
    before, paid, paid_beside = (slip.had(f"{PERIOD}{kept}") for kept in IN_PERIOD)
    whole = before + slip.ni_pay
    worker = ni.contribution(table.worker, whole) - paid
    employer = ni.contribution(table.employer, whole) - paid_beside
    _ni_lines(
        slip,
        table,
        (worker, _again(slip, table.worker, whole, paid)),
        (employer, _again(slip, table.employer, whole, paid_beside)),
    )
    old, new = ni.banded(table, before), ni.banded(table, whole)
    return worker, employer, (new[0] - old[0], new[1] - old[1], new[2] - old[2])


def _again(slip: Slip, bands: tuple[ni.Slice, ...], whole: Decimal, paid: Decimal) -> Steps:
    """How a second payment of an earnings period is worked out, in words."""
    if not slip.explain:
        return UNSAID
    said = Step("With what was paid before in the same period", f"{whole}")
    return (said, *ni.steps(bands, whole), Step("Less what was taken then", f"{paid}"))


def _director(slip: Slip, director: Director) -> None:
    told = slip.told
    when, letter = told.when, told.ni.letter
    weeks = directors.weeks_left(director.appointed_on, when.pay_on)
    year = directors.annual_table(letter, weeks, when.pay_on)
    paid = _paid_so_far(slip)
    said = beside = UNSAID
    if director.method == "annual" or director.last_payment:
        table, settled = year, directors.settled(paid, weeks, when.pay_on)
        worker, employer = settled.worker, settled.employer
        if slip.explain:
            said, beside = directors.steps(paid, weeks, when.pay_on, settled)
    else:
        table = told.ni
        worker = ni.contribution(table.worker, slip.ni_pay)
        employer = ni.contribution(table.employer, slip.ni_pay)
        if slip.explain:
            said = ni.steps(table.worker, slip.ni_pay)
            beside = ni.steps(table.employer, slip.ni_pay)
    _ni_lines(slip, table, (worker, said), (employer, beside))
    for prefix in (f"gb.ni.director.{letter}", f"gb.ni.{letter}"):
        slip.carry(f"{prefix}.earnings", slip.ni_pay)
        slip.carry(f"{prefix}.worker", worker)
        slip.carry(f"{prefix}.employer", employer)
    earned = slip.forward.get(f"gb.ni.director.{letter}.earnings", NOTHING)
    for name, amount in zip(("at_lel", "to_pt", "to_uel"), ni.banded(year, earned), strict=True):
        slip.forward[f"gb.ni.{letter}.{name}"] = amount


def _paid_so_far(slip: Slip) -> tuple[directors.LetterPay, ...]:
    """A director's year by letter, with this payment's pay in it."""
    prefix, mine = "gb.ni.director.", slip.told.ni.letter
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
    slip: Slip, table: ni.NiTable, worker: tuple[Decimal, Steps], employer: tuple[Decimal, Steps]
) -> None:
    pay, rule, source = slip.ni_pay, table.rule, table.source
    due, said = worker
    code, label = "gb.ni.worker", table.label
    slip.rows.append(("tax", code, label, due, pay, rule, source, HMRC, said))
    slip.net -= due
    due, said = employer
    code, label = "gb.ni.employer", table.employer_label
    rule, source = table.employer_rule, table.employer_source
    slip.rows.append(("employer", code, label, due, pay, rule, source, HMRC, said))


def repayments(slip: Slip) -> None:
    """Take student and postgraduate loan repayments, each by itself."""
    for table in slip.told.loans:
        _repay(slip, table)


def _repay(slip: Slip, table: loans.LoanTable) -> None:
    pay = slip.ni_pay
    director = slip.told.director
    if director is not None and director.method == "annual":
        table, pay, repaid = _on_the_year(slip, table, director)
        due = loans.repayment(table, pay) - repaid
    elif PERIOD_EARNINGS in slip.situation.year_to_date:
        pay += slip.had(PERIOD_EARNINGS)
        due = loans.repayment(table, pay) - slip.had(f"{PERIOD}{table.code.removeprefix('gb.')}")
    else:
        due = loans.repayment(table, pay)
    said = loans.steps(table, pay) if slip.explain else UNSAID
    room = orders.room_for_loans(slip) if slip.situation.deductions else None
    if room is not None and due > room:
        due = pound_down(room).quantize(NOTHING)
        said = (*said, Step("Orders leave room for", f"{due}")) if slip.explain else UNSAID
    line = Line("tax", table.code, table.label, due, pay, table.rule, table.source, HMRC, said)
    slip.take(line)
    slip.carry(table.code, due)


def _on_the_year(
    slip: Slip, table: loans.LoanTable, director: Director
) -> tuple[loans.LoanTable, Decimal, Decimal]:
    """A director's threshold and pay of the year, and what the year has repaid."""
    pay_on = slip.told.when.pay_on
    weeks = directors.weeks_left(director.appointed_on, pay_on)
    earned = sum((one.earnings for one in _paid_so_far(slip)), NOTHING)
    return loans.annual_table(table, weeks, pay_on), earned, slip.had(table.code)


def levy(slip: Slip, held: Figure, rate: Decimal) -> None:
    """Show the apprenticeship levy that this pay adds, before the firm's allowance."""
    due = to_penny(slip.ni_pay * rate)
    said = UNSAID
    if slip.explain:
        said = (Step(f"{percent(rate)} of pay subject to National Insurance", f"{due}"),)
    code, label, pay = "gb.levy", "Apprenticeship levy", slip.ni_pay
    slip.rows.append(Line("employer", code, label, due, pay, held.version, held.source, HMRC, said))
    slip.carry(code, due)
