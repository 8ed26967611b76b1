"""What payslips are asked for with: an ordinary week in each country, and a key that may ask."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

WHERE = "/v1/calculations"
W4 = {"form": 2020, "status": "single"}


def pounds(amount: str) -> dict[str, str]:
    """An amount of the United Kingdom, as the wire has it."""
    return {"amount": amount, "currency": "GBP"}


def dollars(amount: str) -> dict[str, str]:
    """An amount of the United States, as the wire has it."""
    return {"amount": amount, "currency": "USD"}


def british(**more: Any) -> dict[str, Any]:
    """A week's pay in the United Kingdom."""
    return {
        "country": "GB",
        "engagement": "paye",
        "pay_on": "2026-06-12",
        "frequency": "weekly",
        "earnings": [{"kind": "work", "amount": pounds("600.00"), "hours": "40"}],
        "elections": {"tax_code": "1257L", "tax_basis": "week1_month1", "ni_letter": "A"},
    } | more


def american(**more: Any) -> dict[str, Any]:
    """A week's pay in Texas."""
    return {
        "country": "US",
        "engagement": "w2",
        "pay_on": "2026-06-12",
        "frequency": "weekly",
        "earnings": [{"kind": "work", "amount": dollars("900.00"), "hours": "45", "place": "TX"}],
        "elections": {"w4": W4},
        "employer": {"suta": {"TX": {"rate": "0.027"}}},
    } | more


def asked(situation: Any, engagement: str, **more: Any) -> dict[str, Any]:
    """A situation of the rulebook as it is asked for over the wire."""
    money = pounds if situation.country == "GB" else dollars
    period, born = situation.period, situation.worker_born_on
    body: dict[str, Any] = {
        "country": situation.country,
        "engagement": engagement,
        "pay_on": situation.pay_on.isoformat(),
        "frequency": situation.frequency,
        "earnings": [
            {
                "code": one.code,
                "kind": one.kind,
                "amount": money(f"{one.amount}"),
                "hours": f"{one.hours}",
                "place": one.place,
                "taxable": one.taxable,
            }
            for one in situation.earnings
        ],
        "elections": spelled(situation.elections),
        "employer": spelled(situation.employer),
        "deductions": [
            {
                "code": one.code,
                "kind": one.kind,
                "amount": money(f"{one.amount}"),
                "priority": one.priority,
                "payee": one.payee,
                "treatment": one.treatment,
                "protected": money(f"{one.protected}"),
                **({"balance": money(f"{one.balance}")} if one.balance is not None else {}),
            }
            for one in situation.deductions
        ],
        "year_to_date": [
            {"key": key, "amount": f"{value}"} for key, value in situation.year_to_date.items()
        ],
    }
    if period is not None:
        last = period.last_day.isoformat()
        body["period"] = {"starts_on": period.starts.isoformat(), "ends_on": last}
    if born is not None:
        body["worker_born_on"] = born.isoformat()
    return body | more


def spelled(value: Any) -> Any:
    """Facts as JSON spells them: exact numbers and days as words."""
    if isinstance(value, dict):
        return {name: spelled(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value
