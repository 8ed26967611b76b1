"""Rates as a source says them: everything it said about a placement as one line of time, and the
agreements of the assignment brought to it, both sides at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.assignments import actions as assignments
from backline.assignments import queries
from backline.assignments.actions import NewRates
from backline.integrations.actions.intake import Intake

Price = tuple[str, str, str, str]  # code, unit, pay, bill
Held = tuple[frozenset[Price], str, str, bool]  # prices, the two currencies, overtime billed


@dataclass(frozen=True, slots=True)
class Said:
    """One set of rates that a source stated: from when, how it ranks, and when it was said."""

    rates: NewRates
    rank: int  # a rate card goes before what stands on the placement
    said_at: datetime


def line(said: Sequence[Said], *, starts_on: date, currency: str) -> list[NewRates]:
    """What holds from each day on, by all that was said; the first set holds from the first day."""
    by_day: dict[date, Said] = {}
    for one in sorted(said, key=lambda each: (each.rank, each.said_at)):
        by_day[one.rates.since] = one
    days = sorted(by_day)
    first = max((day for day in days if day <= starts_on), default=None)
    found = []
    for day in days:
        if day == first or (day > starts_on):
            rates = by_day[day].rates
            since = starts_on if day == first else day
            found.append(_in_currency(replace(rates, since=since), currency))
    return found


def _in_currency(rates: NewRates, currency: str) -> NewRates:
    return replace(
        rates,
        pay_currency=rates.pay_currency or currency,
        bill_currency=rates.bill_currency or currency,
    )


def differences(assignment: UUID, wanted: Sequence[NewRates]) -> list[tuple[NewRates, Any]]:
    """The days from which the assignment's rates are not what they should be: what should hold
    from there, and what does.
    """
    agreed = queries.agreed_rates([assignment]).get(assignment, [])
    if not wanted:
        return []
    days = {rates.since for rates in wanted}
    days |= {rate.since for rate in agreed if rate.since > wanted[0].since}
    found = []
    before: tuple[Held | None, Held] | None = None
    for day in sorted(days):
        should = [rates for rates in wanted if rates.since <= day][-1]
        pair = (_held(agreed, day), _wanted(should))
        if pair[0] != pair[1] and pair != before:
            found.append((replace(should, since=day), _told(pair[0])))
        before = pair
    return found


def bring_to(assignment: UUID, wanted: Sequence[NewRates], intake: Intake) -> bool:
    """Agree what differs, day by day, pay and bill together; whether anything did."""
    moved = False
    for _ in range(2 * len(wanted) + 40):  # each agreement mends one day; the bound is never met
        left = differences(assignment, wanted)
        if not left:
            break
        new = replace(left[0][0], reason=left[0][0].reason or f"{intake.source.name} says so")
        assignments.agree_rates(assignment, new, actor=intake.actor, at=intake.at)
        moved = True
    return moved


def told(rates: Sequence[NewRates]) -> list[dict[str, Any]]:
    """Sets of rates as evidence shows them."""
    return [
        {
            "since": each.since,
            "rates": [
                {"code": rate.code, "pay_rate": rate.pay_rate, "bill_rate": rate.bill_rate}
                for rate in each.rates
            ],
        }
        for each in rates
    ]


def _held(agreed: Sequence[queries.AgreedRate], day: date) -> Held | None:
    own = [rate for rate in agreed if rate.holds_on(day)]
    if not own:
        return None
    prices = frozenset(_price(rate.code, rate.unit, rate.pay_rate, rate.bill_rate) for rate in own)
    return prices, own[0].pay_currency, own[0].bill_currency, own[0].overtime_billed


def _wanted(rates: NewRates) -> Held:
    prices = frozenset(_price(r.code, r.unit, r.pay_rate, r.bill_rate) for r in rates.rates)
    return prices, rates.pay_currency, rates.bill_currency, rates.overtime_billed


def _price(code: str, unit: str, pay: Any, bill: Any) -> Price:
    return code, unit, _spelled(pay), _spelled(bill)


def _spelled(price: Any) -> str:
    return "" if price is None else f"{price:.4f}"


def _told(held: Held | None) -> Mapping[str, Any]:
    if held is None:
        return {}
    return {code: {"pay_rate": pay, "bill_rate": bill} for code, _, pay, bill in sorted(held[0])}
