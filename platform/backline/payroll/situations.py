"""Situations: everything a payslip is made from, as it is kept beside it, and read back years
later.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from backline.kernel.events import plain
from rulebook.pack import Deduction, Earning, Situation
from rulebook.periods import Period


def as_json(situation: Situation) -> dict[str, Any]:
    """A situation as it is kept; `read` makes the same one of it."""
    period = situation.period
    told: dict[str, Any] = plain(
        {
            "country": situation.country,
            "pay_on": situation.pay_on,
            "frequency": situation.frequency,
            "period": [period.starts, period.ends] if period else None,
            "earnings": [_earning_told(one) for one in situation.earnings],
            "elections": dict(situation.elections),
            "employer": dict(situation.employer),
            "deductions": [_deduction_told(one) for one in situation.deductions],
            "year_to_date": dict(situation.year_to_date),
            "worker_born_on": situation.worker_born_on,
        }
    )
    return told


def read(told: Mapping[str, Any], *, explain: bool = False) -> Situation:
    """The situation that was kept; with `explain` every line will say its steps."""
    period, born = told.get("period"), told.get("worker_born_on")
    return Situation(
        country=told["country"],
        pay_on=date.fromisoformat(told["pay_on"]),
        frequency=told["frequency"],
        earnings=tuple(earning_read(one) for one in told["earnings"]),
        elections=told["elections"],
        employer=told["employer"],
        deductions=tuple(_deduction_read(one) for one in told["deductions"]),
        year_to_date={key: Decimal(amount) for key, amount in told["year_to_date"].items()},
        worker_born_on=date.fromisoformat(born) if born else None,
        explain=explain,
        period=Period(*map(date.fromisoformat, period)) if period else None,
    )


def earning_read(one: Mapping[str, Any]) -> Earning:
    """An earning that was kept."""
    return Earning(
        one["code"],
        one["kind"],
        Decimal(one["amount"]),
        Decimal(one["hours"]),
        one["place"],
        one["taxable"],
        Decimal(one["least"]) if one.get("least") is not None else None,
    )


def _earning_told(one: Earning) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "amount": one.amount,
        "hours": one.hours,
        "place": one.place,
        "taxable": one.taxable,
        "least": one.least,
    }


def _deduction_told(one: Deduction) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "amount": one.amount,
        "priority": one.priority,
        "payee": one.payee,
        "treatment": one.treatment,
        "protected": one.protected,
        "balance": one.balance,
        "cap": one.cap,
    }


def _deduction_read(one: Mapping[str, Any]) -> Deduction:
    balance, cap = one.get("balance"), one.get("cap")
    return Deduction(
        one["code"],
        one["kind"],
        Decimal(one["amount"]),
        one["priority"],
        one["payee"],
        one["treatment"],
        Decimal(one.get("protected") or "0.00"),
        Decimal(balance) if balance is not None else None,
        Decimal(cap) if cap is not None else None,
    )
