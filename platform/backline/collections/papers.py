"""Papers: a client's account as a statement."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from backline.collections.queries import Account, Moved, Owing
from backline.directory import queries as directory
from backline.directory.models import Client
from backline.kernel.papers import render
from backline.kernel.papers.facts import Amount, Movement
from backline.kernel.papers.parties import party

WORDS = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "receipt": "Payment received",
    "bank_charge": "Bank charge let go",
    "rounding": "Rounding",
    "discount": "Discount taken",
}


def statement(
    client: Client, currency: str, held: Account, owing: Sequence[Owing], until: date
) -> bytes:
    """Print a client's account: what was billed and paid, what is open and how old it is."""
    return render("statement", facts(client, currency, held, owing, until))


def facts(
    client: Client, currency: str, held: Account, owing: Sequence[Owing], until: date
) -> dict[str, Any]:
    """The facts of a statement of account."""
    firm = directory.firm()
    ageing: list[Amount] = [
        {"label": bucket.label.capitalize(), "amount": bucket.amount}
        for one in owing
        for bucket in one.ageing.buckets
    ]
    return {
        "country": firm.country,
        "currency": currency,
        "dated": until,
        "number": client.reference or client.legal_name,
        "firm": party(firm.trading_name or firm.legal_name, firm.address, firm.email, firm.phone),
        "foot": firm.legal_name,
        "client": party(client.legal_name, client.billing_address),
        "details": [
            {"label": "Account as of", "value": until},
            {"label": "Balance before", "value": f"{held.opening:,.2f}"},
        ],
        "movements": [_movement(one) for one in held.movements],
        "ageing": ageing,
        "balance": held.closing,
    }


def _movement(one: Moved) -> Movement:
    told: Movement = {
        "on": _day(one.on),
        "document": one.document,
        "label": WORDS[one.kind],
        "amount": one.amount,
        "balance": one.balance,
    }
    if one.due_on is not None and one.kind == "invoice":
        told["due"] = _day(one.due_on)
    return told


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"
