"""Parts of one exception: its facts, what shows it, what may be done, what happened."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from api import nouns
from api.pages import cases, happened, look, wording
from api.pages.frame import Visitor
from api.pages.wording import NONE
from backline.desk.models import Trouble

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
ISO_DAY: Final = re.compile(r"20\d\d-\d\d-\d\d")
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
        "title": row.title,
        "detail": row.detail,
        "chip": look.chip(state, label),
        "facts": _facts(row, visitor.country),
        "compare": _compare(row),
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
    elif row.about is not None:
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
    if ISO_DAY.fullmatch(value):
        value = wording.day(date.fromisoformat(value), country)
    return {"label": CODED.get(name) or _label(name), "value": value}


def _compare(row: Trouble) -> dict[str, Any] | None:
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
                "values": [{"text": piece.get(name, NONE)} for name in names[1:]],
            }
            for piece in pieces
        ],
    }


def _evidence(row: Trouble) -> list[dict[str, str]]:
    return [
        {name: _said(value) for name, value in nouns.told(piece).items()}
        for piece in row.evidence
        if isinstance(piece, dict)
    ]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_label(name).lower()} {_said(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value) or NONE
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _label(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()
