"""Facts: every fact that American law asks of a worker or a firm, by name and kind."""

import re
from functools import cache

from rulebook.facts import (
    COUNT,
    DAY,
    FLAG,
    NUMBER,
    SHARE,
    TEXT,
    WHOLE,
    Each,
    Either,
    Fact,
    Kind,
    Several,
    one_of,
)
from rulebook.packs.us import law

W4: Kind = {
    "form": WHOLE,
    "status": TEXT,
    "multiple_jobs": FLAG,
    "dependents": NUMBER,
    "other_income": NUMBER,
    "deductions": NUMBER,
    "allowances": NUMBER,
    "extra": NUMBER,
    "exempt": FLAG,
    "exempt_year": WHOLE,
    "nonresident": FLAG,
}
COUNTED = (
    "allowances", "extra", "additional_allowances", "dependents", "first_time_dependents",
    "adopted_children", "rate", "annual_deduction", "allowance_amount",
    "estimated_deduction_allowances", "age_or_blind",
)  # fmt: skip
CERTIFICATE: Kind = {
    **dict.fromkeys(COUNTED, NUMBER),
    "status": TEXT,
    "exempt": FLAG,
    "two_earners": FLAG,
    "nonresident_certificate": Either(FLAG, DAY),
    "county": TEXT,
    "code": TEXT,
    "blind": FLAG,
}
LOCAL: Kind = {"code": TEXT, "resident": FLAG, "home": TEXT, "work": TEXT}
ORDER: dict[str, Kind] = {
    "supports_other_family": FLAG,
    "arrears_over_12_weeks": FLAG,
    "exempt": NUMBER,
}
SUTA: Kind = {"rate": SHARE, "wage_base": NUMBER}
DEPOSITS = one_of("quarterly", "monthly", "semiweekly", "next_day")
LOCAL_TAX: Kind = {
    "rate": SHARE,
    "resident_rate": SHARE,
    "nonresident_rate": SHARE,
    "annual_amount": NUMBER,
    "exempt_below": NUMBER,
    "state": TEXT,
    "label": TEXT,
    "payee": TEXT,
}
FEDERAL = re.compile(
    r"us\.(gross|nec|401k|fit(\.wages)?|supplemental\.wages|ss(\.employer|\.wages)?|"
    r"medicare(\.employer|\.additional|\.wages)?|futa(\.credit_reduction|\.wages)?)"
)
STATE = re.compile(r"us\.(?P<what>[a-z0-9_.]+)\.(?P<state>[A-Z]{2})(\.(wages|fica|worker))?")
OWN = ("us.order.", "us.local.", "us.comp.", "arrears.")


@cache
def elections() -> Kind:
    """What a worker may have said."""
    states, state = _states()
    order = {**ORDER, "state": state}
    return {
        "engagement": TEXT,
        "w4": W4,
        "states": dict.fromkeys(states, CERTIFICATE),
        "home": state,
        "unemployment_state": state,
        "local": Several(LOCAL),
        "orders": Each(order),
        "workers_comp": dict.fromkeys(states, TEXT),
        "fica_exempt": FLAG,
    }


@cache
def employer() -> Kind:
    """What a firm was told by its authorities, or has decided."""
    states, state = _states()
    return {
        "suta": dict.fromkeys(states, SUTA),
        "states": Several(state),
        "employees": COUNT,
        "supplemental": one_of("flat", "aggregate"),
        "annualised": Several(state),
        "worker_shares": dict.fromkeys(sorted(f"{fund}.{of}" for fund, of in _taken()), SHARE),
        "futa_credit_reduction": Either(SHARE, dict.fromkeys(states, SHARE)),
        "local": Each(LOCAL_TAX),
        "workers_comp": dict.fromkeys(states, Each(NUMBER, {"carrier": TEXT})),
        "federal_deposits": one_of("monthly", "semiweekly", "next_day"),
        "state_deposits": dict.fromkeys(states, DEPOSITS),
    }


def states() -> frozenset[str]:
    """The states this country has."""
    return law.states()


def _states() -> tuple[list[str], Fact]:
    states = sorted(law.states())
    return states, one_of(*states, code="unknown_state")


def is_carried(key: str) -> bool:
    """Whether a year-to-date figure of this name exists."""
    if FEDERAL.fullmatch(key) or key.startswith(OWN):
        return True
    found = STATE.fullmatch(key)
    return found is not None and (found["what"], found["state"]) in _taken()


@cache
def _taken() -> frozenset[tuple[str, str]]:
    """What each state takes, on any day held: its income tax, unemployment and funds."""
    found = set()
    for state in law.states():
        found |= {("sit", state), ("sui", state)}
        timeline = law.rules().get(f"{law.PREFIX}.{state}.programmes")
        for figure in timeline.figures if timeline else ():
            rows = figure.value
            if isinstance(rows, tuple):
                found |= {(str(row["code"]), state) for row in rows}
    return frozenset(found)
