"""Elections: what a worker and a firm have told us, read into values, with every fault named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from rulebook.pack import Situation
from rulebook.packs.gb import codes, loans, ni, pensions
from rulebook.packs.gb.taxyear import FREQUENCIES

Fault = tuple[str, str, str]
NONE: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Director:
    """How a director's National Insurance is worked out."""

    method: str
    appointed_on: date | None
    last_payment: bool


@dataclass(frozen=True, slots=True)
class Pension:
    """Where a worker stands with the firm's scheme."""

    scheme: pensions.Scheme
    payee: str
    state: str
    postponed_until: date | None
    refund: bool
    born_on: date


@dataclass(frozen=True, slots=True)
class Elections:
    """All that one payslip needs to know of its worker and firm."""

    code: codes.TaxCode
    letter: str
    plan: str
    postgraduate: bool
    director: Director | None
    pension: Pension | None
    pays_levy: bool


def read(situation: Situation) -> tuple[Elections | None, list[Fault]]:
    """Read elections and employer facts; with any fault there is no reading."""
    given, faults = situation.elections, list[Fault]()
    code = _tax_code(given, faults)
    letter = _ni_letter(given, situation.pay_on, faults)
    plan = given.get("student_loan") or ""
    if plan and plan != "unknown" and plan not in loans.PLANS:
        plans = ", ".join(loans.PLANS)
        faults.append(
            ("elections.student_loan", "unknown_plan", f"A student loan plan is one of {plans}.")
        )
    director = _director(given, faults) if given.get("director") else None
    pension = _pension(situation, faults) if situation.employer.get("pension") else None
    if situation.frequency not in FREQUENCIES:
        names = ", ".join(FREQUENCIES)
        faults.append(("frequency", "unknown_frequency", f"A frequency is one of {names}."))
    if faults or code is None:
        return None, faults
    return (
        Elections(
            code,
            letter,
            str(plan),
            given.get("postgraduate_loan") is True,
            director,
            pension,
            situation.employer.get("pays_levy") is True,
        ),
        faults,
    )


def _tax_code(given: Mapping[str, object], faults: list[Fault]) -> codes.TaxCode | None:
    text, basis = given.get("tax_code"), given.get("tax_basis") or ""
    if basis not in {"", "cumulative", "week1_month1"}:
        faults.append(
            ("elections.tax_basis", "unknown_basis", "A tax basis is cumulative or week1_month1.")
        )
    if not isinstance(text, str) or not text.strip():
        faults.append(("elections.tax_code", "missing", "A tax code is needed."))
        return None
    try:
        return codes.read(text, str(basis))
    except codes.UnreadableCode as fault:
        faults.append(("elections.tax_code", "unreadable_tax_code", str(fault)))
        return None


def _ni_letter(given: Mapping[str, object], day: date, faults: list[Fault]) -> str:
    letter = given.get("ni_letter")
    if not letter:
        faults.append(("elections.ni_letter", "missing", "A National Insurance letter is needed."))
    elif letter not in ni.letters(day):
        faults.append(
            ("elections.ni_letter", "unknown_ni_letter", f"{letter!r} is no letter in use.")
        )
    return str(letter or "")


def _director(given: Mapping[str, object], faults: list[Fault]) -> Director | None:
    said = given["director"]
    facts = said if isinstance(said, Mapping) else NONE
    method, appointed_on = facts.get("method"), day(facts.get("appointed_on"))
    if method not in {"annual", "alternative"}:
        faults.append(
            ("elections.director.method", "unknown_method", "A method is annual or alternative.")
        )
    if appointed_on is None and facts.get("appointed_on"):
        faults.append(("elections.director.appointed_on", "not_a_day", "A day is needed."))
        return None
    return Director(str(method), appointed_on, facts.get("last_payment") is True)


def _pension(situation: Situation, faults: list[Fault]) -> Pension | None:
    firm, mine = situation.employer["pension"], situation.elections.get("pension") or NONE
    if not isinstance(firm, Mapping) or not isinstance(mine, Mapping):
        faults.append(("employer.pension", "not_a_scheme", "A scheme's terms are needed."))
        return None
    state = str(mine.get("state") or "assess")
    if state not in pensions.STATES:
        names = ", ".join(pensions.STATES)
        faults.append(("elections.pension.state", "unknown_state", f"A state is one of {names}."))
    until = day(mine.get("postponed_until"))
    if state == "postponed" and until is None:
        faults.append(
            ("elections.pension.postponed_until", "missing", "A postponement needs its last day.")
        )
    born_on = situation.worker_born_on
    if born_on is None and state in {"assess", "postponed"}:
        faults.append(
            ("worker_born_on", "missing", "A day of birth is needed to assess for a pension.")
        )
    scheme = _scheme(firm, mine, situation.pay_on, faults)
    if scheme is None:
        return None
    payee, refund = str(firm.get("payee") or ""), mine.get("refund") is True
    return Pension(scheme, payee, state, until, refund, born_on or date.max)


def _scheme(
    firm: Mapping[str, object], mine: Mapping[str, object], day: date, faults: list[Fault]
) -> pensions.Scheme | None:
    scheme = _terms(
        str(firm.get("arrangement")),
        str(firm.get("basis") or "qualifying"),
        str(firm.get("worker")),
        str(firm.get("employer")),
    )
    if isinstance(scheme, str):
        faults.append(("employer.pension", "unknown_terms", scheme))
        return None
    if "worker" in mine:
        own = exact(mine["worker"])
        if own is None or own < scheme.worker:
            said = "A worker's own share is a number, not below the scheme's."
            faults.append(("elections.pension.worker", "too_low", said))
            return None
        scheme = replace(scheme, worker=own)
    if pensions.too_low(scheme.basis, scheme.worker, scheme.employer, day):
        said = "The shares are below the least that the law allows for this basis."
        faults.append(("employer.pension", "below_minimum", said))
    return scheme


@lru_cache(maxsize=4096)
def _terms(arrangement: str, basis: str, worker: str, employer: str) -> pensions.Scheme | str:
    if arrangement not in pensions.ARRANGEMENTS:
        return f"An arrangement is one of {', '.join(pensions.ARRANGEMENTS)}."
    if basis not in pensions.BASES:
        return f"A basis is one of {', '.join(pensions.BASES)}."
    shares = exact(worker), exact(employer)
    if shares[0] is None or shares[1] is None:
        return "Both shares are needed, as numbers from 0 to 1."
    return pensions.Scheme(arrangement, basis, shares[0], shares[1])


def day(value: object) -> date | None:
    """A day out of a date or its text (2026-04-06); None for anything else."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def exact(value: object) -> Decimal | None:
    """A share from 0 to 1 out of text or a Decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        share = Decimal(value)
    except InvalidOperation:
        return None
    return share if share.is_finite() and 0 <= share <= 1 else None
