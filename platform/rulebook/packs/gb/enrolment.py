"""Enrolment: where a worker stands with the firm's pension scheme on a payday, and what goes in."""

from datetime import date
from decimal import Decimal

from rulebook.lines import Line, Step
from rulebook.money import NOTHING
from rulebook.packs.gb import pensions
from rulebook.packs.gb.elections import Pension
from rulebook.packs.gb.state import Slip

ENROLLED = "gb.pension.enrolled"
ONE = Decimal(1)
OUTSIDE = frozenset({"opted_out", "left"})
SAID = {
    "enrolled": "Enrolled in the pension scheme from this payday",
    "non_eligible": "Not enrolled in the pension scheme; may opt in, with the employer's share",
    "entitled": "Not enrolled in the pension scheme; may join",
    "outside": "Not of an age for the pension scheme",
}


def pension(slip: Slip, facts: Pension) -> None:
    """Assess where needed, take the worker's share and add the employer's."""
    if facts.state == "opted_out" and facts.refund:
        _refund(slip, facts)
    if facts.state == "active" or _joined(slip, facts):
        _contribute(slip, facts)


def _joined(slip: Slip, facts: Pension) -> bool:
    """Whether a worker who is assessed is a member on this payday; joins who must be enrolled."""
    if facts.state in OUTSIDE:
        return False
    if ENROLLED in slip.forward:
        return bool(slip.forward[ENROLLED])
    day, born_on, limits = slip.told.when.pay_on, slip.situation.worker_born_on, facts.limits
    if facts.postponed_until is not None and day <= facts.postponed_until:
        said = f"Pension assessment postponed until {facts.postponed_until.isoformat()}"
        _inform(slip, "gb.pension.postponed", said, limits)
        return False
    found = pensions.category(slip.taxable_pay, born_on or date.max, day, limits)
    if found != "eligible":
        _inform(slip, f"gb.pension.{found}", SAID[found], limits)
        return False
    _inform(slip, ENROLLED, SAID["enrolled"], limits)
    slip.forward[ENROLLED] = ONE
    return True


def _inform(slip: Slip, code: str, said: str, limits: pensions.Thresholds) -> None:
    pay, rule, source = slip.taxable_pay, limits.rule, limits.source
    steps = (Step("Pay of this period", f"{pay}"),) if slip.explain else ()
    slip.rows.append(("information", code, said, NOTHING, pay, rule, source, "", steps))


def _contribute(slip: Slip, facts: Pension) -> None:
    scheme, limits, lines = facts.scheme, facts.limits, slip.rows
    put_in = pensions.contribute(scheme, limits, slip.taxable_pay, slip.basic_pay)
    rule, source, payee = limits.rule, limits.source, facts.payee
    counted, from_pay, before_tax, given_up, employer = put_in
    said: tuple[Step, ...] = ()
    beside: tuple[Step, ...] = ()
    if slip.explain:
        said = pensions.steps(scheme, limits, put_in, scheme.worker)
        beside = pensions.steps(scheme, limits, put_in, scheme.employer)
    if given_up:
        code, label = "gb.pension.given_up", "Pay given up for pension"
        lines.append(Line("earning", code, label, -given_up, counted, rule, source, "", said))
        slip.net -= given_up
        slip.ni_pay -= given_up
        slip.tax_pay -= given_up
    worker = from_pay + before_tax
    if worker:
        code, label = "gb.pension.worker", "Pension"
        line = ("deduction", code, label, worker, counted, rule, source, payee, said)
        lines.append(line)
        slip.net -= worker
        slip.tax_pay -= before_tax
    if employer:
        code, label = "gb.pension.employer", "Employer's pension"
        line = ("employer", code, label, employer, counted, rule, source, payee, beside)
        lines.append(line)
    slip.carry("gb.pension.worker", worker + given_up)
    slip.carry("gb.pension.employer", employer)


def _refund(slip: Slip, facts: Pension) -> None:
    """Give back what a worker who opted out in time has paid this year."""
    worker, employer = slip.had("gb.pension.worker"), slip.had("gb.pension.employer")
    if facts.scheme.arrangement == "salary_sacrifice":
        slip.rows.append(
            Line("earning", "gb.pension.given_up", "Pay given up for pension, given back", worker)
        )
        slip.net += worker
        slip.ni_pay += worker
        slip.tax_pay += worker
    else:
        label = "Pension, given back"
        slip.take(Line("deduction", "gb.pension.worker", label, -worker, payee=facts.payee))
        if facts.scheme.arrangement == "net_pay":
            slip.tax_pay += worker
    label = "Employer's pension contribution, given back"
    slip.rows.append(Line("employer", "gb.pension.employer", label, -employer, payee=facts.payee))
    slip.carry("gb.pension.worker", -worker)
    slip.carry("gb.pension.employer", -employer)
