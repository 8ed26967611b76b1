"""Orders: what a court, a council or the state may take from pay, and what it must leave.

Net earnings are pay less tax, National Insurance and pension. Each order counts what the orders
before it left; orders that protect a share count it on net earnings before any of them.

    council tax, England, weekly, two orders on 99.00: 3% = 2.97, then 3% of 96.03 = 2.88
    direct earnings attachment on 250.00 after child maintenance of 60.00: 5% of 190.00 = 9.50
    direct earnings attachment on 1,620.00 a month after 599.40: 7% of 1,020.60 is 71.44, but 60% of
    1,620.00 is protected, so 48.60
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_DOWN, Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Line, Step, percent
from rulebook.money import NOTHING, PENNY
from rulebook.pack import Deduction
from rulebook.packs.gb import law
from rulebook.packs.gb.state import Slip

PREFIX = "gb.order."
BEFORE_LOANS = 2
Row = tuple[object, Decimal, Decimal, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class OrderType:
    """How one kind of order works; `keeps` is the protected share of net earnings, if any."""

    name: str
    label: str
    rank: int
    by_table: bool
    keeps: Decimal | None
    own_protection: bool
    carries: bool
    stops_loan: bool
    rule: str
    source: str


def type_name(code: str) -> str:
    """The kind that a code names: <kind> or <kind>.<number>, with or without gb.order before it."""
    return code.removeprefix(PREFIX).split(".")[0]


@lru_cache(maxsize=1024)
def order_type(name: str, day: date) -> OrderType | None:
    """The terms of a kind of order on a day; None for a kind that does not exist."""
    held = law.figure("orders.types", day)
    terms = cast(Mapping[str, Mapping[str, object]], held.value).get(name)
    if terms is None:
        return None
    by_table, keeps = terms["takes"] == "table", terms["keeps"]
    figure = law.figure(f"orders.table.{name}", day) if by_table else held
    return OrderType(
        name,
        str(terms["label"]),
        int(cast(Decimal, terms["rank"])),
        by_table,
        keeps if isinstance(keeps, Decimal) else None,
        keeps == "order",
        terms["carries"] is True,
        terms["stops_loan"] is True,
        figure.version,
        figure.source,
    )


def from_table(name: str, net: Decimal, base: int, covers: int, day: date) -> Decimal:
    """What a table takes from net earnings; several weeks are cut into weeks and put together."""
    tables = cast(Mapping[str, tuple[Row, ...]], law.figure(f"orders.table.{name}", day).value)
    rows, part = (tables["month"], net) if base == 12 else (tables["week"], net / covers)
    for ends, fixed, share, above, least in rows:
        if not isinstance(ends, Decimal) or part <= ends:
            taken = max(fixed + (part - above) * share, least)
            return (taken * covers).quantize(PENNY, ROUND_HALF_DOWN)
    return NOTHING


def protected(kind: OrderType, order: Deduction, net: Decimal, short: Decimal) -> Decimal:
    """What an order must leave: a share of net earnings, or its own amount and past shortfall."""
    if kind.keeps is not None:
        return (net * kind.keeps).quantize(PENNY, ROUND_HALF_DOWN)
    return order.protected + short if kind.own_protection else NOTHING


def before_loans(slip: Slip) -> None:
    """Take the orders that go before student loans."""
    slip.attachable = max(slip.net - slip.untaxed, NOTHING)
    for order, kind in _in_order(slip):
        if kind.rank < BEFORE_LOANS:
            _take(slip, order, kind)


def after_loans(slip: Slip) -> None:
    """Take the orders that go after student loans."""
    for order, kind in _in_order(slip):
        if kind.rank >= BEFORE_LOANS:
            _take(slip, order, kind)


def room_for_loans(slip: Slip) -> Decimal | None:
    """The most that student loans may take beside the orders of this payslip; None: no limit."""
    floor: Decimal | None = None
    for order, kind in _in_order(slip):
        if kind.stops_loan:
            return NOTHING
        if kind.rank < BEFORE_LOANS and (kind.keeps is not None or kind.own_protection):
            short = slip.had(f"shortfall.{PREFIX}{order.code.removeprefix(PREFIX)}")
            floor = max(floor or NOTHING, protected(kind, order, slip.attachable, short))
    return None if floor is None else max(slip.net - slip.untaxed - floor, NOTHING)


def _in_order(slip: Slip) -> list[tuple[Deduction, OrderType]]:
    if not any(one.kind == "order" for one in slip.situation.deductions):
        return []
    day = slip.told.when.pay_on
    found = [
        (order, kind)
        for order in slip.situation.deductions
        if order.kind == "order" and (kind := order_type(type_name(order.code), day))
    ]
    return sorted(found, key=lambda pair: (pair[1].rank, pair[0].priority))


def _take(slip: Slip, order: Deduction, kind: OrderType) -> None:
    code = PREFIX + order.code.removeprefix(PREFIX)
    arrears, shortfall = f"arrears.{code}", f"shortfall.{code}"
    left = max(slip.net - slip.untaxed, NOTHING)
    owed, short = slip.had(arrears), slip.had(shortfall)
    if kind.by_table:
        wanted = from_table(
            kind.name, left, slip.told.when.base, slip.told.when.covers, slip.told.when.pay_on
        )
    else:
        wanted = order.amount + owed
    if order.balance is not None:
        wanted = min(wanted, order.balance)
    keeps = protected(kind, order, slip.attachable, short)
    taken = max(min(wanted, left - keeps), NOTHING)
    steps = _said(kind, slip.attachable, (left, wanted, keeps, taken))
    slip.take(
        Line(
            "deduction",
            code,
            kind.label,
            taken,
            left,
            kind.rule,
            kind.source,
            order.payee,
            steps if slip.explain else (),
        )
    )
    if kind.carries:
        slip.carry(arrears, wanted - taken - owed)
        if kind.own_protection:
            slip.carry(shortfall, max(keeps - slip.attachable, NOTHING) - short)


def _said(
    kind: OrderType, net: Decimal, figures: tuple[Decimal, Decimal, Decimal, Decimal]
) -> tuple[Step, ...]:
    left, wanted, keeps, taken = figures
    said = [
        Step("Pay less tax, National Insurance and pension", f"{net:.2f}"),
        Step("Left for this order", f"{left:.2f}"),
        Step("By the table" if kind.by_table else "By the order, with arrears", f"{wanted:.2f}"),
    ]
    if kind.keeps is not None:
        said.append(Step(f"Protected, {percent(kind.keeps)}", f"{keeps:.2f}"))
    elif keeps:
        said.append(Step("Protected", f"{keeps:.2f}"))
    said.append(Step("Taken", f"{taken:.2f}"))
    return tuple(said)
