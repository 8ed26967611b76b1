"""Elections: what a worker and a firm have told us, read into values and tables, faults named.

Read once for the same elections, firm and payday, whatever the number of workers who share them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from rulebook.pack import Facts, ReadOnce, Situation, spelled
from rulebook.packs.gb import codes, law, loans, ni, paye, pensions
from rulebook.packs.gb.ni import Six
from rulebook.packs.gb.taxyear import FREQUENCIES, Payday, payday
from rulebook.timeline import Figure

Fault = tuple[str, str, str]
NONE: Facts = {}
PROVIDER = "Pension provider"


@dataclass(frozen=True, slots=True)
class Director:
    """How a director's National Insurance is worked out."""

    method: str
    appointed_on: date | None
    last_payment: bool


@dataclass(frozen=True, slots=True)
class Pension:
    """Where a worker stands with the firm's scheme, and the limits of the payday."""

    scheme: pensions.Scheme
    payee: str
    state: str
    postponed_until: date | None
    refund: bool
    limits: pensions.Thresholds


@dataclass(frozen=True, slots=True)
class Elections:
    """All that one payslip needs to know of its worker and firm, with the tables of its payday."""

    when: Payday
    tax: paye.TaxTable
    ni: ni.NiTable
    ni_keys: Six[str]
    loans: tuple[loans.LoanTable, ...]
    director: Director | None
    pension: Pension | None
    levy: tuple[Figure, Decimal] | None
    apprentice: str


class Firm:
    """What a firm has told of its pension scheme and the levy, the same object while unchanged."""

    __slots__ = ("levy", "pension")

    def __init__(self, told: Facts) -> None:
        self.pension, self.levy = told.get("pension"), yes(told.get("pays_levy"))


_firm = ReadOnce(Firm)
MOST_KEPT = 16384
Reading = tuple["Elections | None", tuple[Fault, ...]]
_KEPT: dict[tuple[bytes, Firm, bool, date, str], Reading] = {}


def read(situation: Situation) -> Reading:
    """Read elections and employer facts; with any fault there is no reading.

    Read once for all workers of a firm who said the same, to the letter.
    """
    told, firm = situation.elections, _firm(situation.employer)
    ageless = situation.worker_born_on is None
    key = spelled(told), firm, ageless, situation.pay_on, situation.frequency
    found = _KEPT.get(key)
    if found is None:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[key] = _read(told, firm, ageless, (situation.pay_on, situation.frequency))
    return found


def _read(told: Facts, firm: Firm, ageless: bool, paid: tuple[date, str]) -> Reading:
    faults, (day, frequency) = list[Fault](), paid
    read_code = _tax_code(told.get("tax_code"), told.get("tax_basis"), faults)
    read_letter = _ni_letter(told.get("ni_letter"), day, faults)
    plans = _loans(told.get("student_loan"), yes(told.get("postgraduate_loan")), faults)
    director, off_payroll = told.get("director"), yes(told.get("off_payroll"))
    read_director = _director(director, faults) if director else None
    if frequency not in FREQUENCIES:
        names = ", ".join(FREQUENCIES)
        faults.append(("frequency", "unknown_frequency", f"A frequency is one of {names}."))
        return None, tuple(faults)
    when = payday(day, frequency)
    read_pension = None
    if firm.pension and not off_payroll:
        read_pension = _pension(firm.pension, told.get("pension"), ageless, when, faults)
    if faults or read_code is None:
        return None, tuple(faults)
    own = () if off_payroll else tuple(loans.loan_table(one, day, frequency) for one in plans)
    return (
        Elections(
            when,
            paye.tax_table(read_code, day, frequency),
            ni.ni_table(read_letter, when.interval, day),
            ni.keys(read_letter),
            own,
            read_director,
            read_pension,
            (law.figure("levy", day), law.table("levy", day)["rate"]) if firm.levy else None,
            str(told.get("apprentice") or ""),
        ),
        (),
    )


def _tax_code(text: object, basis: object, faults: list[Fault]) -> codes.TaxCode | None:
    if basis not in (None, "", "cumulative", "week1_month1"):
        faults.append(
            ("elections.tax_basis", "unknown_basis", "A tax basis is cumulative or week1_month1.")
        )
    if not isinstance(text, str) or not text.strip():
        faults.append(("elections.tax_code", "missing", "A tax code is needed."))
        return None
    try:
        return codes.read(text, str(basis or ""))
    except codes.UnreadableCode as fault:
        faults.append(("elections.tax_code", "unreadable_tax_code", str(fault)))
        return None


def _ni_letter(letter: object, day: date, faults: list[Fault]) -> str:
    if not letter:
        faults.append(("elections.ni_letter", "missing", "A National Insurance letter is needed."))
    elif str(letter) not in ni.letters(day):
        faults.append(
            ("elections.ni_letter", "unknown_ni_letter", f"{letter!r} is no letter in use.")
        )
    return str(letter or "")


def _loans(plan: object, postgraduate: bool, faults: list[Fault]) -> list[str]:
    plans = [str(plan)] if plan else []
    if plan and plan != "unknown" and plan not in loans.PLANS:
        names = ", ".join(loans.PLANS)
        faults.append(
            ("elections.student_loan", "unknown_plan", f"A student loan plan is one of {names}.")
        )
    return [*plans, "postgraduate"] if postgraduate else plans


def _facts(said: object) -> Facts | None:
    return said if isinstance(said, Mapping) else None


def _director(said: object, faults: list[Fault]) -> Director | None:
    facts = _facts(said) or NONE
    method, appointed_on = facts.get("method"), day(facts.get("appointed_on"))
    if method not in ("annual", "alternative"):
        faults.append(
            ("elections.director.method", "unknown_method", "A method is annual or alternative.")
        )
    if appointed_on is None and facts.get("appointed_on"):
        faults.append(("elections.director.appointed_on", "not_a_day", "A day is needed."))
        return None
    return Director(str(method), appointed_on, yes(facts.get("last_payment")))


def _pension(
    scheme_facts: object, worker_facts: object, ageless: bool, when: Payday, faults: list[Fault]
) -> Pension | None:
    firm = _facts(scheme_facts)
    mine = _facts(worker_facts or NONE)
    if firm is None or mine is None:
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
    if ageless and state in {"assess", "postponed"}:
        faults.append(
            ("worker_born_on", "missing", "A day of birth is needed to assess for a pension.")
        )
    scheme = _scheme(firm, mine, when.pay_on, faults)
    if scheme is None:
        return None
    payee, refund = str(firm.get("payee") or PROVIDER), yes(mine.get("refund"))
    limits = pensions.thresholds(when.interval, when.pay_on)
    return Pension(scheme, payee, state, until, refund, limits)


def _scheme(firm: Facts, mine: Facts, day: date, faults: list[Fault]) -> pensions.Scheme | None:
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


def _terms(arrangement: str, basis: str, worker: str, employer: str) -> pensions.Scheme | str:
    if arrangement not in pensions.ARRANGEMENTS:
        return f"An arrangement is one of {', '.join(pensions.ARRANGEMENTS)}."
    if basis not in pensions.BASES:
        return f"A basis is one of {', '.join(pensions.BASES)}."
    shares = exact(worker), exact(employer)
    if shares[0] is None or shares[1] is None:
        return "Both shares are needed, as numbers from 0 to 1."
    return pensions.Scheme(arrangement, basis, shares[0], shares[1])


def yes(value: object) -> bool:
    """Whether a fact is true; text never is."""
    return isinstance(value, bool | int) and bool(value)


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
