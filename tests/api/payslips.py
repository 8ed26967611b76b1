"""What payslips are asked for with: an ordinary week in each country, and a key that may ask."""

from __future__ import annotations

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
