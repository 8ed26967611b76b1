"""Orders: what is withheld for courts, agencies and families, within what the law lets them take.

disposable 500.00 a week, one creditor
    25% of 500.00 = 125.00; 500.00 - 30 x 7.25 = 282.50; the creditor gets 125.00 at most
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Line, Step
from rulebook.money import NOTHING, penny_down, shared_out
from rulebook.pack import Deduction
from rulebook.packs.us import law
from rulebook.packs.us.law import Cite
from rulebook.packs.us.worksheet import Worksheet

Told = Mapping[str, object]
NOTHING_TOLD: Told = {}
KINDS = (
    "support",
    "bankruptcy",
    "tax_levy",
    "federal_agency",
    "student_loan",
    "state_tax",
    "creditor",
)
PREFIX = "us.order."


class Limits:
    """The figures of one day."""

    __slots__ = ("cite", "hours", "share", "shares", "states", "support", "wage", "weeks")

    def __init__(self, day: date) -> None:
        figure = law.figure("orders.ordinary", day)
        value = law.names("orders.ordinary", day)
        self.cite: Cite = law.cite(figure)
        self.share = cast(Decimal, value["share"])
        self.hours = cast(Decimal, value["protected_hours"])
        self.weeks = cast(Mapping[str, Decimal], value["weeks"])
        self.wage = law.amount("minimum_wage", day)
        self.support = law.table("orders.support", day)
        self.shares = {
            kind: law.amount(f"orders.{kind}", day) for kind in ("student_loan", "federal_agency")
        }
        self.states = law.names("orders.states", day)


@lru_cache(maxsize=64)
def limits(day: date) -> Limits:
    """The limits in force on a day."""
    return Limits(day)


def take(sheet: Worksheet, orders: list[Deduction]) -> None:
    """Withhold the orders in lawful order from disposable earnings."""
    gross = sheet.wages.taxable
    disposable = max(gross - sheet.required, NOTHING)
    pot = _Pot(sheet, gross, disposable)
    by_kind: dict[str, list[Deduction]] = {}
    for order in orders:
        by_kind.setdefault(kind_of(order), []).append(order)
    for kind in KINDS:
        for order in sorted(by_kind.get(kind, ()), key=lambda order: order.priority):
            if kind == "support":
                pot.support(by_kind["support"])
                break
            pot.withhold(order)


def kind_of(order: Deduction) -> str:
    """The kind of an order: its treatment, or the third part of us.order.support.7."""
    if order.treatment in KINDS or not order.code.startswith(PREFIX):
        return order.treatment
    return order.code.removeprefix(PREFIX).partition(".")[0]


class _Pot:
    """What is left to take, while orders take from it."""

    __slots__ = ("disposable", "gross", "left", "limits", "ordinary", "sheet", "weeks")

    def __init__(self, sheet: Worksheet, gross: Decimal, disposable: Decimal) -> None:
        self.sheet, self.gross, self.disposable = sheet, gross, disposable
        self.limits = limits(sheet.on)
        self.weeks = self.limits.weeks[sheet.pace.name]
        self.left = gross + sheet.wages.untaxed - sheet.taken
        protected = self.limits.hours * self.limits.wage * self.weeks
        self.ordinary = _least(self.limits.share * disposable, disposable - protected)

    def told(self, order: Deduction) -> Told:
        return self.sheet.elections.orders.get(order.code, NOTHING_TOLD)

    def support(self, orders: list[Deduction]) -> None:
        """Support comes first, up to half or more; several orders share what there is."""
        figures = self.limits.support
        share = Decimal(0)
        for order in orders:
            told = self.told(order)
            other = told.get("supports_other_family") is True
            one = figures["with_other_family" if other else "without_other_family"]
            if told.get("arrears_over_12_weeks") is True:
                one += figures["arrears"]
            share = max(share, one)
        most = min(penny_down(self.disposable * share), max(self.left, NOTHING))
        wanted = [order.amount for order in orders]
        whole = sum(wanted, NOTHING)
        gets = wanted if whole <= most else list(shared_out(most, wanted))
        for order, amount in zip(orders, gets, strict=True):
            self._put(order, amount, f"Support: {share:%} of {self.disposable} at most {most}")

    def withhold(self, order: Deduction) -> None:
        """One order, by its kind's own limit and what those before it have left."""
        most, says = getattr(self, f"_{kind_of(order)}")(order)
        self._put(order, min(order.amount, max(most, NOTHING), max(self.left, NOTHING)), says)

    def _put(self, order: Deduction, amount: Decimal, says: str) -> None:
        sheet = self.sheet
        cite = self.limits.cite
        code = PREFIX + order.code.removeprefix(PREFIX)
        steps = (Step(says, f"{amount}"),) if sheet.explains else ()
        sheet.rows.append(
            Line(
                "deduction",
                code,
                _label(order),
                amount,
                self.disposable,
                cite.rule,
                cite.source,
                order.payee,
                steps,
            )
        )
        sheet.deducted += amount
        self.left -= amount
        self.ordinary -= amount
        sheet.carry(code, amount)

    def _bankruptcy(self, order: Deduction) -> tuple[Decimal, str]:
        return order.amount, "As ordered; outside the limits of Title III"

    def _tax_levy(self, order: Deduction) -> tuple[Decimal, str]:
        exempt = Decimal(str(self.told(order)["exempt"]))
        return self.left - exempt, f"All but the exempt {exempt} of Pub 1494"

    def _state_tax(self, order: Deduction) -> tuple[Decimal, str]:
        return order.amount, "As ordered by the state"

    def _federal_agency(self, order: Deduction) -> tuple[Decimal, str]:
        share = self.limits.shares[kind_of(order)]
        most = penny_down(self.disposable * share)
        return min(most, self.ordinary), f"{share:%} of {self.disposable}"

    _student_loan = _federal_agency

    def _creditor(self, order: Deduction) -> tuple[Decimal, str]:
        state = str(self.told(order).get("state") or next(iter(self.sheet.wages.by_place), ""))
        most = self.ordinary
        says = f"The least of a quarter of {self.disposable} and what lies above 30 minimum wages"
        rule = self.limits.states.get(state)
        if rule is not None:
            by_state = _by_state(state, cast(Mapping[str, Decimal], rule), self)
            if by_state < most:
                most, says = by_state, f"The law of {state} leaves the worker more"
        return most, says


def _by_state(state: str, rule: Mapping[str, Decimal], pot: _Pot) -> Decimal:
    """What a state's own law lets a creditor take."""
    if rule.get("none") is not None:
        return NOTHING
    wage = max(pot.limits.wage, law.amount(f"{state}.minimum_wage", pot.sheet.on))
    floor = rule["protected_hours"] * wage * pot.weeks
    above = pot.disposable - floor
    if "share_above" in rule:
        return _least(rule["share"] * pot.disposable, rule["share_above"] * above)
    if above <= 0:
        return NOTHING
    return _least(rule["share_of_gross"] * pot.gross, rule["share"] * pot.disposable, above)


def _least(*amounts: Decimal) -> Decimal:
    return penny_down(max(min(amounts), NOTHING))


def _label(order: Deduction) -> str:
    return kind_of(order).replace("_", " ").capitalize() + " order"
