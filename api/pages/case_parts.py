"""Parts of one exception: its facts, what shows it, what may be done, what happened."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from api import nouns
from api.pages import cases, happened, look, wording
from api.pages.frame import Visitor
from api.pages.wording import NONE
from backline.desk.models import Trouble
from backline.invoicing.models import Invoice
from backline.kernel import ids

CHIPS: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("open", "Open"),
    "taken": ("running", "Taken on"),
    "resolved": ("resolved", "Resolved"),
    "dismissed": ("draft", "Dismissed"),
}
# Evidence that is spelled as programs spell it, and what it is called here.
CODED: Final[Mapping[str, str]] = {
    "codes": "Because",
    "code": "Because",
    "requirement": "Paper",
    "blocks": "Blocks",
    "status": "Stands at",
    "state": "Stands at",
    "held_by": "Held up by",
}
INVOICE: Final = re.compile(r"inv_[0-9a-z]{26}")
PAGES: Final[Mapping[str, str]] = {"pay_run": "/pay-runs/"}  # what has a page of its own


def told(visitor: Visitor, row: Trouble) -> dict[str, Any]:
    """One exception as its page shows it; its books are open."""
    may = visitor.holds("exceptions:write") and row.state in {"open", "taken"}
    says, tone = wording.due(
        row.due_at, visitor.at, wording.zone_of(visitor.country), visitor.country
    )
    state, label = CHIPS[row.state]
    return {
        "kind": cases.kind(row.kind),
        "title": wording.spoken(row.title, visitor.country),
        "detail": wording.spoken(row.detail, visitor.country),
        "chip": look.chip(state, label),
        "facts": _facts(row, visitor.country),
        "compare": _compare(row, visitor.country),
        "suggested": row.suggested if may else "",
        "may": may,
        "is_mine": (row.taken_by or {}).get("id") == visitor.credential.actor.id,
        "is_taken": row.state == "taken",
        "post_href": visitor.request.get_full_path(),
        "owner": _owner(row),
        "due": f"Due {says[:1].lower()}{says[1:]}" if row.closed_at is None else "",
        "due_tone": tone,
        "happened": happened.about(visitor, row.pk),
    }


def _owner(row: Trouble) -> str:
    if row.closed_by:
        return f"Closed by {row.closed_by.get('name') or row.closed_by.get('id', '')}"
    if row.taken_by:
        return f"Taken on by {row.taken_by.get('name') or row.taken_by.get('id', '')}"
    return f"Waits for {wording.role(row.owner_role).lower()}"


def _facts(row: Trouble, country: str) -> list[dict[str, str]]:
    """What it is about, what is at stake, and the evidence where there is one piece of it."""
    found = []
    whom = cases.named([row]).get(row.about) if row.about else None
    if whom:
        found.append({"label": "Worker", "value": whom})
    elif row.about is not None and row.about_kind in PAGES:
        found.append(_fact(row.about_kind, nouns.public(row.about_kind, row.about), country))
    stake = cases.stake(row.at_stake, row.currency)
    if stake:
        found.append({"label": "At stake", "value": stake})
    found.append({"label": "Effect", "value": cases.STOPS[row.stops]})
    pieces = _evidence(row)
    if len(pieces) == 1:
        found += [_fact(name, value, country) for name, value in pieces[0].items()]
    return found


def _fact(name: str, value: str, country: str) -> dict[str, str]:
    """A fact with its page, where it has one: an id then says no more than it must."""
    if name in PAGES:
        told = value.rpartition("_")[2][-8:].upper()
        return {"label": _label(name), "value": told, "href": PAGES[name] + value}
    if name in CODED:
        value = ", ".join(_label(code) for code in value.split(", "))
    return {"label": CODED.get(name) or _label(name), "value": wording.spoken(value, country)}


def _compare(row: Trouble, country: str) -> dict[str, Any] | None:
    """Several pieces of evidence, side by side."""
    pieces = _evidence(row)
    if len(pieces) < 2:
        return None
    names = list(dict.fromkeys(name for piece in pieces for name in piece))
    return {
        "columns": [_label(name) for name in names[1:]],
        "first": _label(names[0]),
        "rows": [
            {
                "label": piece.get(names[0], NONE),
                "values": [
                    {"text": wording.spoken(piece.get(name, NONE), country)} for name in names[1:]
                ],
            }
            for piece in pieces
        ],
    }


def _evidence(row: Trouble) -> list[dict[str, str]]:
    """The pieces of evidence in words; an invoice is known by its number."""
    pieces = [nouns.told(piece) for piece in row.evidence if isinstance(piece, dict)]
    numbers = _numbers(pieces)
    return [
        {name: _said(value, row.currency, numbers) for name, value in piece.items()}
        for piece in pieces
    ]


def _numbers(pieces: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The numbers of the invoices that evidence names, by their ids; one query."""
    named = set(INVOICE.findall(str(pieces)))
    keys = [key for one in named if (key := ids.parse(Invoice.PREFIX, one)) is not None]
    if not keys:
        return {}
    rows = Invoice.objects.filter(pk__in=keys).values_list("pk", "number")
    return {ids.public(Invoice.PREFIX, key): number for key, number in rows if number}


def _said(value: Any, currency: str, numbers: Mapping[str, str]) -> str:
    if isinstance(value, dict):
        return _piece(value, currency, numbers)
    if isinstance(value, list):
        return ", ".join(_said(each, currency, numbers) for each in value) or NONE
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return numbers.get(str(value), str(value))


def _piece(value: Mapping[str, Any], currency: str, numbers: Mapping[str, str]) -> str:
    """A fact of several parts; money to an invoice is said as that."""
    if {"amount", "invoice"} <= value.keys() and currency:
        amount = look.money(Decimal(str(value["amount"])), currency)
        return f"{amount} to {_said(value['invoice'], currency, numbers)}"
    return ", ".join(
        f"{_label(name).lower()} {_said(each, currency, numbers)}" for name, each in value.items()
    )


def _label(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()
