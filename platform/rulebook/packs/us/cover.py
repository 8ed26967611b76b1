"""Cover: workers' compensation by state and class of work, at the rates of the firm's carrier.

1,000.00 of straight pay and 300.00 of overtime at 1.5, class 8292 at 4.10 for each 100.00
    remuneration 1,000.00 + 200.00 (the premium third is left out) = 1,200.00, cost 49.20
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from rulebook.lines import Step
from rulebook.money import NOTHING, to_penny
from rulebook.pack import Earning
from rulebook.packs.us.elections import Fault
from rulebook.packs.us.law import Cite
from rulebook.packs.us.shapes import exact
from rulebook.packs.us.worksheet import Worksheet

HUNDRED = Decimal(100)
STRAIGHT = Decimal(1)
# How much of overtime pay is straight time, by the code it was earned under: 1 of 1.5, 1 of 2.
STRAIGHT_SHARE = {"double": Decimal("0.5"), "premium": Decimal(0)}
OF_TIME_AND_A_HALF = Decimal(3)
CARRIER = Cite("firm", "rate of the firm's workers' compensation carrier")
Classes = Mapping[str, object]
NO_CLASSES: Classes = {}


def remuneration(earning: Earning) -> Decimal:
    """What counts of an earning: all of it but the premium of overtime."""
    if earning.kind != "overtime":
        return earning.amount
    share = STRAIGHT_SHARE.get(earning.code)
    if share is not None:
        return earning.amount * share
    return earning.amount * 2 / OF_TIME_AND_A_HALF


def faults(worked_in: set[str], told: Classes, employer: Mapping[str, object]) -> list[Fault]:
    """Classes of work for which the firm holds no rate: it is not covered there."""
    held = cast(Mapping[str, Classes], employer.get("workers_comp") or {})
    found: list[Fault] = []
    for state, code in told.items():
        if state in worked_in and str(code) not in held.get(state, NO_CLASSES):
            says = f"No workers' compensation cover is held for class {code} in {state}."
            found.append((f"elections.workers_comp.{state}", "not_covered", says))
    return found


def charge(sheet: Worksheet, earnings: tuple[Earning, ...]) -> None:
    """Put the premium of every class worked in beside the pay."""
    held = cast(Mapping[str, Classes], sheet.employer.get("workers_comp") or {})
    for state, told in sheet.elections.workers_comp.items():
        if state not in sheet.wages.by_place:
            continue
        code, rates = str(told), held[state]
        rate = exact(rates[code])
        modifier = exact(rates.get("modifier", STRAIGHT))
        counted = [remuneration(one) for one in earnings if one.taxable and one.place == state]
        base = to_penny(sum(counted, NOTHING))
        cost = to_penny(base / HUNDRED * rate * modifier)
        steps = sheet.steps()
        if steps is not None:
            steps.append(Step(f"{base} / 100 x {rate} x modifier {modifier}", f"{cost}"))
        label = f"Workers' compensation, class {code}"
        key, payee = f"us.comp.{state}.{code}", str(rates.get("carrier", "Insurance carrier"))
        sheet.cost(key, label, cost, base, CARRIER, steps=steps, payee=payee)
        sheet.carry(key, cost)
