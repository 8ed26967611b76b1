"""Standing: what holds for a worker or the firm until it is changed, as the packs read it:
elections, orders and other deductions, employer facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from backline.directory import queries as directory
from backline.directory.models import Order
from backline.payroll.earning import PaySide
from backline.payroll.models import PayslipLine
from rulebook.money import NOTHING
from rulebook.pack import Deduction
from rulebook.packs.gb.orders import order_type
from rulebook.packs.us import local
from rulebook.packs.us.orders import KINDS as US_KINDS

Standing = tuple[UUID, Deduction]
PREFIXES = {"GB": "gb.order.", "US": "us.order."}
SUI = "us.sui."


def of_uk(own: Mapping[str, Any]) -> dict[str, Any]:
    """A worker's elections in the UK, side by side."""
    merged: dict[str, Any] = {}
    for kind in ("gb_paye", "gb_student_loan"):
        merged |= own.get(kind, {})
    if "gb_pension" in own:
        merged["pension"] = own["gb_pension"]
    return merged


def of_us(
    own: Mapping[str, Any],
    address: Mapping[str, Any],
    charges: Sequence[PaySide],
    before: Mapping[str, Decimal],
    employer: Mapping[str, Any],
) -> dict[str, Any]:
    """A worker's elections in the US: the W-4, a certificate a state, where they live and what
    they do there.
    """
    told: dict[str, Any] = {
        "states": {
            kind.removeprefix("us_state:"): facts
            for kind, facts in own.items()
            if kind.startswith("us_state:")
        }
    }
    if "us_w4" in own:
        told["w4"] = own["us_w4"]
    home = str(address.get("region") or "")
    if len(home) == 2:
        told["home"] = home.upper()
    towns = local.by_address(
        (told.get("home", ""), str(address.get("city") or "")),
        [(charge.region, charge.locality or "") for charge in charges if charge.region],
        employer,
    )
    if towns:
        told["local"] = towns
    states = sorted({charge.region for charge in charges if charge.region})
    if len(states) > 1:
        told["unemployment_state"] = _insured_in(charges, before)
    classes = {
        charge.region: charge.workers_comp_class
        for charge in charges
        if charge.region and charge.workers_comp_class
    }
    if classes:
        told["workers_comp"] = classes
    return told


def _insured_in(charges: Sequence[PaySide], before: Mapping[str, Decimal]) -> str:
    """The state that insures against unemployment: the one that did this year, else where most
    was earned.
    """
    known = sorted(
        key.removeprefix(SUI).removesuffix(".wages")
        for key in before
        if key.startswith(SUI) and key.endswith(".wages")
    )
    if known:
        return known[0]
    sums: dict[str, Decimal] = {}
    for charge in charges:
        sums[charge.region] = sums.get(charge.region, NOTHING) + charge.pay_amount
    return min(sums, key=lambda state: (-sums[state], state))


def code_of(order: Order, country: str, on: date) -> str:
    """The code of a deduction on payslips: its own for ever, so that arrears find it again."""
    name = _name(order)
    tail = order.pk.hex[-6:]
    return f"{PREFIXES[country]}{name}.{tail}" if is_order(order, country, on) else f"{name}.{tail}"


def is_order(order: Order, country: str, on: date) -> bool:
    """Whether it is an order of a court or authority rather than what a worker agreed to."""
    if order.kind.startswith(PREFIXES[country]):
        return True
    name = _name(order)
    return name in US_KINDS if country == "US" else order_type(name, on) is not None


def deduction(
    order: Order, country: str, on: date, taken: Mapping[tuple[UUID, str], Decimal]
) -> Deduction:
    """A standing deduction as the pack takes it; what was taken already is off its balance."""
    facts, code = order.facts, code_of(order, country, on)
    ordered = is_order(order, country, on)
    treatment = _name(order) if ordered and country == "US" else "after_tax"
    balance = facts.get("balance")
    if balance is not None:
        balance = max(Decimal(str(balance)) - taken.get((order.worker_id, code), NOTHING), NOTHING)
    cap = facts.get("cap")
    return Deduction(
        code,
        "order" if ordered else str(facts.get("kind", "other")),
        Decimal(str(facts.get("amount", "0.00"))),
        order.priority,
        order.payee,
        str(facts.get("treatment", treatment)),
        Decimal(str(facts.get("protected", "0.00"))),
        balance,
        None if cap is None else Decimal(str(cap)),
    )


def taken_so_far(
    orders: Mapping[UUID, Iterable[Order]],
) -> dict[tuple[UUID, str], Decimal]:
    """What final payslips took for each deduction that has a balance, by worker and code."""
    limited = {
        order.worker_id for own in orders.values() for order in own if "balance" in order.facts
    }
    if not limited:
        return {}
    rows = (
        PayslipLine.objects.filter(
            payslip__worker__in=limited, payslip__run__is_final=True, kind="deduction"
        )
        .values_list("payslip__worker_id", "code")
        .annotate(amount=Sum("amount"))
    )
    return {(worker, code): amount for worker, code, amount in rows}


def of_employer(on: date) -> dict[str, Any]:
    """The firm's facts as the packs read them: pension scheme, levy, unemployment rates and
    cover by state.
    """
    facts: dict[str, Any] = {}
    rates: dict[str, Any] = {}
    cover: dict[str, Any] = {}
    for authority, row in sorted(directory.registrations(on).items()):
        if authority == "pension":
            facts["pension"] = row.facts
        elif authority.startswith("state:"):
            state = authority.removeprefix("state:")
            rates[state] = row.facts
            if "workers_comp" in row.facts:
                cover[state] = row.facts["workers_comp"]
        else:
            facts |= row.facts
    if rates:
        facts["suta"] = rates
    if cover:
        facts["workers_comp"] = cover
    return facts


def _name(order: Order) -> str:
    kind = order.kind
    for prefix in PREFIXES.values():
        kind = kind.removeprefix(prefix)
    return kind.partition(".")[0]
