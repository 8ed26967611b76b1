"""Enrolment: where a worker stands with the firm's pension scheme on a payday, and what goes in."""

from datetime import date
from decimal import Decimal

from rulebook.lines import Line, Step
from rulebook.money import NOTHING
from rulebook.packs.gb import pensions
from rulebook.packs.gb.elections import Pension
from rulebook.packs.gb.state import Slip

ENROLLED = "gb.pension.enrolled"
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
    if _contributes(slip, facts):
        _contribute(slip, facts)


def _contributes(slip: Slip, facts: Pension) -> bool:
    """Whether the worker is a member on this payday; joins who must be enrolled."""
    if facts.state == "active":
        return True
    if facts.state in {"opted_out", "left"}:
        return False
    if slip.had(ENROLLED):
        return True
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
    slip.carry(ENROLLED, Decimal(1))
    return True


def _inform(slip: Slip, code: str, said: str, limits: pensions.Thresholds) -> None:
    steps = (Step("Pay of this period", f"{slip.taxable_pay}"),) if slip.explain else ()
    slip.lines.append(
        Line(
            "information",
            code,
            said,
            NOTHING,
            slip.taxable_pay,
            limits.rule,
            limits.source,
            steps=steps,
        )
    )


def _contribute(slip: Slip, facts: Pension) -> None:
    scheme, limits = facts.scheme, facts.limits
    put_in = pensions.contribute(scheme, limits, slip.taxable_pay, slip.basic_pay)
    said = pensions.steps(scheme, limits, put_in, scheme.worker) if slip.explain else ()
    rule, source, counted, payee = limits.rule, limits.source, put_in.counted, facts.payee
    if put_in.given_up:
        code, label, amount = "gb.pension.given_up", "Pay given up for pension", -put_in.given_up
        slip.lines.append(Line("earning", code, label, amount, counted, rule, source, "", said))
        slip.net += amount
        slip.ni_pay += amount
        slip.tax_pay += amount
    worker = put_in.from_pay + put_in.before_tax
    if worker:
        code, label = "gb.pension.worker", "Pension"
        slip.take(Line("deduction", code, label, worker, counted, rule, source, payee, said))
        slip.tax_pay -= put_in.before_tax
    if put_in.employer:
        said = pensions.steps(scheme, limits, put_in, scheme.employer) if slip.explain else ()
        code, label, amount = "gb.pension.employer", "Employer's pension", put_in.employer
        slip.lines.append(Line("employer", code, label, amount, counted, rule, source, payee, said))
    slip.carry("gb.pension.worker", worker + put_in.given_up)
    slip.carry("gb.pension.employer", put_in.employer)


def _refund(slip: Slip, facts: Pension) -> None:
    """Give back what a worker who opted out in time has paid this year."""
    worker, employer = slip.had("gb.pension.worker"), slip.had("gb.pension.employer")
    if facts.scheme.arrangement == "salary_sacrifice":
        slip.lines.append(
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
    slip.lines.append(Line("employer", "gb.pension.employer", label, -employer, payee=facts.payee))
    slip.carry("gb.pension.worker", -worker)
    slip.carry("gb.pension.employer", -employer)
