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


def as_json(situation: Situation, *, employer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A situation as it is kept; `read` makes the same one of it. `employer` is given where many
    payslips share those facts, already told.
    """
    period, born = situation.period, situation.worker_born_on
    return {
        "country": situation.country,
        "pay_on": situation.pay_on.isoformat(),
        "frequency": situation.frequency,
        "period": [period.starts.isoformat(), period.ends.isoformat()] if period else None,
        "earnings": [_earning_told(one) for one in situation.earnings],
        "elections": plain(dict(situation.elections)),
        "employer": plain(dict(situation.employer)) if employer is None else employer,
        "deductions": [_deduction_told(one) for one in situation.deductions],
        "year_to_date": {name: str(amount) for name, amount in situation.year_to_date.items()},
        "worker_born_on": born.isoformat() if born else None,
    }


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
        "amount": str(one.amount),
        "hours": str(one.hours),
        "place": one.place,
        "taxable": one.taxable,
        "least": _told(one.least),
    }


def _told(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _deduction_told(one: Deduction) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "amount": str(one.amount),
        "priority": one.priority,
        "payee": one.payee,
        "treatment": one.treatment,
        "protected": str(one.protected),
        "balance": _told(one.balance),
        "cap": _told(one.cap),
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
