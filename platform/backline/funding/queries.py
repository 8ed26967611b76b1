"""Questions to funding: what is in use, what could be drawn, and what each invoice's money did."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from backline.funding import pool
from backline.funding.models import Advance, Movement
from backline.kernel.events import plain
from backline.ledger import queries as ledger

NOTHING = Decimal("0.00")


def availability(counterparty: str, on: date) -> dict[str, Any]:
    """What may be drawn on a day: gross ledger, what is left out by reason, base, in use and
    headroom.
    """
    terms = pool.terms_on(counterparty, on)
    if terms is None:
        return {}
    drawn = pool.certificate(terms, on)
    in_use = -ledger.balance("2500", terms.currency)
    told: dict[str, Any] = plain(
        {
            "currency": terms.currency,
            "terms_version": terms.version,
            "gross": drawn.gross,
            "excluded": drawn.by_reason,
            "eligible": drawn.eligible,
            "limit": drawn.limit,
            "in_use": in_use,
            "available": max(drawn.availability(in_use), NOTHING),
            "over_advance": drawn.over_advance(in_use),
        }
    )
    return told


def advances() -> QuerySet[Advance]:
    """Every advance and every refusal of one, newest first."""
    return Advance.objects.order_by("-id")


def totals(counterparty: str) -> dict[str, Decimal]:
    """Everything that ever moved with a counterparty, by kind."""
    rows = (
        Movement.objects.filter(counterparty=counterparty)
        .values_list("kind")
        .annotate(amount=Sum("amount"))
    )
    return dict(rows)
